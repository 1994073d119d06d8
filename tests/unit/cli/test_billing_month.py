"""``sesame billing`` from review to submit: the how-to page does what it says, tables and JSON, refusals in a line."""

import json
import re
import shlex
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sesame_fhir.domain.ids import SiteId
from sesame_fhir.server.system import SystemClock
from tests.support.billing import Lived, write_lives
from tests.support.logging_state import logging_put_back
from tests.unit.cli.conftest import Cli

DOCS = Path(__file__).parents[3] / "docs" / "how-to"
SITE = SiteId("site-1")
CLAIRE, MARC = ("--by", "claire@example.org"), ("--by", "marc@example.org")
BATCH = "2026-06-article-51-operateur-1"
FINE, HELD, FEW, RUNS = (
    Lived(1, SITE, contacts=6),
    Lived(2, SITE, contacts=6),
    Lived(3, SITE, contacts=2),
    Lived(4, SITE, end=None, contacts=6),
)


@pytest.fixture(scope="module")
def opened(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two coordinators, the example scheme, some lives."""
    sesame = Cli(tmp_path_factory.mktemp("office"))
    shutil.copytree(template, sesame.folder, dirs_exist_ok=True)
    with logging_put_back():
        for (_, login), name in ((CLAIRE, "Claire Fictive"), (MARC, "Marc Fictif")):
            sesame.ok("staff", "add", login, "--name", name, "--role", "coordinator", "--site", "site-1")
        sesame.ok("billing", "add-scheme", DOCS / "example-scheme.toml", *CLAIRE)
    with sesame.store() as store:
        write_lives(store, (FINE, HELD, FEW, RUNS))
    return sesame.folder


@pytest.fixture
def office(opened: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """The same, on 1 July 2026."""
    monkeypatch.setattr(SystemClock, "now", lambda _self: datetime(2026, 7, 1, 8, tzinfo=UTC))
    shutil.copytree(opened, tmp_path, dirs_exist_ok=True)
    return Cli(tmp_path)


def test_the_page_does_what_it_says(office: Cli) -> None:
    page = (DOCS / "bill-a-month.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```sh\n(.*?)```", page, re.MULTILINE | re.DOTALL)
    commands = [shlex.split(line) for block in blocks for line in block.splitlines()]
    said = [office.ok(*command) for _sesame, *command in commands]
    assert len(said) == 10
    assert said[-1] == f"submitted: {BATCH}, 2 claims, 0 kept out\n"
    assert office.ok("billing", "submit", BATCH, *MARC) == said[-1]


def test_review_counts_and_gives_reasons(office: Cli) -> None:
    said = office.ok("billing", "review", "2026-06", "--unfinished", *CLAIRE)
    assert re.search(r"^billable +2 +691\.20 +207\.36$", said, re.MULTILINE)
    assert re.search(r"^too-few-contacts +1 +345\.60 ", said, re.MULTILINE)
    assert re.search(rf"^{FEW.pathway_id} +1 +site-1 .* not-yet .* too-few-contacts:2/5 +finished:", said, re.MULTILINE)
    assert "FICTIVE" not in said, "a pathway is known by its id alone"


def test_review_for_scripts_filtered(office: Cli) -> None:
    said = json.loads(
        office.ok("billing", "review", "2026-06", "--verdict", "billable", "--limit", "1", "--json", *CLAIRE)
    )
    assert (said["month"], said["today"]) == ("2026-06", "2026-07-01")
    assert said["by_verdict"]["billable"] == {"count": 2, "amount": "691.20", "share": "207.36"}
    assert [(one["pathway"], one["verdict"], one["amount"]) for one in said["sequences"]] == [
        (FINE.pathway_id, "billable", "345.60")
    ]
    listed = office.ok("billing", "review", "2026-06", "--limit", "1", *CLAIRE)
    assert listed.endswith("1 of 3 listed; ask for more with --limit, or for less with --reason and --site\n")


def test_batches_as_a_table_and_for_scripts(office: Cli) -> None:
    assert "no batch; use: sesame billing prepare MONTH" in office.ok("billing", "batches", *CLAIRE)
    said = office.ok("billing", "prepare", "2026-06", *CLAIRE)
    assert re.search(rf"^{BATCH} +draft +2 +691\.20 +207\.36$", said, re.MULTILINE)
    office.ok("billing", "hold", BATCH, HELD.pathway_id, "1", "--why", "à revoir", *CLAIRE)
    frozen = office.ok("billing", "freeze", BATCH, *CLAIRE)
    assert re.fullmatch(rf"frozen: {BATCH}, 1 lines, 345\.60 EUR\nsha256 [0-9a-f]{{64}}\n", frozen)
    (one,) = json.loads(office.ok("billing", "batches", "2026-06", "--json", *CLAIRE))
    assert (one["batch"]["status"], one["totals"]["amount"]) == ("frozen", "345.60")
    assert office.ok("billing", "reopen", BATCH, *CLAIRE) == f"draft: {BATCH}\n"
    assert office.ok("billing", "drop", BATCH, *CLAIRE) == f"dropped: {BATCH}\n"


def test_submit_for_scripts(office: Cli) -> None:
    for step, by in (("freeze", CLAIRE), ("approve", MARC)):
        office.ok("billing", "prepare", "2026-06", *CLAIRE)
        office.ok("billing", step, BATCH, *by)
    said = json.loads(office.ok("billing", "submit", BATCH, "--json", *CLAIRE))
    assert (said["claimed"], said["refused"], said["batch"]["status"]) == (2, 0, "submitted")


REFUSED = [
    (("freeze", "2026-06-none-1"), "no-such-batch (2026-06-none-1): no such batch; check the id"),
    (("approve", BATCH), "batch-not-frozen (draft): freeze the batch first"),
    (("submit", BATCH), "batch-not-approved (draft): the batch must be frozen and approved first"),
    (
        ("hold", BATCH, "nobody", "1", "--why", "à revoir"),
        f"{BATCH}: no line for nobody 1; see `sesame billing review`",
    ),
    (("prepare", "2026-09"), "date-in-future (2026-09)"),
    (("review", "2026-06", "--site", "site-9"), "out-of-scope (site-9): the account does not work at this site"),
]


@pytest.mark.parametrize(("command", "line"), REFUSED, ids=lambda value: value[0] if isinstance(value, tuple) else "")
def test_what_is_refused_is_told_in_a_line(office: Cli, command: tuple[str, ...], line: str) -> None:
    office.ok("billing", "prepare", "2026-06", *CLAIRE)
    assert line in office.refused("billing", *command, *CLAIRE)


def test_who_froze_is_told_to_ask_somebody_else(office: Cli) -> None:
    office.ok("billing", "prepare", "2026-06", *CLAIRE)
    office.ok("billing", "freeze", BATCH, *CLAIRE)
    said = office.refused("billing", "approve", BATCH, *CLAIRE)
    assert "second-person-required: another coordinator than the one who froze it must approve" in said


@pytest.mark.parametrize("month", ["2026", "06/2026", "2026-13"])
def test_a_month_that_is_none(office: Cli, month: str) -> None:
    result = office("billing", "prepare", month, *CLAIRE)
    assert (result.exit_code, "for example 2025-03" in result.stderr) == (2, True)


def test_long_work_is_counted_on_standard_error(office: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["sesame_fhir.cli.billing.progress"], "_EVERY_SECONDS", 0.0)
    result = office("billing", "prepare", "2026-06", *CLAIRE)
    assert "sequences: 3" in result.stderr
    assert "sequences: 3" not in result.stdout
