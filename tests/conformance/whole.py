"""The whole run: everything published judged, and wrong resources put before both validators."""

import sys
from itertools import chain
from pathlib import Path

from tests.conformance import accepted, gather, reference, report
from tests.conformance.mutants import mutants
from tests.conformance.programme import programme
from tests.conformance.sample import Expected, Sample
from tests.conformance.verdicts import compare


def run(patients: int, count: int, seed: int, share: int) -> int:
    """Judge everything, print and keep the report; returns 1 when there is something to act on.

    Of the programme that is billed, every ``share``-th patient.
    """
    lists = accepted.load(accepted.FILE.read_text(encoding="utf-8"))
    samples = list(_published(patients))
    samples += mutants(gather.mutable(samples), count, seed)
    samples += programme(share)
    verdicts = reference.judge(samples, _verdict_file())
    clean = [one for one in verdicts if one.sample.expected is Expected.CLEAN]
    found = report.Findings(
        verdicts=verdicts,
        messages=accepted.sort(clean, lists.accepted),
        compared=compare(verdicts),
        differences=lists.differences,
        header=f"{patients} patients, one in {share} of the programme, {count} mutants of seed {seed}",
    )
    text = "\n".join(found.lines()) + "\n"
    (reference.BUILD / "report.md").write_text(text, encoding="utf-8")
    sys.stdout.write(text)
    return 1 if found.faults else 0


def _published(patients: int) -> chain[Sample]:
    return chain(gather.authored(), gather.goldens(), gather.published(patients), gather.demo_record())


def _verdict_file() -> Path:
    """Continued when the same definitions judge again; those of other definitions are of no use any more."""
    reference.BUILD.mkdir(parents=True, exist_ok=True)
    file = reference.BUILD / f"verdicts-{reference.fingerprint()}.ndjson"
    for other in reference.BUILD.glob("verdicts-*.ndjson"):
        if other != file:
            other.unlink()
    return file
