"""Answers of ``sesame billing`` as JSON, for scripts: money and days as text, codes as they are."""

import json
from collections.abc import Set as AbstractSet
from dataclasses import asdict, is_dataclass
from datetime import date
from decimal import Decimal

import click


def put_json(value: object) -> None:
    """Print a value made of records, lists and plain values; amounts as text, so that nobody rounds them."""
    click.echo(json.dumps(value, default=_plain, ensure_ascii=False, indent=2))


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, AbstractSet):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} is not printed")
