"""Sound resources of a plan of care, its measures and its record, and the smallest change that breaks each rule."""

from decimal import Decimal

from sesame_fhir.fhir.json_types import Json, Path
from tests.unit.fhir.samples import CARE_PLAN, REMOVE, SEARCHABLE, changed

UCUM = "http://unitsofmeasure.org"
CRITERIA: Json = {"language": "text/fhirpath", "expression": "score >= 10"}
COMPONENTS = [{"criteria": CRITERIA}]
PLACES = [{"code": {"text": "site"}, "value": {"text": "MSP des Lilas"}}]
PLANNED: Json = changed(
    CARE_PLAN,
    (
        ("activity", 0, "detail", "scheduledTiming"),
        {"repeat": {"boundsPeriod": CARE_PLAN["period"], "frequency": 1, "period": 15, "periodUnit": "d"}},
    ),
)
REPEAT: Path = ("activity", 0, "detail", "scheduledTiming", "repeat")
CONTACT: Json = changed(
    SEARCHABLE["Encounter"], (("length",), {"value": Decimal(20), "unit": "min", "system": UCUM, "code": "min"})
)
GOAL: Json = changed(
    SEARCHABLE["Goal"],
    (("target", 0, "detailInteger"), REMOVE),
    (("target", 0, "detailRange"), {"low": {"value": Decimal(0)}, "high": {"value": Decimal(4)}}),
)
CONDITION: Json = changed(
    SEARCHABLE["Condition"],
    (("stage",), [{"summary": {"text": "modéré"}}]),
    (("evidence",), [{"detail": [{"reference": "Observation/o1"}]}]),
)
OBSERVATION: Json = changed(
    SEARCHABLE["Observation"],
    (("valueQuantity",), REMOVE),
    (("valueRatio",), {"numerator": {"value": 1}, "denominator": {"value": 2}}),
)
MEASURE: Json = changed(
    SEARCHABLE["Measure"],
    (
        ("group",),
        [{"population": [{"criteria": CRITERIA}], "stratifier": [{"criteria": CRITERIA}, {"component": COMPONENTS}]}],
    ),
    (("supplementalData",), [{"criteria": CRITERIA}]),
)
REPORT: Json = changed(
    SEARCHABLE["MeasureReport"],
    (("group",), [{"stratifier": [{"stratum": [{"value": {"text": "site"}}, {"component": PLACES}]}]}]),
)
AUDIT_EVENT: Json = {
    "resourceType": "AuditEvent",
    "type": {"code": "rest"},
    "recorded": "2026-01-19T09:30:00Z",
    "agent": [{"requestor": True}],
    "source": {"observer": {"reference": "Device/1"}},
    "entity": [{"name": "dossier"}],
}
STRATIFIER: Path = ("group", 0, "stratifier", 0)

HOLD = [PLANNED, CONTACT, GOAL, CONDITION, OBSERVATION, MEASURE, REPORT, AUDIT_EVENT]


def timed(**repeat: object) -> Json:
    """The plan with another rhythm of its contacts."""
    return changed(PLANNED, (REPEAT, repeat))


BREAKS: list[tuple[str, Json]] = [
    ("tim-1", timed(duration=20)),
    ("tim-2", timed(period=15)),
    ("tim-4", timed(duration=-20, durationUnit="min")),
    ("tim-5", timed(period=-1, periodUnit="wk")),
    ("tim-6", timed(periodMax=3)),
    ("tim-7", timed(durationMax=30)),
    ("tim-8", timed(countMax=6)),
    ("tim-9", timed(offset=30)),
    ("tim-9", timed(offset=30, when=["C"])),
    ("tim-10", timed(when=["MORN"], timeOfDay=["10:00:00"])),
    ("drt-1", changed(CONTACT, (("length", "system"), "urn:x"))),
    ("drt-1", changed(CONTACT, (("length", "value"), REMOVE))),
    ("rng-2", changed(GOAL, (("target", 0, "detailRange", "low", "value"), Decimal(5)))),
    ("rat-1", changed(OBSERVATION, (("valueRatio", "denominator"), REMOVE))),
    ("rat-1", changed(OBSERVATION, (("valueRatio", "numerator"), REMOVE))),
    ("con-1", changed(CONDITION, (("stage",), [{"type": {"text": "x"}}]))),
    ("con-2", changed(CONDITION, (("evidence",), [{"id": "x"}]))),
    ("mea-1", changed(MEASURE, ((*STRATIFIER, "component"), COMPONENTS))),
    ("mea-1", changed(MEASURE, (STRATIFIER, {"id": "x"}))),
    ("exp-1", changed(MEASURE, (("group", 0, "population", 0, "criteria"), {"language": "text/cql"}))),
    ("exp-1", changed(MEASURE, ((*STRATIFIER, "criteria"), {"language": "text/cql"}))),
    ("exp-1", changed(MEASURE, (("supplementalData", 0, "criteria"), {"language": "text/cql"}))),
    ("mrp-1", changed(REPORT, (("type",), "data-collection"))),
    ("mrp-2", changed(REPORT, ((*STRATIFIER, "stratum"), [{"population": [{"count": 1}]}]))),
    ("sev-1", changed(AUDIT_EVENT, (("entity", 0, "query"), "YQ=="))),
]
"""Rule, and a resource that breaks it."""

ALLOWED = [
    timed(_periodUnit={"extension": [{"url": "http://x.test/why", "valueCode": "unknown"}]}, period=15),
    timed(offset=30, when=["ACM"]),
    changed(GOAL, (("target", 0, "detailRange", "low"), {"value": Decimal(50), "unit": "mg"})),
    changed(
        OBSERVATION,
        (("referenceRange",), [{"low": {"value": Decimal(9)}, "high": {"value": Decimal(4)}}]),
    ),
    changed(CONTACT, (("length",), {"value": Decimal(20), "unit": "minutes"})),
]
"""Near the rules, and not against them."""
