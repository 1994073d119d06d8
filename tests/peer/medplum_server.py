"""A FHIR server that is not ours, running, and what it was seeded with."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from tests.peer.node_peer import running

FOLDER = Path(__file__).parent / "medplum"
TOKEN = "peer-token"


@dataclass(frozen=True, slots=True)
class Peer:
    """A running peer: its FHIR base URL and the references of what it was seeded with."""

    base: str
    patient: str
    practitioner: str
    encounter: str

    def read(self, path: str) -> dict[str, Any]:
        """GET with the token."""
        answer = requests.get(f"{self.base}/{path}", headers={"Authorization": f"Bearer {TOKEN}"}, timeout=10)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found


@contextmanager
def running_peer() -> Iterator[Peer]:
    """Install if needed, start, and stop at the end of the block. Raises PeerMissing."""
    with running(FOLDER, TOKEN) as said:
        yield Peer(**said)
