"""The whole run: everything published judged."""

import sys
from collections import Counter
from itertools import chain
from pathlib import Path

from tests.conformance import accepted, gather, reference
from tests.conformance.sample import Expected, Verdict


def run(patients: int) -> int:
    """Judge everything; returns 1 when there is something to act on."""
    known = accepted.load(accepted.FILE.read_text(encoding="utf-8"))
    samples = chain(gather.authored(), gather.goldens(), gather.published(patients), gather.demo_record())
    verdicts = reference.judge(samples, _verdict_file())
    clean = [one for one in verdicts if one.sample.expected is Expected.CLEAN]
    passed = [one for one in verdicts if one.sample.expected is Expected.REFUSED and not one.refused]
    sorted_out = accepted.sort(clean, known)
    _print(verdicts, sorted_out)
    sys.stdout.writelines(f"should be refused, is not: {one.sample.name}\n" for one in passed)
    return 1 if sorted_out.faults or sorted_out.unused or passed else 0


def _verdict_file() -> Path:
    """Continued when the same definitions judge again; those of other definitions are of no use any more."""
    reference.BUILD.mkdir(parents=True, exist_ok=True)
    file = reference.BUILD / f"verdicts-{reference.fingerprint()}.ndjson"
    for other in reference.BUILD.glob("verdicts-*.ndjson"):
        if other != file:
            other.unlink()
    return file


def _print(verdicts: list[Verdict], found: accepted.Sorted) -> None:
    for kind, count in sorted(Counter(one.sample.resource_type for one in verdicts).items()):
        sys.stdout.write(f"{count:6} {kind}\n")
    for reason, count in found.by_reason.most_common():
        sys.stdout.write(f"{count:6} accepted: {reason}\n")
    for sample, said in found.faults:
        sys.stdout.write(f"{said.severity}: {sample.name} {said.expression}: {said.text} [{said.message_id}]\n")
    sys.stdout.writelines(f"unused entry: {entry.message.pattern}\n" for entry in found.unused)
