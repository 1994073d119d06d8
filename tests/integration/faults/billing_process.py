"""A process that forks one child for each order: the child gives billing's commands until it is killed at a statement.

Run as a module; orders come in as lines of JSON (``database``, ``first`` step, statement to be ``killed_at``), and for
each a line goes out: the step the child was at, how many statements it had come to, whether it was killed. The child
kills itself with SIGKILL just before the SQL statement with that number, COMMIT included.
"""

import json
import os
import signal
import sqlite3
import sys
import traceback
from dataclasses import dataclass, field
from typing import Any, cast

from sesame_fhir.services.billing import preparing, submitting
from sesame_fhir.services.billing.paging import pages
from sesame_fhir.storage import open_store
from tests.integration.faults.billing_steps import STEPS
from tests.support.billing import billing_over
from tests.support.databases import VAULT_KEY
from tests.support.fakes import HandClock

_READS = ("SELECT", "PRAGMA", "WITH")
_CONNECT = sqlite3.connect


@dataclass(slots=True)
class Killer:
    """Counts what every connection of this process writes, and tells ``pipe`` where it is."""

    killed_at: int | None
    pipe: int
    step: int = 0
    statements: int = field(default=0)

    def connect(self, *asked: Any, **more: Any) -> sqlite3.Connection:
        """As ``sqlite3.connect``, watched."""
        connection: sqlite3.Connection = _CONNECT(*asked, **more)
        connection.set_trace_callback(self.count)
        return connection

    def count(self, statement: str) -> None:
        """One more; the last one does not happen."""
        if statement.lstrip().startswith(_READS):
            return
        self.statements += 1
        if self.statements == self.killed_at:
            self.tell()
            os.kill(os.getpid(), signal.SIGKILL)

    def tell(self) -> None:
        """The step and the count."""
        os.write(self.pipe, json.dumps([self.step, self.statements]).encode())


def work(database: str, first: int, killer: Killer) -> None:
    """Give every command from ``first`` on, in small pages so that there are many moments."""
    cast("Any", sqlite3).connect = killer.connect
    submitting._AT_ONCE = 3
    cast("Any", preparing).pages = lambda things: pages(things, 3)
    with open_store(f"sqlite:///{database}", VAULT_KEY) as store:
        clock = HandClock()
        billing = billing_over(store, clock)
        for number, step in enumerate(STEPS[first:], start=first):
            killer.step = number
            clock.move(seconds=(step.now - clock.now()).total_seconds())
            step(billing)
    killer.tell()


def killed(database: str, first: int, killed_at: int | None) -> dict[str, Any]:
    """Fork, let the child work, and tell how it ended."""
    reading, writing = os.pipe()
    if (child := os.fork()) == 0:
        try:
            work(database, first, Killer(killed_at, writing))
        except BaseException:  # noqa: BLE001  the child must not go on with its parent's work
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    os.close(writing)
    _, status = os.waitpid(child, 0)
    with os.fdopen(reading) as told:
        step, statements = json.loads(told.read() or f"[{first}, 0]")
    died = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    return {"step": step, "statements": statements, "killed": died, "failed": not died and status != 0}


if __name__ == "__main__":
    for order in sys.stdin:
        sys.stdout.write(json.dumps(killed(**json.loads(order))) + "\n")
        sys.stdout.flush()
