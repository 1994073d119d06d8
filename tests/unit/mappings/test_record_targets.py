"""What comes back to the GP's record, and what the patient's no keeps out of it."""

from dataclasses import replace

import pytest

from mappings.projector import PathwayProjector
from mappings.record_targets import made_in_consultation, targets
from sesame_fhir.domain.care import Consent
from sesame_fhir.domain.events import ConsentPurpose, ConsentStatus
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.fhir import search_index
from sesame_fhir.services.delivery import SEND_ORDER
from tests.support.story import BINDING, GP, NURSE, PATHWAY, START
from tests.unit.mappings import care_cases as care
from tests.unit.mappings.cases import POSITIVE, REFERRAL_ID, STORIES, pathway, steps, wanted

PROJECTOR = PathwayProjector(search_index.index)
SCREENED = {f"QuestionnaireResponse/{POSITIVE.screening_id}", f"Observation/{POSITIVE.screening_id}"}
REFERRED = {f"ServiceRequest/{REFERRAL_ID}", f"Task/{REFERRAL_ID}"}
REVIEWED = {
    f"Communication/{care.REVIEWED.review_id}",
    f"Task/{care.MEDICATION.recommendation_id}",
    f"Task/{care.THERAPY.recommendation_id}",
}
WRITTEN = {
    f"Observation/{care.TOTAL.total_id}",
    f"DocumentReference/{PATHWAY}-assessment",
    f"DocumentReference/{care.HELD.contact_id}",
    f"DocumentReference/{PATHWAY}-relapse-plan",
}


def _keys(state: Pathway) -> set[str]:
    return {f"{target.resource_type}/{target.resource_id}" for target in targets(state)}


def test_what_the_record_holds_of_a_whole_pathway() -> None:
    assert _keys(pathway("whole")) == SCREENED | REFERRED | REVIEWED | WRITTEN
    assert _keys(pathway("left")) == _keys(pathway("whole")) | {f"DocumentReference/{PATHWAY}-exit"}


@pytest.mark.parametrize("name", STORIES)
def test_step_by_step_asks_for_the_same_as_all_at_once(name: str) -> None:
    assert set(wanted(name, PROJECTOR)) >= _keys(pathway(name))


def test_a_recommendation_comes_after_the_review_that_explains_it() -> None:
    depends = {f"{t.resource_type}/{t.resource_id}": t.depends_on for t in targets(pathway("whole"))}
    assert depends[f"Task/{care.MEDICATION.recommendation_id}"] == (f"Communication/{care.REVIEWED.review_id}",)
    assert SEND_ORDER.index("Communication") < SEND_ORDER.index("Task")


def test_what_asks_nothing_of_the_gp_is_no_task() -> None:
    assert f"Task/{care.SEE_AGAIN.recommendation_id}" not in _keys(pathway("whole"))


def test_after_the_patients_no_only_the_gps_own_goes_to_the_record() -> None:
    """The nurse's PHQ-9 of afterwards stays out, the GP's goes; what was shared before stays shared."""
    after, known = _keys(pathway("withdrawn-consent")), _keys(pathway("whole"))
    assert after == known | {f"QuestionnaireResponse/{care.uuid('a5')}", f"Observation/{care.uuid('a5')}"}


@pytest.mark.parametrize("status", [ConsentStatus.REFUSED, ConsentStatus.WITHDRAWN])
def test_a_no_from_the_start_keeps_all_of_the_teams_work_out(status: ConsentStatus) -> None:
    first = pathway("screened").state_since[0][1]
    said = {ConsentPurpose.CARE_TEAM: Consent(status, None, first, GP)}
    assert _keys(replace(pathway("whole"), consents=said)) == SCREENED | REFERRED


def test_an_agreement_given_again_sends_what_was_held_back() -> None:
    held_back = pathway("withdrawn-consent")
    said = {ConsentPurpose.CARE_TEAM: Consent(ConsentStatus.GIVEN, None, START, NURSE)}
    agreed = replace(held_back, consents=said)
    sent = {f"{t.resource_type}/{t.resource_id}" for t in PROJECTOR(held_back, agreed, ()).outbox}
    assert f"Observation/{care.uuid('a4')}" in sent


def test_another_record_gets_everything() -> None:
    known = pathway("whole")
    moved = replace(known, ehr=replace(BINDING, patient="Patient/p7"))
    asked = PROJECTOR(known, moved, ()).outbox
    assert {f"{t.resource_type}/{t.resource_id}" for t in asked} == _keys(known)
    assert {t.patient for t in asked} == {"Patient/p7"}


def test_a_command_asks_again_for_what_it_changed_only() -> None:
    asked = [
        {f"{t.resource_type}/{t.resource_id}" for t in PROJECTOR(before, after, (happened,)).outbox}
        for before, after, happened in steps("whole")
        if happened.data in (care.PLANNED, care.MESSAGE, care.REVIEWED)
    ]
    assert asked == [set(), REVIEWED, set()]


@pytest.mark.parametrize(
    ("name", "resource_type", "resource_id", "belongs"),
    [
        ("whole", "QuestionnaireResponse", POSITIVE.screening_id, True),
        ("whole", "Observation", POSITIVE.screening_id, True),
        ("whole", "ServiceRequest", REFERRAL_ID, True),
        ("whole", "Task", REFERRAL_ID, True),
        ("whole", "Task", care.MEDICATION.recommendation_id, False),
        ("whole", "Communication", care.REVIEWED.review_id, False),
        ("whole", "Observation", care.TOTAL.total_id, False),
        ("whole", "DocumentReference", care.HELD.contact_id, False),
        ("taken-in-contact", "Observation", care.uuid("a5"), False),
    ],
)
def test_only_the_gps_work_belongs_to_the_gps_consultation(
    name: str, resource_type: str, resource_id: str, *, belongs: bool
) -> None:
    assert made_in_consultation(pathway(name), resource_type, resource_id) is belongs
