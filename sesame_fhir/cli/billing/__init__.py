"""``sesame billing``: schemes, the month, answers and payments, exports and the books; one module per part."""

import click


@click.group()
def billing() -> None:
    """Bill finished sequences: schemes, the month, answers and payments, exports, the books."""


_COMMANDS: tuple[click.Command, ...] = ()

for _command in _COMMANDS:
    billing.add_command(_command)
