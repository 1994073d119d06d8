"""What may be tried at all: the statement and the scopes together, as a table; and who signs a document."""

import pytest

from sesame_fhir.domain.events import PatientIdentified
from sesame_fhir.domain.evolution import fold
from sesame_fhir.domain.policy import PathwayPolicy
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.services.delivery import DeliveryError
from smart_app.ehr.authority import TypeSupport
from smart_app.ehr.capability import read_capability
from smart_app.ehr.degrade import document_of
from smart_app.ehr.recognition import patient_of, same_content
from smart_app.launch.scopes import Scopes
from tests.support.story import BINDING, GP, PATHWAY, TRAITS, screened, story
from tests.unit.writeback.record import REFERRED


def statement(*interactions: str, searches: tuple[str, ...] = (), conditional: bool = False) -> Json:
    """A CapabilityStatement that knows Observation only."""
    resource = {
        "type": "Observation",
        "interaction": [{"code": code} for code in interactions],
        "searchParam": [{"name": name} for name in searches],
        "conditionalCreate": conditional,
    }
    return {"resourceType": "CapabilityStatement", "rest": [{"mode": "server", "resource": [resource]}]}


EVERYTHING = statement("create", "read", "update", "search-type")
WRITE, READ = "patient/Observation.cu", "patient/Observation.rs"


@pytest.mark.parametrize(
    ("published", "scopes", "refusal", "can"),
    [
        (EVERYTHING, "patient/Observation.crus", None, "create read update search-type"),
        (EVERYTHING, "user/*.cruds", None, "create read update search-type"),
        (EVERYTHING, "patient/*.write", None, "create update"),
        (EVERYTHING, WRITE, None, "create update"),
        (EVERYTHING, READ, DeliveryError.OUT_OF_SCOPE, "read search-type"),
        (EVERYTHING, "patient/Task.cruds", DeliveryError.OUT_OF_SCOPE, ""),
        (EVERYTHING, "", DeliveryError.OUT_OF_SCOPE, ""),
        (statement("read"), "patient/*.*", DeliveryError.TYPE_NOT_SUPPORTED, "read"),
        (statement(), "patient/*.*", DeliveryError.TYPE_NOT_SUPPORTED, ""),
        ({}, "patient/*.*", DeliveryError.TYPE_NOT_SUPPORTED, ""),
        (None, "patient/*.*", None, "create read update search-type"),
        (None, READ, DeliveryError.OUT_OF_SCOPE, "read search-type"),
        (
            statement("create", "search-type", searches=("identifier", "code")),
            "patient/*.*",
            None,
            "create search-type",
        ),
        (statement("create", "search-type", searches=("code",)), "patient/*.*", None, "create"),
    ],
)
def test_the_statement_and_the_scopes_decide_together(
    published: Json | None, scopes: str, refusal: DeliveryError | None, can: str
) -> None:
    support = TypeSupport(None if published is None else read_capability(published), Scopes.parse(scopes))
    assert support.refusal("Observation") == refusal
    allowed = {code for code in ("create", "read", "update", "search-type") if support.can("Observation", code)}
    assert allowed == set(can.split())


@pytest.mark.parametrize(
    ("published", "expected"), [(statement("create", conditional=True), True), (EVERYTHING, False), (None, False)]
)
def test_conditional_create_is_believed_only_when_announced(published: Json | None, expected: bool) -> None:  # noqa: FBT001
    support = TypeSupport(None if published is None else read_capability(published), Scopes.parse("patient/*.*"))
    assert support.conditional_create("Observation") is expected


def test_the_referrer_signs_the_document_else_who_screened() -> None:
    screened_only = story(PatientIdentified(TRAITS, BINDING), screened())
    assert document_of(fold(PATHWAY, REFERRED), policy=PathwayPolicy()).author == GP
    assert document_of(fold(PATHWAY, screened_only), policy=PathwayPolicy()).author == GP
    with pytest.raises(ValueError, match="nothing to document"):
        document_of(fold(PATHWAY, screened_only[:1]), policy=PathwayPolicy())


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        ({"subject": {"reference": "Patient/p1"}}, "Patient/p1"),
        ({"for": {"reference": "Patient/p1"}}, "Patient/p1"),
        ({"subject": {"reference": "Patient/../metadata"}}, None),
        ({"subject": {"reference": "Group/p1"}}, None),
        ({"subject": {"reference": "https://other.invalid/Patient/p1"}}, None),
        ({"subject": {"identifier": {"value": "x"}}}, None),
        ({}, None),
    ],
)
def test_the_patient_asked_for_is_one_of_this_record(resource: Json, expected: str | None) -> None:
    assert patient_of(resource) == expected


@pytest.mark.parametrize(
    ("theirs", "same"),
    [
        ({"status": "final", "value": 1}, True),
        ({"status": "final", "value": 1, "id": "7", "meta": {"versionId": "3"}, "text": {"status": "generated"}}, True),
        ({"status": "amended", "value": 1}, False),
        ({"status": "final"}, False),
        ({"status": "final", "value": 1, "note": "left from before the correction"}, False),
        (None, False),
    ],
)
def test_content_is_compared_without_what_a_server_owns(theirs: Json | None, same: bool) -> None:  # noqa: FBT001
    assert same_content({"status": "final", "value": 1, "meta": {"profile": ["ours"]}}, theirs) is same
