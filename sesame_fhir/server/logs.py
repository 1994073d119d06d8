"""Log set-up: one JSON line per event on standard error; other libraries without their text.

Their messages may quote a URL or a value, so only the logger's name, line and level are kept.
"""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

import structlog

from sesame_fhir.services.journal import LogEvent, keep_allowed

GRANIAN_LOGGING: dict[str, Any] = {
    # Granian writes text to standard output by itself; its records go our way instead. Its access log would hold paths
    # with ids: it is off, ours has route templates.
    "loggers": {"_granian": {"handlers": [], "propagate": True}, "granian.access": {"handlers": [], "propagate": False}}
}


class _ForeignFormatter(logging.Formatter):
    """Formats a record of another library without its message."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one JSON line with the level, the time and the place only."""
        line = {
            "where": f"{record.name}:{record.lineno}",
            "event": LogEvent.LIBRARY.value,
            "level": record.levelname.lower(),
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat().replace("+00:00", "Z"),
        }
        return json.dumps(line)


def configure(level: str) -> None:
    """Configure the log of this process; ``level`` is the least level written."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_ForeignFormatter())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            keep_allowed,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
