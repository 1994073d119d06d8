"""What is asked of both servers: the same addresses and the same bodies, and how much faster ours is to be."""

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.bench.load import request
from tests.bench.side import people

_SAMPLE = 300
_FHIR = "application/fhir+json"

Headers = Mapping[str, str]
Requests = Callable[[Headers, list[int]], list[bytes]]
"""(headers, numbers of patients) -> a request about each."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One kind of request, the status it must get, and the least ratio to HAPI's rate that is aimed at."""

    name: str
    requests: Requests
    expected: bytes
    aim: float | None


def sample(size: int) -> list[int]:
    """Patients of a database of ``size`` resources, drawn once and for all."""
    patients = size // people.EACH
    drawn = random.Random(size)  # noqa: S311  nothing is kept secret by it
    return [drawn.randrange(patients) for _ in range(_SAMPLE)]


def reads(headers: Headers, numbers: list[int], root: str = "/fhir") -> list[bytes]:
    """Each one's answers; another ``root`` is a floor."""
    return [request("GET", f"{root}/QuestionnaireResponse/r{number}", headers) for number in numbers]


def _searches(headers: Headers, numbers: list[int]) -> list[bytes]:
    path = "/fhir/Observation?patient=Patient/{}&_count=20"
    return [request("GET", path.format(people.patient_id(number)), headers) for number in numbers]


def _pages(headers: Headers, numbers: list[int]) -> list[bytes]:
    path = (
        "/fhir/Observation?code=44261-6,70274-6,{}&_count=1000"  # no two alike: HAPI answers the same one from memory
    )
    return [request("GET", path.format(number), headers) for number in dict.fromkeys(numbers)]


def _posted(path: str, made: Callable[[int], people.Json]) -> Requests:
    def requests(headers: Headers, numbers: list[int]) -> list[bytes]:
        sent = {**headers, "Content-Type": _FHIR}
        return [request("POST", path, sent, json.dumps(made(number)).encode()) for number in numbers]

    return requests


CREATE = Scenario("create", _posted("/fhir/QuestionnaireResponse", people.response), b"201", 3)
READ = Scenario("read", reads, b"200", 5)
SCENARIOS = (
    READ,
    Scenario("search by patient", _searches, b"200", 5),
    CREATE,
    Scenario("transaction of a visit", _posted("/fhir", people.visit), b"200", 3),
    Scenario("$validate", _posted("/fhir/QuestionnaireResponse/$validate", people.response), b"200", 10),
    Scenario("page of 1,000", _pages, b"200", None),
)
