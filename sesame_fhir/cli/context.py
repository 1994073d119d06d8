"""What every subcommand starts from: the checked settings, and the store opened on demand."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click

from sesame_fhir.server.settings import Settings
from sesame_fhir.server.system import read_key
from sesame_fhir.storage import Store, open_store


@dataclass(frozen=True, slots=True)
class CliContext:
    """Settings and where they came from."""

    config: Path | None
    settings: Settings

    @contextmanager
    def store(self) -> Iterator[Store]:
        """Open the configured store, ready for use.

        Raises:
            click.ClickException: the database cannot be used; the message says what to do.
        """
        store = open_store(self.settings.database_url, read_key(Path(self.settings.key_file)))
        try:
            if problems := store.check():
                raise click.ClickException("\n".join([*problems, "run `sesame migrate`, then `sesame doctor`"]))
            yield store
        finally:
            store.close()
