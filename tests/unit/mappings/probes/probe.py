"""A sample of each mapped domain type, and another value for each of its fields: what must change the resource."""

from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")
Probe = tuple[Callable[[Any], object], object, dict[str, object]]
"""The builder, a sample, and another value for each field of the sample."""


def some(value: T | None) -> T:
    """What the story has at this point."""
    assert value is not None
    return value
