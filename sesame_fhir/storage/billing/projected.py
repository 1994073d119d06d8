"""Writing what billing sees of one pathway: facts of its sequences, its claims, what they did to the books.

What stands is read and compared: only what differs is written. A command appends: a pathway that has no sequence has
none to be taken away, and one without claims has none either, so most commands read nothing here; a rebuild looks.
"""
# ruff: noqa: S608  SQL is put together from fixed pieces of this package; every value is a parameter

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from sesame_fhir.domain.billing.claims import Claim
from sesame_fhir.domain.billing.facts import SequenceFacts, digest
from sesame_fhir.domain.billing.ledger import Posting
from sesame_fhir.domain.billing.money import cents
from sesame_fhir.domain.billing.terms import stale
from sesame_fhir.domain.calendar import local_day
from sesame_fhir.services.errors import AlreadyExists
from sesame_fhir.services.records import Projections
from sesame_fhir.storage.billing.bodies import CLAIM, FACTS
from sesame_fhir.storage.billing.ledger import POSTING
from sesame_fhir.storage.billing_schema import billing_sequence, claim, claim_payment
from sesame_fhir.storage.session import Session, Value

_SEQUENCE = tuple(c.name for c in billing_sequence.columns if c.name not in {"sequence_key", "pathway_key", "body"})
_CLAIM = tuple(c.name for c in claim.columns if c.name not in {"claim_key", "pathway_key", "body"})
_PAYMENT = tuple(c.name for c in claim_payment.columns if c.name not in {"claim_payment_key", "pathway_key"})
_SEQUENCES = f"SELECT {', '.join(_SEQUENCE)}, body FROM billing_sequence WHERE pathway_key = ?"
_CLAIMS = f"SELECT {', '.join(_CLAIM)}, body FROM claim WHERE pathway_key = ?"
_PAYMENTS = f"SELECT {', '.join(_PAYMENT)} FROM claim_payment WHERE pathway_key = ?"
_POSTINGS = f"SELECT {POSTING.names} FROM ledger_posting WHERE pathway_key = ?"
_RANK, _CLAIM_ID, _LIVE = _SEQUENCE.index("rank"), _CLAIM.index("claim_id"), _CLAIM.index("live")
_FORGET_SEQUENCE = "DELETE FROM billing_sequence WHERE pathway_key = ? AND rank = ?"
_FORGET_CLAIM = "DELETE FROM claim WHERE pathway_key = ? AND claim_id = ?"
_FORGET_PAYMENT = "DELETE FROM claim_payment WHERE pathway_key = ? AND claim_id = ? AND number = ?"
_FORGET_POSTING = "DELETE FROM ledger_posting WHERE posting_id = ?"

_Values = tuple[Value, ...]


def write_billing(session: Session, pathway_key: int, projections: Projections, postings: Sequence[Posting]) -> None:
    """Make the rows say what the last of some commands left; ``postings`` are those of all of them.

    Raises:
        AlreadyExists: the id of a claim is another pathway's.
    """
    if projections.sequences:
        _write_sequences(session, pathway_key, projections)
    if projections.claims:
        _write_claims(session, pathway_key, projections)
    if postings:
        _insert_postings(session, pathway_key, postings)


def replace_billing(session: Session, pathway_key: int, projections: Projections, postings: Sequence[Posting]) -> None:
    """Make every row anew that differs; ``postings`` are those of the pathway's whole life. Raises as above."""
    _write_sequences(session, pathway_key, projections)
    _write_claims(session, pathway_key, projections)
    wanted = {one.posting_id: tuple(POSTING.values(one).values()) for one in postings}
    stands = {row[0]: row for row in session.rows(_POSTINGS, (pathway_key,))}
    session.run_many(_FORGET_POSTING, [(name,) for name, row in stands.items() if wanted.get(name) != row])
    missing = [one for one in postings if stands.get(one.posting_id) != wanted[one.posting_id]]
    _insert_postings(session, pathway_key, missing)


def _write_sequences(session: Session, pathway_key: int, projections: Projections) -> None:
    stands = {row[_RANK]: row for row in session.rows(_SEQUENCES, (pathway_key,))}
    wanted = {facts.rank: facts for facts in projections.sequences}
    session.run_many(_FORGET_SEQUENCE, [(pathway_key, rank) for rank in stands if rank not in wanted])
    for rank, facts in wanted.items():
        old, plain = stands.get(rank), FACTS.plain(facts)
        values = _sequence_values(facts)
        if old is None:
            row = (pathway_key, *values, FACTS.stored(plain, facts.pathway_id, rank))
            session.run(_insert("billing_sequence", (*_SEQUENCE, "body")), row)
            continue
        changed = _differences(_SEQUENCE, values, old)
        if FACTS.opened(old[-1], facts.pathway_id, rank) != plain:
            changed["body"] = FACTS.stored(plain, facts.pathway_id, rank)
        if changed:
            sql = _update("billing_sequence", tuple(changed), "rank")
            session.run(sql, (*changed.values(), pathway_key, rank))


