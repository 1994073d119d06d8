"""The keys of a patient: an open pathway holds its own alone, closed ones are remembered by theirs."""

from collections.abc import Iterable, Sequence

from sesame_fhir.domain.ids import PathwayId
from sesame_fhir.storage.session import Session

_HELD = "SELECT key_text FROM patient_key WHERE pathway_key = ?"
_HOLD = "INSERT INTO patient_key (key_text, pathway_key) VALUES (?, ?) ON CONFLICT (key_text) DO NOTHING"
_FREE = "DELETE FROM patient_key WHERE key_text = ? AND pathway_key = ?"
_HOLDER = "SELECT p.pathway_id FROM patient_key k JOIN pathway p ON p.pathway_key = k.pathway_key WHERE k.key_text = ?"
_FORMER = "SELECT key_text, closed_at FROM former_key WHERE pathway_key = ?"
_REMEMBER = "INSERT INTO former_key (key_text, pathway_key, closed_at) VALUES (?, ?, ?)"
_FORGET = "DELETE FROM former_key WHERE pathway_key = ?"
_LATEST = """
SELECT k.closed_at, k.pathway_key, p.pathway_id FROM former_key k
JOIN pathway p ON p.pathway_key = k.pathway_key WHERE k.key_text = ?"""


class KeyTaken(Exception):  # noqa: N818  an answer to the caller, who turns it into a conflict
    """Another open pathway, ``holder``, is known by a key of this patient."""

    def __init__(self, holder: PathwayId) -> None:
        super().__init__(holder)
        self.holder = holder


def find_open(session: Session, keys: Sequence[str]) -> PathwayId | None:
    """The open pathway known by any of these keys, the strongest (first) key that finds one wins."""
    found = (session.row(_HOLDER, (key,)) for key in keys)
    return next((PathwayId(row[0]) for row in found if row is not None), None)


def find_previous(session: Session, keys: Sequence[str]) -> PathwayId | None:
    """The pathway that was closed last among those known by any of these keys when they were closed."""
    found = [row for key in dict.fromkeys(keys) for row in session.rows(_LATEST, (key,))]
    return PathwayId(max(found)[2]) if found else None


def hold_keys(session: Session, pathway_key: int, keys: Sequence[str]) -> None:
    """Make the pathway known by these keys (none once it is closed), strongest first.

    A weaker key that another open pathway holds stays there (a record merged in the EHR). Raises KeyTaken for the
    strongest one.
    """
    held = {row[0] for row in session.rows(_HELD, (pathway_key,))}
    for key in held - set(keys):
        session.run(_FREE, (key, pathway_key))
    for key in dict.fromkeys(keys):
        if key in held:
            continue
        if not session.run(_HOLD, (key, pathway_key)) and key == keys[0]:
            holder = session.row(_HOLDER, (key,))
            raise KeyTaken(PathwayId("" if holder is None else holder[0]))


def remember_keys(session: Session, pathway_key: int, keys: Iterable[str], closed_at: int | None) -> None:
    """Remember a closed pathway by its keys; with ``closed_at`` None it is open, and there is nothing to remember."""
    wanted = set() if closed_at is None else {(key, closed_at) for key in keys}
    if {(row[0], row[1]) for row in session.rows(_FORMER, (pathway_key,))} == wanted:
        return
    session.run(_FORGET, (pathway_key,))
    session.run_many(_REMEMBER, [(key, pathway_key, at) for key, at in sorted(wanted)])


def closed_since(session: Session, pathway_key: int) -> int | None:
    """When the pathway was closed, None when it is open (or left without any key)."""
    row = session.row(_FORMER, (pathway_key,))
    return None if row is None else row[1]
