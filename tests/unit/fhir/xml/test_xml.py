"""FHIR XML: round trips of everything published, the written form itself, and what is refused."""

import json
from decimal import Decimal
from pathlib import Path
from time import process_time

import pytest

from sesame_fhir.fhir.errors import BodyTooLarge, FhirError, UnreadableBody
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.reader import read_json
from sesame_fhir.fhir.validation import validate
from sesame_fhir.fhir.writer import write_json
from sesame_fhir.fhir.xml import from_xml, to_xml

ROOT = Path(__file__).parents[4]
PUBLISHED = sorted([*(ROOT / "tests/unit/mappings/golden").rglob("*.json"), *(ROOT / "profiles").glob("[CMQ]*.json")])


def resources(path: Path) -> list[Json]:
    found = json.loads(path.read_bytes())
    candidates = found if isinstance(found, list) else [found]
    return [one for one in candidates if isinstance(one, dict) and "resourceType" in one]


@pytest.mark.parametrize("path", PUBLISHED, ids=lambda path: path.stem)
def test_what_is_published_comes_back_as_it_was(path: Path) -> None:
    for resource in resources(path):
        content = write_json(read_json(json.dumps(resource).encode()))
        assert write_json(from_xml(to_xml(content))) == content


PATIENT = """<?xml version='1.0' encoding='UTF-8'?>
<Patient xmlns="http://hl7.org/fhir"><id value="p1"/><text><status value="generated"/>\
<div xmlns="http://www.w3.org/1999/xhtml"><p>Zoé &amp; <b>Anne</b></p></div></text>\
<contained><Organization><id value="o"/><name value="Centre"/></Organization></contained>\
<extension url="https://example.org/e"><valueDecimal value="1.50"/></extension><active value="true"/>\
<name><given id="g"><extension url="https://example.org/u"><valueCode value="x"/></extension></given>\
<given value="Anne"/></name><birthDate value="1955-06-15"/>\
<managingOrganization><reference value="#o"/></managingOrganization></Patient>"""

PATIENT_JSON: Json = {
    "resourceType": "Patient",
    "id": "p1",
    "text": {
        "status": "generated",
        "div": '<div xmlns="http://www.w3.org/1999/xhtml"><p>Zoé &amp; <b>Anne</b></p></div>',
    },
    "contained": [{"resourceType": "Organization", "id": "o", "name": "Centre"}],
    "extension": [{"url": "https://example.org/e", "valueDecimal": Decimal("1.50")}],
    "active": True,
    "name": [
        {
            "given": [None, "Anne"],
            "_given": [{"id": "g", "extension": [{"url": "https://example.org/u", "valueCode": "x"}]}, None],
        }
    ],
    "birthDate": "1955-06-15",
    "managingOrganization": {"reference": "#o"},
}


def test_every_form_is_read() -> None:
    assert from_xml(PATIENT.encode()) == PATIENT_JSON
    assert validate(PATIENT_JSON) == []


def test_every_form_is_written_in_the_order_of_the_type() -> None:
    assert to_xml(write_json(PATIENT_JSON)).decode() == PATIENT


def test_decimals_keep_their_digits() -> None:
    xml = b'<Observation xmlns="http://hl7.org/fhir"><valueQuantity><value value="1.50"/></valueQuantity></Observation>'
    read = from_xml(xml)
    assert str(read["valueQuantity"]["value"]) == "1.50"
    assert b'<value value="1.50"/>' in to_xml(write_json(read))


