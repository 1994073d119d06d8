"""``kill -9`` in the middle of writes: every event is whole or absent, what was confirmed is there, work goes on."""

import random
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest

from sesame_fhir.domain.evolution import fold
from sesame_fhir.domain.ids import CommandId, PathwayId
from sesame_fhir.services.rebuild import rebuild
from sesame_fhir.storage import Store, open_store
from tests.contract.storage import crashing_writer
from tests.contract.storage.projection_dump import dump
from tests.contract.storage.story import Script, project
from tests.support.databases import VAULT_KEY
from tests.support.story import START

ROOT = Path(__file__).parents[3]
ROUNDS = 4


def killed_writer(url: str, first: int, seconds: float) -> list[str]:
    """Start the writer, kill it ``seconds`` after its first commit; return the command ids it had confirmed."""
    process = subprocess.Popen(
        [sys.executable, crashing_writer.__file__, url, str(first)],
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT)},
        text=True,
    )
    assert process.stdout is not None
    with process.stdout as said:
        confirmed = [said.readline()]
        time.sleep(seconds)
        process.send_signal(signal.SIGKILL)
        confirmed += said.readlines()
    assert process.wait() == -signal.SIGKILL
    return [line.strip() for line in confirmed if line.endswith("\n")]


def check_whole(store: Store, confirmed: list[str]) -> None:
    for command_id in confirmed:
        assert store.pathways.applied(CommandId(command_id)) is not None
    for pathway_id in store.pathways.pathway_ids():
        history = store.pathways.history(pathway_id)
        assert [e.sequence for e in history] == list(range(1, len(history) + 1))
        assert len(history) in {2, 4}  # both events of a command, or none
        state = fold(pathway_id, history)
        episode = store.resources.read("EpisodeOfCare", pathway_id)
        assert episode is not None
        assert episode.version == len(history) // 2
        wanted = {i.target.resource_type: i.wanted_version for i in store.outbox.of_pathway(pathway_id)}
        assert wanted == {"EpisodeOfCare": episode.version, "Observation": 1}
        assert state.version == len(history)


def test_kill_9_leaves_whole_events_only(database_url: str) -> None:
    confirmed: list[str] = []
    moments = random.Random(20260302)  # noqa: S311  moments, not secrets
    for number in range(ROUNDS):
        confirmed += killed_writer(database_url, 1000 * number, moments.uniform(0.0, 0.25))
        with open_store(database_url, VAULT_KEY) as store:
            check_whole(store, confirmed)
    assert len(confirmed) > ROUNDS


def test_work_goes_on_after_kill_9(database_url: str) -> None:
    killed_writer(database_url, 0, 0.1)
    with open_store(database_url, VAULT_KEY) as store:
        store.migrate()
        assert store.check() == []
        assert store.outbox.claim(START + timedelta(days=1), 60, 1000)
        assert store.pathways.commit(Script(PathwayId("after"), patient="Patient/after").screened())
        before = dump(store)
        rebuild(store.pathways, project, lambda _done: None)
        assert dump(store) == before


@pytest.mark.parametrize("table", ["event", "resource", "outbox", "index_date", "command"])
def test_an_error_at_any_step_leaves_nothing(store: Store, table: str) -> None:
    """The table written at that step is away: the whole command is refused, and acts when it is back."""
    commit = Script().screened()
    before = dump(store)
    store._database.write(lambda session: session.run(f"ALTER TABLE {table} RENAME TO away"))
    with pytest.raises(Exception, match=table):
        store.pathways.commit(commit)
    store._database.write(lambda session: session.run(f"ALTER TABLE away RENAME TO {table}"))
    assert dump(store) == before
    assert store.pathways.history(commit.pathway_id) == ()
    assert store.pathways.commit(commit)
