"""The dossier of a claim: everything that an inspection asks, from the patient's events alone, and checked again.

Both ways: from a claim to each of its proofs, and from a proof (a contact, a screening, a review, a consent) to the
claims that it proves. No clinical text, no score.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.billing.claims import Claim
from sesame_fhir.domain.billing.decision import RULE_VERSION, decide
from sesame_fhir.domain.billing.facts import SequenceFacts, digest
from sesame_fhir.domain.billing.ledger import Posting, postings
from sesame_fhir.domain.billing.terms import stale
from sesame_fhir.domain.calendar import local_day
from sesame_fhir.domain.ids import PathwayId, SiteId
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.services.billing.proof import (
    Correction,
    Deed,
    Proof,
    Subject,
    claims_proved_by,
    corrections,
    deed_of,
    facts_of,
    life_of,
    proofs,
    sequence_deeds,
    states,
    subject_of,
)
from sesame_fhir.services.billing.records import Batch, StoredScheme
from sesame_fhir.services.billing.setting import Billing, Coordinator
from sesame_fhir.services.errors import NotFound


@dataclass(frozen=True, slots=True)
class Checked:
    """The claim decided once more on the facts as its events tell them up to it.

    digest: of those facts; ``same_facts``: it is the one that the claim's terms hold. amount: euros by the rules and
    the scheme's version of then; None when another version of the rules decided, or the scheme is not there any more.
    """

    digest: str
    same_facts: bool
    amount: Decimal | None
    same_amount: bool | None


@dataclass(frozen=True, slots=True)
class Dossier:
    """One claim with all that it rests on and all that became of it.

    attempts: every claim of the sequence at the coordinator's sites, this one among them, in their order; of another
    site nothing is told, as in ``proofs``. steps: the claim's own events.
    sequence: the events that began, prolonged and ended it.
    checked: None for a claim without terms. stale: the facts changed since, and nobody has confirmed or cancelled it.
    """

    pathway_id: PathwayId
    site: SiteId
    claim: Claim
    stale: bool
    attempts: tuple[Claim, ...]
    batch: Batch | None
    scheme: StoredScheme | None
    steps: tuple[Deed, ...]
    proofs: tuple[Proof, ...]
    checked: Checked | None
    corrections: tuple[Correction, ...]
    postings: tuple[Posting, ...]
    sequence: tuple[Deed, ...] = ()


@dataclass(frozen=True, slots=True)
class Proved:
    """One proof seen from its own side: the claims it stands for. ``deeds``: the events that made it, oldest first."""

    pathway_id: PathwayId
    subject: Subject
    deeds: tuple[Deed, ...]
    claims: tuple[Claim, ...]


def dossier(billing: Billing, who: Coordinator, claim_id: str) -> Dossier:
    """Gather the dossier of a claim.

    Raises:
        NotFound: no such claim.
        Refused: the role may not see billing, or the claim's site is out of reach.
    """
    who.may("view-billing")
    row = billing.stores.claims.claim(claim_id)
    if row is None:
        raise NotFound(claim_id)
    history = billing.engine.pathways.history(row.pathway_id)
    found = _gather(billing, row.pathway_id, claim_id, history, who)
    who.may("view-billing", found.site)
    return found


def proved(billing: Billing, who: Coordinator, pathway_id: PathwayId, subject: Subject) -> Proved:
    """Which claims a contact, a screening, a review or a consent proves.

    Raises:
        NotFound: no such pathway, or nothing in it with this id.
        Refused: the role may not see billing, or the pathway's site is out of reach.
    """
    who.may("view-billing")
    history = billing.engine.pathways.history(pathway_id)
    deeds = tuple(deed_of(event) for event in history if subject_of(event.data) == subject)
    if not deeds:
        raise NotFound(pathway_id)
    pathway = billing.engine.load(pathway_id)
    ids = claims_proved_by(pathway.claims, subject)
    claims = tuple(claim for claim in _in_reach(pathway, who) if claim.claim_id in ids)
    # A claim of a site in reach shows its proofs, wherever the patient is followed now.
    if not claims:
        who.may("view-billing", *_here(pathway))
    return Proved(pathway_id, subject, deeds, claims)


def _in_reach(pathway: Pathway, who: Coordinator) -> tuple[Claim, ...]:
    """The patient's claims of the coordinator's sites, and those from before this software, which name no site."""
    return tuple(claim for claim in pathway.claims if claim.terms is None or claim.terms.site in who.sites)


def _here(pathway: Pathway) -> tuple[SiteId, ...]:
    return () if pathway.site is None else (pathway.site,)


def _gather(
    billing: Billing, pathway_id: PathwayId, claim_id: str, history: Sequence[ev.Event], who: Coordinator
) -> Dossier:
    steps = list(states(pathway_id, history))
    pathway = steps[-1][2] if steps else Pathway(pathway_id)
    claim = pathway.claim(claim_id)
    if claim is None:
        raise NotFound(claim_id)
    life = life_of(claim_id, history)
    made, terms = life[0].sequence, claim.terms
    then, now = facts_of(steps[made - 1][0], claim.rank), facts_of(pathway, claim.rank)
    scheme = None if terms is None else _scheme(billing, terms)
    claims = _in_reach(pathway, who)
    return Dossier(
        pathway_id=pathway_id,
        site=_site(pathway, claim, now),
        claim=claim,
        stale=now is not None and stale(claim, now),
        attempts=tuple(one for one in claims if one.rank == claim.rank),
        batch=None if terms is None else billing.stores.batches.batch(terms.batch_id),
        scheme=scheme,
        steps=tuple(map(deed_of, life)),
        proofs=() if terms is None else tuple(proofs(terms.evidence, history, made, claims)),
        checked=None if then is None else _checked(claim, then, scheme),
        corrections=tuple(corrections(steps, claim.rank, made)),
        postings=tuple(
            posting for before, event, _ in steps for posting in postings(before, event) if posting.claim_id == claim_id
        ),
        sequence=sequence_deeds(history, claim.rank),
    )


def _site(pathway: Pathway, claim: Claim, now: SequenceFacts | None) -> SiteId:
    if claim.terms is not None:
        return claim.terms.site
    if now is None:
        raise NotFound(pathway.pathway_id)
    return now.site


def _scheme(billing: Billing, terms: ev.ClaimTerms) -> StoredScheme | None:
    """The version that decided: once a claim has used it, it has no later revision."""
    versions = [
        one
        for one in billing.stores.schemes.history()
        if (one.scheme.scheme_id, one.scheme.version) == (terms.scheme_id, terms.scheme_version)
    ]
    return max(versions, key=lambda one: one.revision, default=None)


def _checked(claim: Claim, then: SequenceFacts, scheme: StoredScheme | None) -> Checked | None:
    if claim.terms is None:
        return None
    found, amount = digest(then), None
    if scheme is not None and claim.terms.rule_version == RULE_VERSION:
        amount = decide(then, (scheme.scheme,), local_day(claim.billed_at)).amount
    same = None if amount is None else amount == claim.terms.amount
    return Checked(found, found == claim.terms.digest, amount, same)
