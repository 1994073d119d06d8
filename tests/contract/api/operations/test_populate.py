"""``$populate`` and ``$questionnaire-package``: forms begun with what the record knows, and forms to take away."""

from typing import Any

import pytest

from mappings.populate import FHIR_QUERY, INITIAL_EXPRESSION, LAUNCH_CONTEXT, VARIABLE
from tests.contract.api.operations.asking import Asking, Json, given, parameters, resources
from tests.support.story import PATHWAY

SUBJECT = given("subject", valueReference={"reference": f"Patient/{PATHWAY}"})
PHQ_9 = "https://sesame-fhir.fr/ig/Questionnaire/phq-9"


def expression(url: str, text: str, language: str = "text/fhirpath", **more: Any) -> Json:
    return {"url": url, "valueExpression": {"language": language, "expression": text, **more}}


def item(link_id: str, kind: str, text: str | None = None, **more: Any) -> Json:
    filled = {"extension": [expression(INITIAL_EXPRESSION, text)]} if text else {}
    return {"linkId": link_id, "type": kind, **filled, **more}


def form(*items: Json, extension: list[Json] | None = None) -> Json:
    context = [
        {
            "url": LAUNCH_CONTEXT,
            "extension": [{"url": "name", "valueCoding": {"code": name}}, {"url": "type", "valueCode": "Patient"}],
        }
        for name in ("patient", "encounter")
    ]
    return {
        "resourceType": "Questionnaire",
        "url": "https://example.org/Questionnaire/form",
        "version": "2",
        "status": "active",
        "extension": [*context, *(extension or [])],
        "item": list(items),
    }


LAST = expression(
    VARIABLE,
    "Observation?patient={{%patient.id}}&code=http://loinc.org|55758-7&_sort=-date&_count=1",
    FHIR_QUERY,
    name="last",
)
FORM = form(
    item("family", "string", "%patient.name.first().family"),
    item("full", "string", "%patient.name.given.first() & ' ' & %patient.name.family"),
    item("born", "date", "%patient.birthDate"),
    item("today", "date", "today()"),
    item("g", "group", item=[item("previous", "integer", "%last.entry.resource.value.value")]),
    item("phone", "string", "%patient.telecom.where(system='phone').value"),
    item("fixed", "string", initial=[{"valueString": "tel quel"}]),
    item("reason", "string", "%encounter.reasonCode.text"),
    item("empty", "string"),
    item("odd", "string", "%patient.name.select(family)"),
    item("wrong", "integer", "%patient.birthDate"),
    extension=[LAST],
)


def asked(questionnaire: Json, *more: Json) -> Json:
    return parameters(given("questionnaire", resource=questionnaire), SUBJECT, *more)


def outcome(found: Json) -> list[str]:
    issues = [one["resource"] for one in found["parameter"] if one["name"] == "issues"]
    return [place for issue in (issues[0]["issue"] if issues else ()) for place in issue["expression"]]


def response(found: Json) -> Json:
    (answer,) = [one["resource"] for one in found["parameter"] if one["name"] == "response"]
    return answer  # type: ignore[no-any-return]  # read from JSON


def answers(found: Json) -> dict[str, Any]:
    told: dict[str, Any] = {}
    pending = list(found.get("item", ()))
    for one in pending:
        pending += one.get("item", ())
        if "answer" in one:
            told[one["linkId"]] = next(iter(one["answer"][0].values()))
    return told


def test_what_the_record_knows_is_filled_and_the_rest_told(asking: Asking) -> None:
    found = asking.ok("Questionnaire/$populate", asked(FORM))
    begun = response(found)
    assert (begun["status"], begun["questionnaire"]) == ("in-progress", "https://example.org/Questionnaire/form|2")
    assert begun["subject"] == {"reference": f"Patient/{PATHWAY}"}
    assert answers(begun) == {
        "family": "FICTIVE",
        "full": "Jeanne FICTIVE",
        "born": "1984-12-07",
        "today": "2026-03-02",
        "previous": 5,
        "phone": "0199001234",
        "fixed": "tel quel",
    }
    assert sorted(outcome(found)) == [
        f"Questionnaire.extension('{LAUNCH_CONTEXT}')",
        "Questionnaire.item[10]",
        "Questionnaire.item[7]",
        "Questionnaire.item[9]",
    ]


def test_the_response_is_valid(asking: Asking) -> None:
    begun = response(asking.ok("Questionnaire/$populate", asked(FORM)))
    issues = asking.ok("QuestionnaireResponse/$validate", begun)["issue"]
    assert {one["severity"] for one in issues} == {"information"}


@pytest.mark.parametrize("key", ["phq-2", "phq-9", "gad-2", "gad-7", "audit-c"])
def test_each_of_our_forms_is_begun(asking: Asking, key: str) -> None:
    begun = response(asking.ok(f"Questionnaire/{key}/$populate", parameters(SUBJECT)))
    assert begun["questionnaire"] == f"https://sesame-fhir.fr/ig/Questionnaire/{key}|1.0.0"
    assert {one["severity"] for one in asking.ok("QuestionnaireResponse/$validate", begun)["issue"]} == {"information"}


