"""Every payload class comes back as it went in, type for type."""

from dataclasses import fields
from datetime import UTC, date, datetime, timedelta, timezone
from types import MappingProxyType
from typing import Any, get_type_hints

import msgspec
import pytest

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.actors import Actor
from sesame_fhir.domain.identifiers import Ins, InsNature
from sesame_fhir.domain.ids import EhrId, ReferralId, ScreeningId
from sesame_fhir.domain.instruments import InstrumentId
from sesame_fhir.domain.reasons import ReasonCode
from sesame_fhir.storage.event_codec import dump_event, load_event
from tests.support.story import BINDING, COORDINATOR, GP, NURSE, TRAITS

AT = datetime(2026, 3, 29, 1, 59, 59, 999_999, tzinfo=UTC)
S, R = ScreeningId("s"), ReferralId("r")
ANSWERS = {"Q1": "LA6568-5", "Q2": "LA6571-9"}
REASONS = (ReasonCode.BELOW_THRESHOLD, ReasonCode.CRITERION_UNKNOWN)
NOTE = 'Texte « long », accents é à ü, emoji 🙂, "guillemets"\net une ligne \x7f'

SAMPLES: dict[type[ev.Payload], tuple[ev.Payload, ...]] = {
    ev.PatientIdentified: (
        ev.PatientIdentified(TRAITS, BINDING),
        ev.PatientIdentified(ev.PatientTraits("D’ÉTÉ", "Zoë", None, ev.Sex.UNKNOWN)),
        ev.PatientIdentified(
            ev.PatientTraits("A", "B", date(1900, 2, 28), ev.Sex.OTHER, Ins("2841276451089", InsNature.NIA), None),
            ev.EhrBinding(EhrId("e"), "Patient/1"),
        ),
    ),
    ev.ScreeningRecorded: (
        ev.ScreeningRecorded(S, InstrumentId.PHQ_9, "1.0.0", ANSWERS, 27, safety_flag=True),
        ev.ScreeningRecorded(S, InstrumentId.AUDIT_C, "1.0.0", MappingProxyType({}), None, safety_flag=False),
    ),
    ev.ScreeningCorrected: (
        ev.ScreeningCorrected(S, InstrumentId.GAD_7, "1.0.0", MappingProxyType(ANSWERS), 0, safety_flag=False),
    ),
    ev.SafetyAcknowledged: tuple(ev.SafetyAcknowledged(S, action) for action in ev.SafetyAction),
    ev.ConsentRecorded: tuple(
        ev.ConsentRecorded(purpose, status) for purpose in ev.ConsentPurpose for status in ev.ConsentStatus
    ),
    ev.EligibilityChecked: (
        ev.EligibilityChecked(
            3, psychiatric_follow_up=False, masters_french=True, common_mental_disorder=None, reasons=()
        ),
        ev.EligibilityChecked(None, None, None, None, tuple(ReasonCode)),
    ),
    ev.PatientReferred: (ev.PatientReferred(R, S), ev.PatientReferred(R, S, REASONS, NOTE, NOTE)),
    ev.ReferralDeclined: tuple(ev.ReferralDeclined(reason, NOTE) for reason in ev.DeclineReason),
    ev.ReferralWithdrawn: tuple(ev.ReferralWithdrawn(R, reason) for reason in ev.WithdrawReason),
    ev.CallAttempted: (ev.CallAttempted(), ev.CallAttempted(NOTE)),
    ev.ReferralAccepted: (ev.ReferralAccepted(R),),
    ev.ReferralNotStarted: tuple(ev.ReferralNotStarted(R, reason, "") for reason in ev.ReferralEnd),
    ev.AssessmentRecorded: (ev.AssessmentRecorded(), ev.AssessmentRecorded(NOTE)),
    ev.ContactHeld: tuple(ev.ContactHeld("c", mode, 45, NOTE) for mode in ev.ContactMode),
    ev.ContactMissed: (ev.ContactMissed("c"),),
    ev.CaseReviewed: (ev.CaseReviewed("v"), ev.CaseReviewed("v", NOTE)),
    ev.RecommendationDecided: tuple(ev.RecommendationDecided("v", fate, NOTE) for fate in ev.RecommendationFate),
    ev.PhaseChanged: tuple(ev.PhaseChanged(phase) for phase in ev.Phase),
    ev.SequenceStarted: (ev.SequenceStarted(1, date(2026, 2, 28), date(2026, 5, 28)),),
    ev.SequenceFinished: (
        ev.SequenceFinished(4, date(2024, 2, 29), interrupted=True),
        ev.SequenceFinished(4, date(1, 1, 1)),
    ),
    ev.SequenceBilled: (ev.SequenceBilled(2, "claim"),),
    ev.PathwayInterrupted: (ev.PathwayInterrupted(), ev.PathwayInterrupted(NOTE)),
    ev.PathwayResumed: (ev.PathwayResumed(),),
    ev.PathwayExited: tuple(ev.PathwayExited(reason, NOTE) for reason in ev.ExitReason),
}


