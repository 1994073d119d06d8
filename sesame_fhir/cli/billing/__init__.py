"""``sesame billing``: schemes, the month, answers and payments, exports and the books; one module per part."""

import click

from sesame_fhir.cli.billing.answers import import_response, reconcile
from sesame_fhir.cli.billing.batches import approve, batches, drop, freeze, hold, release, reopen, submit
from sesame_fhir.cli.billing.books import (
    ledger,
    objectives,
    open_items,
    pay_share,
    payments,
    record_payment,
    statement,
)
from sesame_fhir.cli.billing.export import check_layout, export, verify
from sesame_fhir.cli.billing.month import prepare, review
from sesame_fhir.cli.billing.papers import dossier, statement_as_pdf
from sesame_fhir.cli.billing.schemes import add_scheme, check_scheme, schemes, show_scheme
from sesame_fhir.cli.billing.travel import billable_on_day, what_if_schemes
from sesame_fhir.cli.billing.work import cancel, confirm, corrections, work_list


@click.group()
def billing() -> None:
    """Bill finished sequences: schemes, the month, answers and payments, exports, the books."""


_COMMANDS: tuple[click.Command, ...] = (
    *(check_scheme, add_scheme, schemes, show_scheme),
    *(prepare, review, batches, hold, release, freeze, reopen, approve, submit, drop),
    *(export, verify, check_layout, statement_as_pdf, dossier),
    *(import_response, work_list, corrections, cancel, confirm),
    *(reconcile, payments, record_payment, open_items, ledger, statement, pay_share, objectives),
    *(billable_on_day, what_if_schemes),
)

for _command in _COMMANDS:
    billing.add_command(_command)