@pytest.mark.parametrize(
    "named",
    [
        given("canonical", valueCanonical=PHQ_9),
        given("canonical", valueUri=f"{PHQ_9}|1.0.0"),
        given("identifier", valueIdentifier={"value": PHQ_9}),
        given("questionnaireRef", valueReference={"reference": "Questionnaire/phq-9"}),
    ],
)
def test_a_form_by_its_name(asking: Asking, named: Json) -> None:
    assert response(asking.ok("Questionnaire/$populate", parameters(named, SUBJECT)))["questionnaire"].startswith(PHQ_9)


def test_the_context_that_is_given(fresh: Asking) -> None:
    fresh.world.put(
        {
            "resourceType": "Encounter",
            "id": "e1",
            "status": "in-progress",
            "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
            "subject": {"reference": f"Patient/{PATHWAY}"},
            "reasonCode": [{"text": "Fatigue"}],
        }
    )
    context = given(
        "context",
        part=[given("name", valueString="encounter"), given("content", valueReference={"reference": "Encounter/e1"})],
    )
    begun = response(fresh.ok("Questionnaire/$populate", asked(FORM, context)))
    assert answers(begun)["reason"] == "Fatigue"
    assert (begun["encounter"], begun["author"]) == ({"reference": "Encounter/e1"}, {"reference": "Practitioner/gp1"})
    fresh.world.put({"resourceType": "Patient", "id": "p3"})
    other = parameters(
        given("questionnaire", resource=FORM), given("subject", valueReference={"reference": "Patient/p1"}), context
    )
    assert fresh.refused("Questionnaire/$populate", other) == (400, ["value"], ["context"])


def test_only_what_the_token_may_read(asking: Asking) -> None:
    scope = "user/Questionnaire.r user/Patient.r"
    found = asking.ok("Questionnaire/$populate", asked(FORM), scope=scope)
    assert "previous" not in answers(response(found))
    assert "Questionnaire.item[4].item[0]" in outcome(found)
    body = asked(FORM)
    assert asking.call("Questionnaire/$populate", body, scope="user/Questionnaire.r").status_code == 403
    assert asking.call("Questionnaire/$populate", body, scope="patient/*.rs", patient="p1").status_code == 404
    assert asking.call("Questionnaire/$populate", body, scope="patient/*.rs", patient=PATHWAY).status_code == 200


@pytest.mark.parametrize(
    ("body", "status", "codes", "places"),
    [
        (parameters(given("canonical", valueUri=PHQ_9)), 400, ["required"], ["subject"]),
        (parameters(SUBJECT), 400, ["required"], ["canonical"]),
        (
            parameters(SUBJECT, given("canonical", valueUri="urn:x:nobody")),
            404,
            ["not-found"],
            ["Parameters.parameter[1].valueUri"],
        ),
        (
            parameters(given("canonical", valueUri=PHQ_9), given("subject", valueReference={"reference": "Group/1"})),
            400,
            ["value"],
            ["Parameters.parameter[1].valueReference"],
        ),
        (
            parameters(SUBJECT, given("context", part=[given("colour", valueString="x")])),
            400,
            ["not-supported", "required"],
            ["Parameters.parameter[1].part[0].name", "name"],
        ),
        (parameters(SUBJECT, given("questionnaire", resource={"resourceType": "Patient"})), 400, None, None),
    ],
)
def test_what_it_refuses(
    asking: Asking, body: Json, status: int, codes: list[str] | None, places: list[str] | None
) -> None:
    found = asking.refused("Questionnaire/$populate", body)
    assert found[0] == status
    assert codes is None or found[1][: len(codes)] == codes[: len(found[1])]
    assert places is None or found[2][0] == places[0]


def test_a_form_with_what_it_needs(asking: Asking) -> None:
    bundle = asking.ok("Questionnaire/gad-2/$questionnaire-package")
    found = resources(bundle)
    assert bundle["type"] == "collection"
    assert found[0]["url"] == "https://sesame-fhir.fr/ig/Questionnaire/gad-2"
    assert "https://sesame-fhir.fr/ig/CodeSystem/sesame-total" in {one["url"] for one in found}
    assert asking.ok(f"Questionnaire/$questionnaire-package?canonical={PHQ_9}")["entry"][0]["fullUrl"] == PHQ_9


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("$questionnaire-package", 400),
        ("$questionnaire-package?canonical=urn:x:nobody", 404),
        ("no/$questionnaire-package", 404),
    ],
)
def test_no_such_form(asking: Asking, path: str, status: int) -> None:
    assert asking.refused(f"Questionnaire/{path}")[0] == status


@pytest.mark.parametrize(
    ("query", "scope"),
    [
        ("Observation?subject:Patient.family=fictive", "user/Observation.rs"),
        ("Patient?_has:Observation:patient:code=http://loinc.org|55758-7", "user/Patient.rs"),
        ("Observation?code=http://loinc.org|55758-7", "user/Observation.r"),
    ],
)
def test_a_query_passes_through_nothing_that_the_token_may_not_search(asking: Asking, query: str, scope: str) -> None:
    asks = form(
        item("found", "string", "%found.entry.resource.id"),
        extension=[expression(VARIABLE, f"{query}&_count=1", FHIR_QUERY, name="found")],
    )
    assert "found" in answers(response(asking.ok("Questionnaire/$populate", asked(asks))))
    less = f"{scope} user/Questionnaire.r patient/Patient.r"
    told = asking.ok("Questionnaire/$populate", asked(asks), scope=less, patient=PATHWAY)
    assert "found" not in answers(response(told))