BOMB = '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
EXTERNAL = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
NS = 'xmlns="http://hl7.org/fhir"'
UNREADABLE = {
    "empty": b"",
    "json": b'{"resourceType":"Patient"}',
    "not closed": f"<Patient {NS}>".encode(),
    "entity bomb": f'{BOMB}<Patient {NS}><id value="&b;"/></Patient>'.encode(),
    "external entity": f"{EXTERNAL}<Patient {NS}><id value='&x;'/></Patient>".encode(),
    "unknown entity": f'<Patient {NS}><id value="&nbsp;"/></Patient>'.encode(),
    "cdata": f"<Patient {NS}><![CDATA[x]]></Patient>".encode(),
    "instruction": f"<Patient {NS}><?php x?></Patient>".encode(),
    "no namespace": b'<Patient><id value="p"/></Patient>',
    "other namespace": b'<Patient xmlns="urn:hl7-org:v3"><id value="p"/></Patient>',
    "foreign element": f'<Patient {NS}><x xmlns="urn:x"/></Patient>'.encode(),
    "text between": f"<Patient {NS}>bonjour</Patient>".encode(),
    "text in a value": f'<Patient {NS}><active value="true">oui</active></Patient>'.encode(),
    "attribute": f'<Patient {NS} class="x"/>'.encode(),
    "attribute of a value": f'<Patient {NS}><active value="true" lang="fr"/></Patient>'.encode(),
    "latin-1": f'<?xml version="1.0" encoding="latin-1"?><Patient {NS}/>'.encode("latin-1"),
    "utf-16": f'<?xml version="1.0" encoding="utf-16"?><Patient {NS}/>'.encode("utf-16"),
    "not utf-8": f'<Patient {NS}><id value="'.encode() + b"\xff" + b'"/></Patient>',
    "too deep": f"<Patient {NS}>".encode() + b'<extension url="u">' * 70 + b"</extension>" * 70 + b"</Patient>",
    "two contained": f"<Patient {NS}><contained><Basic/><Basic/></contained></Patient>".encode(),
    "the type as an element": f'<Patient {NS}><resourceType value="Observation"/></Patient>'.encode(),
    "depth bomb": (f"<Patient {NS}>" + "<a>" * 100_000).encode(),
}


@pytest.mark.parametrize("data", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_what_is_not_fhir_xml_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableBody) as refused:
        from_xml(data)
    assert refused.value.issues[0].diagnostics


@pytest.mark.parametrize("element", ["<a/>", '<active value="true"/>'])
def test_repetitions_cost_no_more_than_they_are_long(element: str) -> None:
    began = process_time()
    read = from_xml(f"<Patient {NS}>{element * 60_000}</Patient>".encode())
    assert process_time() - began < 3
    assert len(max(read.values(), key=len)) == 60_000


def test_a_large_body_is_refused_before_it_is_parsed() -> None:
    with pytest.raises(BodyTooLarge):
        from_xml(b"<" * 101, max_bytes=100)


INVALID = {
    "unknown element": ('<genre value="x"/>', "Patient.genre"),
    "twice": ('<gender value="male"/><gender value="female"/>', "Patient.gender"),
    "bad boolean": ('<active value="yes"/>', "Patient.active"),
    "bad date": ('<birthDate value="2024-02-30"/>', "Patient.birthDate"),
    "bad code": ('<gender value="m"/>', "Patient.gender"),
    "no value": ("<gender/>", "Patient._gender"),
    "integer text": ('<multipleBirthInteger value="1.5"/>', "Patient.multipleBirthInteger"),
    "digits": (f'<multipleBirthInteger value="{"9" * 5000}"/>', "Patient.multipleBirthInteger"),
    "empty in a list": ('<name><given value="a"/><given/></name>', "Patient.name[0].given[1]"),
    "unknown type": ("<contained><Nothing/></contained>", "Patient.contained[0].resourceType"),
}


@pytest.mark.parametrize(("inner", "expression"), INVALID.values(), ids=INVALID.keys())
def test_what_is_not_valid_is_named_by_the_validation(inner: str, expression: str) -> None:
    read = from_xml(f"<Patient {NS}>{inner}</Patient>".encode())
    try:
        issues = validate(read, "Patient")
    except FhirError as refused:
        issues = list(refused.issues)
    assert expression in {place for issue in issues if issue.blocking for place in issue.expression}
