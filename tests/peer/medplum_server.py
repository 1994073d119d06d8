"""Starts the peer: installs its packages once (kept in its folder, ignored by git), then runs it on a free port."""

import fcntl
import hashlib
import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

FOLDER = Path(__file__).parent / "medplum"
TOKEN = "peer-token"
_INSTALL_SECONDS = 120


class PeerMissing(Exception):  # noqa: N818  named as the fact it reports
    """The peer cannot run here; the message says what is missing."""


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


def install() -> None:
    """Run ``npm ci`` unless the installed packages are those of the lock file. Raises PeerMissing."""
    npm, lock = shutil.which("npm"), FOLDER / "package-lock.json"
    if npm is None or shutil.which("node") is None:
        raise PeerMissing("node and npm are not installed")
    stamp = FOLDER / "node_modules" / ".installed"
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    with lock.open() as one_at_a_time:
        fcntl.flock(one_at_a_time, fcntl.LOCK_EX)
        if stamp.exists() and stamp.read_text() == wanted:
            return
        try:
            done = subprocess.run(
                [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
                cwd=FOLDER,
                capture_output=True,
                check=False,
                timeout=_INSTALL_SECONDS,
            )
        except subprocess.TimeoutExpired:
            raise PeerMissing("npm ci took too long (no registry?)") from None
        if done.returncode != 0:
            raise PeerMissing(f"npm ci failed with code {done.returncode} (no registry?)")
        stamp.write_text(wanted)


@contextmanager
def running_peer() -> Iterator[Peer]:
    """Install if needed, start, and stop at the end of the block. Raises PeerMissing."""
    install()
    command = [shutil.which("node") or "node", "server.mjs", TOKEN]
    with subprocess.Popen(command, cwd=FOLDER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            line = process.stdout.readline() if process.stdout is not None else ""
            if not line:
                raise PeerMissing("the peer did not start (Node 20.19 or newer?)")
            yield Peer(**json.loads(line))
        finally:
            process.kill()
