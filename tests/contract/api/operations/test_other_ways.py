"""Operations answer in XML as in JSON, and as entries of a batch as alone."""

import json

import pytest
from lxml import etree

from tests.contract.api.operations.asking import EVERYTHING, Asking
from tests.support.story import PATHWAY

ASKED = (
    f"Patient/{PATHWAY}/$everything",
    f"EpisodeOfCare/{PATHWAY}/$summary",
    f"Patient/{PATHWAY}/$validate",
    "CodeSystem/$lookup?system=https://sesame-fhir.fr/ig/CodeSystem/sesame-phase&code=care",
    "CodeSystem/sesame-phase/$validate-code?code=care",
    "Questionnaire/phq-2/$questionnaire-package",
)


@pytest.mark.parametrize("path", ASKED)
def test_in_xml(asking: Asking, path: str) -> None:
    token = asking.world.token(EVERYTHING)
    answer = asking.world.call("GET", f"/fhir/{path}", token, headers={"Accept": "application/fhir+xml"})
    assert (answer.status_code, answer.mimetype) == (200, "application/fhir+xml")
    root = etree.fromstring(answer.data)
    assert root.tag == "{http://hl7.org/fhir}" + asking.ok(path)["resourceType"]


def test_in_a_batch(asking: Asking) -> None:
    entries = [{"request": {"method": "GET", "url": path}} for path in (*ASKED, "Patient/nobody/$everything")]
    token = asking.world.token(EVERYTHING)
    batch = {"resourceType": "Bundle", "type": "batch", "entry": entries}
    answer = asking.world.call("POST", "/fhir/", token, json=batch)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    found = [entry["response"]["status"][:3] for entry in json.loads(answer.data)["entry"]]
    assert found == [*["200"] * len(ASKED), "404"]
