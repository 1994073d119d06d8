import pytest

from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.models import typed
from tests.unit.fhir.samples import CARE_PLAN, CLAIM, OBSERVATION, PATIENT, QUESTIONNAIRE, RESPONSE


@pytest.mark.parametrize("resource", [PATIENT, RESPONSE, OBSERVATION, CLAIM, CARE_PLAN, QUESTIONNAIRE])
def test_the_second_opinion_agrees_on_the_samples(resource: Json) -> None:
    assert type(typed(resource)).__name__ == resource["resourceType"]


def test_it_refuses_what_is_no_resource() -> None:
    with pytest.raises(ValueError, match="not a valid FHIR Model"):
        typed({"resourceType": "Bot"})
