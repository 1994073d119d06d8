"""Background work of one process: deliver what is due to the EHRs, delete what has expired. Stops when asked."""

import threading
from collections.abc import Callable

from sesame_fhir.services.journal import log_unexpected

Job = Callable[[], None]
"""One round of work."""


class Background:
    """A daemon thread that runs jobs every ``seconds`` until stopped; a failing job is logged and tried again."""

    def __init__(self, name: str, job: Job, seconds: float) -> None:
        self._job = job
        self._seconds = seconds
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self, timeout: float = 5.0) -> None:
        """Ask it to stop and wait for the round in progress, ``timeout`` seconds at most."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout)

    def _run(self) -> None:
        while not self._stop.wait(self._seconds):
            try:
                self._job()
            except Exception as error:  # noqa: BLE001  the thread must outlive any fault of a round; it is logged
                log_unexpected(error, self._thread.name)
