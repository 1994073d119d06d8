"""What billing needs of one sequence: taken from a pathway's state, now or as it was on an earlier day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from sesame_fhir.domain.billing.claims import Claim
from sesame_fhir.domain.calendar import local_day
from sesame_fhir.domain.consents import stood_on
from sesame_fhir.domain.course import Sequence
from sesame_fhir.domain.events.billing import CoverageRecorded, Evidence, EvidenceKind
from sesame_fhir.domain.events.care import Problem, TeamMember
from sesame_fhir.domain.events.screening import PatientTraits
from sesame_fhir.domain.events.vocabulary import ConsentPurpose, ConsentStatus
from sesame_fhir.domain.ids import PathwayId, SiteId
from sesame_fhir.domain.pathway import Pathway


@dataclass(frozen=True, slots=True)
class ConsentFact:
    """What stood for one purpose on the sequence's last day, and since when; what stands, while the sequence runs.

    A consent that stood at any moment of the last day counts (``domain.consents.stood_on``): taken back on that day or
    after it, it does not undo what was done; given after it, it does not make up for it.
    """

    purpose: ConsentPurpose
    status: ConsentStatus
    since: date


@dataclass(frozen=True, slots=True)
class ClaimFact:
    """An earlier or present claim of the sequence, made ``on`` a day; ``digest`` is of the facts it was decided on."""

    claim_id: str
    attempt: int
    on: date
    live: bool
    digest: str | None = None
    confirmed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SequenceFacts:
    """One sequence as billing sees it; ``end`` None while it runs.

    ``site``: the hosting centre, where the pathway stood at the end of the sequence's last day: the centre that took a
    patient over in mid-sequence has the whole of it. A pathway that was merged into another keeps its own sequences.
    """

    pathway_id: PathwayId
    site: SiteId
    rank: int
    start: date
    planned_end: date
    end: date | None
    interrupted: bool
    beneficiary: PatientTraits
    evidence: tuple[Evidence, ...] = ()
    consents: tuple[ConsentFact, ...] = ()
    coverage: CoverageRecorded | None = None
    team: tuple[TeamMember, ...] = ()
    problem: Problem | None = None
    claims: tuple[ClaimFact, ...] = ()

    @property
    def contacts(self) -> tuple[Evidence, ...]:
        """Contacts held in the sequence, in their order."""
        return tuple(one for one in self.evidence if one.kind is EvidenceKind.CONTACT)

    @property
    def live_claim(self) -> ClaimFact | None:
        """The claim that holds the sequence."""
        return next((claim for claim in self.claims if claim.live), None)

    @property
    def attempt(self) -> int:
        """Which attempt the next claim would be, from 1."""
        return max((claim.attempt for claim in self.claims), default=0) + 1


def digest(facts: SequenceFacts) -> str:
    """SHA-256 of what a claim's decision and proof rest on; other claims, the team and the names are not among it.

    It is kept with every claim ever made and compared with the facts of later: what it is made of does not change, or
    every claim would seem to wait for a correction.
    """
    ins = facts.beneficiary.ins
    parts = (
        *(facts.pathway_id, facts.site, str(facts.rank), facts.start.isoformat(), facts.planned_end.isoformat()),
        *(facts.end.isoformat() if facts.end else "", str(facts.interrupted), ins.nir if ins else ""),
        *(f"{e.kind}|{e.reference}|{e.on.isoformat()}|{e.code or ''}" for e in facts.evidence),
        *(f"{c.purpose}|{c.status}|{c.since.isoformat()}" for c in facts.consents),
    )
    return sha256("\n".join(parts).encode()).hexdigest()


def sequence_facts(pathway: Pathway) -> tuple[SequenceFacts, ...]:
    """Facts of every sequence of a pathway, by rank. Raises ValueError when the pathway has no identity yet."""
    if pathway.traits is None or pathway.site is None:
        raise ValueError(f"pathway {pathway.pathway_id} has not begun")
    return tuple(_facts(pathway, sequence) for sequence in pathway.sequences)


def _facts(pathway: Pathway, sequence: Sequence) -> SequenceFacts:
    assert pathway.traits is not None and pathway.site is not None  # noqa: S101, PT018  sequence_facts has asked
    return SequenceFacts(
        pathway_id=pathway.pathway_id,
        site=_site(pathway, sequence),
        rank=sequence.rank,
        start=sequence.start,
        planned_end=sequence.planned_end,
        end=sequence.end,
        interrupted=sequence.interrupted,
        beneficiary=pathway.traits,
        evidence=tuple(sorted(_evidence(pathway, sequence), key=lambda e: (e.on, e.kind, e.reference))),
        consents=tuple(_consents(pathway, sequence)),
        coverage=pathway.coverage,
        team=pathway.team,
        problem=None if pathway.assessment is None else pathway.assessment.data.problem,
        claims=tuple(map(_claim, (claim for claim in pathway.claims if claim.rank == sequence.rank))),
    )


def _site(pathway: Pathway, sequence: Sequence) -> SiteId:
    """Where the pathway stood at the end of the sequence's last day; where it stands, while the sequence runs."""
    assert pathway.site is not None  # noqa: S101  sequence_facts has asked
    if sequence.end is None:
        return pathway.site
    stood = [stay.site for stay in pathway.stays if local_day(stay.since) <= sequence.end]
    return stood[-1] if stood else pathway.stays[0].site


def _consents(pathway: Pathway, sequence: Sequence) -> Iterator[ConsentFact]:
    for purpose in sorted(pathway.consents):
        stood = pathway.consents[purpose] if sequence.end is None else stood_on(pathway, purpose, sequence.end)
        if stood is not None:
            yield ConsentFact(purpose, stood.status, local_day(stood.at))


def _claim(claim: Claim) -> ClaimFact:
    terms = claim.terms
    attempt, decided_on = (1, None) if terms is None else (terms.attempt, terms.digest)
    return ClaimFact(claim.claim_id, attempt, claim.billed_on, claim.live, decided_on, claim.confirmed)


def _evidence(pathway: Pathway, sequence: Sequence) -> Iterator[Evidence]:
    last = sequence.end or sequence.planned_end
    for contact in pathway.held_contacts:
        if contact.at is not None and sequence.start <= (day := local_day(contact.at)) <= last:
            yield Evidence(EvidenceKind.CONTACT, contact.contact_id, day, contact.task)
    for screening in pathway.screenings:
        if sequence.start <= (day := local_day(screening.taken_at)) <= last:
            yield Evidence(EvidenceKind.INSTRUMENT, screening.screening_id, day, screening.instrument)
    for review in pathway.reviews:
        if sequence.start <= (day := local_day(review.at)) <= last:
            yield Evidence(EvidenceKind.REVIEW, review.review_id, day)
    for stood in _consents(pathway, sequence):
        yield Evidence(EvidenceKind.CONSENT, stood.purpose, stood.since, stood.status)
