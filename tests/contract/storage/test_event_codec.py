"""Every payload class comes back as it went in, type for type."""

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from pathlib import Path
from types import MappingProxyType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import msgspec
import orjson
import pytest

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.actors import Actor
from sesame_fhir.domain.identifiers import Ins, InsNature, Rpps
from sesame_fhir.domain.ids import ReferralId, ScreeningId
from sesame_fhir.domain.instruments import InstrumentId
from sesame_fhir.domain.reasons import ReasonCode
from sesame_fhir.storage.event_codec import dump_event, load_event
from tests.support.story import BINDING, COORDINATOR, GP, NURSE, TRAITS

AT = datetime(2026, 3, 29, 1, 59, 59, 999_999, tzinfo=UTC)
S, R = ScreeningId("s"), ReferralId("r")
ANSWERS = {"Q1": "LA6568-5", "Q2": "LA6571-9"}
NOTE = 'Texte « long », accents é à ü, emoji 🙂, "guillemets"\net une ligne \x7f'
WRITTEN_BY_0001: dict[str, Any] = orjson.loads(Path(__file__).with_name("written_by_0001.json").read_bytes())
RENAMED = {"CaseReviewed": {"recommendation": "summary"}, "RecommendationDecided": {"review_id": "recommendation_id"}}

OF_NOTE: tuple[ev.Payload, ...] = (
    ev.PatientIdentified(TRAITS, BINDING),
    ev.PatientIdentified(ev.PatientTraits("D’ÉTÉ", "Zoë", None, ev.Sex.UNKNOWN)),
    ev.ScreeningRecorded(S, InstrumentId.PHQ_9, "1.0.0", ANSWERS, 27, safety_flag=True),
    ev.ScreeningRecorded(S, InstrumentId.AUDIT_C, "1.0.0", MappingProxyType({}), None, safety_flag=False),
    ev.ScreeningCorrected(S, InstrumentId.GAD_7, "1.0.0", MappingProxyType(ANSWERS), 0, safety_flag=False),
    ev.EligibilityChecked(None, None, None, None, tuple(ReasonCode)),
    ev.PatientReferred(R, S, (ReasonCode.BELOW_THRESHOLD, ReasonCode.CRITERION_UNKNOWN), NOTE, NOTE),
    ev.SequenceFinished(4, date(2024, 2, 29), interrupted=True),
    ev.SequenceFinished(4, date(1, 1, 1)),
    ev.ContactPlanned("c", datetime(2026, 10, 25, 2, 30, tzinfo=timezone(timedelta(hours=2))), ev.ContactMode.PHONE),
)


def samples(kind: type[ev.Payload]) -> Iterator[ev.Payload]:
    """The shortest and the longest of a class, and one for each code of its fields."""
    hints = get_type_hints(kind)
    full = {field.name: value_of(hints[field.name]) for field in fields(kind)}
    required = {f.name for f in fields(kind) if f.default is MISSING and f.default_factory is MISSING}
    yield kind(**{name: value for name, value in full.items() if name in required})
    yield kind(**full)
    for name, hint in hints.items():
        if isinstance(hint, type) and issubclass(hint, Enum):
            yield from (kind(**full | {name: member}) for member in hint)


def value_of(asked: Any) -> Any:
    """Something of this type."""
    hint: Any = getattr(asked, "__supertype__", asked)
    if get_origin(hint) in {Union, UnionType}:
        return value_of(next(part for part in get_args(hint) if part is not type(None)))
    if get_origin(hint) is tuple:
        return (value_of(get_args(hint)[0]),) * 2
    if get_origin(hint) is Mapping:
        return ANSWERS
    if issubclass(hint, Enum):
        return list(hint)[-1]
    if is_dataclass(hint) and isinstance(hint, type):
        hints = get_type_hints(hint)
        return SPECIAL.get(hint) or hint(**{field.name: value_of(hints[field.name]) for field in fields(hint)})
    return PLAIN[hint]


PLAIN = {str: NOTE, int: 45, bool: True, date: date(2026, 2, 28), datetime: AT, Decimal: Decimal("300.10")}
SPECIAL: dict[Any, Any] = {Ins: Ins("2841276451089", InsNature.NIA), Rpps: GP.rpps}


@pytest.mark.parametrize("data", [*OF_NOTE, *(one for kind in ev.PAYLOADS.values() for one in samples(kind))], ids=repr)
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


@pytest.mark.parametrize(("kind", "body"), WRITTEN_BY_0001["bodies"])
def test_what_the_first_release_wrote_is_read_for_ever(kind: str, body: dict[str, Any]) -> None:
    """Every field comes back, some under another name; those added since take their defaults."""
    at, actor, loaded = load_event(kind, orjson.dumps(body))
    again = orjson.loads(dump_event(at, actor, loaded))
    assert again["occurred_at"] == body["occurred_at"]
    assert again["actor"] == body["actor"]
    old = {RENAMED.get(kind, {}).get(name, name): value for name, value in body["data"].items()}
    assert old.items() <= again["data"].items()
    assert loaded == type(loaded)(**{name: getattr(loaded, name) for name in old})
