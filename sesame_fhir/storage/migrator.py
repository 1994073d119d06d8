"""Schema migrations, run by code: ``migrate(url)`` brings a database from any revision, or none, to the newest."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.pool import NullPool

_SCRIPTS = Path(__file__).with_name("migrations")
_LOCK = 0x5E5A3E  # any number, the same for every process that migrates


def engine(url: str) -> Engine:
    """Return an engine for cold work on the schema; nothing stays open between its connections."""
    parsed = make_url(url)
    made = create_engine(_with_driver(parsed), poolclass=NullPool)
    if made.dialect.name == "sqlite":
        # The driver's own transactions skip DDL: begin by hand, and at once as a writer.
        event.listen(made, "connect", lambda connection, _record: setattr(connection, "isolation_level", None))
        event.listen(made, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return made


def migrate(url: str) -> None:
    """Bring the schema to its newest revision, in one transaction; processes that start together wait in line."""
    with engine(url).begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
        command.upgrade(_config(connection), "head")


def at_head(connection: Connection) -> bool:
    """Tell whether the database has the newest revision."""
    return MigrationContext.configure(connection).get_current_revision() == _head()


@cache
def _head() -> str | None:
    """Finding it reads every migration: once per process, not at every question whether the store is ready."""
    return ScriptDirectory(str(_SCRIPTS)).get_current_head()


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _with_driver(url: URL) -> URL:
    return url.set(drivername="postgresql+psycopg") if url.drivername == "postgresql" else url
