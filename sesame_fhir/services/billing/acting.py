"""Steps in claims' lives: deterministic commands, so that the same step again changes nothing; many at a time."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from uuid import NAMESPACE_URL, uuid5

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.access import Scope
from sesame_fhir.domain.ids import CommandId, SiteId
from sesame_fhir.domain.reasons import Refused
from sesame_fhir.services.billing.records import ClaimRow
from sesame_fhir.services.billing.setting import Billing, Coordinator, Progress
from sesame_fhir.services.billing.together import Act, run_together
from sesame_fhir.services.engine import Command
from sesame_fhir.services.errors import NotFound
from sesame_fhir.services.records import AuditEntry

_STEPS = uuid5(NAMESPACE_URL, "https://sesame-fhir.fr/ig/billing/step")
_TOGETHER = 100

Step = ev.ClaimAnswered | ev.ClaimPaid | ev.ClaimCancelled | ev.ClaimConfirmed

ACTIONS: dict[type[Step], str] = {
    ev.ClaimAnswered: "answer-claim",
    ev.ClaimPaid: "pay-claim",
    ev.ClaimCancelled: "cancel-claim",
    ev.ClaimConfirmed: "confirm-claim",
}
"""Step -> what it is in ``domain.access.ACTIONS``."""


def claim_in_reach(billing: Billing, who: Coordinator, claim_id: str) -> ClaimRow | None:
    """A claim at one of the coordinator's sites; None for any other, so that nothing is told of it."""
    row = billing.stores.claims.claim(claim_id)
    return None if row is None or site_of(row) not in who.sites else row


def needed_claim(billing: Billing, who: Coordinator, claim_id: str) -> ClaimRow:
    """The same. Raises NotFound when there is none."""
    row = claim_in_reach(billing, who, claim_id)
    if row is None:
        raise NotFound(claim_id)
    return row


def site_of(row: ClaimRow) -> SiteId | None:
    """The hosting centre; None for a claim that was recorded before this software made them: it has no terms."""
    return None if row.claim.terms is None else row.claim.terms.site


def command(billing: Billing, who: Coordinator, row: ClaimRow, step: Step, key: str) -> Command:
    """The command that adds a step; ``key`` is what makes it the same step (the payer's id of an answer, a payment)."""
    site = site_of(row)
    assert site is not None  # noqa: S101  claim_in_reach has asked
    return Command(
        CommandId(str(uuid5(_STEPS, f"{step.claim_id}|{type(step).__name__}|{key}"))),
        who.actor,
        site,
        billing.engine.clock.now(),
        scope=Scope(opened=frozenset({row.pathway_id})),
    )


def act(billing: Billing, who: Coordinator, row: ClaimRow, step: Step, key: str) -> Act:
    """The same, to be written together with others."""
    return Act(row.pathway_id, command(billing, who, row, step, key), ACTIONS[type(step)], lambda _pathway: (step,))


def take_all(billing: Billing, acts: Iterable[Act], count: int, progress: Progress) -> list[Refused | None]:
    """Add ``count`` steps, some at a time in one transaction; for each, the refusal that stood against it or None.

    Raises Conflict when others kept writing to a pathway: what was written stays, the same steps again do the rest.
    """
    outcomes: list[Refused | None] = []
    left = iter(acts)
    while together := list(islice(left, _TOGETHER)):
        outcomes += run_together(billing.engine, together)
        progress(len(outcomes), count)
    return outcomes


@dataclass(frozen=True, slots=True)
class Trace:
    """Something that is in no pathway, for the audit log: ``what`` was done under which action, and to what."""

    action: str
    what: str
    about: Mapping[str, str]
    site: SiteId | None = None


def trace(billing: Billing, who: Coordinator, one: Trace) -> None:
    """Say in the audit log what was done: a file brought, a payment or a share written down."""
    billing.engine.audit.record(
        AuditEntry(
            at=billing.engine.clock.now(),
            actor_id=who.actor.actor_id,
            role=who.actor.role.value,
            action=one.action,
            outcome="done",
            detail=one.what,
            site=one.site,
            extra=dict(one.about),
        )
    )
