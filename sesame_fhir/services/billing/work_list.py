"""What comes back to the coordinator: claims that the payer rejected and that have not been claimed again."""

from dataclasses import dataclass, replace

from sesame_fhir.domain.billing.claims import ClaimStatus
from sesame_fhir.domain.billing.decision import Decision, decide
from sesame_fhir.domain.billing.facts import SequenceFacts
from sesame_fhir.domain.calendar import local_day
from sesame_fhir.domain.events.billing import ClaimAnswered
from sesame_fhir.services.billing.assessing import schemes_of
from sesame_fhir.services.billing.records import ClaimQuery, ClaimRow
from sesame_fhir.services.billing.setting import Billing, Coordinator


@dataclass(frozen=True, slots=True)
class Rejected:
    """A rejected claim. ``answer``: the payer's, with its reasons. ``decision``: may the sequence be claimed again?"""

    row: ClaimRow
    answer: ClaimAnswered
    decision: Decision


@dataclass(frozen=True, slots=True)
class WorkPage:
    """Some of them, by claim; ``next`` is what to go on ``after``, None on the last page."""

    rows: tuple[Rejected, ...]
    next: str | None


def work_list(billing: Billing, who: Coordinator, *, after: str | None = None, limit: int = 100) -> WorkPage:
    """Rejected claims of the coordinator's sites whose sequence has not been claimed again.

    Raises:
        Refused: the role may not see billing.
    """
    who.may("view-billing")
    query = ClaimQuery(
        sites=who.sites, statuses=frozenset({ClaimStatus.REJECTED}), superseded=False, after=after, limit=limit
    )
    rows = billing.stores.claims.claims(query)
    found = tuple(Rejected(row, row.claim.answers[-1], decision_now(billing, row)) for row in rows)
    return WorkPage(found, rows[-1].claim.claim_id if len(rows) == limit else None)


def facts_now(billing: Billing, row: ClaimRow) -> SequenceFacts:
    """The sequence of a claim as it is now. Raises LookupError when the store has a claim without its sequence."""
    facts = billing.stores.sequences.sequence(row.pathway_id, row.claim.rank)
    if facts is None:
        raise LookupError(row.claim.claim_id)
    return facts


def decision_now(billing: Billing, row: ClaimRow) -> Decision:
    """What the rules say today of the claim's sequence, as if this claim did not hold it."""
    facts = facts_now(billing, row)
    claims = tuple(replace(one, live=one.live and one.claim_id != row.claim.claim_id) for one in facts.claims)

    return decide(replace(facts, claims=claims), schemes_of(billing), local_day(billing.engine.clock.now()))
