"""Dataclasses as rows: one column per field, found by its name; what has no column type of its own rests as JSON.

A decimal is an amount of euros, and rests as whole cents.
"""

import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, ClassVar, Generic, Protocol, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec
from sqlalchemy import Column, Table

from sesame_fhir.domain.billing.money import cents, from_cents
from sesame_fhir.storage.event_codec import as_dict
from sesame_fhir.storage.instants import from_micros, to_micros
from sesame_fhir.storage.session import Value


class _Dataclass(Protocol):
    __dataclass_fields__: ClassVar[dict[str, Any]]


R = TypeVar("R", bound=_Dataclass)

_PLAIN = (str, int, bool, bytes)
_CODECS: Mapping[type, tuple[Callable[[Any], Value], Callable[[Any], Any]]] = {
    datetime: (to_micros, from_micros),
    date: (date.isoformat, date.fromisoformat),
    bool: (bool, bool),
    Decimal: (cents, from_cents),
}
_encoder = msgspec.json.Encoder(enc_hook=as_dict)


class RowMapper(Generic[R]):
    """Turns records of one dataclass into the columns of one table and back."""

    def __init__(self, kind: type[R], table: Table, renamed: Mapping[str, str] | None = None) -> None:
        """``renamed``: field -> column, where a field's name is a word of SQL."""
        hints, names = get_type_hints(kind), renamed or {}
        self._kind = kind
        self._attributes = tuple(f.name for f in fields(kind))
        self.fields = tuple(names.get(name, name) for name in self._attributes)
        """The names of the columns: those of the fields, but for those renamed."""
        codecs = [_codec(hints[name]) for name in self._attributes]
        self._writers = tuple(write for write, _ in codecs)
        self._readers = tuple(read for _, read in codecs)
        self.columns: tuple[Column[Any], ...] = tuple(table.c[name] for name in self.fields)
        """The table's columns in the order of the fields: what ``record`` expects."""

    @property
    def names(self) -> str:
        """The columns as a piece of hot SQL."""
        return ", ".join(self.fields)

    def names_of(self, alias: str) -> str:
        """The columns of a table under an alias."""
        return ", ".join(f"{alias}.{name}" for name in self.fields)

    def values(self, record: R) -> dict[str, Value]:
        """Column name -> stored value."""
        return {
            name: None if (value := getattr(record, attribute)) is None else write(value)
            for name, attribute, write in zip(self.fields, self._attributes, self._writers, strict=True)
        }

    def record(self, row: Sequence[Any]) -> R:
        """Build the record from a row whose first columns are ``columns``."""
        return self._kind(
            *(None if value is None else read(value) for value, read in zip(row, self._readers, strict=False))
        )


def _codec(hint: Any) -> tuple[Callable[[Any], Value], Callable[[Any], Any]]:
    kind = _bare(hint)
    if kind in _CODECS:
        return _CODECS[kind]
    if isinstance(kind, type) and issubclass(kind, Enum):
        return lambda member: str(member.value), kind
    if kind in _PLAIN:
        return _same, _same
    decoder = msgspec.json.Decoder(kind)
    return lambda value: _encoder.encode(value).decode(), decoder.decode


def _bare(hint: Any) -> Any:
    """Take off ``| None`` and NewType."""
    if get_origin(hint) in (Union, types.UnionType):
        (hint,) = (part for part in get_args(hint) if part is not types.NoneType)
    return getattr(hint, "__supertype__", hint)


def _same(value: Any) -> Any:
    return value
