"""What goes out comes back: domain -> FHIR -> domain; and what other systems send is read with care."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mappings.consent import consent, consent_of
from mappings.coverage import coverage
from mappings.datatypes import patient_reference
from mappings.goal import goal, goal_of
from mappings.incoming.coverage import recorded
from mappings.licensed_total import licensed_observation, licensed_total_of
from mappings.patient import INS_SYSTEMS, patient, traits_of
from mappings.practitioner import actor_of, actor_reference, practitioner
from mappings.questionnaire_response import instrument_of, questionnaire_response, screening_of
from mappings.recommendation import decision_of, recommendation_task
from sesame_fhir.domain import scoring
from sesame_fhir.domain.actors import Actor, Role
from sesame_fhir.domain.care import Consent
from sesame_fhir.domain.events import (
    ConsentPurpose,
    ConsentStatus,
    CoverageRecorded,
    Goal,
    GoalStatus,
    LicensedInstrument,
    PatientTraits,
    RecommendationFate,
    Sex,
)
from sesame_fhir.domain.identifiers import Ins, InsNature
from sesame_fhir.domain.instruments import INSTRUMENTS, InstrumentId
from sesame_fhir.domain.pathway import Screening
from sesame_fhir.domain.reasons import ReasonCode, Refused
from sesame_fhir.domain.reviews import Advice, Decision
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.reader import read_json
from sesame_fhir.fhir.validation import validate
from sesame_fhir.fhir.writer import write_json
from tests.support.story import GP, PATHWAY, START, TRAITS
from tests.unit.mappings import care_cases as care
from tests.unit.mappings.cases import PATIENT_ACTOR, POSITIVE, UNKNOWN_GP, pathway

SUBJECT = patient_reference(PATHWAY)
NAMES = st.text(st.characters(categories=["L"]), min_size=1, max_size=12)
OFFICIAL = {"use": "official", "system": INS_SYSTEMS[InsNature.NIR], "value": "284127645108993"}


@given(
    family=NAMES,
    given_name=st.one_of(st.just(""), NAMES),
    born=st.one_of(st.none(), st.dates(date(1900, 1, 1), date(2026, 1, 1))),
    sex=st.sampled_from(Sex),
    ins=st.one_of(st.none(), st.builds(Ins, st.just("2841276451089"), st.sampled_from(InsNature))),
)
def test_patient(family: str, given_name: str, born: date | None, sex: Sex, ins: Ins | None) -> None:
    traits = PatientTraits(family, given_name, born, sex, ins, phone=None)
    assert traits_of(patient(traits, "p")) == traits


@given(
    codes=st.tuples(*(st.one_of(st.none(), st.from_regex(rf"[0-9]{{{n}}}", fullmatch=True)) for n in (2, 3, 4))),
    full=st.sampled_from((True, False, None)),
)
def test_insurance(codes: tuple[str | None, str | None, str | None], *, full: bool | None) -> None:
    known = CoverageRecorded(*codes, full)
    assume(known != CoverageRecorded())
    published = read_json(write_json(coverage(PATHWAY, known)))
    assert validate(published) == []
    assert recorded(published) == known


def test_patient_with_phone_and_several_given_names() -> None:
    traits = replace(TRAITS, given="Anne Marie Louise")
    assert traits_of(patient(traits, "p")) == traits


@pytest.mark.parametrize("actor", [GP, UNKNOWN_GP], ids=["rpps", "no-rpps"])
def test_practitioner(actor: Actor) -> None:
    assert actor_of(practitioner(actor, "gp"), actor.role, actor.actor_id) == actor


@pytest.mark.parametrize("name", ["screened", "gad-2", "gad-7", "audit-c", "at-risk", "amended"])
def test_screening(name: str) -> None:
    screening = replace(pathway(name).screenings[-1], first_authored=None)  # the Observation's, not the response's
    assert screening_of(questionnaire_response(screening, SUBJECT), screening.author) == screening


@given(data=st.data(), instrument=st.sampled_from(list(INSTRUMENTS.values())))
def test_any_complete_answers(data: st.DataObject, instrument: object) -> None:
    chosen = next(i for i in INSTRUMENTS.values() if i is instrument)
    answers = {i.link_id: data.draw(st.sampled_from(i.answers)).code for i in chosen.scored_items}
    screening = Screening(
        POSITIVE.screening_id,
        chosen.id,
        chosen.version,
        answers,
        scoring.score(chosen, answers).total,
        scoring.raises_safety_flag(chosen, answers),
        START,
        GP,
    )
    assert screening_of(questionnaire_response(screening, SUBJECT), GP) == screening


@pytest.mark.parametrize("purpose", ConsentPurpose)
@pytest.mark.parametrize("status", ConsentStatus)
@pytest.mark.parametrize("notice", [None, "2026-1"])
def test_consent(purpose: ConsentPurpose, status: ConsentStatus, notice: str | None) -> None:
    said = Consent(status, notice, START, GP)
    assert consent_of(consent(PATHWAY, purpose, said, SUBJECT), GP) == (purpose, said)


@pytest.mark.parametrize(
    "aim",
    [
        care.GOAL,
        care.OTHER_GOAL,
        replace(care.GOAL, instrument=None, target=None, status=GoalStatus.COMPLETED),
        replace(care.GOAL, instrument=InstrumentId.GAD_2, due=None, status=GoalStatus.CANCELLED),
    ],
)
def test_goal(aim: Goal) -> None:
    assert goal_of(goal(aim, SUBJECT)) == aim


@pytest.mark.parametrize("instrument", LicensedInstrument)
def test_licensed_total(instrument: LicensedInstrument) -> None:
    total = replace(pathway("whole").totals[0], instrument=instrument)
    assert licensed_total_of(licensed_observation(total, SUBJECT), total.by) == total


@pytest.mark.parametrize(
    "change",
    [
        {"code": {"coding": [{"system": "http://loinc.org", "code": "isi-total"}]}},
        {"issued": "2026-03-02"},
        {"valueQuantity": {"value": "17"}},
        {"valueQuantity": {}},
    ],
)
def test_another_total_is_not_ours(change: Json) -> None:
    total = pathway("whole").totals[0]
    assert licensed_total_of(licensed_observation(total, SUBJECT) | change, total.by) is None


@pytest.mark.parametrize("fate", [None, *RecommendationFate])
def test_the_gps_decision(fate: RecommendationFate | None) -> None:
    review = pathway("whole").reviews[0]
    decision = None if fate is None else Decision(fate, "Motif", review.at, GP)
    task = recommendation_task(Advice(care.MEDICATION, decision), review, care.MEMBERS[0], PATHWAY)
    assert decision_of(task) == (None if fate is None else (fate, "Motif"))


@pytest.mark.parametrize(
    ("status", "fate"),
    [
        ("requested", None),
        ("received", None),
        ("accepted", RecommendationFate.ACCEPTED),
        ("completed", RecommendationFate.ACCEPTED),
        ("rejected", RecommendationFate.DECLINED),
    ],
)
def test_the_decision_of_a_record_that_knows_r4_only(status: str, fate: RecommendationFate | None) -> None:
    decided = decision_of({"resourceType": "Task", "status": status, "statusReason": {"text": "Motif"}})
    assert decided == (None if fate is None else (fate, "Motif"))


@pytest.mark.parametrize(
    "foreign",
    [
        {},
        {"category": [{"coding": [{"system": "http://loinc.org", "code": "59284-0"}]}]},
        {"category": [{"coding": [{"system": "https://sesame-fhir.fr/ig/CodeSystem/sesame-consent-purpose"}]}]}
        | {"category": [{"coding": [{"system": "https://sesame-fhir.fr/ig/CodeSystem/x", "code": "research"}]}]},
    ],
)
def test_a_foreign_consent_is_not_ours(foreign: Json) -> None:
    assert consent_of(foreign, GP) is None


def test_item_10_is_not_published_when_the_other_answers_make_it_pointless() -> None:
    instrument = INSTRUMENTS[InstrumentId.PHQ_9]
    zeros = {item.link_id: item.answers[0].code for item in instrument.items}
    screening = replace(pathway("at-risk").screenings[1], answers=zeros, total=0)
    links = [item["linkId"] for item in questionnaire_response(screening, SUBJECT)["item"]]
    assert "69722-7" not in links
    one = zeros | {"44250-9": "LA6569-3"}
    links = [item["linkId"] for item in questionnaire_response(replace(screening, answers=one), SUBJECT)["item"]]
    assert "69722-7" in links


def test_a_claimed_total_is_not_believed() -> None:
    resource = questionnaire_response(pathway("screened").screenings[0], SUBJECT)
    resource["item"][-1]["answer"][0]["valueInteger"] = 99
    assert screening_of(resource, GP).total == 5


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"questionnaire": "https://example.org/Questionnaire/phq-2|1"}, ReasonCode.UNKNOWN_INSTRUMENT),
        ({"questionnaire": ""}, ReasonCode.UNKNOWN_INSTRUMENT),
        ({"item": [{"linkId": "zzz", "answer": [{"valueCoding": {"code": "LA6568-5"}}]}]}, ReasonCode.UNKNOWN_ITEM),
        ({"item": [{"linkId": "44250-9", "answer": [{"valueCoding": {"code": "LA0-0"}}]}]}, ReasonCode.UNKNOWN_ANSWER),
        ({"item": [{"linkId": "44250-9", "answer": [{"valueString": "Jamais"}]}]}, ReasonCode.UNKNOWN_ANSWER),
    ],
)
def test_bad_response_is_refused_with_its_reason(change: Json, reason: ReasonCode) -> None:
    resource = questionnaire_response(pathway("screened").screenings[0], SUBJECT) | change
    with pytest.raises(Refused) as refused:
        screening_of(resource, GP)
    assert [r.code for r in refused.value.reasons] == [reason]


@pytest.mark.parametrize("authored", ["", "2026-03-02", "2026-03-02T10:00:00", "hier"])
def test_a_response_without_its_moment_is_refused(authored: str) -> None:
    resource = questionnaire_response(pathway("screened").screenings[0], SUBJECT) | {"authored": authored}
    with pytest.raises(ValueError, match=r"."):
        screening_of(resource, GP)


def test_another_version_of_our_form_is_still_our_form() -> None:
    assert instrument_of({"questionnaire": "https://sesame-fhir.fr/ig/Questionnaire/phq-9|0.9.0"}) is not None
    assert instrument_of({}) is None


@pytest.mark.parametrize(
    ("resource", "nature"),
    [
        ({"identifier": [OFFICIAL]}, InsNature.NIR),
        ({"identifier": [{**OFFICIAL, "use": "old"}]}, None),
        ({"identifier": [{**OFFICIAL, "use": "secondary"}]}, None),
        ({"identifier": [{**OFFICIAL, "value": "284127645108900"}]}, None),
        ({"identifier": [{**OFFICIAL, "value": ""}]}, None),
        ({"identifier": [{**OFFICIAL, "system": "urn:oid:1.2.3"}]}, None),
        ({"identifier": [{"system": INS_SYSTEMS[InsNature.TEST], "value": "284127645108993"}]}, InsNature.TEST),
        ({}, None),
    ],
)
def test_only_a_valid_current_matricule_is_taken(resource: Json, nature: InsNature | None) -> None:
    ins = traits_of(resource).ins
    assert (ins.nature if ins else None) is nature


@pytest.mark.parametrize(("status", "taken"), [("VALI", True), ("QUAL", True), ("PROV", False), ("DOUB", False)])
def test_a_real_matricule_needs_a_qualified_identity(status: str, *, taken: bool) -> None:
    reliability = {
        "url": "https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-identity-reliability",
        "extension": [{"url": "identityStatus", "valueCoding": {"code": status}}],
    }
    assert (traits_of({"identifier": [OFFICIAL], "extension": [reliability]}).ins is not None) is taken


@pytest.mark.parametrize("born", ["1984", "1984-12", "1984-13-40", "07/12/1984", ""])
def test_an_uncertain_birth_date_is_unknown(born: str) -> None:
    assert traits_of({"birthDate": born}).birth_date is None


def test_the_official_name_wins_over_the_usual_one_and_an_old_one_is_not_read() -> None:
    names = [{"use": "usual", "family": "USUEL"}, {"use": "official", "family": "OFFICIEL", "given": ["A", "B"]}]
    assert (traits_of({"name": names}).family, traits_of({"name": names}).given) == ("OFFICIEL", "A B")
    assert traits_of({"name": [{"use": "old", "family": "ANCIEN"}]}).family == ""


@pytest.mark.parametrize(
    ("identifier", "rpps"),
    [
        ({"system": "https://rpps.esante.gouv.fr", "value": "10003461034"}, "10003461034"),
        ({"system": "urn:oid:1.2.250.1.71.4.2.1", "value": "810003461034"}, "10003461034"),
        ({"system": "urn:oid:1.2.250.1.71.4.2.1", "value": "0123456789"}, None),
        ({"system": "https://rpps.esante.gouv.fr", "value": "10003461033"}, None),
        ({"system": "https://example.org", "value": "10003461034"}, None),
        ({}, None),
    ],
)
def test_rpps_is_read_only_when_it_is_one(identifier: Json, rpps: str | None) -> None:
    name = [{"prefix": ["Dr"], "given": ["Camille"], "family": "Fictif"}]
    actor = actor_of({"identifier": [identifier], "name": name}, Role.GP, "ehr|Practitioner/1")
    assert (actor.rpps.value if actor.rpps else None) == rpps
    assert actor.actor_id == (rpps or "ehr|Practitioner/1")
    assert actor.name == "Dr Camille Fictif"


def test_a_practitioner_without_name_has_none() -> None:
    assert actor_of({"name": [{"use": "official"}]}, Role.GP, "ehr|Practitioner/1").name == ""


def test_a_response_of_the_record_without_our_identifier_keeps_its_own_id() -> None:
    resource = questionnaire_response(pathway("screened").screenings[0], SUBJECT) | {"id": "r1"}
    assert screening_of(resource | {"identifier": {"system": "urn:x", "value": "1"}}, GP).screening_id == "r1"


@pytest.mark.parametrize(
    ("actor", "expected"),
    [
        (PATIENT_ACTOR, SUBJECT),
        (Actor("sesame", Role.SYSTEM, "SÉSAME"), {"type": "Device", "display": "SÉSAME"}),
        (
            UNKNOWN_GP,
            {
                "type": "Practitioner",
                "identifier": {
                    "system": "https://sesame-fhir.fr/ig/identifier/actor",
                    "value": "ehr-test|Practitioner/9",
                },
                "display": "Dr Sans Numéro",
            },
        ),
    ],
    ids=["patient", "software", "no-rpps"],
)
def test_who_acted_is_named_by_what_is_known(actor: Actor, expected: Json) -> None:
    assert actor_reference(actor, SUBJECT) == expected
