"""What comes back, on the command line: a month is answered, corrected, paid and shared, and the books are proved."""

import json
import re
import shlex
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from sesame_fhir.cli.billing.line_texts import LINES, line_text
from sesame_fhir.domain.actors import Role
from sesame_fhir.domain.reasons import ReasonCode
from sesame_fhir.server.system import SystemClock
from sesame_fhir.services.billing.incoming import LineCode
from sesame_fhir.services.staff import StaffMember
from tests.support.answered import accepted, answers, bundle, claim_of, paid, payments, rejected, response
from tests.support.billing import SITES, billing_over, many, one_more_contact, submitted_month, write_lives
from tests.support.story import SITE
from tests.unit.cli.conftest import Cli

BY = ("--by", "claire")
LIVES = tuple(many(3))
BATCH = "2026-06-article-51-operator-1"


@pytest.fixture(scope="module")
def submitted(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three claims of 300 euros, made on 1 July, and coordinators of all sites and of one."""
    sesame = Cli(tmp_path_factory.mktemp("answered"))
    shutil.copytree(template, sesame.folder, dirs_exist_ok=True)
    with sesame.store() as store:
        for login, sites in (("claire", tuple(sorted(SITES))), ("marc", (SITE,))):
            store.staff.save(StaffMember(f"staff-{login}", login, login, Role.COORDINATOR, sites))
        write_lives(store, LIVES)
        submitted_month(billing_over(store))
    return sesame.folder


@pytest.fixture
def office(submitted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """The same, on 20 July 2026."""
    monkeypatch.setattr(SystemClock, "now", lambda _self: datetime(2026, 7, 20, 8, tzinfo=UTC))
    shutil.copytree(submitted, tmp_path / "office")
    return Cli(tmp_path / "office")


def file(office: Cli, data: bytes, name: str = "answers.csv") -> Path:
    path = office.folder / name
    path.write_bytes(data)
    return path


@pytest.fixture
def answered(office: Cli) -> Cli:
    """The second claim was rejected."""
    office.ok("billing", "import-response", file(office, answers(accepted(1), rejected(2), accepted(3))), *BY)
    return office


def test_answers_come_in_once(office: Cli) -> None:
    path = file(office, answers(accepted(1), rejected(2), accepted(3)))
    command = ("billing", "import-response", path, "--all-or-nothing", "--batch", BATCH, *BY)
    assert [office.ok(*command) for _ in range(2)] == [
        "3 recorded, 0 known, 0 refused\n",
        "0 recorded, 3 known, 0 refused\n",
    ]
    again = json.loads(office.ok(*command, "--json"))
    assert [result["fate"] for result in again["results"]] == ["known-already"] * 3


def test_the_page_does_what_it_says(office: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (Path(__file__).parents[3] / "docs" / "how-to" / "take-in-what-comes-back.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```sh\n(.*?)```", page, re.MULTILINE | re.DOTALL)
    commands = [shlex.split(line) for block in blocks for line in block.splitlines()]
    file(office, answers(accepted(1), accepted(2), rejected(3)))
    file(office, payments(paid(1), paid(2)), "payments.csv")
    monkeypatch.chdir(office.folder)
    said = [office.ok(*command) for _sesame, *command in commands]
    assert len(said) == 9
    assert said[-1] == "site-argenteuil 2026-07: 199.80 EUR paid\n"


def test_a_bundle_is_known_by_its_name(office: Cli) -> None:
    path = file(office, bundle(response(1)), "answers.json")
    assert office.ok("billing", "import-response", path, *BY) == "1 recorded, 0 known, 0 refused\n"
    path = file(office, bundle(response(1)), "answers.dat")
    assert office.ok("billing", "import-response", path, "--format", "fhir", *BY) == "0 recorded, 1 known, 0 refused\n"


def test_refused_lines_are_told_one_by_one(office: Cli) -> None:
    path = file(office, answers(accepted(1), accepted(2, amount="1,00"), accepted(9)))
    result = office("billing", "import-response", path, *BY)
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        f"line 3 {claim_of(2)}: amount-differs: not the amount that was claimed; ask the payer for a corrected file",
        f"line 4 {claim_of(9)}: unknown-claim: no such claim at the sites of this account",
        "1 recorded, 0 known, 2 refused",
    ]
    assert "2 lines of answers.csv were refused; correct them" in result.stderr


def test_a_file_that_cannot_be_read_is_told(office: Cli) -> None:
    result = office("billing", "import-response", file(office, "é".encode("latin-1")), *BY)
    assert result.stdout.startswith("the file (1): wrong-encoding: not in the encoding of the layout")


@pytest.mark.parametrize(
    ("layout", "said"),
    [
        ("neutral-payments", "is a layout of payments; give one of answers"),
        ("nowhere.json", "cannot be read"),
    ],
)
def test_a_layout_that_does_not_fit_is_refused(office: Cli, layout: str, said: str) -> None:
    path = file(office, answers(accepted(1)))
    assert said in office.refused("billing", "import-response", path, "--layout", layout, *BY)


def test_the_work_list_has_the_payers_reasons(answered: Cli) -> None:
    said = answered.ok("billing", "work-list", *BY).splitlines()
    assert said == [
        f"{claim_of(2)}  300.00 EUR  rejected 2026-07-10",
        "  INC-07: Droits non retrouvés",
        "  now: billable 300.00 EUR",
    ]
    (one,) = json.loads(answered.ok("billing", "work-list", "--json", *BY))
    assert (one["claim"], one["now"]["verdict"]) == (claim_of(2), "billable")


def test_a_correction_is_seen_and_confirmed_or_cancelled(office: Cli) -> None:
    assert office.ok("billing", "corrections", *BY) == "no claim whose facts changed\n"
    with office.store() as store:
        for life in LIVES[:2]:
            one_more_contact(billing_over(store), life, date(2026, 4, 20), f"found-{life.number}")
    first, second = json.loads(office.ok("billing", "corrections", "--json", *BY))
    assert "contact found-1: nothing -> 2026-04-20 follow-up" in office.ok("billing", "corrections", *BY)
    assert "look at them with `sesame billing corrections`" in office.refused(
        "billing", "confirm", first["claim"], "--facts", second["facts"], *BY
    )
    office.ok("billing", "confirm", first["claim"], "--facts", first["facts"], *BY)
    said = office.ok("billing", "cancel", second["claim"], "--reason", "corrected", "--note", "contact retrouvé", *BY)
    assert said == f"{claim_of(2)}  300.00 EUR  cancelled\n"
    assert office.ok("billing", "corrections", *BY) == "no claim whose facts changed\n"


@pytest.mark.parametrize("command", [("cancel", "--reason", "mistake"), ("confirm", "--facts", "0")])
def test_a_claim_out_of_reach_is_not_there(office: Cli, command: tuple[str, ...]) -> None:
    name, *options = command
    said = office.refused("billing", name, claim_of(3), *options, "--by", "marc")
    assert "no such claim at the sites of this account" in said


def test_payments_are_matched_and_listed(answered: Cli) -> None:
    given = ("--biller", "operator", "--on", "2026-07-15", "--amount", "450")
    said = answered.ok("billing", "record-payment", "P-1", *given, *BY)
    assert said == "P-1  2026-07-15  450.00 EUR, of them 0.00 EUR matched\n"
    path = file(answered, payments(paid(1), paid(3, "150,00")), "payments.csv")
    assert answered.ok("billing", "reconcile", path, *BY) == "2 recorded, 0 known, 0 refused\n"
    (kept,) = json.loads(answered.ok("billing", "payments", "--json", *BY))
    assert (kept["amount"], kept["matched"]) == ("450.00", "450.00")
    assert "P-1" not in answered.ok("billing", "payments", "--unmatched", *BY)
    found = json.loads(answered.ok("billing", "open-items", "--json", *BY))
    assert [(one["claim"], one["amount"]) for one in found["open"]] == [(claim_of(3), "150.00")]
    assert claim_of(3) in answered.ok("billing", "open-items", "--older-than", "9", *BY)


def test_the_books_are_shown_and_proved(answered: Cli) -> None:
    said = answered.ok("billing", "ledger", "--prove", *BY).splitlines()
    assert said[-1] == "proved: debit is credit, and the books say what the claims say"
    assert [line.split() for line in said if line.startswith(("income", "total"))] == [
        ["income", "300.00", "900.00", "-600.00"],
        ["total", "1599.60", "1599.60", "0.00"],
    ]
    postings = answered.ok("billing", "ledger", "--csv", "--from", "2026-07-01", "--to", "2026-07-01", *BY).splitlines()
    assert len(postings) == 1 + 6
    balance = json.loads(answered.ok("billing", "ledger", "--json", "--site", SITE, *BY))
    assert {one["account"]: one["credit"] for one in balance["accounts"]}["income"] == "600.00"
    assert "out-of-scope" in answered.refused("billing", "ledger", "--site", "nowhere", *BY)


def test_a_book_that_was_changed_by_hand_is_found(answered: Cli) -> None:
    with closing(sqlite3.connect(answered.database)) as database, database:
        database.execute("UPDATE ledger_posting SET amount = amount + 1")
    result = answered("billing", "ledger", "--prove", *BY)
    assert result.exit_code == 1
    assert "income-differs site-argenteuil operator: booked" in result.stdout
    assert "books and claims disagree" in result.stderr


def test_a_centre_sees_its_share_and_is_paid_it(answered: Cli) -> None:
    said = answered.ok("billing", "statement", SITE, "2026-07", *BY)
    assert "EXAMPLE tariff, no real money" in said
    assert said.endswith("due on 2026-07-31: 99.90 EUR\n")
    assert "FICTIVE" not in said
    pay = ("pay-share", SITE, "2026-07", "--biller", "operator", "--on", "2026-07-20", "--reference", "V-1")
    paid_already = [answered.ok("billing", *pay, "--amount", "99.90", *BY) for _ in range(2)]
    assert [one.split("EUR ")[1] for one in paid_already] == ["paid\n", "known already\n"]
    assert "payment-already-recorded" in answered.refused("billing", *pay, "--amount", "1", *BY)
    assert "never more than is owed" in answered.refused("billing", *pay[:-1], "V-2", "--amount", "1", *BY)
    assert (
        json.loads(answered.ok("billing", "statement", SITE, "2026-07", "--json", *BY))["accounts"][0]["paid"]
        == "99.90"
    )


@pytest.mark.parametrize("amount", ["1,5", "1.001", "NaN", "1e3", "", "ten"])
def test_an_amount_is_written_as_euros(office: Cli, amount: str) -> None:
    result = office(
        "billing", "record-payment", "P", "--biller", "operator", "--on", "2026-07-01", "--amount", amount, *BY
    )
    assert result.exit_code == 2
    assert "write euros as 1250.40" in result.stderr


def test_objectives_are_compared_with_what_was_billed(office: Cli) -> None:
    planned = [{"start": "2026-07-01", "end": "2026-07-31", "patients": 3, "sequences": 4, "site": str(SITE)}]
    office.extra["SESAME_OBJECTIVES"] = json.dumps(planned)
    (one,) = json.loads(office.ok("billing", "objectives", "--json", *BY))
    assert one["objective"]["sequences"] == 4
    assert "planned" in office.ok("billing", "objectives", *BY)


def test_every_code_of_a_line_has_its_text() -> None:
    assert set(LINES) == set(LineCode)
    assert line_text(ReasonCode.DATE_IN_FUTURE)
    assert line_text(ReasonCode.NO_SUCH_CLAIM)
