"""What proves a claim, by the events that say so: who did what, when it was, when it was recorded, what came after.

No clinical text and no score: a proof is that something took place, not what was said.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.actors import Actor
from sesame_fhir.domain.billing.claims import Claim
from sesame_fhir.domain.billing.facts import SequenceFacts, digest, sequence_facts
from sesame_fhir.domain.events.billing import Evidence, EvidenceKind
from sesame_fhir.domain.evolution import evolve
from sesame_fhir.domain.ids import EventId, PathwayId
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.services.billing.differences import Difference, differences

Subject = tuple[EvidenceKind, str]
"""What a proof is about: its kind and its id in the pathway (a consent's is its purpose)."""


@dataclass(frozen=True, slots=True)
class Deed:
    """An event as an inspection needs it. ``kind``: the event's; ``recorded_at``: when it was typed."""

    event_id: EventId
    number: int
    kind: str
    at: datetime
    recorded_at: datetime
    by: Actor


@dataclass(frozen=True, slots=True)
class Proof:
    """One evidence with the events that made it, oldest first, and the claims of its patient that it proves.

    ``later``: those of the deeds that were recorded after the claim was made.
    """

    evidence: Evidence
    deeds: tuple[Deed, ...]
    claims: tuple[str, ...]
    later: tuple[Deed, ...] = ()


@dataclass(frozen=True, slots=True)
class Correction:
    """An event after the claim that changed the facts it rests on. ``digest``: of the facts from then on."""

    deed: Deed
    differences: tuple[Difference, ...]
    digest: str


def deed_of(event: ev.Event) -> Deed:
    """What an inspection sees of an event."""
    return Deed(
        event.event_id, event.sequence, event.kind, event.occurred_at, event.recorded_at, event.actor
    )  # fmt: skip


def subject_of(data: ev.Payload) -> Subject | None:
    """The proof that an event is about; None for an event that proves nothing."""
    match data:
        case ev.ContactHeld(contact_id=contact) | ev.ContactCorrected(contact_id=contact):
            return EvidenceKind.CONTACT, contact
        case ev.ScreeningRecorded(screening_id=screening) | ev.ScreeningCorrected(screening_id=screening):
            return EvidenceKind.INSTRUMENT, screening
        case ev.CaseReviewed(review_id=review):
            return EvidenceKind.REVIEW, review
        case ev.ConsentRecorded(purpose=purpose):
            return EvidenceKind.CONSENT, purpose
        case _:
            return None


def proofs(
    evidence: Iterable[Evidence], history: Sequence[ev.Event], after: int, claims: Sequence[Claim]
) -> list[Proof]:
    """Each evidence with its deeds; ``after`` is the number of the event that made the claim."""
    deeds: dict[Subject, list[Deed]] = {}
    for event in history:
        if (subject := subject_of(event.data)) is not None:
            deeds.setdefault(subject, []).append(deed_of(event))
    return [_proof(one, deeds.get((one.kind, one.reference), []), after, claims) for one in evidence]


def _proof(evidence: Evidence, deeds: list[Deed], after: int, claims: Sequence[Claim]) -> Proof:
    return Proof(
        evidence,
        tuple(deeds),
        claims_proved_by(claims, (evidence.kind, evidence.reference)),
        tuple(deed for deed in deeds if deed.number > after),
    )


def claims_proved_by(claims: Iterable[Claim], subject: Subject) -> tuple[str, ...]:
    """Ids of the claims that name this among their evidence, in the order in which they were made."""
    return tuple(
        claim.claim_id
        for claim in claims
        if claim.terms is not None and any((one.kind, one.reference) == subject for one in claim.terms.evidence)
    )


def life_of(claim_id: str, history: Iterable[ev.Event]) -> tuple[ev.Event, ...]:
    """The events of a claim's own life, oldest first."""
    return tuple(
        event
        for event in history
        if isinstance(
            event.data, ev.SequenceBilled | ev.ClaimAnswered | ev.ClaimPaid | ev.ClaimCancelled | ev.ClaimConfirmed
        )
        and event.data.claim_id == claim_id
    )


def sequence_deeds(history: Iterable[ev.Event], rank: int) -> tuple[Deed, ...]:
    """The events that began, prolonged and ended a sequence."""
    return tuple(
        deed_of(event)
        for event in history
        if isinstance(event.data, ev.SequenceStarted | ev.SequenceExtended | ev.SequenceFinished)
        and event.data.rank == rank
    )


def states(pathway_id: PathwayId, history: Iterable[ev.Event]) -> Iterator[tuple[Pathway, ev.Event, Pathway]]:
    """Each event with the pathway before and after it."""
    before = Pathway(pathway_id)
    for event in history:
        after = evolve(before, event)
        yield before, event, after
        before = after


def facts_of(pathway: Pathway, rank: int) -> SequenceFacts | None:
    """What billing saw of one sequence of this state."""
    if pathway.traits is None or pathway.site is None:
        return None
    return next((facts for facts in sequence_facts(pathway) if facts.rank == rank), None)


def corrections(steps: Iterable[tuple[Pathway, ev.Event, Pathway]], rank: int, after: int) -> Iterator[Correction]:
    """Every event later than number ``after`` that changed the facts of a sequence, with what it changed."""
    for before, event, since in steps:
        if event.sequence <= after:
            continue
        old, new = facts_of(before, rank), facts_of(since, rank)
        if old is not None and new is not None and digest(old) != (now := digest(new)):
            yield Correction(deed_of(event), differences(old, new), now)
