"""A HAPI FHIR JPA server (tests/bench/hapi): built by Maven under build/, started on a database, filled, ended."""

import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from tests.bench.load import ask, request
from tests.bench.seed import ROOT, digest
from tests.bench.server import Running
from tests.bench.side import people
from tests.bench.side.stored import Progress
from tests.support.demo import free_port

PROJECT = ROOT / "tests" / "bench" / "hapi"
_JAR = ROOT / "build" / "bench" / "maven" / "hapi.jar"
_SOURCES = (PROJECT / "pom.xml", *sorted((PROJECT / "src").rglob("*.*")))
_JSON = {"Content-Type": "application/fhir+json", "Accept": "application/fhir+json"}
_START_SECONDS = 300
_STOP_SECONDS = 60
_PATIENTS_TOGETHER = 50
_CLIENTS = 2
_ATTEMPTS = 5


class Absent(RuntimeError):  # noqa: N818  named as the fact it reports
    """There is no HAPI to measure against; the message says what is missing."""


def built() -> Path:
    """The server's jar, its libraries beside it.

    Raises:
        Absent: no Java or no Maven, or Maven could not build it (no network, most of the time).
    """
    missing = [name for name in ("java", "mvn") if shutil.which(name) is None]
    if missing:
        raise Absent(f"{' and '.join(missing)} not found: install Java 17 and Maven to measure against HAPI")
    stamp = _JAR.with_suffix(".digest")
    if not _JAR.exists() or not stamp.exists() or stamp.read_text(encoding="ascii") != digest(_SOURCES):
        done = subprocess.run(["mvn", "-q", "-B", "package"], cwd=PROJECT, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Absent(f"Maven could not build HAPI:\n{done.stdout[-2000:]}")
        stamp.write_text(digest(_SOURCES), encoding="ascii")
    return _JAR


@contextmanager
def running(url: str, log: Path, user: str = "sa") -> Iterator[Running]:
    """A server on a JDBC database, ready; ended with the block.

    Raises:
        Absent: it cannot be built.
        RuntimeError: it did not start.
    """
    jar, port = built(), free_port()
    command = ["java", "-Xms1g", "-Xmx2g", f"-Dbench.url={url}", f"-Dbench.user={user}", "-jar", str(jar), str(port)]
    with log.open("ab") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, cwd=log.parent)
    try:
        _wait(port, process, log)
        yield Running(port, process)
    finally:
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(_STOP_SECONDS)


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            if ask(port, request("GET", "/fhir/metadata", _JSON)).status == 200:
                return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"HAPI did not start:\n{log.read_text(encoding='utf-8')[-3000:]}")


def fill(port: int, size: int, progress: Progress) -> None:
    """Put the questionnaire and ``size`` resources into a running server, by transactions with the ids given."""
    _post(port, "PUT", "/fhir/Questionnaire/phq-9", people.questionnaire())
    patients = size // people.EACH
    starts = range(0, patients, _PATIENTS_TOGETHER)

    def some(start: int) -> None:
        numbers = range(start, min(start + _PATIENTS_TOGETHER, patients))
        entries = [_put(resource) for number in numbers for resource in people.resources(number)]
        _post(port, "POST", "/fhir", {"resourceType": "Bundle", "type": "transaction", "entry": entries})
        if numbers.stop % 1_000 == 0:
            progress(f"  HAPI: {numbers.stop * people.EACH:,} of {size:,} resources")

    some(0)  # the first transactions make rows that all share: side by side, they would stand in each other's way
    with ThreadPoolExecutor(_CLIENTS) as pool:
        list(pool.map(some, starts[1:]))


def _put(resource: people.Json) -> people.Json:
    return {"resource": resource, "request": {"method": "PUT", "url": f"{resource['resourceType']}/{resource['id']}"}}


def _post(port: int, method: str, path: str, body: people.Json) -> None:
    for _ in range(_ATTEMPTS):  # it undoes transactions that meet another one
        answer = ask(port, request(method, path, _JSON, json.dumps(body).encode()))
        if answer.status in (200, 201):
            return
    raise RuntimeError(f"HAPI took no {body['resourceType']}: {answer.body[:1000]!r}")


def kept(size: int, cache: Path, progress: Progress) -> Path:
    """An H2 database of so many resources, made again when what writes it has changed.

    Raises:
        Absent: there is no HAPI.
    """
    sources = (*_SOURCES, Path(people.__file__))
    path = cache / f"hapi-{size}-{digest(sources)}.mv.db"
    if not path.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as folder:
            with running(h2(Path(folder)), Path(folder) / "hapi.log") as server:
                fill(server.port, size, progress)
            for outdated in cache.glob(f"hapi-{size}-*.mv.db"):
                outdated.unlink()
            (Path(folder) / "h2.mv.db").rename(path)
    return path


def h2(folder: Path) -> str:
    """JDBC URL of the H2 file in a folder."""
    return f"jdbc:h2:file:{folder / 'h2'}"
