"""Arguments and options that several commands of ``sesame billing`` share."""

from datetime import date

import click

from sesame_fhir.cli.billing.context import Desk
from sesame_fhir.domain.calendar import local_day
from sesame_fhir.services.billing.month import Month

AS_JSON = click.option("--json", "as_json", is_flag=True, help="The same for scripts; amounts are text.")


class _MonthType(click.ParamType[Month]):
    """A month of the command line."""

    name = "month"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Month:
        """Read ``2025-03``."""
        if isinstance(value, Month):
            return value
        try:
            return Month.parse(str(value))
        except ValueError as error:
            self.fail(f"{value}: {error}", param, ctx)


MONTH = _MonthType()


def today(desk: Desk) -> date:
    """The day of billing."""
    return local_day(desk.billing.engine.clock.now())
