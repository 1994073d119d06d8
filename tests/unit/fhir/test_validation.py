"""How layers, nested resources and profiles come together in one answer."""

from collections.abc import Iterator

import pytest

from sesame_fhir.fhir.errors import InvalidResource
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.outcomes import IssueType, Severity
from sesame_fhir.fhir.problems import Problem
from sesame_fhir.fhir.profiles import Profiles
from sesame_fhir.fhir.structure import known_types
from sesame_fhir.fhir.validation import MAX_ISSUES, require_valid, validate
from tests.unit.fhir.samples import OBSERVATION, PATIENT, QUESTIONNAIRE, REMOVE, RESPONSE, changed

MARKER = "MARQUEUR-DUPONT"


def bundle(kind: str, *entries: Json) -> Json:
    return {"resourceType": "Bundle", "type": kind, "entry": list(entries)}


def posted(resource: Json, full_url: str = "") -> Json:
    entry: Json = {"resource": resource, "request": {"method": "POST", "url": resource["resourceType"]}}
    return {**entry, "fullUrl": full_url} if full_url else entry


def places(resource: Json) -> set[str]:
    return {place for issue in validate(resource) for place in issue.expression}


def test_all_layers_report_together() -> None:
    wrong = changed(
        OBSERVATION,
        (("status",), "done"),
        (("nickname",), "x"),
        (("dataAbsentReason",), {"text": "x"}),
        (("subject", "reference"), "#nobody"),
        (("text",), {"status": "generated", "div": "<script/>"}),
    )
    codes = {issue.code for issue in validate(wrong)}
    assert codes == {IssueType.STRUCTURE, IssueType.CODE_INVALID, IssueType.INVARIANT}
    assert places(wrong) >= {
        *("Observation.status", "Observation.nickname", "Observation.dataAbsentReason"),
        *("Observation.subject.reference", "Observation.text.div"),
    }


def test_expected_type() -> None:
    assert validate(PATIENT, "Patient") == []
    (issue,) = validate(PATIENT, "Observation")
    assert (issue.code, issue.expression) == (IssueType.INVALID, ("resourceType",))


@pytest.mark.parametrize(
    "resource_type", [None, 3, [], {}, "", "patient", "Resource", "DomainResource", "HumanName", "Bot"]
)
def test_types_that_are_not_resources(resource_type: object) -> None:
    (issue,) = validate({"resourceType": resource_type})
    assert issue.blocking


def test_all_types_of_the_design_are_known() -> None:
    wanted = "Patient Practitioner PractitionerRole Organization Encounter Condition Questionnaire Observation Task"
    wanted += " QuestionnaireResponse ServiceRequest EpisodeOfCare CarePlan CareTeam Goal Consent Flag Communication"
    wanted += (
        " Appointment Claim ClaimResponse Coverage DocumentReference Binary Bundle Provenance AuditEvent Basic List"
    )
    wanted += " OperationOutcome CapabilityStatement MedicationStatement MedicationRequest Parameters Subscription"
    wanted += " MeasureReport Group ValueSet CodeSystem ConceptMap StructureDefinition SearchParameter Composition"
    wanted += " OperationDefinition Location Measure"
    assert set(wanted.split()) | {"RelatedPerson", "ImplementationGuide"} <= known_types()


@pytest.mark.parametrize(
    ("resource", "place"),
    [
        (bundle("transaction", posted(changed(PATIENT, (("gender",), "F")))), "Bundle.entry[0].resource.gender"),
        (
            bundle("transaction", posted(PATIENT), posted({"resourceType": "Bot"})),
            "Bundle.entry[1].resource.resourceType",
        ),
        (
            bundle("transaction", posted(changed(OBSERVATION, (("dataAbsentReason",), {"text": "x"})))),
            "Bundle.entry[0].resource.dataAbsentReason",
        ),
        (
            changed(
                PATIENT,
                (("managingOrganization",), {"reference": "#o"}),
                (("contained",), [{"resourceType": "Organization", "id": "o", "nom": "x"}]),
            ),
            "Patient.contained[0].nom",
        ),
        (
            {
                "resourceType": "Parameters",
                "parameter": [{"name": "a", "part": [{"name": "b", "resource": changed(PATIENT, (("gender",), "F"))}]}],
            },
            "Parameters.parameter[0].part[0].resource.gender",
        ),
        (
            bundle(
                "batch-response",
                {"response": {"status": "400", "outcome": {"resourceType": "OperationOutcome", "issue": []}}},
            ),
            "Bundle.entry[0].response.outcome.issue",
        ),
    ],
)
def test_nested_resources_pass_the_same_layers(resource: Json, place: str) -> None:
    assert place in places(resource)


