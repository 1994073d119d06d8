"""``sesame billing billable-on`` and ``what-if``: another day, other schemes, and nothing is written."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sesame_fhir.domain.ids import SiteId
from sesame_fhir.server.system import SystemClock
from tests.support.billing import Lived, write_lives
from tests.support.logging_state import logging_put_back
from tests.unit.cli.conftest import Cli
from tests.unit.cli.test_billing_month import CLAIRE, DOCS

SITE = SiteId("site-1")


@pytest.fixture(scope="module")
def office(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Cli:
    """A coordinator, the example scheme, three lives."""
    sesame = Cli(tmp_path_factory.mktemp("travel"))
    shutil.copytree(template, sesame.folder, dirs_exist_ok=True)
    with logging_put_back():
        sesame.ok("staff", "add", CLAIRE[1], "--name", "Claire Fictive", "--role", "coordinator", "--site", "site-1")
        sesame.ok("billing", "add-scheme", DOCS / "example-scheme.toml", *CLAIRE)
    with sesame.store() as store:
        write_lives(store, (Lived(1, SITE, contacts=6), Lived(2, SITE, contacts=6), Lived(3, SITE, contacts=2)))
    return sesame


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SystemClock, "now", lambda _self: datetime(2026, 7, 1, 8, tzinfo=UTC))


def test_a_day_of_the_past(office: Cli) -> None:
    said = office.ok("billing", "billable-on", "2026-06-30", *CLAIRE)
    assert "billable: 2 sequences, 691.20 euros, of them 207.36 for the centres" in said
    assert "too-few-contacts: 1" in said
    before = json.loads(office.ok("billing", "billable-on", "2026-06-01", "--json", *CLAIRE))
    assert before["by_verdict"]["billable"]["count"] == 0
    then = office.ok("billing", "billable-on", "2026-06-30", "--schemes-of-then", *CLAIRE)
    assert "outside-scheme: 3" in then, "no scheme had been added by then"
    assert "date-in-future (2026-07-02)" in office.refused("billing", "billable-on", "2026-07-02", *CLAIRE)


def _scheme(folder: Path, old: str, new: str) -> Path:
    file = folder / "other.toml"
    file.write_text((DOCS / "example-scheme.toml").read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    return file


def test_a_file_beside_what_is_in_force(office: Cli, tmp_path: Path) -> None:
    harder = _scheme(tmp_path, "minimum_contacts = 5 ", "minimum_contacts = 9 ")
    said = office.ok("billing", "what-if", harder, *CLAIRE)
    assert "3 finished sequences, 2 would change" in said
    assert "billable only now: 2 (too-few-contacts: 2)" in said
    assert "then: 0.00 euros" in said
    assert "billable: 2" in office.ok("billing", "billable-on", "2026-06-30", *CLAIRE), "nothing was added"


def test_a_scheme_of_the_future_on_the_past(office: Cli) -> None:
    file, only = DOCS / "example-scheme.toml", ("--only", "parcours-coordonne-renforce")
    alone = office.ok("billing", "what-if", file, *only, "--alone", *CLAIRE)
    assert "billable only now: 2 (outside-scheme: 2)" in alone
    always = json.loads(office.ok("billing", "what-if", file, *only, "--at-any-time", "--json", *CLAIRE))
    assert always["lost"] == 0
    assert always["then"] != "0.00"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--only", "another"), "--only another: the file has article-51, parcours-coordonne-renforce"),
        (("--at-any-time",), "choose it with --only ID"),
    ],
)
def test_a_question_that_cannot_be_asked(office: Cli, options: tuple[str, ...], said: str) -> None:
    assert said in office("billing", "what-if", DOCS / "example-scheme.toml", *options, *CLAIRE).stderr
