"""The bench's own pieces with tiny numbers: it must measure what it says, never how fast this machine is."""

import base64
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from werkzeug.test import create_environ, run_wsgi_app

from sesame_fhir.server.settings import load
from sesame_fhir.server.wiring import build_sesame
from tests.bench import first_load, pages, reads, validation, writes
from tests.bench.load import BadAnswer, Load, drive, request
from tests.bench.reads import GOAL, Round
from tests.bench.report import Report
from tests.bench.seed import KEY, fill, seeded
from tests.bench.server import bare, floor, reader

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n5\r\nthere\r\n0\r\n\r\n"
STEPS = (
    *("home", "PHQ-2 form", "PHQ-2 sent", "result", "eligibility", "eligibility confirmed"),
    *("referral", "referral sent", "done"),
)


@contextmanager
def answering(*parts: bytes) -> Iterator[int]:
    """A server that answers every request with these parts, one packet each; gives its port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with listening.accept()[0] as connection:
                while connection.recv(65536):
                    for part in parts:
                        connection.sendall(part)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield int(listening.getsockname()[1])
        thread.join(5)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bench") / "bench.db"
    fill(path, 10, lambda _done: None)
    return path


def test_the_seed_is_made_once_until_its_code_changes(
    tmp_path: Path, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []

    def copy(path: Path, count: int, _progress: object) -> None:
        made.append(count)
        path.write_bytes(database.read_bytes())

    monkeypatch.setattr("tests.bench.seed.fill", copy)
    first = seeded(10, tmp_path, lambda _done: None)
    assert seeded(10, tmp_path, lambda _done: None) == first
    assert made == [10]
    monkeypatch.setattr("tests.bench.seed._digest", lambda: "other")
    assert seeded(10, tmp_path, lambda _done: None) != first
    assert not first.exists()


def test_the_floor_answers_the_stored_bytes(database: Path) -> None:
    compared = reads.subjects(database, 3)
    assert [len(subject.requests) for subject in compared] == [3] * 4
    path = compared[0].requests[0].split()[1].decode()
    stored = reader(f"sqlite:///{database}")
    answer = floor(stored).test_client().get(path)
    assert answer.status_code == 200
    assert answer.json is not None
    assert path.endswith(f"/{answer.json['resourceType']}/{answer.json['id']}")
    body, status, _ = run_wsgi_app(bare(stored), create_environ(path.replace("/floor/", "/bare/")))
    assert (b"".join(body), status) == (answer.data, "200 OK")


def test_a_visit_goes_through_every_page_and_the_first_load_is_weighed(database: Path) -> None:
    key_file = database.with_suffix(".key")
    key_file.write_text(base64.b64encode(KEY).decode())
    environ = {"SESAME_STORAGE_DATABASE_URL": f"sqlite:///{database}", "SESAME_STORAGE_KEY_FILE": str(key_file)}
    sesame = build_sesame(load(None, environ))
    try:
        visits = pages.Visits(sesame, first=10)
        weights = first_load.weigh(visits.open(5))
        found = pages.timed(visits, 1, warm_up=0)
    finally:
        sesame.close()
    assert tuple(found) == STEPS
    assert all(len(seconds) == 1 for seconds in found.values())
    assert {name.rpartition(".")[2] for name in weights} == {"page", "css", "js"}
    assert sum(weights.values()) <= first_load.LIMIT


def test_the_sample_of_the_validation_is_valid_and_every_layer_is_timed(database: Path) -> None:
    ((_, response),) = writes.phq9_responses(database, 1)
    found = validation.layers(response, repeat=1, number=1)
    assert len(found) == 4
    with pytest.raises(RuntimeError):
        validation.layers(response | {"status": "nothing"}, repeat=1, number=1)


@pytest.mark.network
@pytest.mark.parametrize(
    "parts", [(OK,), (OK[:10], OK[10:40], OK[40:]), (CHUNKED[:60], CHUNKED[60:])], ids=["whole", "in pieces", "chunked"]
)
def test_the_load_generator_counts_whole_answers(parts: tuple[bytes, ...]) -> None:
    with answering(*parts) as port:
        load = drive(port, [request("GET", "/", {})], connections=1, seconds=0.02)
    assert load.answers == len(load.latencies) > 0
    assert load.latencies == tuple(sorted(load.latencies))


@pytest.mark.network
@pytest.mark.parametrize("answer", [b"HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n", b"HTTP/1.1 401 X\r\n\r\n"])
def test_the_load_generator_refuses_to_measure_errors(answer: bytes) -> None:
    with answering(answer) as port, pytest.raises(BadAnswer):
        drive(port, [request("GET", "/", {})], connections=1, seconds=0.02)


def test_ratios_are_taken_round_by_round() -> None:
    def one(answers: int, cpu: float | None) -> Round:
        return Round(Load(answers, 1.0, tuple([0.001] * answers)), 1.0, cpu)

    floor_rounds = [one(100, 0.01), one(200, 0.02), one(400, 0.04)]
    compared = reads.compare([one(80, 0.01), one(140, 0.0175), one(360, 0.045)], floor_rounds)
    assert (compared.ratio, compared.lowest, compared.highest) == (0.8, 0.7, 0.9)
    assert compared.rate == 140
    assert compared.cpu_ratio == pytest.approx(0.8)
    assert reads.compare([one(80, None)], floor_rounds[:1]).cpu_ratio is None


def test_the_table_says_what_misses_its_goal() -> None:
    good = reads.compare([Round(Load(90, 1.0, (0.001,) * 90), 1.0, None)], [Round(Load(100, 1.0, (0.001,)), 1.0, None)])
    report = Report(
        {"pathways": 1},
        reads={"fast": good, "slow": replace(good, ratio=GOAL - 0.01), "shown": replace(good, ratio=0.1)},
        goals={"fast": GOAL, "slow": GOAL, "shown": None},
        speeds=[writes.Speed("search", 1, 1000.0, 1.0, 2.0)],
        pages={"home": [0.001, 0.003, 0.002]},
        first_load={"page": first_load.LIMIT, "x.css": 1},
        validation={"all layers": 95.0},
    )
    below = [line.split()[0] for line in report.text().splitlines() if "below" in line]
    assert below == ["slow"]
    assert "above 61,440" in report.text()
    document = report.document()
    assert document["pages_ms"]["home"] == {"median": 2.0, "p95": 3.0}
    assert document["first_load_bytes"]["total"] == 61441
