"""docs/how-to/connect-your-ehr.md does what it says: its commands are run, in their order, against a running demo."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.demo import Demo, environment, free_port, running_demo

pytestmark = [pytest.mark.network, pytest.mark.xdist_group("faults")]

DOCS = Path(__file__).parents[2] / "docs" / "how-to"
PAGE = (DOCS / "connect-your-ehr.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```bash\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
_STATUS = re.compile(r"# → (\d{3})$", re.MULTILINE)


def script(demo: Demo, listener: int) -> str:
    """The page's commands in one shell; between blocks, the number of the next one."""
    steps = (f"echo '== {number}'\n{block}" for number, block in enumerate(BLOCKS))
    text = "set -e\n" + "\n".join(steps)
    return text.replace("localhost:8000", f"localhost:{demo.port}").replace("8765", str(listener))


def run(demo: Demo, folder: Path) -> dict[int, list[str]]:
    """Statuses that each block printed."""
    for name in ("snippets/backend.py", "snippets/listener.py", "sandbox-bundle.json"):
        (folder / Path(name).name).write_bytes((DOCS / name).read_bytes())
    env = environment(demo.folder, demo.port, {})
    env["PATH"] = f"{Path(sys.executable).parent}:{env['PATH']}"
    done = subprocess.run(
        ["bash", "-c", script(demo, free_port())],
        check=False,
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        timeout=120,
    )
    printed = re.split(r"^== (\d+)$", done.stdout, flags=re.MULTILINE)
    found = zip(printed[1::2], printed[2::2], strict=True)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}\n{(folder / 'answer.json').read_text()[:2000]}"
    return {int(number): re.findall(r"^→ (\d{3})$", text, re.MULTILINE) for number, text in found}


def test_every_command_of_the_page_answers_as_the_page_says(tmp_path: Path) -> None:
    folder, work = tmp_path / "demo", tmp_path / "work"
    folder.mkdir()
    work.mkdir()
    with running_demo(folder, {"SESAME_OUTBOX_POLL_SECONDS": "0.2"}) as demo:
        statuses = run(demo, work)
    assert statuses == {number: _STATUS.findall(block) for number, block in enumerate(BLOCKS)}
    assert sum(map(len, statuses.values())) > 30
