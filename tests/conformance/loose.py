"""The small commands: a few files judged quickly, snapshots, the validator's speed."""

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.conformance import accepted, reference
from tests.conformance.gather import file_sample, resource_files, valid_response
from tests.conformance.sample import Expected, Verdict


def run(paths: Sequence[Path], profiles: Sequence[str], *, everything: bool) -> int:
    """Judge files, print what is not accepted (or everything); returns 1 when a file is not as expected."""
    files = [file for path in paths for file in (resource_files(path) if path.is_dir() else [path])]
    known = accepted.load(accepted.FILE.read_text(encoding="utf-8")).accepted
    faulty = 0
    for verdict in reference.judge(file_sample(file, tuple(profiles)) for file in files):
        lines = [
            f"  {said.severity:11} {said.expression}  {said.text}  [{said.message_id}]"
            for said in verdict.said
            if everything or not any(entry.covers(verdict.sample, said) for entry in known)
        ]
        wrong = _not_as_expected(verdict, lines)
        faulty += wrong
        sys.stdout.writelines(f"{line}\n" for line in [f"{'FAULT' if wrong else 'ok':5} {verdict.sample.name}", *lines])
    sys.stdout.write(f"{len(files)} files, {faulty} to act on\n")
    return 1 if faulty else 0


def _not_as_expected(verdict: Verdict, lines: list[str]) -> bool:
    if verdict.sample.expected is Expected.REFUSED:
        return not verdict.refused
    return bool(lines)


def snapshots(folder: Path) -> int:
    """Write every StructureDefinition of ``profiles/`` with its snapshot into a folder."""
    reference.run("snapshot", "--output", str(folder))
    return 0


def package(path: Path) -> int:
    """Judge the examples by a FHIR package of ours alone, as who installs it would; 1 when one is not as expected."""
    verdicts = reference.judge(map(file_sample, resource_files(reference.PROFILES / "examples")), package=path)
    wrong = [verdict.sample.name for verdict in verdicts if verdict.refused != _must_be_refused(verdict)]
    sys.stdout.writelines(f"FAULT {name}\n" for name in wrong)
    sys.stdout.write(f"{path.name}: {len(verdicts)} examples judged by it, {len(wrong)} to act on\n")
    return 1 if wrong else 0


def _must_be_refused(verdict: Verdict) -> bool:
    return verdict.sample.expected is Expected.REFUSED


def timing(seconds: int) -> int:
    """Print the time per validation of a PHQ-9 response after warm-up, as JSON."""
    with tempfile.NamedTemporaryFile(suffix=".ndjson") as file:
        file.write(valid_response().line())
        file.flush()
        sys.stdout.write(reference.run("time", "--input", file.name, "--seconds", str(seconds)))
    return 0
