"""A clock that is set by hand and ids that count, for tests that must come out the same every time."""

from datetime import datetime, timedelta

from tests.support.story import START


class HandClock:
    """Stands still until it is moved."""

    def __init__(self, now: datetime = START) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def move(self, **by: float) -> None:
        """Move on by days, hours, minutes or seconds."""
        self._now += timedelta(**by)


class CountingIds:
    """UUID-shaped ids 1, 2, 3… and secrets of the right length."""

    def __init__(self) -> None:
        self._count = 0

    def new(self) -> str:
        self._count += 1
        return f"01900000-0000-7000-9000-{self._count:012x}"

    def secret(self) -> str:
        self._count += 1
        return f"secret-{self._count:036d}"
