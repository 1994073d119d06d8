"""The log's catalogue: every event has an id here, and only the fields named here can be written.

A field not in ``FIELDS`` is dropped, so that no name, answer, token or body can reach the log by mistake. The
clinical record is the list of events; who saw what is the audit log; this is for whoever runs the service.
docs/reference/logs.md says what each event and field means.
"""

import traceback
from collections.abc import Callable, MutableMapping
from contextvars import ContextVar
from enum import StrEnum
from pathlib import PurePath
from typing import Any, cast

import structlog


class LogEvent(StrEnum):
    """Everything that can be logged."""

    STARTED = "started"
    STOPPED = "stopped"
    WORKER_STARTED = "worker-started"
    WORKER_STOPPED = "worker-stopped"
    REQUEST = "request"
    REFUSED = "refused"
    UNEXPECTED = "unexpected-error"
    DELIVERY_FAILED = "delivery-failed"
    DELIVERY_ROUND = "delivery-round"
    NOTIFIED = "notified"
    NOTIFICATION_FAILED = "notification-failed"
    PURGED = "purged"
    SEQUENCES_ENDED = "sequences-ended"
    SANDBOX_RESET = "sandbox-reset"
    LIBRARY = "library"


FIELDS = frozenset(
    {
        "event", "level", "timestamp", "correlation_id", "method", "route", "status", "milliseconds", "code", "ehr_id",
        "client_id", "resource_type", "attempts", "count", "error_type", "where", "version", "workers",
    }
)  # fmt: skip

_CORRELATION: ContextVar[str | None] = ContextVar("correlation_id", default=None)
_PACKAGES = ("sesame_fhir", "smart_app", "mappings")


def keep_allowed(_logger: object, _method: str, fields: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Structlog processor: drop every field that is not in the catalogue."""
    return {name: value for name, value in fields.items() if name in FIELDS}


def begin_request() -> None:
    """Forget the correlation id of the request before: a thread serves many."""
    _CORRELATION.set(None)


def correlation_id(new: Callable[[], str]) -> str:
    """The id that links what the user is shown with this request's log lines; ``new`` makes it when first needed."""
    current = _CORRELATION.get()
    if current is None:
        current = new()
        _CORRELATION.set(current)
    return current


def log(event: LogEvent, *, level: str = "info", **fields: str | float | None) -> None:
    """Write one event of the catalogue; the request's correlation id, once it has one, is added."""
    if (current := _CORRELATION.get()) is not None:
        fields.setdefault("correlation_id", current)
    logger = cast("structlog.stdlib.BoundLogger", structlog.get_logger("sesame"))
    getattr(logger, level)(event.value, **fields)


def log_unexpected(fault: BaseException, where: str | None = None, **fields: str | float | None) -> None:
    """Log a fault of ours by its type and place: its text may hold anything, so it is never written.

    ``where`` names the work when the place in the code says less.
    """
    place = _place(fault) if where is None else f"{where} {_place(fault)}"
    log(LogEvent.UNEXPECTED, level="error", error_type=type(fault).__name__, where=place, **fields)


def _place(fault: BaseException) -> str:
    """File and line of the innermost frame of our own code, else of the innermost frame."""
    frames = traceback.extract_tb(fault.__traceback__)
    ours = [frame for frame in frames if _package_path(frame.filename) is not None]
    for frame in (ours or frames)[-1:]:
        return f"{_package_path(frame.filename) or PurePath(frame.filename).name}:{frame.lineno}"
    return "unknown"


def _package_path(filename: str) -> str | None:
    """``sesame_fhir/api/x.py`` of an absolute path; None for other people's code."""
    parts = PurePath(filename).parts
    if "site-packages" in parts and not any(package in parts for package in _PACKAGES):
        return None
    starts = [position for position, part in enumerate(parts) if part in _PACKAGES]
    return "/".join(parts[starts[-1] :]) if starts else None
