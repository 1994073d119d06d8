"""A slice of ``make fuzz``: no fault, no leak, on either facade; and the judge, which must see what it is for."""

from pathlib import Path

import pytest

from tests.hostile.attacks import KINDS, attack_of
from tests.hostile.fuzz import generated, main, mutated
from tests.hostile.judging import MARK, faults
from tests.hostile.target import SECRET, Attack, Seen

SEED = 20_261_122


@pytest.mark.parametrize("batch", range(2))
def test_mutations(tmp_path: Path, batch: int) -> None:
    tally = mutated(tmp_path, SEED, batch, 10 * len(KINDS))
    assert tally.faults == []
    assert len(tally.statuses) > 20


def test_requests_made_from_the_description(tmp_path: Path) -> None:
    tally = generated(tmp_path, SEED, 3, batches=120, examples=8)
    assert tally.faults == []
    assert tally.statuses.total() > 20


def test_an_attack_can_be_repeated() -> None:
    assert [attack_of("1", n, ["user"]) for n in range(30)] == [attack_of("1", n, ["user"]) for n in range(30)]
    assert attack_of("1", 0, ["user"]) != attack_of("2", 0, ["user"])


OUTCOME = b'{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"invalid"}]}'
SAFE = {"Content-Type": "application/fhir+json", "X-Content-Type-Options": "nosniff"}
JUDGED = [
    (Seen(400, SAFE, OUTCOME), []),
    (Seen(200, SAFE, b"{}"), []),
    (Seen(501, SAFE, OUTCOME), []),
    (Seen(500, SAFE, OUTCOME), ["status 500"]),
    (Seen(404, {"Content-Type": "text/html"}, b"<p>no"), ["404 without"]),
    (Seen(400, SAFE, b'{"resourceType":"OperationOutcome","issue":[]}'), ["400 without"]),
    (Seen(200, SAFE, SECRET.encode()), ["another patient's data"]),
    (Seen(200, {"Content-Type": "text/html"}, MARK.encode()), ["input comes back"]),
    (Seen(200, {"Content-Type": "application/fhir+json"}, MARK.encode()), ["input comes back"]),
    (Seen(200, SAFE, b"{}", f"read by {SECRET}"), ["a secret in the log"]),
    (Seen(200, SAFE, b"{}", "unexpected-error"), ["logged"]),
]


@pytest.mark.parametrize(("seen", "expected"), JUDGED)
def test_the_judge(seen: Seen, expected: list[str]) -> None:
    attack = Attack("x", "GET", "/fhir/Patient/p2", who="patient")
    found = list(faults(attack, seen, [SECRET]))
    assert len(found) == len(expected)
    assert all(one.startswith(start) for one, start in zip(found, expected, strict=True))


def test_a_run_that_was_stopped_goes_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    progress = tmp_path / "fuzz.json"
    progress.write_text(
        '{"key":"7/1000","batches":{"mutation 0":{"statuses":{"body 400":500},"faults":[]},'
        '"schemathesis 0":{"statuses":{"described 200":498,"described 500":2},"faults":["it broke"]}}}'
    )
    assert main(["--seed", "7", "--requests", "1000", "--progress", str(progress)]) == 1
    said = capsys.readouterr().out
    assert said.startswith("1000 requests, 1 faults")
    assert "  400: 500\n" in said
    assert said.endswith("it broke\n")
