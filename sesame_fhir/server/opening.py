"""Opening the configured store, and saying what to do when it cannot be used: one table for commands and doctor."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sesame_fhir.server.settings import Settings
from sesame_fhir.server.system import read_key
from sesame_fhir.services.errors import VaultError
from sesame_fhir.storage import Store, missing_file, open_store
from sesame_fhir.storage.readiness import DRIVER_ERRORS, OUTDATED


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, and what to do about it."""

    what: str
    remedy: str


class StoreProblem(Exception):  # noqa: N818  named as the fact it reports
    """The store cannot be used."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"{problem.what}; {problem.remedy}")
        self.problem = problem


PROBLEMS = {
    "database-missing": Problem("the database file does not exist", "run `sesame migrate`, or restore it"),
    "database-unreadable": Problem(
        "the database cannot be reached or read",
        "check storage.database_url, that the database server runs and that this user may connect",
    ),
    "schema-not-at-head": Problem("the database's tables are missing or of another version", "run `sesame migrate`"),
    "database-unwritable": Problem("the database cannot be written", "check its free space and this user's rights"),
    "vault-key-does-not-fit": Problem(
        "the key file is not the one that this database was sealed with", "restore the key file from your backups"
    ),
    OUTDATED: Problem("pathways were written by an earlier release", "run `sesame rebuild`"),
    "audit-not-written": Problem("audit entries could not be written", "check the database's free space and log"),
}
"""Codes of ``Store.check`` and our own."""


@contextmanager
def opened_store(settings: Settings, *, create: bool = False) -> Iterator[Store]:
    """Open the store as it is; closed at the end of the block.

    Raises:
        KeyFileError: no usable key file.
        StoreProblem: not a database of ours, not reachable, or (unless ``create``) not there.
    """
    key = read_key(Path(settings.key_file))
    if not create and missing_file(settings.database_url):
        raise StoreProblem(PROBLEMS["database-missing"])
    try:
        with _open(settings.database_url, key) as store:
            yield store
    except VaultError as error:
        raise StoreProblem(PROBLEMS["vault-key-does-not-fit"]) from error
    except DRIVER_ERRORS as error:
        raise StoreProblem(PROBLEMS["database-unreadable"]) from error


def _open(url: str, key: bytes) -> Store:
    """Open what the URL names; a ``ValueError`` later on is a fault of ours, and no word on the database."""
    try:
        return open_store(url, key)
    except ValueError as error:
        raise StoreProblem(PROBLEMS["database-unreadable"]) from error


@contextmanager
def ready_store(settings: Settings, *, rebuilt: bool = False) -> Iterator[Store]:
    """Open the store and check that it can do its work. Raises as ``opened_store``.

    ``rebuilt``: what people see is asked for, so that no pathway may still wait for a rebuild.
    """
    with opened_store(settings) as store:
        if codes := [code for code in store.check() if rebuilt or code != OUTDATED]:
            raise StoreProblem(PROBLEMS[codes[0]])
        yield store
