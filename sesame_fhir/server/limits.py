"""What strangers may ask of a public sandbox: so many requests in a minute, bodies of a bounded size."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from http import HTTPStatus
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from sesame_fhir.fhir.outcomes import IssueType, error, operation_outcome
from sesame_fhir.fhir.writer import write_json

_ADDRESSES = 10_000


class Limits:
    """WSGI application in front of another: 429 with Retry-After, 413, as an OperationOutcome.

    Each address has a bucket of ``per_minute`` requests that fills up evenly. ``seconds`` is a clock that only goes on.
    """

    def __init__(
        self,
        application: WSGIApplication,
        *,
        per_minute: int,
        largest: int,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._application = application
        self._per_minute = per_minute
        self._largest = largest
        self._seconds = seconds
        self._lock = threading.Lock()
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Hand the request on, or refuse it."""
        length = environ.get("CONTENT_LENGTH") or "0"
        if length.isdigit() and int(length) > self._largest:
            told = f"Corps de plus de {self._largest // 1024} Ko : bac à sable, essayer plus petit."
            return _refuse(start_response, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, IssueType.TOO_LONG, told, 0)
        wait = self._wait(environ.get("REMOTE_ADDR", ""))
        if wait:
            told = f"Plus de {self._per_minute} requêtes par minute : bac à sable, réessayer dans {wait} s."
            return _refuse(start_response, HTTPStatus.TOO_MANY_REQUESTS, IssueType.THROTTLED, told, wait)
        return self._application(environ, start_response)

    def _wait(self, address: str) -> int:
        """Take one request out of the address's bucket; the seconds to wait when it is empty."""
        rate = self._per_minute / 60
        with self._lock:
            now = self._seconds()
            left, at = self._left.pop(address, (float(self._per_minute), now))
            left = min(float(self._per_minute), left + (now - at) * rate)
            allowed = left >= 1
            self._left[address] = (left - 1 if allowed else left, now)
            if len(self._left) > _ADDRESSES:
                self._left.popitem(last=False)
        return 0 if allowed else max(1, round((1 - left) / rate))


def _refuse(
    start_response: StartResponse, status: HTTPStatus, code: IssueType, told: str, wait: int
) -> Iterable[bytes]:
    body = write_json(operation_outcome([error(code, told)]))
    headers = [("Content-Type", "application/fhir+json; charset=utf-8"), ("Content-Length", str(len(body)))]
    if wait:
        headers.append(("Retry-After", str(wait)))
    start_response(f"{status.value} {status.phrase}", headers)
    return [body]
