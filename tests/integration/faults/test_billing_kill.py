"""``kill -9`` at fifty moments of a month of billing, then the same command again: no claim twice, none missing."""

import json
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sesame_fhir.storage import open_store
from tests.integration.faults import billing_process
from tests.integration.faults.billing_steps import LIVES, STEPS, state
from tests.support.billing import write_lives
from tests.support.databases import VAULT_KEY, migrated

ROOT = Path(__file__).parents[3]
MOMENTS = 50
CHANCE = random.Random(20260701)  # noqa: S311  moments, not secrets

Order = Callable[[Path, int, int | None], dict[str, Any]]


@pytest.fixture(scope="module")
def order() -> Iterator[Order]:
    """Gives orders to the one process that forks: starting Python anew for each moment would take a minute."""
    command = [sys.executable, "-m", billing_process.__name__]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={"PYTHONPATH": str(ROOT)}
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        asked, answered = process.stdin, process.stdout

        def give(database: Path, first: int, killed_at: int | None) -> dict[str, Any]:
            asked.write(json.dumps({"database": str(database), "first": first, "killed_at": killed_at}) + "\n")
            asked.flush()
            told: dict[str, Any] = json.loads(answered.readline())
            assert not told["failed"], f"a command was refused at {STEPS[told['step']].name}; see stderr"
            return told

        yield give
        asked.close()


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("billing") / "lives.db"
    migrated(path)
    with open_store(f"sqlite:///{path}", VAULT_KEY) as store:
        write_lives(store, LIVES)
    return path


def left(database: Path) -> dict[str, list[str]]:
    with open_store(f"sqlite:///{database}", VAULT_KEY) as store:
        return state(store)


def test_killed_anywhere_and_asked_again_the_month_is_the_same(order: Order, template: Path, tmp_path: Path) -> None:
    undisturbed = Path(shutil.copy(template, tmp_path / "undisturbed.db"))
    whole = order(undisturbed, 0, None)["statements"]
    expected = left(undisturbed)
    assert (len(expected["claims"]), len(expected["batches"])) == (len(LIVES) + 1, 2)
    at = set[int]()
    for moment in range(MOMENTS):
        database = Path(shutil.copy(template, tmp_path / f"killed-{moment}.db"))
        # One moment in each fiftieth of the way, so that every step has its share.
        killed_at = 1 + int(whole * (moment + CHANCE.random()) / (MOMENTS + 2))
        told = order(database, 0, killed_at)
        assert told["killed"], "the moment lies after the end"
        order(database, told["step"], None)
        assert left(database) == expected, f"killed at {STEPS[told['step']].name}, statement {killed_at}"
        at.add(told["step"])
    assert {STEPS[step].name for step in at} >= {"prepare", "submit", "answers", "payments", "submit again"}
