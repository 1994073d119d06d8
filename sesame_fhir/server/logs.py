"""Log set-up: one JSON line per event on standard error; other libraries from warnings up and without their text.

Their messages may quote a URL or a value, so only the logger's name and level are kept.
"""

import logging
import sys

import structlog

from sesame_fhir.services.journal import keep_allowed


class _ForeignFormatter(logging.Formatter):
    """Formats a record of another library without its message."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one JSON line with the level and the place only."""
        where = f"{record.name}:{record.lineno}"
        return f'{{"event": "library", "level": "{record.levelname.lower()}", "where": "{where}"}}'


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
        cache_logger_on_first_use=True,
    )
