"""The coordinator's pages over a month to bill: two coordinators, lives at two sites, what each step posts."""

import html
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from io import BytesIO
from pathlib import Path

from werkzeug.test import TestResponse

from sesame_fhir.domain.actors import Role
from sesame_fhir.domain.billing.scheme import BillingScheme
from sesame_fhir.server.billing.reader import scheme_reader
from sesame_fhir.server.billing.scheme_file import Deployment
from sesame_fhir.services.billing.records import Batch, StoredScheme
from sesame_fhir.services.billing.setting import Billing
from sesame_fhir.services.staff import StaffMember
from tests.support.billed import SCHEME
from tests.support.billing import MONTH, NOW, Lived, write_lives
from tests.support.team_pages import MEMBERS, OTHER_SITE, Team, TeamBrowser, build_team

ROOT = "/facturation"
_SPACES = re.compile(r"[\u00a0\u202f]")
FIRST = MEMBERS[Role.COORDINATOR]
SECOND = StaffMember("staff-coordinator-2", "coordinator-2", "Colas Fictif", Role.COORDINATOR, FIRST.sites)
ONE_SITE = StaffMember("staff-coordinator-3", "coordinator-3", "Colombe Fictive", Role.COORDINATOR, (OTHER_SITE,))

LIVES = (
    Lived(1),
    Lived(2, OTHER_SITE),
    Lived(3, end=date(2026, 5, 1)),
    Lived(4, contacts=1),
    Lived(5, ins=False),
    Lived(6, agreed=False),
    Lived(7, OTHER_SITE, covered=False),
    Lived(8, end=None),
)
"""1 and 2 are billable as they are, 3 was interrupted, 7 has no insurance; too few contacts, no INS, no agreement."""


@dataclass(slots=True)
class Office:
    """The application, and a browser for each coordinator; the third one reaches one site."""

    team: Team
    first: TeamBrowser
    second: TeamBrowser
    third: TeamBrowser

    @property
    def billing(self) -> Billing:
        found = self.team.deps.billing
        assert found is not None
        return found

    def prepare(self) -> Batch:
        """Prepare June; its one batch."""
        self.first.post(f"{ROOT}/prepare", {"month": MONTH}, self.first.hidden(ROOT, f"{ROOT}/prepare"))
        (batch,) = self.billing.stores.batches.batches(MONTH)
        return batch

    def step(self, who: TeamBrowser, batch: Batch, name: str, **values: str) -> TestResponse:
        """Press one of a batch's buttons."""
        page = f"{ROOT}/batches/{batch.batch_id}"
        return who.post(f"{page}/{name}", values, who.hidden(page, f"{page}/{name}"))

    def submitted(self) -> Batch:
        """June, claimed."""
        batch = self.prepare()
        for who, name in ((self.first, "freeze"), (self.second, "approve"), (self.first, "submit")):
            assert self.step(who, batch, name).status_code == 303
        return batch

    def ins_of(self, life: Lived) -> str:
        """A matricule, with its key, that fits the patient of a life."""
        facts = self.billing.stores.sequences.sequence(life.pathway_id, 1)
        assert facts is not None
        born = facts.beneficiary.birth_date
        assert born is not None
        nir = f"2{born:%y%m}7600{life.number:04d}"[:13].ljust(13, "1")
        return f"{nir}{97 - int(nir) % 97:02d}"

    def send(self, path: str, content: bytes, name: str = "reponses.csv", **values: str) -> TestResponse:
        """Bring a file to a page; with one refused line nothing is kept, unless ``lines`` says otherwise."""
        opened = self.first.hidden(path.removesuffix("/file"), path)
        sent = {**opened, "lines": "all", **values, "file": (BytesIO(content), name)}
        return self.first.client.post(f"/app/team{path}", data=sent, content_type="multipart/form-data")


def words(response: TestResponse) -> str:
    """What a page says, as it is read: no entities, plain spaces."""
    return _SPACES.sub(" ", html.unescape(response.text))


@contextmanager
def office(
    empty_database: Path, folder: Path, lives: Iterable[Lived] = LIVES, scheme: BillingScheme = SCHEME
) -> Iterator[Office]:
    """Open it on a copy of a migrated database."""
    database = Path(shutil.copy(empty_database, folder / "office.db"))
    team = build_team(database)
    deployment = Deployment(frozenset(team.deps.team.sites), 4)
    team.pages.deps = replace(team.deps, read_schemes=scheme_reader(deployment))
    team.pages.app.extensions["sesame-app"] = team.deps
    clock = team.pages.clock
    clock.move(seconds=(NOW - clock.now()).total_seconds())
    fill(team, lives, scheme)
    try:
        yield Office(team, *map(team.browser, (FIRST, SECOND, ONE_SITE)))
    finally:
        team.pages.store.close()


def fill(team: Team, lives: Iterable[Lived], scheme: BillingScheme) -> None:
    """The accounts, the scheme and the lives."""
    for member in (SECOND, ONE_SITE):
        team.pages.store.staff.save(member)
    stored = StoredScheme(scheme, "# exemple", "1", 1, NOW, FIRST.actor.actor_id)
    team.pages.store.billing.schemes.add(stored)
    write_lives(team.pages.store, lives)