def test_every_payload_class_has_a_sample() -> None:
    assert set(SAMPLES) == set(ev.PAYLOADS.values())


@pytest.mark.parametrize("data", [sample for samples in SAMPLES.values() for sample in samples], ids=repr)
def test_round_trip(data: ev.Payload) -> None:
    kind = type(data).__name__
    body = dump_event(AT, GP, data)
    at, actor, loaded = load_event(kind, body)
    assert (at, actor, loaded) == (AT, GP, data)
    assert dump_event(at, actor, loaded) == body
    _same_types(loaded, data)


def _same_types(loaded: Any, data: Any) -> None:
    """Enums are enums and tuples tuples again, not texts and lists that happen to compare equal."""
    for field in fields(data):
        given, got = getattr(data, field.name), getattr(loaded, field.name)
        if isinstance(given, MappingProxyType):
            assert type(got) is dict
        else:
            assert type(got) is type(given)
        if hasattr(given, "__dataclass_fields__"):
            _same_types(got, given)
        if isinstance(given, tuple):
            assert [type(item) for item in got] == [type(item) for item in given]


@pytest.mark.parametrize("actor", [GP, NURSE, COORDINATOR])
@pytest.mark.parametrize(
    "at", [AT, datetime(2026, 10, 25, 2, 30, tzinfo=timezone(timedelta(hours=2))), datetime(1970, 1, 1, tzinfo=UTC)]
)
def test_actor_and_time(actor: Actor, at: datetime) -> None:
    loaded = load_event("CallAttempted", dump_event(at, actor, ev.CallAttempted()))
    assert loaded == (at, actor, ev.CallAttempted())
    assert loaded[0].utcoffset() == at.utcoffset()


@pytest.mark.parametrize(
    ("kind", "body", "error"),
    [
        ("Unknown", dump_event(AT, GP, ev.CallAttempted()), KeyError),
        ("PhaseChanged", dump_event(AT, GP, ev.CallAttempted()), msgspec.ValidationError),
        ("CallAttempted", b"", msgspec.DecodeError),
        ("CallAttempted", b"{}", msgspec.ValidationError),
        ("CallAttempted", b'{"occurred_at":1,"actor":{},"data":{}}', msgspec.ValidationError),
        ("ConsentRecorded", dump_event(AT, GP, ev.CallAttempted("x")), msgspec.ValidationError),
    ],
)
def test_foreign_bytes_are_refused(kind: str, body: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        load_event(kind, body)


def test_a_field_added_later_takes_its_default() -> None:
    """Events written before a field existed are read for ever."""
    body = dump_event(AT, GP, ev.PatientReferred(R, S)).replace(
        b'"overridden":[],"override_reason":null,"note":null', b""
    )
    assert load_event("PatientReferred", body.replace(b'"s",}', b'"s"}'))[2] == ev.PatientReferred(R, S)
    assert get_type_hints(ev.PatientReferred)["overridden"] == tuple[ReasonCode, ...]
