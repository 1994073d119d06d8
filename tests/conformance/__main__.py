"""``python -m tests.conformance``: judge what is published; ``judge FILES…`` for a few files, quickly."""

import argparse
import os
import sys
from pathlib import Path

from tests.conformance import loose, reference, whole


def main() -> int:
    """Run what is asked; 1 when something is to be done about it, 2 when the validator cannot run here."""
    asked = _arguments()
    try:
        code: int = asked.run(asked)
    except reference.MissingPieceError as missing:
        sys.stderr.write(f"{missing}\n")
        return 2
    return code


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.conformance", description=__doc__)
    parser.add_argument("--patients", type=int, default=int(os.environ.get("PATIENTS") or 60), help="of the cohort")
    parser.add_argument("--mutants", type=int, default=2000, help="resources made wrong on purpose (default 2,000)")
    parser.add_argument("--seed", type=int, default=1, help="of the mutations")
    share = int(os.environ.get("PROGRAMME_SHARE") or 1)
    parser.add_argument("--programme", type=int, default=share, help="bill every n-th patient of the programme (all)")
    parser.set_defaults(run=lambda asked: whole.run(asked.patients, asked.mutants, asked.seed, asked.programme))
    commands = parser.add_subparsers()
    files = commands.add_parser("judge", help="judge JSON files (or folders of them)")
    files.add_argument("files", type=Path, nargs="+")
    files.add_argument("--profile", action="append", default=[], help="judge by this profile too (canonical URL)")
    files.add_argument("--all", action="store_true", help="show accepted messages too")
    files.set_defaults(run=lambda asked: loose.run(asked.files, asked.profile, everything=asked.all))
    snapshots = commands.add_parser("snapshots", help="write our StructureDefinitions with their snapshots")
    snapshots.add_argument("folder", type=Path)
    snapshots.set_defaults(run=lambda asked: loose.snapshots(asked.folder))
    package = commands.add_parser("package", help="judge the examples by our FHIR package alone (see make package)")
    package.add_argument("file", type=Path)
    package.set_defaults(run=lambda asked: loose.package(asked.file))
    timing = commands.add_parser("time", help="microseconds per validation of a PHQ-9 response, as JSON")
    timing.add_argument("--seconds", type=int, default=10)
    timing.set_defaults(run=lambda asked: loose.timing(asked.seconds))
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
