"""The table of what existing validators let through (stack page, section 3): every row, ours accepted or refused."""

from decimal import Decimal

import pytest

from sesame_fhir.fhir.errors import UnreadableBody
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.reader import read_json
from sesame_fhir.fhir.validation import validate
from tests.unit.fhir.samples import (
    CARE_PLAN,
    CLAIM,
    OBSERVATION,
    PATIENT,
    QUESTIONNAIRE,
    REMOVE,
    RESPONSE,
    changed,
)

ABSENT = [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}]
DIV = '<div xmlns="http://www.w3.org/1999/xhtml">{}</div>'
NESTED: Json = {"resourceType": "Organization", "id": "in", "name": "x"}

GOOD: dict[str, Json] = {
    "00 response": RESPONSE,
    "00 observation": OBSERVATION,
    "00 claim": CLAIM,
    "00 care plan": CARE_PLAN,
    "04c partial date": changed(PATIENT, (("birthDate",), "2024-02")),
    "18a extension beside a primitive": changed(PATIENT, (("_birthDate",), {"extension": ABSENT})),
    "18b required primitive by extension": changed(
        OBSERVATION, (("status",), REMOVE), (("_status",), {"extension": ABSENT})
    ),
    "18c null in an array with its extension": changed(
        PATIENT, (("name", 0, "given"), ["Chloé", None]), (("name", 0, "_given"), [None, {"extension": ABSENT}])
    ),
    "26 code outside a preferred value set": changed(
        OBSERVATION,
        (("category", 0, "coding", 0, "system"), "urn:x:local"),
        (("category", 0, "coding", 0, "code"), "local"),
    ),
    "16 decimal precision": changed(OBSERVATION, (("valueQuantity", "value"), Decimal("0.10"))),
}

BAD: dict[str, tuple[Json, str]] = {
    "01 boolean as string": (changed(PATIENT, (("active",), "true")), "Patient.active"),
    "27 unknown code of a system that R4 holds whole": (
        changed(OBSERVATION, (("category", 0, "coding", 0, "code"), "local")),
        "Observation.category[0].coding[0].code",
    ),
    "28 such a system without a code": (
        changed(OBSERVATION, (("category", 0, "coding", 0, "code"), REMOVE)),
        "Observation.category[0].coding[0].code",
    ),
    "02 extra property": (changed(PATIENT, (("nickname",), "x")), "Patient.nickname"),
    "03a required primitive absent": (changed(OBSERVATION, (("status",), REMOVE)), "Observation"),
    "03b required complex absent": (changed(OBSERVATION, (("code",), REMOVE)), "Observation.code"),
    "04 30 February": (changed(PATIENT, (("birthDate",), "2024-02-30")), "Patient.birthDate"),
    "04b time without zone": (
        changed(RESPONSE, (("authored",), "2024-02-01T10:00:00")),
        "QuestionnaireResponse.authored",
    ),
    "05 required code": (changed(OBSERVATION, (("status",), "done")), "Observation.status"),
    "05b gender": (changed(PATIENT, (("gender",), "F")), "Patient.gender"),
    "06a two values": (changed(OBSERVATION, (("valueString",), "13")), "Observation.valueString"),
    "06b type not offered": (
        changed(OBSERVATION, (("valueQuantity",), REMOVE), (("valueAddress",), {"city": "Lyon"})),
        "Observation.valueAddress",
    ),
    "06c choice as array": (changed(OBSERVATION, (("valueQuantity",), [{"value": 1}])), "Observation.valueQuantity"),
    "07a wrong target type": (
        changed(OBSERVATION, (("subject", "reference"), "Practitioner/d1")),
        "Observation.subject.reference",
    ),
    "07b no reference at all": (
        changed(OBSERVATION, (("subject", "reference"), "the patient")),
        "Observation.subject.reference",
    ),
    "08a empty array": (changed(PATIENT, (("name",), [])), "Patient.name"),
    "08b empty object": (changed(PATIENT, (("maritalStatus",), {})), "Patient.maritalStatus"),
    "08c null": (changed(PATIENT, (("gender",), None)), "Patient.gender"),
    "09 id with spaces": (changed(PATIENT, (("id",), "a b")), "Patient.id"),
    "09b id of 65 characters": (changed(PATIENT, (("id",), "a" * 65)), "Patient.id"),
    "10 que-2": (changed(QUESTIONNAIRE, (("item", 1, "linkId"), "a")), "Questionnaire.item[1].linkId"),
    "10b qrs-1": (
        changed(RESPONSE, (("item", 0, "item"), [{"linkId": "x"}])),
        "QuestionnaireResponse.item[0]",
    ),
    "13a huge integer": (changed(CLAIM, (("insurance", 0, "sequence"), 2**40)), "Claim.insurance[0].sequence"),
    "13c fraction for an integer": (
        changed(CLAIM, (("insurance", 0, "sequence"), Decimal("3.7"))),
        "Claim.insurance[0].sequence",
    ),
    "13d negative positiveInt": (changed(CLAIM, (("insurance", 0, "sequence"), -1)), "Claim.insurance[0].sequence"),
    "17 contained reference broken": (
        changed(PATIENT, (("managingOrganization",), {"reference": "#nobody"})),
        "Patient.managingOrganization.reference",
    ),
    "17b contained in contained": (
        changed(
            PATIENT,
            (("managingOrganization",), {"reference": "#in"}),
            (("contained",), [{**NESTED, "contained": [{**NESTED, "id": "deep"}]}]),
        ),
        "Patient.contained[0].contained",
    ),
    "18d extension with value and extensions": (
        changed(PATIENT, (("extension",), [{"url": "http://x.test", "valueCode": "a", "extension": ABSENT}])),
        "Patient.extension[0]",
    ),
    "19a blank string": (changed(PATIENT, (("name", 0, "family"), "   ")), "Patient.name[0].family"),
    "19b empty string": (changed(PATIENT, (("name", 0, "family"), "")), "Patient.name[0].family"),
    "19c code with leading space": (changed(PATIENT, (("language",), " fr")), "Patient.language"),
    "20 wrong type": (changed(PATIENT, (("resourceType",), "Pacient")), "resourceType"),
    "20b no type": (changed(PATIENT, (("resourceType",), REMOVE)), "resourceType"),
    "21 R5 only": (changed(OBSERVATION, (("triggeredBy",), [{"type": "reflex"}])), "Observation.triggeredBy"),
    "21b R4B only": (
        changed(
            PATIENT, (("extension",), [{"url": "http://x.test", "valueCodeableReference": {"concept": {"text": "a"}}}])
        ),
        "Patient.extension[0].valueCodeableReference",
    ),
    "22 script in narrative": (
        changed(PATIENT, (("text",), {"status": "generated", "div": DIV.format("<script>alert(1)</script>")})),
        "Patient.text.div",
    ),
    "22b narrative not XML": (
        changed(PATIENT, (("text",), {"status": "generated", "div": DIV.format("<b>x")})),
        "Patient.text.div",
    ),
    "23 obs-6": (changed(OBSERVATION, (("dataAbsentReason",), {"text": "x"})), "Observation.dataAbsentReason"),
    "23b per-1": (changed(CARE_PLAN, (("period", "end"), "2023-12-31")), "CarePlan.period"),
    "24 base64": (
        changed(PATIENT, (("photo",), [{"contentType": "image/png", "data": "abc$"}])),
        "Patient.photo[0].data",
    ),
}

