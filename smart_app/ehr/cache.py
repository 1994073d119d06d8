"""A few minutes of memory for what other servers publish about themselves (discovery, keys, capabilities)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")

_MOST_ENTRIES = 256


class ShortCache(Generic[T]):
    """Remembers values by key for a fixed time; failures are not remembered. Safe between threads."""

    def __init__(self, lifetime: timedelta) -> None:
        self._lifetime = lifetime
        self._entries: dict[str, tuple[datetime, T]] = {}
        self._lock = Lock()

    def get(self, key: str, now: datetime, make: Callable[[], T]) -> T:
        """Return the remembered value, or make and remember it. Whatever ``make`` raises passes through."""
        with self._lock:
            entry = self._entries.get(key)
        if entry is not None and timedelta(0) <= now - entry[0] < self._lifetime:
            return entry[1]
        value = make()
        with self._lock:
            if len(self._entries) >= _MOST_ENTRIES:
                self._entries.clear()
            self._entries[key] = (now, value)
        return value

    def forget(self, key: str) -> None:
        """Drop one value, so that the next ``get`` makes it again."""
        with self._lock:
            self._entries.pop(key, None)
