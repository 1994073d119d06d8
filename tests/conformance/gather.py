"""Where resources to judge come from: our profiles and examples, goldens, the cohort, the demo's record."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import timedelta
from functools import cache
from pathlib import Path

from mappings.measure_report import Frame, measure_reports
from mappings.projector import PathwayProjector
from mappings.to_record import for_record
from sesame_fhir.domain.events import Event
from sesame_fhir.domain.ids import PathwayId
from sesame_fhir.domain.indicators.definitions import INDICATORS
from sesame_fhir.domain.indicators.facts import PathwayFacts
from sesame_fhir.domain.indicators.window import Window
from sesame_fhir.domain.policy import DEFAULT_POLICY
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.schema.resource_types import RESOURCE_TYPES
from sesame_fhir.fhir.search_index import index
from sesame_fhir.services.cohort.load import lives
from sesame_fhir.services.indicators import Gathered, Reader, figures
from smart_app.demo_ehr.seed import seed_resources
from tests.conformance.billing import billed
from tests.conformance.reference import PROFILES, ROOT
from tests.conformance.sample import Expected, Sample, sample
from tests.support.cohort import NOW, STAFF, order

GOLDEN = ROOT / "tests" / "unit" / "mappings" / "golden"
_FAILING = "fail-"
# Conformance resources that we author and nobody sends are judged, not mutated.
_MUTABLE = frozenset(RESOURCE_TYPES) - {
    *("Bundle", "CapabilityStatement", "CodeSystem", "ConceptMap", "ImplementationGuide", "OperationDefinition"),
    *("Parameters", "SearchParameter", "StructureDefinition", "ValueSet"),
}
_OF_A_TYPE = 20
# The manifest of the package, and the list that says which rule each example is about.
_NO_RESOURCES = frozenset({"package.json", "index.json"})
_LINE_ENDS = bytes.maketrans(b"\r\n", b"  ")


def file_sample(path: Path, profiles: tuple[str, ...] = (), origin: str = "file") -> Sample:
    """A file as it is, on one line; one whose name begins with ``fail-`` must be refused."""
    expected = Expected.REFUSED if path.name.startswith(_FAILING) else Expected.CLEAN
    return Sample(origin, path.name, path.read_bytes().translate(_LINE_ENDS), profiles, expected)


def authored() -> Iterator[Sample]:
    """Everything in ``profiles/``, the examples included."""
    for path in resource_files(PROFILES):
        yield file_sample(path, origin="/".join(("profiles", *path.relative_to(PROFILES).parts[:-1])))


def resource_files(folder: Path) -> list[Path]:
    """The resources of a folder and of those in it."""
    return [path for path in sorted(folder.rglob("*.json")) if path.name not in _NO_RESOURCES]


def goldens() -> Iterator[Sample]:
    """The golden resources of the mappings: situations that a small cohort may not meet."""
    for path in sorted(GOLDEN.glob("*.json")):
        yield file_sample(path, origin="golden")


def published(patients: int) -> Iterator[Sample]:
    """Every current resource of a cohort, the copies that go to a record, its billing, and the indicators' reports."""
    resources, facts, histories = _lived(patients)
    for resource in resources.values():
        name = f"{resource['resourceType']}/{resource['id']}"
        yield sample("cohort", name, resource)
        if resource["resourceType"] in _DELIVERED:
            yield sample("to-record", name, for_record(resource, "Patient/1", "Encounter/1", "Practitioner/1", {}))
    for resource in billed(histories):
        yield sample("billing", f"{resource['resourceType']}/{resource['id']}", resource)
    for outside in (False, True):
        reports = _reports(facts, outside=outside)
        yield sample("reports", "outside" if outside else "inside", reports)
        for entry in reports["entry"]:
            yield sample("reports", f"MeasureReport/{entry['resource']['id']}", entry["resource"])


def demo_record() -> Iterator[Sample]:
    """The demo EHR's own record, which foreign clients read as well."""
    for resource in seed_resources(NOW):
        yield sample("demo-record", f"{resource['resourceType']}/{resource['id']}", resource)


History = tuple[PathwayId, tuple[Event, ...]]
_DELIVERED = frozenset({"QuestionnaireResponse", "Observation", "Flag", "ServiceRequest", "Task", "Communication"})


@cache
def _lived(patients: int) -> tuple[dict[tuple[str, str], Json], list[PathwayFacts], list[History]]:
    """The current resources of a cohort by type and id, what the indicators know of each pathway, and its events."""
    resources: dict[tuple[str, str], Json] = {}
    facts = {}
    histories: list[History] = []
    for pathway_id, commits in lives(order(patients), PathwayProjector(index)):
        histories.append((pathway_id, tuple(event for commit in commits for event in commit.events)))
        for commit in commits:
            facts[pathway_id] = commit.projections.facts
            for written in commit.projections.resources:
                resources[written.resource_type, written.resource_id] = dict(written.body)
    return resources, [known for known in facts.values() if known is not None], histories


def _reports(facts: list[PathwayFacts], *, outside: bool) -> Json:
    today = NOW.date()
    window = Window(today - timedelta(days=365), today, today, frozenset(staff.site for staff in STAFF))
    shown = figures(Gathered(facts, {}), window, Reader(outside, DEFAULT_POLICY))
    sites = [(staff.site, f"Site fictif {number}") for number, staff in enumerate(STAFF, start=1)]
    return measure_reports([(one, shown[one.code]) for one in INDICATORS], Frame(window, sites, NOW))


def valid_response() -> Sample:
    """A published PHQ-9 response, complete."""
    return next(one for one in goldens() if one.name == "QuestionnaireResponse.phq-9.json")


def mutable(samples: Iterable[Sample]) -> list[Sample]:
    """What mutants are made from: a few clean resources of every type that others may send or that is published."""
    taken: Counter[str] = Counter()
    found = []
    for one in samples:
        kind = one.resource_type
        if one.expected is Expected.CLEAN and kind in _MUTABLE and taken[kind] < _OF_A_TYPE:
            taken[kind] += 1
            found.append(one)
    return found
