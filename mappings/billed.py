"""What a pathway publishes of its billing, and of it what a command changed: coverage, claims, the payer's answers.

A claim stays published whatever becomes of it. One that was made before this software made the claims has no terms, so
nothing is published of it.
"""

from collections.abc import Iterator

from mappings.claim import claim
from mappings.claim_response import claim_response, paid_answer
from mappings.coverage import coverage
from sesame_fhir.domain.billing.claims import Claim
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.fhir.json_types import Json


def claims(before: Pathway, after: Pathway) -> Iterator[Json]:
    """Claims and answers that are other ones after than before."""
    if before.claims is after.claims:
        return
    known = {one.claim_id: one for one in before.claims}
    for made in after.claims:
        old = known.get(made.claim_id)
        if made.terms is None or old is made:
            continue
        if old is None or old.cancelled is not made.cancelled:
            yield claim(after.pathway_id, made)
        for number in _answers(old, made):
            yield claim_response(after.pathway_id, made, number)


def coverages(before: Pathway, after: Pathway) -> Iterator[Json]:
    """The coverage as recorded; one that says only who pays when a claim refers to it and nothing was recorded."""
    new = after.coverage is not None or _referred_to(after)
    if new and (before.coverage is not after.coverage or not (before.coverage or _referred_to(before))):
        yield coverage(after.pathway_id, after.coverage)


def _referred_to(pathway: Pathway) -> bool:
    return any(claim.terms is not None for claim in pathway.claims)


def _answers(old: Claim | None, made: Claim) -> Iterator[int]:
    """Numbers of the answers that are new, or that carry another payment than before."""
    before, carried = ((), None) if old is None else (old.answers, paid_answer(old))
    carries = paid_answer(made)
    moved = old is None or old.payments is not made.payments or carried != carries
    for number in range(1, len(made.answers) + 1):
        if number > len(before) or (moved and number in {carried, carries}):
            yield number
