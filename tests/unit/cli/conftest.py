"""The ``sesame`` command in this process, on a real SQLite database and key file of its own for each test."""

import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sesame_fhir.cli import cli
from sesame_fhir.server.system import read_key
from sesame_fhir.storage import Store, open_store
from tests.support.logging_state import logging_put_back


@dataclass
class Cli:
    """Runs subcommands in ``folder``; ``store`` looks at what they left."""

    folder: Path
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def key_file(self) -> Path:
        return self.folder / "sesame.key"

    @property
    def database(self) -> Path:
        return self.folder / "sesame.db"

    @property
    def settings(self) -> dict[str, str]:
        return {
            "SESAME_STORAGE_DATABASE_URL": f"sqlite:///{self.database}",
            "SESAME_STORAGE_KEY_FILE": str(self.key_file),
            "SESAME_OUTBOX_POLL_SECONDS": "1",
            **self.extra,
        }

    def __call__(self, *arguments: str | Path, env: Mapping[str, str] | None = None) -> Result:
        clean: dict[str, str | None] = {name: None for name in os.environ if name.startswith("SESAME_")}
        wanted = clean | self.settings | dict(env or {})
        return CliRunner().invoke(cli, [str(one) for one in arguments], env=wanted)

    def ok(self, *arguments: str | Path) -> str:
        """Output of a subcommand that must succeed."""
        result = self(*arguments)
        assert result.exit_code == 0, result.output
        return result.stdout

    def refused(self, *arguments: str | Path, env: Mapping[str, str] | None = None) -> str:
        """The one line that a subcommand which must fail says."""
        result = self(*arguments, env=env)
        assert result.exit_code == 1, result.output
        assert isinstance(result.exception, SystemExit), result.exception
        (line,) = result.stderr.splitlines()
        assert line.startswith("Error: ")
        return line

    def store(self) -> Store:
        return open_store(f"sqlite:///{self.database}", read_key(self.key_file))


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    """The command configures the log of its process, which here is the tests' own."""
    with logging_put_back():
        yield


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database with its key, to copy."""
    folder = tmp_path_factory.mktemp("template")
    with logging_put_back():
        assert Cli(folder)("migrate").exit_code == 0
    return folder


@pytest.fixture
def empty(tmp_path: Path) -> Cli:
    """Nothing there yet."""
    return Cli(tmp_path)


@pytest.fixture
def sesame(template: Path, tmp_path: Path) -> Cli:
    """Migrated."""
    for name in ("sesame.db", "sesame.key"):
        shutil.copy(template / name, tmp_path)
    return Cli(tmp_path)
