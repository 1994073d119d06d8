"""A process that commits pathways until it is killed; each commit that returned is told on standard output.

Run as ``python crashing_writer.py URL``; the parent kills it with SIGKILL at a random moment.
"""

import sys
from itertools import count

from sesame_fhir.domain.ids import PathwayId
from sesame_fhir.storage import open_store
from tests.contract.storage.story import Script
from tests.support.databases import VAULT_KEY


def main(url: str, first: int) -> None:
    """Commit two commands for each new pathway."""
    store = open_store(url, VAULT_KEY)
    for number in count(first):
        script = Script(PathwayId(f"pathway-{number}"), patient=f"Patient/{number}")
        for commit in (script.screened(), script.referred()):
            store.pathways.commit(commit)
            print(commit.command_id, flush=True)  # noqa: T201  the parent reads it


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