def _sequence_values(facts: SequenceFacts) -> _Values:
    ends_on = (facts.end or facts.planned_end).isoformat()
    done, claimed = facts.end is not None, facts.live_claim is not None
    return facts.pathway_id, facts.rank, facts.site, ends_on, done, claimed, digest(facts)


def _write_claims(session: Session, pathway_key: int, projections: Projections) -> None:
    stands = {row[_CLAIM_ID]: row for row in session.rows(_CLAIMS, (pathway_key,))}
    rows = {str(row[_CLAIM_ID]): row for row in _claim_rows(projections)}
    claims = {one.claim_id: one for one in projections.claims}
    if not stands and not rows:
        return
    session.run_many(_FORGET_CLAIM, [(pathway_key, name) for name in stands if name not in rows])
    # Those that hold nothing any more come first: a sequence has one live claim at every moment.
    for name, values in sorted(rows.items(), key=lambda pair: bool(pair[1][_LIVE])):
        _write_claim(session, pathway_key, claims[name], values, stands.get(name))
    _write_payments(session, pathway_key, projections.claims)


def _write_claim(session: Session, pathway_key: int, made: Claim, values: _Values, old: Sequence[Value] | None) -> None:
    plain = CLAIM.plain(made)
    if old is None:
        insert = _insert("claim", (*_CLAIM, "body")) + " ON CONFLICT (claim_id) DO NOTHING"
        if not session.run(insert, (pathway_key, *values, CLAIM.stored(plain, made.claim_id, made.rank))):
            raise AlreadyExists(made.claim_id)
        return
    changed = _differences(_CLAIM, values, old)
    body = old[-1]
    if not isinstance(body, bytes) or CLAIM.opened(body, made.claim_id, made.rank) != plain:
        changed["body"] = CLAIM.stored(plain, made.claim_id, made.rank)
    if changed:
        session.run(_update("claim", tuple(changed), "claim_id"), (*changed.values(), pathway_key, made.claim_id))


def _claim_rows(projections: Projections) -> Iterator[_Values]:
    facts = {one.rank: one for one in projections.sequences}
    last = {one.rank: one.claim_id for one in projections.claims}
    for one in projections.claims:
        own, terms = facts.get(one.rank), one.terms
        where = terms or own
        yield (
            projections.caseload.pathway_id,
            one.claim_id,
            one.rank,
            *((None, None) if terms is None else (terms.attempt, terms.batch_id)),
            projections.caseload.site if where is None else where.site,
            *((None,) * 3 if terms is None else (terms.biller.biller_id, terms.scheme_id, terms.scheme_version)),
            one.status.value,
            cents(one.amount),
            0 if terms is None else cents(terms.share),
            local_day(one.billed_at).isoformat(),
            one.live,
            own is not None and stale(one, own),
            not one.live and last[one.rank] != one.claim_id,
        )


def _write_payments(session: Session, pathway_key: int, claims: Iterable[Claim]) -> None:
    wanted = {
        (one.claim_id, number, paid.payment_id, cents(paid.amount))
        for one in claims
        for number, paid in enumerate(one.payments, start=1)
    }
    stands = set(session.rows(_PAYMENTS, (pathway_key,)))
    session.run_many(_FORGET_PAYMENT, [(pathway_key, row[0], row[1]) for row in stands - wanted])
    session.run_many(_insert("claim_payment", _PAYMENT), [(pathway_key, *row) for row in sorted(wanted - stands)])


def _insert_postings(session: Session, pathway_key: int, postings: Iterable[Posting]) -> None:
    session.run_many(
        _insert("ledger_posting", POSTING.fields), [(pathway_key, *POSTING.values(one).values()) for one in postings]
    )


def _differences(names: Sequence[str], values: _Values, old: Sequence[Value]) -> dict[str, Value]:
    pairs: Mapping[str, tuple[Value, Value]] = dict(zip(names, zip(values, old, strict=False), strict=True))
    return {name: value for name, (value, before) in pairs.items() if value != before}


@lru_cache(maxsize=256)
def _update(table: str, columns: tuple[str, ...], also: str) -> str:
    return f"UPDATE {table} SET {', '.join(f'{name} = ?' for name in columns)} WHERE pathway_key = ? AND {also} = ?"


@lru_cache(maxsize=16)
def _insert(table: str, columns: tuple[str, ...]) -> str:
    names = ("pathway_key", *columns)
    return f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
