"""When something happened, as typed: a day, today unless told, at an hour that keeps the order of things."""

from dataclasses import replace
from datetime import date

from sesame_fhir.domain.calendar import at_same_time, local_day
from sesame_fhir.services.engine import Command


def on_day(command: Command, day: date | None) -> Command:
    """The same command, on another day at the same time of day."""
    if day is None or day == local_day(command.occurred_at):
        return command
    return replace(command, occurred_at=at_same_time(command.occurred_at, day))
