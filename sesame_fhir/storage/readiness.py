"""Is the store ready? Each problem is a code that ``sesame doctor`` and ``/readyz`` can translate."""

import sqlite3
from collections.abc import Callable

import psycopg
from psycopg_pool import PoolTimeout
from sqlalchemy import insert, select
from sqlalchemy.exc import SQLAlchemyError

from sesame_fhir.services.errors import VaultError
from sesame_fhir.services.ports import Vault
from sesame_fhir.storage.access_schema import deployment
from sesame_fhir.storage.migrator import at_head, engine
from sesame_fhir.storage.session import Database, Session

DRIVER_ERRORS = (sqlite3.Error, psycopg.Error, PoolTimeout, SQLAlchemyError, OSError)
"""What a database that is away, full, locked or not ours makes its drivers raise."""

OUTDATED = "projections-outdated"
"""Code of ``problems``: an upgrade left pathways to be rebuilt; everything else works."""

_ANY_OUTDATED = "SELECT 1 FROM outdated_pathway LIMIT 1"
_CANARY = b"sesame"
_CONTEXT = "deployment"
_MARK = insert(deployment)
_MARKED = select(deployment.c.vault_canary)


def mark_vault(database: Database, vault: Vault) -> None:
    """Remember which vault key seals this database. Raises VaultError when it is another one."""

    def job(session: Session) -> None:
        session.lock("deployment")
        if rows := session.select(_MARKED):
            vault.unseal(rows[0][0], _CONTEXT)
        else:
            session.execute(_MARK, {"vault_canary": vault.seal(_CANARY, _CONTEXT)})

    database.write(job)


def problems(database: Database, vault: Vault) -> list[str]:
    """Return the codes of what does not work: the schema first, for nothing works without it."""
    checks: tuple[tuple[str, Callable[[], bool]], ...] = (
        ("database-unreadable", lambda: database.read(lambda session: session.row("SELECT 1")) is not None),
        ("schema-not-at-head", lambda: _current(database.url)),
        ("database-unwritable", lambda: _writable(database)),
        ("vault-key-does-not-fit", lambda: _vault_fits(database, vault)),
        (OUTDATED, lambda: database.read(lambda session: session.row(_ANY_OUTDATED)) is None),
    )
    for code, works in checks:
        try:
            if not works():
                return [code]
        except DRIVER_ERRORS:
            return [code]
    return []


def _current(url: str) -> bool:
    with engine(url).connect() as connection:
        return at_head(connection)


def _writable(database: Database) -> bool:
    """Change nothing, but as a writer that commits."""
    database.write(lambda session: session.run("UPDATE deployment SET vault_canary = vault_canary"))
    return True


def _vault_fits(database: Database, vault: Vault) -> bool:
    rows = database.read(lambda session: session.select(_MARKED))
    try:
        return bool(rows) and vault.unseal(rows[0][0], _CONTEXT) == _CANARY
    except VaultError:
        return False
