"""Which patients have been written: asked for every line of a batch, without a memory that grows with it."""

import sqlite3
from types import TracebackType
from typing import Self


class Seen:
    """A set of texts that lives in a temporary file once it is large (SQLite's own temporary database)."""

    def __init__(self) -> None:
        self._base = sqlite3.connect("", isolation_level=None)
        self._base.execute("pragma cache_size = -1024")
        self._base.execute("create table seen (one text primary key) without rowid")
        self._base.execute("begin")

    def add(self, one: str) -> bool:
        """Add a text; False when it was there."""
        return self._base.execute("insert or ignore into seen values (?)", (one,)).rowcount == 1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _fault: BaseException | None, _at: TracebackType | None
    ) -> None:
        self._base.close()