def test_contained_references_stay_inside_their_container() -> None:
    inner = {"resourceType": "Organization", "id": "o", "name": "x", "partOf": {"reference": "#p"}}
    outer = {"resourceType": "Organization", "id": "p", "name": "y"}
    good = changed(PATIENT, (("managingOrganization",), {"reference": "#o"}), (("contained",), [inner, outer]))
    assert validate(good) == []
    assert "Patient.contained[0].partOf.reference" in places(changed(good, (("contained",), [inner])))
    other = bundle(
        "collection",
        {"resource": good},
        {"resource": changed(PATIENT, (("managingOrganization",), {"reference": "#o"}))},
    )
    assert places(other) == {"Bundle.entry[1].resource.managingOrganization.reference"}


# reference | its stated type | agrees
STATED = [
    ("Patient/p1", "Patient", True),
    ("Patient/p1", "http://hl7.org/fhir/StructureDefinition/Patient", True),
    ("https://ehr.test/fhir/Patient/p1/_history/2", "Patient", True),
    ("https://ehr.test/Dossier/p1", "Patient", True),
    ("urn:uuid:0189f7c0-0000-7000-8000-000000000001", "Patient", True),
    ("Patient/p1", "Group", False),
    ("https://ehr.test/fhir/Patient/p1", "Group", False),
]


@pytest.mark.parametrize(("reference", "stated", "agrees"), STATED)
def test_the_stated_type_of_a_reference_is_its_targets(reference: str, stated: str, *, agrees: bool) -> None:
    found = places(changed(OBSERVATION, (("subject",), {"reference": reference, "type": stated})))
    assert found == (set() if agrees else {"Observation.subject.type"})


# language | is one
LANGUAGES = [
    *((tag, True) for tag in ("fr", "fr-FR", "de-CH-1996", "zh-Hant")),
    *((tag, False) for tag in ("français", "fr_FR", "zz zz", "text/plain", "abcdefghi")),
]


@pytest.mark.parametrize(("language", "known"), LANGUAGES)
def test_a_language_is_a_bcp_47_tag(language: str, *, known: bool) -> None:
    photo = {"contentType": "image/png", "language": language, "url": "https://ehr.test/p.png"}
    found = places(changed(PATIENT, (("language",), language), (("photo",), [photo])))
    assert found == (set() if known else {"Patient.language", "Patient.photo[0].language"})


def test_local_references_of_a_transaction_resolve_in_it() -> None:
    url = "urn:uuid:0189f7c0-0000-7000-8000-000000000001"
    patient = changed(PATIENT, (("id",), REMOVE))
    pointing = changed(OBSERVATION, (("subject", "reference"), url))
    assert validate(bundle("transaction", posted(patient, url), posted(pointing))) == []
    assert places(bundle("transaction", posted(pointing))) == {"Bundle.entry[0].resource.subject.reference"}


def test_conditional_references_live_in_transactions_only() -> None:
    conditional = changed(OBSERVATION, (("subject", "reference"), "Patient?identifier=urn:x|1"))
    assert validate(bundle("transaction", posted(conditional))) == []
    assert places(conditional) == {"Observation.subject.reference"}
    wrong_type = changed(OBSERVATION, (("subject", "reference"), "Claim?identifier=urn:x|1"))
    assert places(bundle("transaction", posted(wrong_type))) == {"Bundle.entry[0].resource.subject.reference"}


@pytest.mark.parametrize(
    ("reference", "sound"),
    [
        ("Patient/1", True),
        ("Patient/1/_history/2", True),
        ("https://x.test/fhir/Patient/1", True),
        ("https://x.test/anything", True),
        ("urn:uuid:0189f7c0-0000-7000-8000-000000000001", True),
        ("https://x.test/fhir/Claim/1", False),
        ("Claim/1", False),
        ("Patient", False),
        ("Patient/", False),
        ("patient/1", False),
        ("Patient/a b", False),
        ("Patient/1/2", False),
    ],
)
def test_reference_forms(reference: str, *, sound: bool) -> None:
    assert (validate(changed(OBSERVATION, (("subject", "reference"), reference))) == []) is sound


