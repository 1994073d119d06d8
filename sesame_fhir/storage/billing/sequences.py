"""``SequenceStore``: facts of sequences as their pathways tell them; those to be claimed are found along an index."""

from collections.abc import Iterator, Sequence

from sesame_fhir.domain.billing.facts import SequenceFacts
from sesame_fhir.domain.ids import PathwayId, SiteId
from sesame_fhir.services.billing.records import CandidateQuery, Candidates
from sesame_fhir.storage.billing.bodies import FACTS
from sesame_fhir.storage.billing.walking import NUL, PAGE, marks, walked, within
from sesame_fhir.storage.session import Database, Row, Session, Value

_FREE = """
SELECT pathway_id, rank, body FROM billing_sequence
WHERE NOT claimed AND (pathway_id, rank) > (?, ?) AND ends_on <= ?"""
_BEGINNING = ("", 0)
_KNOWN = """
SELECT s.pathway_id, s.rank, s.body FROM pathway p JOIN billing_sequence s ON s.pathway_key = p.pathway_key
WHERE p.pathway_id"""
_ALL = "SELECT pathway_id, rank, body, pathway_key FROM billing_sequence WHERE (pathway_key, rank) > (?, ?)"


class Sequences:
    """The sequences of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def candidates(self, query: CandidateQuery) -> Candidates:
        """One page of sequences that are not claimed, by pathway and rank."""
        found = self._database.read(lambda session: free(session, query))
        page = found[: query.limit]
        last = page[-1] if len(found) > query.limit else None
        return Candidates(tuple(map(_facts, page)), None if last is None else (last[0], last[1]))

    def sequence(self, pathway_id: PathwayId, rank: int) -> SequenceFacts | None:
        """One sequence, claimed or not."""
        return self.sequences([(pathway_id, rank)]).get((pathway_id, rank))

    def sequences(self, keys: Sequence[tuple[PathwayId, int]]) -> dict[tuple[PathwayId, int], SequenceFacts]:
        """Sequences by pathway and rank, those that are there."""
        wanted, ids = set(keys), sorted({pathway_id for pathway_id, _ in keys if NUL not in pathway_id})
        if not ids:
            return {}
        sql = f"{_KNOWN} IN ({marks(ids)})"
        rows = self._database.read(lambda session: session.rows(sql, ids))
        return {(row[0], row[1]): _facts(row) for row in rows if (row[0], row[1]) in wanted}

    def all_sequences(self, sites: frozenset[SiteId] | None) -> Iterator[SequenceFacts]:
        """Every sequence, claimed or not, oldest pathway first, fetched by pages."""
        condition, at = within(sites)
        sql = f"{_ALL}{condition} ORDER BY pathway_key, rank LIMIT ?"

        def page(session: Session, last: Row | None) -> list[Row]:
            after = (0, 0) if last is None else (last[3], last[1])
            return session.rows(sql, (*after, *at, PAGE))

        return map(_facts, walked(self._database, page))


def free(session: Session, query: CandidateQuery) -> list[Row]:
    """Pathway, rank and body of the next page's sequences, and of one more; all is told by one index but the body."""
    sql = _FREE if query.unfinished else f"{_FREE} AND finished"
    condition, at = within(query.sites)
    params: list[Value] = [*(query.after or _BEGINNING), query.until.isoformat(), *at, query.limit + 1]
    return session.rows(f"{sql}{condition} ORDER BY pathway_id, rank LIMIT ?", params)


def _facts(row: Row) -> SequenceFacts:
    return FACTS.read(row[2], row[0], row[1])
