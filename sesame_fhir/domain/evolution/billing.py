"""How claims, answers, payments and cancellations change a pathway's state."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.billing.claims import Cancellation, Claim
from sesame_fhir.domain.evolution.altered import altered
from sesame_fhir.domain.evolution.handler import Handler
from sesame_fhir.domain.pathway import Pathway


def _covered(p: Pathway, _e: ev.Event, d: ev.CoverageRecorded) -> Pathway:
    return altered(p, coverage=d)


def _billed(p: Pathway, e: ev.Event, d: ev.SequenceBilled) -> Pathway:
    claim = Claim(d.claim_id, d.rank, d.terms, e.occurred_at, e.actor)
    return _held(altered(p, claims=(*p.claims, claim)))


def _answered(p: Pathway, _e: ev.Event, d: ev.ClaimAnswered) -> Pathway:
    return _changed(p, d.claim_id, lambda claim: {"answers": (*claim.answers, d)})


def _paid(p: Pathway, _e: ev.Event, d: ev.ClaimPaid) -> Pathway:
    return _changed(p, d.claim_id, lambda claim: {"payments": (*claim.payments, d)})


def _cancelled(p: Pathway, e: ev.Event, d: ev.ClaimCancelled) -> Pathway:
    taken_back = Cancellation(d.reason, d.note, e.occurred_at, e.actor)
    return _changed(p, d.claim_id, lambda _: {"cancelled": taken_back})


def _confirmed(p: Pathway, _e: ev.Event, d: ev.ClaimConfirmed) -> Pathway:
    return _changed(p, d.claim_id, lambda claim: {"confirmed": (*claim.confirmed, d.digest)})


def _changed(p: Pathway, claim_id: str, changes: Any) -> Pathway:
    claims = tuple(replace(c, **changes(c)) if c.claim_id == claim_id else c for c in p.claims)
    return _held(altered(p, claims=claims))


def _held(p: Pathway) -> Pathway:
    """Say of each sequence which live claim holds it."""
    live = {claim.rank: claim for claim in p.claims if claim.live}
    return altered(
        p,
        sequences=tuple(
            replace(s, claim_id=live[s.rank].claim_id, billed_at=live[s.rank].billed_at)
            if s.rank in live
            else replace(s, claim_id=None, billed_at=None)
            for s in p.sequences
        ),
    )


HANDLERS: Mapping[type, Handler] = {
    ev.CoverageRecorded: _covered,
    ev.SequenceBilled: _billed,
    ev.ClaimAnswered: _answered,
    ev.ClaimPaid: _paid,
    ev.ClaimCancelled: _cancelled,
    ev.ClaimConfirmed: _confirmed,
}
