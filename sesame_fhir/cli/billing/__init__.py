"""``sesame billing``: schemes, the month, answers and payments, exports and the books; one module per part."""

import click

from sesame_fhir.cli.billing.batches import approve, batches, drop, freeze, hold, release, reopen, submit
from sesame_fhir.cli.billing.export import check_layout, export, verify
from sesame_fhir.cli.billing.month import prepare, review
from sesame_fhir.cli.billing.schemes import add_scheme, check_scheme, schemes, show_scheme
from sesame_fhir.cli.billing.travel import billable_on_day, what_if_schemes


@click.group()
def billing() -> None:
    """Bill finished sequences: schemes, the month, answers and payments, exports, the books."""


_COMMANDS: tuple[click.Command, ...] = (
    *(check_scheme, add_scheme, schemes, show_scheme),
    *(prepare, review, batches, hold, release, freeze, reopen, approve, submit, drop),
    *(export, verify, check_layout),
    *(billable_on_day, what_if_schemes),
)

for _command in _COMMANDS:
    billing.add_command(_command)