UNREADABLE: dict[str, bytes] = {
    "11 invalid UTF-8": b'{"resourceType":"Patient","id":"\xff"}',
    "11b lone surrogate": rb'{"resourceType":"Patient","id":"\ud800"}',
    "12b nesting bomb": b'{"a":' * 100_000,
    "13b 1e999": b'{"resourceType":"Observation","valueQuantity":{"value":1e999}}',
    "14 NaN": b'{"resourceType":"Observation","valueQuantity":{"value":NaN}}',
    "15 duplicate keys": b'{"resourceType":"Patient","id":"a","id":"b"}',
}


@pytest.mark.parametrize("resource", GOOD.values(), ids=GOOD.keys())
def test_good_rows_are_accepted(resource: Json) -> None:
    assert validate(resource) == []


@pytest.mark.parametrize(("resource", "expression"), BAD.values(), ids=BAD.keys())
def test_bad_rows_are_refused_where_they_are_wrong(resource: Json, expression: str) -> None:
    issues = validate(resource)
    assert any(issue.blocking for issue in issues)
    assert expression in {place for issue in issues for place in issue.expression}


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_bad_rows_that_are_not_even_json(body: bytes) -> None:
    with pytest.raises(UnreadableBody):
        read_json(body)


def test_row_12a_deep_but_within_the_limit_is_read() -> None:
    assert read_json(b'{"a":' * 60 + b"1" + b"}" * 60)


def test_row_25_a_profile_that_nobody_registered_is_not_checked() -> None:
    """The one bad row still let through: ``meta.profile`` names a profile (vital signs BP) that we do not have."""
    claimed = {"profile": ["http://hl7.org/fhir/StructureDefinition/bp"]}
    assert validate(changed(OBSERVATION, (("meta",), claimed))) == []
