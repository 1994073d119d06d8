"""The log's catalogue: every event has an id here, and only the fields named here can be written.

A field not in ``FIELDS`` is dropped, so that no name, answer, token or body can reach the log by mistake. The
clinical record is the list of events; who saw what is the audit log; this is for whoever runs the service.
"""

from collections.abc import MutableMapping
from enum import StrEnum
from typing import Any, cast

import structlog


class LogEvent(StrEnum):
    """Everything that can be logged."""

    REQUEST = "request"
    UNEXPECTED = "unexpected-error"
    STARTED = "started"
    STOPPED = "stopped"
    DELIVERY_FAILED = "delivery-failed"
    DELIVERY_ROUND = "delivery-round"
    LAUNCH_REFUSED = "launch-refused"
    PURGED = "purged"


FIELDS = frozenset(
    {
        "event", "level", "timestamp", "correlation_id", "method", "route", "status", "milliseconds", "code", "ehr_id",
        "resource_type", "attempts", "count", "error_type", "where", "version", "workers",
    }
)  # fmt: skip


def keep_allowed(_logger: object, _method: str, fields: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Structlog processor: drop every field that is not in the catalogue."""
    return {name: value for name, value in fields.items() if name in FIELDS}


def log(event: LogEvent, *, level: str = "info", **fields: str | float | None) -> None:
    """Write one event of the catalogue."""
    logger = cast("structlog.stdlib.BoundLogger", structlog.get_logger("sesame"))
    getattr(logger, level)(event.value, **fields)
