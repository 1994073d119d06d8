"""SQL storage: every port that keeps something, on SQLite or PostgreSQL, behind one facade.

``open_store(url, vault_key)`` returns a ``Store``; nothing else is needed outside the package.
"""

import weakref
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy.engine import make_url

from sesame_fhir.services.billing.ports import Stores
from sesame_fhir.storage.audit import Audit
from sesame_fhir.storage.authorization import Authorization
from sesame_fhir.storage.billing import BillingStores
from sesame_fhir.storage.ehrs import Ehrs
from sesame_fhir.storage.keys import Keys
from sesame_fhir.storage.launches import Launches
from sesame_fhir.storage.migrator import migrate
from sesame_fhir.storage.outbox import SqlOutbox
from sesame_fhir.storage.pathways import Pathways
from sesame_fhir.storage.readiness import mark_vault, problems
from sesame_fhir.storage.resources import Resources
from sesame_fhir.storage.review_sessions import ReviewSessions
from sesame_fhir.storage.session import Database
from sesame_fhir.storage.sqlite import SqliteDatabase
from sesame_fhir.storage.staff import Staff
from sesame_fhir.storage.staff_access import staff_access
from sesame_fhir.storage.subscriptions import Subscriptions
from sesame_fhir.storage.vault import AesVault

__all__ = ["Store", "missing_file", "open_store"]


class Store:
    """Every storing port of one database. Safe to share between threads; one per process."""

    def __init__(self, database: Database, vault: AesVault) -> None:
        self._database = database
        self.vault = vault
        self.pathways = Pathways(database, vault)
        self.review_sessions = ReviewSessions(database)
        self.resources = Resources(database, vault)
        self.outbox = SqlOutbox(database)
        self.ehrs = Ehrs(database)
        self.launches = Launches(database, vault)
        self.keys = Keys(database)
        self.audit = Audit(database)
        self.authorization = Authorization(database)
        self.staff = Staff(database)
        self.subscriptions = Subscriptions(database, vault)
        self.staff_access = staff_access(database)
        self.billing: Stores = BillingStores(database)
        # What is queued must reach the disk even when nobody calls close(): at exit, or when the store is forgotten.
        self._close = weakref.finalize(self, database.close)

    def migrate(self) -> None:
        """Create or upgrade the schema. Raises VaultError when the database was sealed with another key."""
        migrate(self._database.url)
        mark_vault(self._database, self.vault)

    def check(self) -> list[str]:
        """Return what keeps the store from working, as codes; empty when it is ready."""
        found = problems(self._database, self.vault)
        return [*found, *(["audit-not-written"] if self.audit.unwritten else [])]

    def close(self) -> None:
        """Write what is queued and release every connection; safe to call twice."""
        self._close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _postgresql(url: str) -> Database:
    from sesame_fhir.storage.postgresql import PostgresDatabase  # noqa: PLC0415  its driver loads libpq

    return PostgresDatabase(url)


_DATABASES: dict[str, Callable[[str], Database]] = {
    "sqlite": lambda url: SqliteDatabase(make_url(url)),
    "postgresql": _postgresql,
}


def open_store(url: str, vault_key: bytes) -> Store:
    """Open a store; the schema is not touched (see ``Store.migrate``).

    Args:
        url: ``sqlite:///relative``, ``sqlite:////absolute`` or ``postgresql://user@host/name``.
        vault_key: 32 bytes.

    Raises:
        ValueError: not such a URL.
        VaultError: not such a key.
    """
    vault = AesVault(vault_key)
    build = _DATABASES.get(make_url(url).drivername)
    if build is None:
        raise ValueError("the database URL must begin with sqlite:/// or postgresql://")
    return Store(build(url), vault)


def missing_file(url: str) -> bool:
    """True for the URL of an SQLite file that is not there (opening it would make an empty one)."""
    parsed = make_url(url)
    return parsed.drivername == "sqlite" and not Path(parsed.database or "").is_file()
