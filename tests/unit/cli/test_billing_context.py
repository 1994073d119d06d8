"""What every billing command shares: who acts, what stops it, how far it is, and JSON for scripts."""

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import click
import pytest

from sesame_fhir.cli.billing import billing
from sesame_fhir.cli.billing.context import Desk, by_coordinator
from sesame_fhir.cli.billing.output import put_json
from sesame_fhir.cli.billing.progress import counted
from sesame_fhir.domain.ids import PathwayId, SiteId
from sesame_fhir.domain.reasons import Reason, ReasonCode, Refused
from sesame_fhir.services.billing.records import Totals
from sesame_fhir.services.errors import Conflict
from tests.unit.cli.conftest import Cli


@pytest.fixture
def at_work(sesame: Cli, monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Desk], None]], Cli]:
    """Runs something at the desk of a coordinator, as the command ``sesame billing work``."""
    sesame.ok("staff", "add", "claire", "--name", "Claire Fictive", "--role", "coordinator", "--site", "site-1")

    def working(work: Callable[[Desk], None]) -> Cli:
        monkeypatch.setitem(billing.commands, "work", click.command("work")(by_coordinator(work)))
        return sesame

    return working


Working = Callable[[Callable[[Desk], None]], Cli]


def test_the_desk_has_the_coordinators_sites_and_the_settings(at_work: Working) -> None:
    def work(desk: Desk) -> None:
        assert desk.who.sites == {SiteId("site-1")}
        click.echo(f"{desk.who.actor.name} {desk.billing.four_eyes} {desk.billing.stores.batches.batches()}")

    sesame = at_work(work)
    assert sesame.ok("billing", "work", "--by", "claire") == "Claire Fictive True ()\n"
    sesame.extra["SESAME_BILLING_FOUR_EYES"] = "false"
    assert sesame.ok("billing", "work", "--by", "CLAIRE") == "Claire Fictive False ()\n"


@pytest.mark.parametrize(
    ("raised", "said"),
    [
        (
            Refused(Reason(ReasonCode.BATCH_EMPTY), Reason(ReasonCode.OUT_OF_SCOPE, "x")),
            "batch-empty: the batch has no",
        ),
        (Conflict(PathwayId("p")), "somebody else changed a pathway at the same time; run the same command again"),
        (PermissionError(13, "Permission denied", "/nowhere"), "/nowhere: Permission denied; check the path"),
        (KeyboardInterrupt(), "what was done stays done: run the same command again and it goes on"),
    ],
    ids=["refused", "conflict", "disk", "stopped"],
)
def test_what_stops_a_command_is_one_line(at_work: Working, raised: BaseException, said: str) -> None:
    def work(_desk: Desk) -> None:
        raise raised

    assert said in at_work(work).refused("billing", "work", "--by", "claire")


def test_a_fault_of_ours_is_not_blamed_on_the_database(at_work: Working) -> None:
    def work(_desk: Desk) -> None:
        raise ValueError("ours")

    assert isinstance(at_work(work)("billing", "work", "--by", "claire").exception, ValueError)


def test_long_work_says_how_far_it_is_once_a_second(capsys: pytest.CaptureFixture[str]) -> None:
    times = iter((0.0, 0.5, 1.0, 1.9, 2.5))
    with counted("sequences", clock=lambda: next(times)) as progress:
        for done in (1, 2, 3):
            progress(done, 4)
        progress(4, None)
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "sequences: 2 of 4\nsequences: 4\n")


def test_json_keeps_amounts_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    put_json({"day": date(2026, 1, 2), "totals": Totals(1, Decimal("12.30"), Decimal("0E-2")), "sites": {"b", "a"}})
    found = json.loads(capsys.readouterr().out)
    assert found == {
        "day": "2026-01-02",
        "totals": {"lines": 1, "amount": "12.30", "share": "0.00"},
        "sites": ["a", "b"],
    }
    with pytest.raises(TypeError):
        put_json(object())
