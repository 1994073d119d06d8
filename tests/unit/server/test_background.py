"""Background work: goes on after a fault, ends when asked, and not in the middle of a round."""

import threading
import time

import pytest
from structlog.testing import capture_logs

from sesame_fhir.server.background import Background
from sesame_fhir.server.lifetime import close_at_end, end_with_parent

MARKER = "Zorglub-marqueur-7731"


def test_a_round_that_fails_is_logged_and_the_next_one_comes() -> None:
    rounds = threading.Semaphore(0)
    count = 0

    def job() -> None:
        nonlocal count
        count += 1
        rounds.release()
        if count == 1:
            raise RuntimeError(MARKER)

    worker = Background("delivery", job, 0.005)
    with capture_logs() as logs:
        worker.start()
        assert all(rounds.acquire(timeout=5) for _ in range(3))
        worker.stop()
    (line,) = logs
    assert (line["event"], line["error_type"]) == ("unexpected-error", "RuntimeError")
    assert line["where"].startswith("delivery ")
    assert MARKER not in str(logs)


def test_stop_waits_for_the_round_in_progress() -> None:
    begun, ended = threading.Event(), threading.Event()

    def job() -> None:
        begun.set()
        time.sleep(0.1)
        ended.set()

    worker = Background("delivery", job, 0.001)
    worker.start()
    assert begun.wait(5)
    worker.stop()
    assert ended.is_set()


def test_stop_does_not_wait_for_ever() -> None:
    begun, release = threading.Event(), threading.Event()

    def job() -> None:
        begun.set()
        release.wait(10)

    worker = Background("delivery", job, 0.001)
    worker.start()
    assert begun.wait(5)
    began = time.monotonic()
    worker.stop(timeout=0.05)
    assert time.monotonic() - began < 2
    release.set()


def test_stop_before_start_does_nothing() -> None:
    Background("delivery", lambda: None, 1).stop()


class _Main:
    """Stands for a main thread that has not ended yet."""

    def __init__(self) -> None:
        self.awaited, self.ended = threading.Event(), threading.Event()

    def join(self) -> None:
        self.awaited.set()
        self.ended.wait(5)


def test_closing_waits_for_the_main_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    closed, main = threading.Event(), _Main()
    with monkeypatch.context() as patch:
        patch.setattr("sesame_fhir.server.lifetime.threading.main_thread", lambda: main)
        close_at_end(closed.set)
        assert main.awaited.wait(5)
    assert not closed.is_set()
    main.ended.set()
    assert closed.wait(5)


def test_a_process_without_a_parent_server_watches_nobody() -> None:
    before = threading.active_count()
    end_with_parent()
    assert threading.active_count() == before
