"""The product's books of a billed programme, in the form of ``independent.Books``; and the patients' lives as told."""

import tomllib
from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.billing.claims import ClaimStatus
from sesame_fhir.domain.billing.ledger import Movement
from sesame_fhir.domain.billing.money import cents
from sesame_fhir.services.billing.records import ClaimQuery
from sesame_fhir.storage import Store
from tests.programme.independent import Books, Told, told
from tests.programme.run import SCHEME, months

_LONG_AGO, _FAR = date(2000, 1, 1), date(2100, 1, 1)


def plain_scheme() -> Mapping[str, Any]:
    """The scheme file as plain values."""
    found: Mapping[str, Any] = tomllib.loads(SCHEME.read_text(encoding="utf-8"))["scheme"][0]
    return found


def plain_months() -> list[tuple[str, date]]:
    """Months and their billing days."""
    return [(str(month), on) for month, on in months()]


def lives(store: Store) -> dict[str, list[Told]]:
    """Every patient's events as plain values, billing's own left out; where the patient was stands before them."""
    found: dict[str, list[Told]] = {}
    for key in store.pathways.pathway_ids():
        first, *_ = history = store.pathways.history(key)
        life = found[key] = [told("Site", first.recorded_at, first.occurred_at, {"site": first.site})]
        for event in history:
            if isinstance(event.data, ev.PathwayTransferred):
                life.append(told("Site", event.recorded_at, event.occurred_at, {"site": event.data.to_site}))
            if not isinstance(event.data, ev.SequenceBilled | ev.ClaimAnswered | ev.ClaimPaid | ev.ClaimCancelled):
                life.append(told(event.kind, event.recorded_at, event.occurred_at, msgspec.to_builtins(event.data)))
    return found


def books(store: Store) -> Books:
    """What the ledger and the claims say, by the month that was being billed."""
    made, label = Books(), {on.replace(day=1): str(month) for month, on in months()}
    by = {
        Movement.CLAIMED: made.claimed,
        Movement.REJECTED: made.rejected,
        Movement.CANCELLED: made.cancelled,
    }
    for posting in store.billing.ledger.postings(_LONG_AGO, _FAR):
        month, amount = label[posting.on.replace(day=1)], cents(posting.amount)
        if posting.movement in by:
            by[posting.movement][month] += amount
        made.claims[month] += posting.movement is Movement.CLAIMED
        if posting.movement in {Movement.SHARE_DUE, Movement.SHARE_WITHDRAWN}:
            made.share[month, posting.site] += amount if posting.movement is Movement.SHARE_DUE else -amount
    for status in set(ClaimStatus) - {ClaimStatus.REJECTED, ClaimStatus.CANCELLED}:
        for row in _claims(store, status):
            made.live[row[0], row[1]] = row[2]
    return made


def paid(store: Store) -> dict[str, int]:
    """Cents received, less those taken back, in each month that was being billed."""
    label, found = {on.replace(day=1): str(month) for month, on in months()}, defaultdict[str, int](int)
    for posting in store.billing.ledger.postings(_LONG_AGO, _FAR):
        if posting.movement in {Movement.PAID, Movement.TAKEN_BACK}:
            sign = 1 if posting.movement is Movement.PAID else -1
            found[label[posting.on.replace(day=1)]] += sign * cents(posting.amount)
    return dict(found)


def _claims(store: Store, status: ClaimStatus) -> list[tuple[str, int, int]]:
    found, after = list[tuple[str, int, int]](), None
    while page := store.billing.claims.claims(ClaimQuery(statuses=frozenset({status}), after=after)):
        found += [(row.pathway_id, row.claim.rank, cents(row.claim.amount)) for row in page]
        after = page[-1].claim.claim_id
    return found
