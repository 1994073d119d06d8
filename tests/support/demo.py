"""Starts the real ``sesame demo`` in a temporary folder on a free port, as a person would, and stops it."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

_START_SECONDS = 40


def free_port() -> int:
    """A TCP port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True, slots=True)
class Demo:
    """A running demo: the EHR on one host, SÉSAME on another, its folder and its log."""

    port: int
    folder: Path
    process: subprocess.Popen[bytes]

    @property
    def ehr(self) -> str:
        """Root of the demo EHR."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def app(self) -> str:
        """Root of the app."""
        return f"http://localhost:{self.port}/app"

    @property
    def log(self) -> str:
        """Everything it has logged."""
        return (self.folder / "log").read_text(encoding="utf-8")


def environment(folder: Path, port: int, settings: Mapping[str, str]) -> dict[str, str]:
    """Environment of a demo process: its own database, key and port."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("SESAME_", "COV_"))}
    return clean | {
        "SESAME_SERVER_PORT": str(port),
        "SESAME_STORAGE_DATABASE_URL": f"sqlite:///{folder / 'sesame.db'}",
        "SESAME_STORAGE_KEY_FILE": str(folder / "sesame.key"),
        "SESAME_OUTBOX_POLL_SECONDS": "1",
        **settings,
    }


@contextmanager
def running_demo(
    folder: Path,
    settings: Mapping[str, str] | None = None,
    port: int | None = None,
    patients: int = 0,
    module: str = "sesame_fhir.cli",
    options: Sequence[str] = (),
) -> Iterator[Demo]:
    """Run a demo until the block ends; ``patients`` of the synthetic cohort beside those of the EHR.

    ``module`` is what ``sesame`` would run, or stands in for it.

    Raises:
        RuntimeError: it did not become ready; the message holds its log.
    """
    port = port or free_port()
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", module, "demo", "--patients", str(patients), *options],
            cwd=folder,
            env=environment(folder, port, settings or {}),
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    demo = Demo(port, folder, process)
    try:
        _wait(demo)
        yield demo
    finally:
        _stop(process)


def _wait(demo: Demo) -> None:
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end and demo.process.poll() is None:
        try:
            if all(requests.get(f"{root}/readyz", timeout=2).ok for root in (demo.ehr, demo.app.removesuffix("/app"))):
                return
        except requests.ConnectionError:
            time.sleep(0.1)
    raise RuntimeError(f"the demo did not start:\n{demo.log}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(timeout=5)
