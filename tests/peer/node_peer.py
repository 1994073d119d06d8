"""Runs peers that are written for Node: installs their packages once (kept in their folder, ignored by git)."""

import base64
import fcntl
import hashlib
import io
import json
import shutil
import subprocess
import tarfile
import tempfile
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


def unpacked(folder: Path) -> None:
    """Fetch the one archive that ``package.json`` names and unpack it as ``folder/package``, unless it is there.

    For what carries everything it needs: its dependencies are not installed. Raises PeerMissing.
    """
    described = json.loads((folder / "package.json").read_text())
    stamp = folder / "package" / ".unpacked"
    with (folder / "package.json").open() as one_at_a_time:
        fcntl.flock(one_at_a_time, fcntl.LOCK_EX)
        if stamp.exists() and stamp.read_text() == described["integrity"]:
            return
        archive = _fetched(f"{folder.name}@{described[folder.name]}", described["integrity"])
        with tarfile.open(fileobj=io.BytesIO(archive)) as packed:
            packed.extractall(folder, filter="data")
        stamp.write_text(described["integrity"])


def _fetched(name: str, integrity: str) -> bytes:
    npm = shutil.which("npm")
    if npm is None:
        raise PeerMissing("npm is not installed")
    with tempfile.TemporaryDirectory() as folder:
        try:
            subprocess.run(
                [npm, "pack", "--silent", name], cwd=folder, capture_output=True, check=True, timeout=_INSTALL_SECONDS
            )
        except (subprocess.TimeoutExpired, subprocess.CalledProcessError):
            raise PeerMissing("npm pack failed (no registry?)") from None
        archive = next(Path(folder).glob("*.tgz")).read_bytes()
    found = base64.b64encode(hashlib.sha512(archive).digest()).decode()
    if f"sha512-{found}" != integrity:
        raise PeerMissing("the archive is not the one that was looked at")
    return archive
