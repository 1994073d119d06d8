"""The same questions to a store of 10,000 and of 100,000 resources: what a search costs must not follow the size.

``python -m tests.bench.searching``: one SQLite database of each size, nothing but the store.
"""

import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from sesame_fhir.fhir.search_index import index
from sesame_fhir.services.records import Origin, ResourceChange, ResourceWrite
from sesame_fhir.services.search import (
    ChainClause,
    Clause,
    DatePrefix,
    HasClause,
    Include,
    QuantityClause,
    QuantityValue,
    ReferenceClause,
    ReferenceValue,
    SearchQuery,
    Sort,
    TokenClause,
    TokenValue,
)
from sesame_fhir.storage import Store, open_store
from tests.support.story import SITE

KEY = bytes(range(32))
SIZES = (10_000, 100_000)
EACH = 10
"""Observations of one patient."""

_START = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
_ROUNDS = 60
_TOGETHER = 500
_LOINC, _INS = "http://loinc.org", "urn:ins"


def observation(number: int) -> dict[str, Any]:
    """Ten of each patient; every tenth is a preliminary one."""
    patient = number // EACH
    return {
        "resourceType": "Observation",
        "id": f"o{number}",
        "status": "preliminary" if number % 10 == 0 else "final",
        "category": [{"coding": [{"code": "survey"}]}],
        "code": {"coding": [{"system": _LOINC, "code": ("44261-6", "70274-6")[number % 2]}]},
        "subject": {"reference": f"Patient/p{patient}"},
        "encounter": {"reference": f"Encounter/e{patient}"},
        "effectiveDateTime": (_START + timedelta(minutes=number)).isoformat(),
        "valueQuantity": {"value": Decimal(number % 28), "system": "http://unitsofmeasure.org", "code": "{score}"},
    }


def patient(number: int) -> dict[str, Any]:
    """One that can be told from the others."""
    return {
        "resourceType": "Patient",
        "id": f"p{number}",
        "identifier": [{"system": _INS, "value": str(number)}],
        "name": [{"family": f"Fictif{number}"}],
    }


def encounter(number: int) -> dict[str, Any]:
    """One of each patient."""
    return {
        "resourceType": "Encounter",
        "id": f"e{number}",
        "status": "finished",
        "class": {"code": "AMB"},
        "subject": {"reference": f"Patient/p{number}"},
    }


def _resources(size: int) -> Iterator[dict[str, Any]]:
    for number in range(size // (EACH + 2)):
        yield patient(number)
        yield encounter(number)
        yield from (observation(number * EACH + place) for place in range(EACH))


def fill(store: Store, size: int) -> None:
    """Write about ``size`` resources."""
    changes: list[ResourceChange] = []
    for body in _resources(size):
        write = ResourceWrite(body["resourceType"], body["id"], body, index(body), SITE, Origin.RECORD)
        changes.append(ResourceChange(write.resource_type, write.resource_id, write, expected=0))
        if len(changes) == _TOGETHER:
            store.resources.apply((), changes, _START)
            changes = []
    store.resources.apply((), changes, _START)


def of_patient(number: int) -> Clause:
    """Its observations."""
    return ReferenceClause("patient", (ReferenceValue("Patient", f"p{number}"),))


def token(param: str, system: str | None, code: str, *, negated: bool = False) -> TokenClause:
    """One code."""
    return TokenClause(param, (TokenValue(system, code),), negated)


def questions(number: int) -> dict[str, SearchQuery]:
    """What is asked about one patient."""
    score = QuantityClause("value-quantity", (QuantityValue(DatePrefix.GE, Decimal(20), Decimal(20), Decimal(20)),))
    chain = ChainClause("patient", "Patient", (token("identifier", _INS, str(number)),))
    has = HasClause("Observation", "patient", (score, token("status", None, "preliminary")))
    asked: dict[str, tuple[str, tuple[Clause, ...]]] = {
        "by patient": ("Observation", (of_patient(number),)),
        "by patient and code": ("Observation", (of_patient(number), token("code", _LOINC, "44261-6"))),
        "by patient and quantity": ("Observation", (of_patient(number), score)),
        ":not": ("Observation", (of_patient(number), token("status", None, "final", negated=True))),
        "chain": ("Observation", (chain,)),
        "_has": ("Patient", (token("identifier", _INS, str(number)), has)),
    }
    made = {name: SearchQuery(kind, clauses, total="bounded") for name, (kind, clauses) in asked.items()}
    made["by code, most of the type"] = SearchQuery("Observation", (token("code", _LOINC, "44261-6"),), total="bounded")
    newest = SearchQuery("Observation", sort=(Sort("_lastUpdated", descending=True),), total="bounded")
    return {**made, "newest of the type": newest}


_INCLUDES = (Include("Observation", "encounter", "Encounter"), Include("Observation", "patient", "Patient"))


def measured(store: Store, size: int) -> dict[str, float]:
    """Milliseconds (median) of each question, about patients drawn at random."""
    drawn = random.Random(size)  # noqa: S311  nothing is kept secret by it
    found: dict[str, list[float]] = {}

    def timed(name: str, run: Callable[[], object]) -> None:
        start = time.perf_counter()
        run()
        found.setdefault(name, []).append((time.perf_counter() - start) * 1000)

    for _ in range(_ROUNDS):
        number = drawn.randrange(size // (EACH + 2))
        for name, query in questions(number).items():
            timed(name, lambda asked=query: store.resources.search(asked))  # type: ignore[misc]
        page = store.resources.search(questions(number)["by patient"]).resources
        timed("_include of a page", lambda shown=page: store.resources.included(shown, _INCLUDES, 1000))  # type: ignore[misc]
    return {name: statistics.median(times) for name, times in found.items()}


def main() -> None:
    """Print milliseconds by size, and the ratio."""
    results: list[dict[str, float]] = []
    for size in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            url = f"sqlite:///{Path(folder) / 'search.db'}"
            with open_store(url, KEY) as store:
                store.migrate()
                fill(store, size)
                results.append(measured(store, size))
    out = sys.stdout
    out.write(f"{'ms (median)':<26}{SIZES[0]:>10}{SIZES[1]:>10}{'ratio':>8}\n")
    for name, small in results[0].items():
        large = results[1][name]
        out.write(f"{name:<26}{small:>10.2f}{large:>10.2f}{large / small:>8.2f}\n")


if __name__ == "__main__":
    main()
