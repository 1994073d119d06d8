"""Search and create through the facade, with one client and with many."""

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sesame_fhir.storage import open_store
from tests.bench import tokens
from tests.bench.load import drive, request
from tests.bench.seed import KEY
from tests.bench.server import Running

_PHQ9 = """
SELECT i.ref_id, b.content FROM resource r JOIN body b ON b.body_key = r.body_key
JOIN index_reference i ON i.resource_key = r.resource_key AND i.ref_type = 'Patient'
WHERE r.resource_type = 'QuestionnaireResponse' AND CAST(b.content AS TEXT) LIKE '%Questionnaire/phq-9%'
GROUP BY r.fhir_id ORDER BY r.fhir_id LIMIT ?"""


@dataclass(frozen=True, slots=True)
class Speed:
    """What one kind of request reached with so many clients."""

    name: str
    clients: int
    rate: float
    p50_ms: float
    p99_ms: float


@dataclass(frozen=True, slots=True)
class _Kind:
    """Requests that belong together, and the status that each must get."""

    name: str
    requests: Sequence[bytes]
    expected: bytes


def phq9_responses(database: Path, how_many: int) -> list[tuple[str, dict[str, Any]]]:
    """Logical ids of patients and their PHQ-9 responses, without what a server stamps."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        rows = connection.execute(_PHQ9, (how_many,)).fetchall()
    found = []
    for patient, content in rows:
        resource = json.loads(content)
        del resource["id"], resource["meta"]
        found.append((patient, resource))
    return found


def searches_and_creates(
    server: Running, database: Path, *, clients: Sequence[int], seconds: float, how_many: int = 200
) -> list[Speed]:
    """Measure both, with each number of clients."""
    found = phq9_responses(database, how_many)
    with open_store(f"sqlite:///{database}", KEY) as store:
        holder = tokens.grant(store, tokens.CLINICIAN, found[0][0])
    posting = holder.headers | {"Content-Type": "application/fhir+json"}
    address = "/fhir/QuestionnaireResponse"
    searches = [request("GET", f"{address}?subject=Patient/{p}&_count=20", holder.headers) for p, _ in found]
    # Drafts: finished answers are commands, and a few pathways would grow with every one of them.
    drafts = [json.dumps({**r, "status": "in-progress"}, ensure_ascii=False).encode() for _, r in found]
    creates = [request("POST", address, posting, draft) for draft in drafts]
    return [
        _speed(server, kind, many, seconds)
        for kind in (_Kind("search", searches, b"200"), _Kind("create", creates, b"201"))
        for many in clients
    ]


def _speed(server: Running, kind: _Kind, clients: int, seconds: float) -> Speed:
    drive(server.port, kind.requests, connections=clients, seconds=seconds / 4, expected=kind.expected)  # warm up
    load = drive(server.port, kind.requests, connections=clients, seconds=seconds, expected=kind.expected)
    p50, p99 = (load.latencies[int(load.answers * part)] * 1000 for part in (0.5, 0.99))
    return Speed(kind.name, clients, load.rate, p50, p99)
