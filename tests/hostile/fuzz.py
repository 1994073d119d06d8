"""``make fuzz``: thousands of hostile requests, half from our OpenAPI by schemathesis, half mutations of good ones.

They are sent in batches, each to fresh databases: a batch can be run again alone, and a run that was stopped goes on
with the next one. A fault is anything ``judging`` names; the exit code is 1 when there is one.
"""

import argparse
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.hostile.attacks import attack_of
from tests.hostile.described import described, operations
from tests.hostile.judging import faults
from tests.hostile.target import Attack, Seen, Target, secrets_of, targets

ROOT = Path(__file__).parents[2]
PROGRESS = ROOT / "var" / "fuzz.json"
BATCH = 500
_SHOWN = 200


@dataclass
class Tally:
    """What was seen: requests by kind and status, and each fault with what repeats it."""

    statuses: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def add(self, name: str, attack: Attack, seen: Seen, target: Target) -> None:
        """Count one answer, and judge it."""
        self.statuses[f"{attack.kind} {seen.status}"] += 1
        for fault in faults(attack, seen, secrets_of(target)):
            self.faults.append(f"{name} {attack.who} {attack.method} {attack.path[:_SHOWN]!a}: {fault!a}")


def mutated(folder: Path, seed: int, batch: int, size: int = BATCH) -> Tally:
    """One batch of mutations; the attacks take turns at the two facades."""
    tally = Tally()
    with targets(folder) as both:
        for number in range(batch * size, (batch + 1) * size):
            target = both[number % len(both)]
            attack = attack_of(str(seed), number, list(target.tokens))
            tally.add(f"mutation {seed}/{batch}/{number}", attack, target.send(attack), target)
    return tally


def generated(folder: Path, seed: int, batch: int, batches: int, examples: int) -> Tally:
    """One batch of what schemathesis makes: every ``batches``-th operation of the description."""
    tally = Tally()
    with targets(folder) as both:
        target = both[batch % len(both)]
        for attack, seen in described(target, operations(target)[batch::batches], examples, seed + batch):
            tally.add(f"schemathesis {seed}/{batch}", attack, seen, target)
    return tally


def _batches(requests: int) -> Iterator[tuple[str, int, int]]:
    half = max(1, requests // 2 // BATCH)
    for batch in range(half):
        yield f"mutation {batch}", batch, half
        yield f"schemathesis {batch}", batch, half


def run(seed: int, requests: int, progress: Path) -> Tally:
    """Every batch that the progress file does not know yet; returns the sum of all."""
    key = f"{seed}/{requests}"
    known = json.loads(progress.read_text(encoding="utf-8")) if progress.exists() else {}
    done = known.get("batches", {}) if known.get("key") == key else {}
    progress.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="sesame-fuzz-") as folder:
        # The description tells some five hundred operations: what is left of a half is shared out among them.
        examples = -(-requests // 2 // _offered(Path(folder))) + 1
        for name, batch, half in _batches(requests):
            if name in done:
                continue
            place = Path(folder)
            made = name.startswith("mutation")
            tally = mutated(place, seed, batch) if made else generated(place, seed, batch, half, examples)
            done[name] = {"statuses": tally.statuses, "faults": tally.faults}
            progress.write_text(json.dumps({"key": key, "batches": done}), encoding="utf-8")
            _say(f"{name}: {tally.statuses.total()} requests, {len(tally.faults)} faults")
    return _sum(done.values())


def _offered(folder: Path) -> int:
    with targets(folder) as both:
        return len(operations(both[0]))


def _sum(tallies: Iterable[dict[str, Any]]) -> Tally:
    total = Tally()
    for one in tallies:
        total.statuses.update(one["statuses"])
        total.faults += one["faults"]
    return total


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def report(total: Tally) -> str:
    """Counts by status, then by kind and status, then the faults."""
    by_status: Counter[str] = Counter()
    for name, times in total.statuses.items():
        by_status[name.rpartition(" ")[2]] += times
    lines = [f"{total.statuses.total()} requests, {len(total.faults)} faults"]
    lines += [f"  {status}: {times}" for status, times in sorted(by_status.items())]
    lines += [f"  {name}: {times}" for name, times in sorted(total.statuses.items())]
    return "\n".join([*lines, *total.faults])


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, print, return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.hostile.fuzz", description=__doc__)
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--progress", type=Path, default=PROGRESS, help="remove the file to begin again")
    asked = parser.parse_args(arguments)
    total = run(asked.seed, asked.requests, asked.progress)
    sys.stdout.write(f"{report(total)}\n")
    return 1 if total.faults else 0


if __name__ == "__main__":
    sys.exit(main())
