"""Every use case with every role: allowed or refused as the table of actions says, and only within reach."""

import ast
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

import sesame_fhir.services
from sesame_fhir.domain import events as ev
from sesame_fhir.domain.access import ACTIONS, LAUNCH, Scope
from sesame_fhir.domain.actors import Actor, Role
from sesame_fhir.domain.evolution import fold
from sesame_fhir.domain.ids import CommandId, SiteId
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.policy import DEFAULT_POLICY
from sesame_fhir.domain.reasons import ReasonCode, Refused
from sesame_fhir.services.cohort.stage import NoAudit, Recorder
from sesame_fhir.services.engine import Command, Engine
from sesame_fhir.services.ports import PathwayStore
from tests.support.fakes import CountingIds, HandClock
from tests.support.story import AGREED, BINDING, GP, PATHWAY, SITE, TRAITS, eligible, referred, screened, story

ELSEWHERE = SiteId("site-elsewhere")
REFERRED = story(ev.PatientIdentified(TRAITS, BINDING), screened(), eligible(), AGREED, referred())


class Reached(Exception):  # noqa: N818  not an error: the rules let the command through
    """The decision was asked for."""


def engine(*more: ev.Payload) -> Engine:
    events = [*REFERRED, *story(*(e.data for e in REFERRED), *more)[len(REFERRED) :]]
    recorder = cast("PathwayStore", Recorder(PATHWAY, events=list(events)))
    return Engine(recorder, cast("Any", None), NoAudit(), HandClock(), CountingIds(), DEFAULT_POLICY)


def _names() -> Iterator[str]:
    """The name of every use case: what the services pass to ``Engine.run``."""
    for path in sorted(Path(sesame_fhir.services.__file__).parent.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "run":
                yield from (a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str))


USE_CASES = sorted(set(_names()))


def asked(name: str, actor: Actor, scope: Scope, *more: ev.Payload) -> list[ReasonCode]:
    """Reasons against this person doing this; empty when the decision is reached."""

    def decide(_pathway: Pathway) -> Any:
        raise Reached

    running = engine(*more)
    command = Command(CommandId("c"), actor, SITE, running.clock.now(), scope=scope)
    try:
        running.run(PATHWAY, command, name, decide)
    except Reached:
        return []
    except Refused as refused:
        return [reason.code for reason in refused.reasons]
    raise AssertionError("neither decided nor refused")


def test_every_use_case_is_an_action_of_the_table() -> None:
    assert len(USE_CASES) > 30
    assert set(USE_CASES) <= set(ACTIONS)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("name", USE_CASES)
def test_a_role_may_do_what_the_table_says_and_nothing_else(name: str, role: Role) -> None:
    found = asked(name, Actor("somebody", role, "Sacha Fictif"), LAUNCH)
    assert found == ([] if role in ACTIONS[name] else [ReasonCode.ROLE_NOT_ALLOWED])


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("name", USE_CASES)
def test_nobody_but_the_calendar_reaches_a_patient_of_another_site(name: str, role: Role) -> None:
    found = asked(name, Actor("somebody", role, "Sacha Fictif"), Scope(frozenset({ELSEWHERE})))
    if role not in ACTIONS[name]:
        assert found == [ReasonCode.ROLE_NOT_ALLOWED]
    else:
        assert found == ([] if role is Role.SYSTEM else [ReasonCode.OUT_OF_SCOPE])


PSYCHIATRIST = Actor("psy", Role.PSYCHIATRIST, "Dr Paule Fictive")
NURSE = Actor("nurse", Role.NURSE, "Noé Fictif")
OTHER_GP = replace(GP, actor_id="another-gp")
AT_THE_SITE = Scope(frozenset({SITE}))
TAKEN = ev.ReferralAccepted(referred().referral_id)
ON_TEAM = ev.CareTeamChanged(
    (
        ev.TeamMember(GP.actor_id, GP.name, Role.GP),
        ev.TeamMember(NURSE.actor_id, NURSE.name, Role.NURSE),
        ev.TeamMember(PSYCHIATRIST.actor_id, PSYCHIATRIST.name, Role.PSYCHIATRIST),
    )
)

# who | with which reach | after what | reason against
REACH: list[tuple[Actor, Scope, tuple[ev.Payload, ...], str | None]] = [
    (NURSE, AT_THE_SITE, (), None),
    (NURSE, Scope(), (), "out-of-scope"),
    (NURSE, Scope(opened=frozenset({PATHWAY})), (), None),
    (GP, AT_THE_SITE, (), None),
    (OTHER_GP, AT_THE_SITE, (), "not-own-patient"),
    (OTHER_GP, LAUNCH, (), None),
    (PSYCHIATRIST, AT_THE_SITE, (TAKEN,), "not-put-to-review"),
    (PSYCHIATRIST, AT_THE_SITE, (TAKEN, ev.MarkedForReview()), None),
    (PSYCHIATRIST, AT_THE_SITE, (TAKEN, ON_TEAM), None),
    (PSYCHIATRIST, Scope(frozenset({ELSEWHERE})), (TAKEN, ON_TEAM), "out-of-scope"),
]


@pytest.mark.parametrize(("who", "scope", "after", "reason"), REACH)
def test_reach(who: Actor, scope: Scope, after: tuple[ev.Payload, ...], reason: str | None) -> None:
    found = asked("send-message", who, scope, *after)
    assert [code.value for code in found] == ([] if reason is None else [reason])


def test_the_story_above_is_a_pathway() -> None:
    assert fold(PATHWAY, REFERRED).referral is not None
