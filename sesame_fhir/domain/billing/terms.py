"""From a decision to the terms of a claim, and from a claim back to the facts: does it still say what they say?"""

from collections.abc import Iterator

from sesame_fhir.domain.billing.claims import Claim
from sesame_fhir.domain.billing.decision import RULE_VERSION, BillingReason, Decision, Verdict
from sesame_fhir.domain.billing.facts import SequenceFacts, digest
from sesame_fhir.domain.billing.scheme import BillingScheme
from sesame_fhir.domain.events.billing import ClaimTerms, Evidence, EvidenceKind


def terms_of(facts: SequenceFacts, decision: Decision, batch_id: str) -> ClaimTerms:
    """The terms of the claim to make, as decided; ``decision`` is of these ``facts``.

    Its proof is what the scheme asks for and nothing more: the contacts that count, the instruments and the reviews of
    the sequence, the consents that the scheme needs. Raises ValueError when the sequence is not billable.
    """
    scheme, biller, tariff = decision.scheme, decision.biller, decision.tariff
    billable = decision.verdict is Verdict.BILLABLE and facts.end is not None
    if not billable or scheme is None or biller is None or tariff is None or facts.end is None:
        raise ValueError(f"sequence {facts.rank} of {facts.pathway_id} is not billable")
    return ClaimTerms(
        scheme_id=scheme.scheme_id,
        scheme_version=scheme.version,
        biller=biller.identity,
        batch_id=batch_id,
        attempt=facts.attempt,
        site=facts.site,
        start=facts.start,
        planned_end=facts.planned_end,
        end=facts.end,
        interrupted=facts.interrupted,
        tariff=tariff.amount,
        amount=decision.amount,
        share=decision.share,
        reasons=tuple(map(as_text, decision.supporting)),
        rule_version=RULE_VERSION,
        digest=digest(facts),
        beneficiary=facts.beneficiary,
        evidence=tuple(_proof(facts, scheme)),
        team=facts.team,
        problem=facts.problem,
        coverage=facts.coverage,
        replaces=facts.claims[-1].claim_id if facts.claims else None,
    )


def as_text(reason: BillingReason) -> str:
    """A reason as terms and exports write it: ``enough-contacts:6/4``."""
    return reason.code if reason.detail is None else f"{reason.code}:{reason.detail}"


def stale(claim: Claim, facts: SequenceFacts) -> bool:
    """True for a standing claim whose facts are not those it was decided on, nor any that the coordinator let stand."""
    if claim.terms is None or not claim.live:
        return False
    now = digest(facts)
    return now != claim.terms.digest and now not in claim.confirmed


def _proof(facts: SequenceFacts, scheme: BillingScheme) -> Iterator[Evidence]:
    for one in facts.evidence:
        if one.kind is EvidenceKind.CONTACT and not scheme.counts(one.code):
            continue
        if one.kind is EvidenceKind.CONSENT and one.reference not in scheme.consents:
            continue
        yield one
