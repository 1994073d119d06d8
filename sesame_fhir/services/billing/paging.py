"""Long work by pages, so that memory stays the same and each page is one transaction."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")

PAGE = 500
"""As many sequences as the store gives facts of at a time."""


def pages(things: Iterable[T], size: int = PAGE) -> Iterator[list[T]]:
    """Lists of ``size`` things, the last one shorter."""
    walk = iter(things)
    while page := list(islice(walk, size)):
        yield page
