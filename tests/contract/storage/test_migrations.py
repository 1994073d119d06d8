"""Migrations make the schema that the code expects, from nothing, at once from several processes, and back."""

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from sesame_fhir.storage import access_schema, migrator, schema
from sesame_fhir.storage.columns import metadata
from sesame_fhir.storage.migrator import _config, at_head, engine, migrate
from tests.support.databases import PostgresServer


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE empty")
    yield server.url("empty")
    server.drop(server.url("empty"))


def tables(url: str) -> set[str]:
    with engine(url).connect() as connection:
        return set(inspect(connection).get_table_names())


def test_the_migrated_schema_is_the_metadata(empty_url: str) -> None:
    assert {schema.event.name, access_schema.audit.name} < set(metadata.tables)
    migrate(empty_url)
    with engine(empty_url).connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        assert at_head(connection)


def test_migrating_twice_changes_nothing(empty_url: str) -> None:
    migrate(empty_url)
    before = tables(empty_url)
    migrate(empty_url)
    assert tables(empty_url) == before


def test_processes_that_start_together(empty_url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(migrate, [empty_url] * 4))
    assert tables(empty_url) == {*metadata.tables, "alembic_version"}


def test_a_failed_migration_leaves_nothing(empty_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scripts = tmp_path / "migrations"
    shutil.copytree(Path(schema.__file__).with_name("migrations"), scripts)
    newest = max(path.name[:4] for path in (scripts / "versions").glob("[0-9]*.py"))
    (scripts / "versions" / "9999_broken.py").write_text(
        f"from alembic import op\nrevision = '9999'\ndown_revision = '{newest}'\n"
        "def upgrade():\n    op.execute('CREATE TABLE half (x INTEGER)')\n    op.execute('NOT SQL')\n"
    )
    monkeypatch.setattr(migrator, "_SCRIPTS", scripts)
    with pytest.raises(Exception, match="NOT"):
        migrate(empty_url)
    assert tables(empty_url) == set()


def test_back_to_nothing(empty_url: str) -> None:
    migrate(empty_url)
    with engine(empty_url).begin() as connection:
        command.downgrade(_config(connection), "base")
    assert tables(empty_url) == {"alembic_version"}
