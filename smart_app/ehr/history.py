"""What the record says about earlier scores, a psychiatric follow-up and an antidepressant.

These facts only pre-fill a form that the GP confirms, so each rule is simple and says None when in doubt. A follow-up
is "psychiatric" when a word of ``FollowUpRules.words`` occurs in the texts of an active EpisodeOfCare, CareTeam or
Condition, or of an Encounter of the last year, or when one of its codes is listed. "No"
needs every search answered in full.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal

from sesame_fhir.domain.instruments import INSTRUMENTS, InstrumentId
from sesame_fhir.fhir import canonical
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.services.snapshot import EarlierScore
from smart_app.ehr.searching import Found, list_of_objects, object_of

ATC = "http://www.whocc.no/atc"
ANTIDEPRESSANTS = "N06A"
"""ATC group of the antidepressants."""

TOTALS: dict[str, InstrumentId] = {i.total_loinc: i.id for i in INSTRUMENTS.values() if i.total_loinc is not None}
"""LOINC code of a total score to its instrument."""

FOLLOW_UP_FIELDS: dict[str, tuple[str, ...]] = {
    "EpisodeOfCare": ("type", "careManager", "managingOrganization", "team"),
    "CareTeam": ("name", "category", "participant", "managingOrganization"),
    "Condition": ("code", "note"),
    "Encounter": ("type", "serviceType", "participant", "serviceProvider"),
}
"""Where a follow-up shows: the types to search, and the fields to look at."""

_ENDED = frozenset({"finished", "cancelled", "entered-in-error", "inactive", "suspended", "planned", "onhold"})
_ENDED_CONDITION = frozenset({"inactive", "remission", "resolved"})
_USABLE = frozenset({"final", "amended", "corrected"})
_ISO_DAY_LENGTH = 10
_MOST_MEDICATIONS = 30
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class FollowUpRules:
    """What makes a follow-up psychiatric: words (lower case) in its texts, and ``system|code`` pairs."""

    words: tuple[str, ...] = ("psychiatr",)
    codes: frozenset[str] = frozenset()


def earlier_scores(found: Found) -> tuple[EarlierScore, ...]:
    """Totals of known instruments, newest first; values outside the instrument's range are not scores."""
    scores = [score for resource in found.resources if (score := _score(resource)) is not None]
    return tuple(sorted(scores, key=lambda s: s.at, reverse=True))


def psychiatric_follow_up(searches: Sequence[Found], rules: FollowUpRules) -> bool | None:
    """True when a search shows one, False when all were answered in full and none does."""
    if any(_is_psychiatric(resource, rules) for found in searches for resource in found.resources):
        return True
    return False if all(found.complete for found in searches) else None


def antidepressant(searches: Sequence[Found]) -> bool | None:
    """True for an active N06A; False when every search answered in full and every active drug has an ATC code."""
    drugs = [_atc_codes(r) for found in searches for r in found.resources if r.get("status") == "active"]
    if any(code.startswith(ANTIDEPRESSANTS) for codes in drugs for code in codes):
        return True
    certain = all(drugs) and all(found.complete for found in searches)
    return False if certain else None


def medication_names(searches: Sequence[Found]) -> tuple[str, ...]:
    """Active medications as the record words them, each once; a drug without a readable name is left out."""
    active = (r for found in searches for r in found.resources if r.get("status") == "active")
    names = (_concept_text(_medication(resource)) for resource in active)
    return tuple(dict.fromkeys(name for name in names if name))[:_MOST_MEDICATIONS]


def _concept_text(concept: Json) -> str:
    codings = list_of_objects(concept.get("coding"))
    texts = [concept.get("text"), *(c.get("display") for c in codings)]
    words = (" ".join(text.split()) for text in texts if isinstance(text, str))
    return next((text[:_LONGEST_NAME] for text in words if text), "")


def _score(resource: Json) -> EarlierScore | None:
    codings = list_of_objects(object_of(resource.get("code")).get("coding"))
    codes = [str(c.get("code")) for c in codings if c.get("system") == canonical.LOINC]
    instrument = next((TOTALS[code] for code in codes if code in TOTALS), None)
    at = _when(resource.get("effectiveDateTime") or resource.get("issued"))
    value = resource.get("valueInteger", object_of(resource.get("valueQuantity")).get("value"))
    if instrument is None or at is None or str(resource.get("status")) not in _USABLE:
        return None
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or value != int(value):
        return None
    total = int(value)
    return EarlierScore(instrument, total, at) if 0 <= total <= INSTRUMENTS[instrument].maximum else None


def _when(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        if len(value) == _ISO_DAY_LENGTH:
            return datetime.combine(date.fromisoformat(value), time(), UTC)
        parsed = datetime.fromisoformat(value)
        # "0001-01-01T00:00:00+01:00", some software's "no date", has no UTC time in the calendar.
        return parsed.astimezone(UTC) if parsed.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def _is_psychiatric(resource: Json, rules: FollowUpRules) -> bool:
    kind = str(resource.get("resourceType"))
    if _is_over(kind, resource):
        return False
    fields = [resource.get(name) for name in FOLLOW_UP_FIELDS.get(kind, ())]
    texts = " ".join(_texts(fields)).lower()
    return any(word in texts for word in rules.words) or not rules.codes.isdisjoint(_codes(fields))


def _is_over(kind: str, resource: Json) -> bool:
    if kind == "Condition":
        codings = list_of_objects(object_of(resource.get("clinicalStatus")).get("coding"))
        return any(str(c.get("code")) in _ENDED_CONDITION for c in codings)
    # A finished encounter of the last year still shows a follow-up; a cancelled one does not.
    status = str(resource.get("status"))
    return status in _ENDED and not (kind == "Encounter" and status in ("finished", "planned"))


def _texts(value: object) -> Iterator[str]:
    """Every human text below a value: strings that are not codes, systems or references."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, dict):
        for name, inner in value.items():
            if name not in ("system", "code", "reference", "url", "id") or not isinstance(inner, str):
                yield from _texts(inner)


def _codes(value: object) -> Iterator[str]:
    """Every coding below a value, as ``system|code``."""
    if isinstance(value, list):
        for item in value:
            yield from _codes(item)
    elif isinstance(value, dict):
        if isinstance(value.get("system"), str) and isinstance(value.get("code"), str):
            yield f"{value['system']}|{value['code']}"
        for inner in value.values():
            yield from _codes(inner)


def _atc_codes(resource: Json) -> list[str]:
    codings = list_of_objects(_medication(resource).get("coding"))
    return [str(c.get("code")) for c in codings if c.get("system") == ATC and c.get("code")]


def _medication(resource: Json) -> Json:
    """The CodeableConcept of the drug, in the resource or in what it contains."""
    reference = object_of(resource.get("medicationReference")).get("reference")
    if isinstance(reference, str) and reference.startswith("#"):
        contained = list_of_objects(resource.get("contained"))
        return next((object_of(c.get("code")) for c in contained if c.get("id") == reference[1:]), {})
    return object_of(resource.get("medicationCodeableConcept"))
