"""Writing down the insurance: digits are kept as typed, what is wrong is refused by name, a site's reach holds."""

from typing import Any, cast

import pytest

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.access import Scope
from sesame_fhir.domain.actors import Role
from sesame_fhir.domain.ids import CommandId, SiteId
from sesame_fhir.domain.policy import DEFAULT_POLICY
from sesame_fhir.domain.reasons import Refused
from sesame_fhir.services.billing.setting import Billing, Coordinator
from sesame_fhir.services.cohort.stage import NoAudit, Recorder
from sesame_fhir.services.coverage import complete_coverage, coverage_from, record_coverage
from sesame_fhir.services.engine import Command, Engine
from sesame_fhir.services.ports import PathwayStore
from tests.specification.course import OTHER_SITE, TRANSFER
from tests.specification.model import Situation, on
from tests.specification.sequences import LAST
from tests.specification.situations import CARE
from tests.support.cohort import nothing_projected
from tests.support.fakes import CountingIds, HandClock
from tests.support.story import COORDINATOR, NURSE, PATHWAY, SITE, event

KNOWN = ev.CoverageRecorded("01", "751", "0000", full=True)
MOVED = LAST.then(on("2026-12-11", TRANSFER))
"""Three sequences ended here, the fourth runs at the other site."""


def at(situation: Situation) -> tuple[Engine, Recorder]:
    steps = (*situation.steps, *situation.more)
    stage = Recorder(PATHWAY, [event(n, s.data, s.by, occurred_at=s.at) for n, s in enumerate(steps, start=1)])
    clock = HandClock(situation.latest.replace(year=2028))
    store = cast("PathwayStore", stage)
    return Engine(store, nothing_projected, NoAudit(), clock, CountingIds(), DEFAULT_POLICY), stage


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        (("01", "751", "0000"), ev.CoverageRecorded("01", "751", "0000", full=True)),
        ((" 0 1 ", "75\u00a01", ""), ev.CoverageRecorded("01", "751", None, full=True)),
        (("", " ", "\t"), ev.CoverageRecorded(full=True)),
    ],
)
def test_what_is_typed_is_kept_without_its_spaces(typed: tuple[str, str, str], read: ev.CoverageRecorded) -> None:
    assert coverage_from(*typed, full=True) == read


def test_the_last_one_stands_and_the_same_again_changes_nothing() -> None:
    engine, stage = at(CARE)
    scope = Scope(frozenset({SITE}))
    for name, coverage in (("a", KNOWN), ("b", KNOWN), ("c", ev.CoverageRecorded("01", "931")), ("d", KNOWN)):
        command = Command(CommandId(name), NURSE, SITE, engine.clock.now(), scope=scope)
        assert record_coverage(engine, command, PATHWAY, coverage).coverage == coverage
    assert len(stage.commits) == 3


@pytest.mark.parametrize(
    ("coverage", "wrong"),
    [
        (("1", "751", "0000"), ["regime"]),
        (("01", "7510", ""), ["fund"]),
        (("01", "751", "000"), ["centre"]),
        (("0a", "75a", "000a"), ["regime", "fund", "centre"]),
        (("²1", "751", "0000"), ["regime"]),
        (("01", "<b>", "0000"), ["fund"]),
    ],
)
def test_a_code_without_its_digits_is_refused_by_name(coverage: tuple[str, str, str], wrong: list[str]) -> None:
    engine, stage = at(CARE)
    command = Command(CommandId("c"), NURSE, SITE, engine.clock.now(), scope=Scope(frozenset({SITE})))
    with pytest.raises(Refused) as refused:
        record_coverage(engine, command, PATHWAY, coverage_from(*coverage, full=None))
    assert [(r.code.value, r.detail) for r in refused.value.reasons] == [("coverage-code-wrong", w) for w in wrong]
    assert not stage.commits


@pytest.mark.parametrize(
    ("situation", "sites", "in_reach"),
    [
        (CARE, {SITE}, True),
        (CARE, {OTHER_SITE}, False),
        (CARE, set(), False),
        (MOVED, {OTHER_SITE}, True),
        (MOVED, {SITE}, True),
        (MOVED, {SiteId("site-elsewhere")}, False),
    ],
    ids=["her site", "another site", "no site", "where it moved", "where sequences ended", "elsewhere"],
)
def test_a_coordinator_completes_it_for_her_sites(situation: Situation, sites: set[SiteId], *, in_reach: bool) -> None:
    engine, stage = at(situation)
    who = Coordinator(COORDINATOR, frozenset(sites))
    billing = Billing(engine, cast("Any", None))
    if in_reach:
        assert complete_coverage(billing, who, CommandId("c"), PATHWAY, KNOWN).coverage == KNOWN
        assert stage.commits[0].events[0].site in sites
    else:
        with pytest.raises(Refused, match="out-of-scope"):
            complete_coverage(billing, who, CommandId("c"), PATHWAY, KNOWN)
        assert not stage.commits


def test_only_who_may_record_it_does() -> None:
    engine, stage = at(CARE)
    referent = Coordinator(COORDINATOR.__class__("r", Role.SITE_REFERENT, "Réf Fictif"), frozenset({SITE}))
    with pytest.raises(Refused, match="role-not-allowed"):
        complete_coverage(Billing(engine, cast("Any", None)), referent, CommandId("c"), PATHWAY, KNOWN)
    assert not stage.commits
