"""Counts of long work on standard error, so that standard output stays what was asked for."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from sesame_fhir.services.billing.setting import Progress

_EVERY_SECONDS = 1.0


@contextmanager
def counted(label: str, clock: Callable[[], float] = time.monotonic) -> Iterator[Progress]:
    """Show how many are done, once a second; work that takes less says nothing.

    On a terminal the line is written over; elsewhere (a log) there is a line each time.
    """
    terminal = sys.stderr.isatty()
    said, last = clock(), ""

    def progress(done: int, of: int | None) -> None:
        nonlocal said, last
        if (now := clock()) - said >= _EVERY_SECONDS:
            said, last = now, f"{label}: {done}" + (f" of {of}" if of is not None else "")
            click.echo(f"\r{last}" if terminal else last, nl=not terminal, err=True)

    try:
        yield progress
    finally:
        if last and terminal:
            click.echo(err=True)
