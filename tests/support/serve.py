"""Starts the real ``sesame serve`` on a free port, with its own database and key, and stops it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from tests.support.demo import environment, free_port

_START_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Served:
    """A running server: its root URL, its process, what it wrote."""

    url: str
    process: subprocess.Popen[bytes]
    folder: Path

    @property
    def stdout(self) -> str:
        return (self.folder / "stdout").read_text(encoding="utf-8")

    @property
    def stderr(self) -> str:
        return (self.folder / "stderr").read_text(encoding="utf-8")

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Its log; fails when a line is not JSON."""
        return [json.loads(line) for line in self.stderr.splitlines()]

    def events(self, event: str) -> list[dict[str, Any]]:
        """Its log lines of one event."""
        return [line for line in self.lines if line["event"] == event]

    def status(self, path: str = "/readyz") -> int:
        return requests.get(f"{self.url}{path}", timeout=15).status_code

    def wait_for(self, status: int, seconds: float = 20.0) -> None:
        """Wait until /readyz answers with a status."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.status() == status:
                return
            time.sleep(0.1)
        raise AssertionError(f"/readyz did not answer {status}:\n{self.stderr}")

    def terminate(self) -> tuple[int, float]:
        """Ask it to end as a service manager does; returns its exit code and the seconds it took."""
        began = time.monotonic()
        self.process.terminate()
        return self.process.wait(timeout=30), time.monotonic() - began


def start(folder: Path, settings: Mapping[str, str], port: int | None = None) -> Served:
    """Start it without waiting; the caller ends it."""
    port = port or free_port()
    env = environment(folder, port, {"SESAME_SERVER_PUBLIC_URL": f"http://localhost:{port}", **settings})
    with (folder / "stdout").open("wb") as out, (folder / "stderr").open("wb") as err:
        process = subprocess.Popen(
            [sys.executable, "-m", "sesame_fhir.cli", "serve"],
            cwd=folder,
            env=env,
            stdout=out,
            stderr=err,
            start_new_session=True,
        )
    return Served(f"http://127.0.0.1:{port}", process, folder)


@contextmanager
def running_serve(folder: Path, settings: Mapping[str, str], port: int | None = None) -> Iterator[Served]:
    """Serve until the block ends.

    Raises:
        RuntimeError: it did not become ready; the message holds its log.
    """
    served = start(folder, settings, port)
    try:
        _wait(served)
        yield served
    finally:
        if served.process.poll() is None:
            os.killpg(served.process.pid, signal.SIGKILL)
            served.process.wait(timeout=5)


def _wait(served: Served) -> None:
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end and served.process.poll() is None:
        try:
            if served.status() == requests.codes.ok:
                return
        except requests.ConnectionError:
            time.sleep(0.05)
    raise RuntimeError(f"the server did not start:\n{served.stderr}")
