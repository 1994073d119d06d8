"""What is said of a scheme file: mistakes, which keep it from being used, and warnings."""

from collections.abc import Sequence
from dataclasses import dataclass

from sesame_fhir.server.billing.toml_lines import KeyPath


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One thing to say: the line, from 1, the key it is about (``scheme[1].tariff[2].amount``), what to do."""

    line: int
    key: str
    text: str
    warning: bool = False


@dataclass(frozen=True, slots=True)
class Remark:
    """The same before its line is known: ``path`` leads to the value, or to where a missing one would be."""

    path: KeyPath
    text: str
    warning: bool = False


def key_of(path: Sequence[str | int]) -> str:
    """A path as people read it: positions in brackets, from 1."""
    parts = (f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in path)
    return "".join(parts).removeprefix(".")
