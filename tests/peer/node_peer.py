"""Runs peers that are written for Node: installs their packages once (kept in their folder, ignored by git)."""

import fcntl
import hashlib
import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_INSTALL_SECONDS = 120


class PeerMissing(Exception):  # noqa: N818  named as the fact it reports
    """The peer cannot run here; the message says what is missing."""


def install(folder: Path) -> None:
    """Run ``npm ci`` unless the installed packages are those of the lock file. Raises PeerMissing."""
    npm, lock = shutil.which("npm"), folder / "package-lock.json"
    if npm is None or shutil.which("node") is None:
        raise PeerMissing("node and npm are not installed")
    stamp = folder / "node_modules" / ".installed"
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    with lock.open() as one_at_a_time:
        fcntl.flock(one_at_a_time, fcntl.LOCK_EX)
        if stamp.exists() and stamp.read_text() == wanted:
            return
        try:
            done = subprocess.run(
                [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
                cwd=folder,
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
def running(folder: Path, *arguments: str) -> Iterator[dict[str, Any]]:
    """Install ``folder`` if needed, run its ``server.mjs``, and stop it at the end of the block.

    Gives the JSON object that it says on its first line. Raises PeerMissing.
    """
    install(folder)
    command = [shutil.which("node") or "node", "server.mjs", *arguments]
    with subprocess.Popen(
        command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            line = process.stdout.readline() if process.stdout is not None else ""
            if not line:
                raise PeerMissing("the peer did not start (Node 20.19 or newer?)")
            said: dict[str, Any] = json.loads(line)
            yield said
        finally:
            process.kill()