def test_closed_concepts_need_one_listed_coding_beside_any_other() -> None:
    system = "http://terminology.hl7.org/CodeSystem/condition-clinical"
    local, listed = {"system": "urn:x", "code": "y"}, {"system": system, "code": "active"}
    condition = {"resourceType": "Condition", "subject": {"reference": "Patient/1"}}
    assert validate({**condition, "clinicalStatus": {"coding": [local, listed]}}) == []
    for wrong in ({"coding": [local]}, {"text": "actif"}, {"coding": [{"code": "active"}]}):
        assert "Condition.clinicalStatus" in " ".join(places({**condition, "clinicalStatus": wrong}))


@pytest.mark.parametrize(
    "names",
    [
        {"given": ["a", None]},
        {"given": ["a", None], "_given": [None, None]},
        {"given": ["a"], "_given": [None, {"id": "x"}]},
        {"_given": [None]},
        {"given": "a"},
    ],
)
def test_arrays_of_primitives_and_their_extensions_match_place_by_place(names: Json) -> None:
    assert validate(changed(PATIENT, (("name",), [names])))


def test_warnings_do_not_block() -> None:
    known = Profiles(questionnaires={"https://sesame-fhir.fr/ig/Questionnaire/phq-9": {"version": "2.0.0"}})
    (issue,) = require_valid(RESPONSE, profiles=known)
    assert issue.severity is Severity.WARNING


def test_refused_with_every_issue() -> None:
    with pytest.raises(InvalidResource) as refused:
        require_valid(changed(PATIENT, (("gender",), "F"), (("birthDate",), "x")))
    assert len(refused.value.issues) == 2


def test_profiles_are_found_by_url_whatever_the_version() -> None:
    def no_gender(resource: Json) -> Iterator[Problem]:
        if "gender" in resource:
            yield Problem(IssueType.BUSINESS_RULE, "Retirer gender.", ("gender",))

    profiles = Profiles(checks={"https://x.test/profile": no_gender})
    claimed = changed(PATIENT, (("meta",), {"profile": ["https://x.test/profile|1.0"]}))
    assert validate(PATIENT, profiles=profiles) == []
    assert [issue.expression for issue in validate(claimed, profiles=profiles)] == [("Patient.gender",)]


def test_known_questionnaire_is_applied() -> None:
    response = changed(RESPONSE, (("questionnaire",), QUESTIONNAIRE["url"]))
    issues = validate(response, profiles=Profiles(questionnaires={QUESTIONNAIRE["url"]: QUESTIONNAIRE}))
    assert {issue.code for issue in issues} == {IssueType.CODE_INVALID}
    assert len(issues) == len(RESPONSE["item"])


def test_the_number_of_issues_is_bounded() -> None:
    assert len(validate(changed(PATIENT, (("name",), [{"x": 1}] * 500)))) == MAX_ISSUES


def test_no_issue_repeats_what_the_resource_says() -> None:
    wrong = changed(
        PATIENT,
        (("gender",), MARKER),
        (("birthDate",), MARKER),
        (("active",), MARKER),
        (("name", 0, "use"), MARKER),
        (("generalPractitioner",), [{"reference": MARKER}]),
        (("contact",), [{"gender": MARKER}]),
        (("text",), {"status": MARKER, "div": f"<b>{MARKER}"}),
        ((f"{MARKER} {MARKER}",), 1),
    )
    issues = validate(wrong)
    assert len(issues) >= 8
    assert MARKER not in str(issues)


HOSTILE: list[object] = [
    None,
    True,
    3,
    "x",
    [],
    [None],
    [[]],
    [{}],
    {},
    {"resourceType": "Patient"},
    [{"resourceType": 1}],
]


@pytest.mark.parametrize("resource_type", sorted(known_types()))
def test_any_junk_gives_issues_and_never_an_exception(resource_type: str) -> None:
    keys = ["contained", "entry", "item", "parameter", "section", "component", "participant", "text", "meta", "period"]
    keys += [
        "identifier",
        "code",
        "status",
        "contact",
        "activity",
        "target",
        "scope",
        "_given",
        "extension",
        "start",
        "end",
    ]
    for junk in HOSTILE:
        assert validate({"resourceType": resource_type, **dict.fromkeys(keys, junk)})
        assert validate(
            {"resourceType": resource_type, "entry": [dict.fromkeys(keys, junk)], "item": [dict.fromkeys(keys, junk)]}
        )
