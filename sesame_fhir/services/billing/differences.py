"""What is not the same in two states of a sequence's facts: why a claim's digest is another one."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from sesame_fhir.domain.billing.facts import SequenceFacts
from sesame_fhir.domain.events.billing import Evidence, EvidenceKind


class Part(StrEnum):
    """Parts of the facts that a claim's digest covers (``domain.billing.facts.digest``)."""

    SITE = "site"
    START = "start"
    PLANNED_END = "planned-end"
    END = "end"
    INTERRUPTED = "interrupted"
    INS = "ins"
    CONTACT = "contact"
    INSTRUMENT = "instrument"
    REVIEW = "review"
    CONSENT = "consent"


@dataclass(frozen=True, slots=True)
class Difference:
    """One part that changed. ``before``, ``after``: a day, a code or both (``2025-03-04 follow-up``); None: not there.

    ``reference``: the evidence's, or the consent's purpose.
    """

    part: Part
    before: str | None
    after: str | None
    reference: str | None = None


def differences(before: SequenceFacts, after: SequenceFacts) -> tuple[Difference, ...]:
    """Everything that differs, in a fixed order; empty when both have the same digest."""
    return (*_values(before, after), *_evidence(before, after), *_consents(before, after))


def _values(before: SequenceFacts, after: SequenceFacts) -> Iterator[Difference]:
    for (part, old), new in zip(_plain(before).items(), _plain(after).values(), strict=True):
        if old != new:
            yield Difference(part, old, new)


def _plain(facts: SequenceFacts) -> dict[Part, str | None]:
    ins = facts.beneficiary.ins
    return {
        Part.SITE: facts.site,
        Part.START: facts.start.isoformat(),
        Part.PLANNED_END: facts.planned_end.isoformat(),
        Part.END: None if facts.end is None else facts.end.isoformat(),
        Part.INTERRUPTED: "true" if facts.interrupted else "false",
        Part.INS: None if ins is None else ins.value,
    }


def _evidence(before: SequenceFacts, after: SequenceFacts) -> Iterator[Difference]:
    old, new = _by_subject(before), _by_subject(after)
    for kind, reference in sorted(old.keys() | new.keys()):
        was, now = old.get((kind, reference)), new.get((kind, reference))
        if was != now:
            yield Difference(Part(kind), _told(was), _told(now), reference)


def _by_subject(facts: SequenceFacts) -> dict[tuple[EvidenceKind, str], Evidence]:
    """Evidence but consents, which have a part of their own."""
    return {(one.kind, one.reference): one for one in facts.evidence if one.kind is not EvidenceKind.CONSENT}


def _told(one: Evidence | None) -> str | None:
    return None if one is None else f"{one.on.isoformat()} {one.code or ''}".strip()


def _consents(before: SequenceFacts, after: SequenceFacts) -> Iterator[Difference]:
    old = {consent.purpose: f"{consent.since.isoformat()} {consent.status}" for consent in before.consents}
    new = {consent.purpose: f"{consent.since.isoformat()} {consent.status}" for consent in after.consents}
    for purpose in sorted(old.keys() | new.keys()):
        if old.get(purpose) != new.get(purpose):
            yield Difference(Part.CONSENT, old.get(purpose), new.get(purpose), purpose)
