"""Enormous bodies are refused within limits of the operating system, in a process of its own."""

import json
import subprocess
import sys
from pathlib import Path

from sesame_fhir.fhir.validation import MAX_ISSUES
from sesame_fhir.storage import open_store
from tests.contract.api.harness import seed
from tests.hostile.bounded import SECONDS


def test_enormous_bodies(tmp_path: Path) -> None:
    database = tmp_path / "record.db"
    with open_store(f"sqlite:///{database}", bytes(range(32))) as store:
        store.migrate()
        seed(store)
    command = [sys.executable, "-m", "tests.hostile.bounded", str(database)]
    done = subprocess.run(command, capture_output=True, check=False, timeout=4 * SECONDS)
    assert done.returncode == 0, done.stderr[-2000:]
    told = json.loads(done.stdout)
    assert len(told) > 20
    assert {name: status for name, (status, _) in told.items() if status not in (400, 413)} == {}
    assert all(1 <= issues <= MAX_ISSUES for _, issues in told.values()), told
    assert told["10 MB of text"][0] == told["10 MB of text in XML"][0] == 413
