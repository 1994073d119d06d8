"""Points in time as the database holds them: whole microseconds since 1970, UTC, the same on every database."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_SECONDS = 86_400
_SECOND = 1_000_000  # in microseconds

MILLISECOND = 1_000
"""In microseconds: the precision of ``meta.lastUpdated``."""

BEGINNING = -(2**62)
"""Stored for a range without a lower bound."""

END = 2**62
"""Stored for a range without an upper bound."""


def to_micros(at: datetime) -> int:
    """Convert an aware datetime, exactly."""
    since = at - _EPOCH
    return (since.days * _DAY_SECONDS + since.seconds) * _SECOND + since.microseconds


def from_micros(micros: int) -> datetime:
    """Convert back, in UTC."""
    return _EPOCH + timedelta(microseconds=micros)


def to_millis(at: datetime) -> int:
    """Microseconds of ``at`` cut to whole milliseconds, so that what is stored equals what ``lastUpdated`` shows."""
    micros = to_micros(at)
    return micros - micros % MILLISECOND


@lru_cache(maxsize=1024)  # one command stamps all its resources with one time
def fhir_instant(micros: int) -> str:
    """Write an R4 instant with milliseconds and Z: ``2026-01-31T09:05:00.000Z``."""
    return from_micros(micros).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
