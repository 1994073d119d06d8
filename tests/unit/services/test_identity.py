"""Writing down an INS that was missing: what fits is kept, what does not is refused with its reason."""

from dataclasses import replace
from datetime import date
from typing import cast

import pytest

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.identifiers import InsNature, ins_key
from sesame_fhir.domain.ids import CommandId
from sesame_fhir.domain.policy import DEFAULT_POLICY
from sesame_fhir.domain.reasons import ReasonCode, Refused
from sesame_fhir.services.cohort.stage import NoAudit, Recorder
from sesame_fhir.services.engine import Command, Engine
from sesame_fhir.services.identity import record_ins
from sesame_fhir.services.ports import PathwayStore
from tests.support.cohort import nothing_projected
from tests.support.fakes import CountingIds, HandClock
from tests.support.story import NURSE, PATHWAY, SITE, START, TRAITS, event, screened

_NIR = "2841276451089"
_RIGHT = _NIR + ins_key(_NIR)


def engine_with(traits: ev.PatientTraits) -> tuple[Engine, Recorder]:
    stage = Recorder(PATHWAY, [event(1, ev.PatientIdentified(traits)), event(2, screened())])
    clock = HandClock(START.replace(year=2027))
    store = cast("PathwayStore", stage)
    return Engine(store, nothing_projected, NoAudit(), clock, CountingIds(), DEFAULT_POLICY), stage


def write(engine: Engine, matricule: str, name: str = "c1") -> ev.PatientTraits | None:
    command = Command(CommandId(name), NURSE, SITE, engine.clock.now())
    command = replace(command, scope=replace(command.scope, opened=frozenset({PATHWAY})))
    return record_ins(engine, command, PATHWAY, matricule, InsNature.TEST).traits


def test_an_ins_that_was_missing_is_added_and_nothing_else_moves() -> None:
    engine, stage = engine_with(replace(TRAITS, ins=None))
    assert write(engine, f"{_NIR} {ins_key(_NIR)}") == TRAITS
    assert write(engine, _RIGHT, "c2") == TRAITS
    assert len(stage.commits) == 1


def _other(nir: str) -> str:
    return nir + ins_key(nir)


@pytest.mark.parametrize(
    ("matricule", "known", "reasons"),
    [
        ("", TRAITS, [(ReasonCode.INS_INVALID, "length")]),
        (_NIR, TRAITS, [(ReasonCode.INS_INVALID, "length")]),
        (_NIR + "00", TRAITS, [(ReasonCode.INS_INVALID, "key")]),
        ("x" * 15, TRAITS, [(ReasonCode.INS_INVALID, "characters")]),
        (_other("1841276451089"), TRAITS, [(ReasonCode.INS_DISAGREES, "sex")]),
        (_other("2831276451089"), TRAITS, [(ReasonCode.INS_DISAGREES, "birth-date")]),
        (_other("2841176451089"), TRAITS, [(ReasonCode.INS_DISAGREES, "birth-date")]),
        (
            _other("1851276451089"),
            TRAITS,
            [(ReasonCode.INS_DISAGREES, "sex"), (ReasonCode.INS_DISAGREES, "birth-date")],
        ),
    ],
)
def test_what_does_not_fit_is_refused(
    matricule: str, known: ev.PatientTraits, reasons: list[tuple[ReasonCode, str]]
) -> None:
    engine, stage = engine_with(replace(known, ins=None))
    with pytest.raises(Refused) as refused:
        write(engine, matricule)
    assert [(r.code, r.detail) for r in refused.value.reasons] == reasons
    assert not stage.commits


def test_a_known_ins_is_never_exchanged() -> None:
    engine, _ = engine_with(TRAITS)
    with pytest.raises(Refused) as refused:
        write(engine, _other("2841276451090"))
    assert [r.code for r in refused.value.reasons] == [ReasonCode.INS_KNOWN_ALREADY]


@pytest.mark.parametrize("nir", ["2843176451089", "8841276451089", "2849976451089"])
def test_a_month_that_was_not_known_and_a_number_given_while_waiting_fit(nir: str) -> None:
    engine, _ = engine_with(replace(TRAITS, ins=None, birth_date=date(1984, 12, 7)))
    traits = write(engine, _other(nir))
    assert traits is not None
    assert traits.ins is not None
    assert traits.ins.nir == nir
