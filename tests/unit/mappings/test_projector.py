"""The projector as a whole: everything that a command must store, in order, the same every time."""

from dataclasses import replace
from datetime import timedelta

import pytest

from mappings.projector import PathwayProjector
from sesame_fhir.domain.events import ConsentPurpose, ConsentRecorded, ConsentStatus
from sesame_fhir.domain.evolution import fold
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.policy import PathwayPolicy
from sesame_fhir.domain.transitions import State
from sesame_fhir.fhir import search_index
from sesame_fhir.fhir.search_parameters import SEARCH_PARAMETERS
from sesame_fhir.fhir.writer import write_json
from sesame_fhir.services.records import Origin
from tests.support.story import PATHWAY, START, event
from tests.unit.mappings.cases import (
    AGAIN_ID,
    PHQ_9_AT_RISK,
    POSITIVE,
    REFERRAL_ID,
    STORIES,
    pathway,
    project,
    published,
    steps,
    wanted,
)

PROJECTOR = PathwayProjector(search_index.index)
RESPONSE = f"QuestionnaireResponse/{POSITIVE.screening_id}"
TOTAL = f"Observation/{POSITIVE.screening_id}"
SAFETY_TASK = f"Task/{PHQ_9_AT_RISK.screening_id}-safety"


@pytest.mark.parametrize("name", STORIES)
def test_replay_gives_the_same_bytes(name: str) -> None:
    def run() -> list[bytes]:
        return [
            write_json(dict(write.body))
            for before, after, happened in steps(name)
            for write in PROJECTOR(before, after, (happened,)).resources
        ]

    assert run() == run()


@pytest.mark.parametrize("name", STORIES)
def test_every_write_is_complete(name: str) -> None:
    projections = project(name, PROJECTOR)
    keys = [(write.resource_type, write.resource_id) for write in projections.resources]
    assert len(keys) == len(set(keys))
    for write in projections.resources:
        assert (write.resource_type, write.resource_id) == (write.body["resourceType"], write.body["id"])
        assert (write.site, write.origin) == (projections.caseload.site, Origin.PATHWAY)
        assert write.index == search_index.index(dict(write.body))
        assert bool(write.index) is (write.resource_type in SEARCH_PARAMETERS)


@pytest.mark.parametrize("name", STORIES)
def test_targets_are_published_and_come_after_what_they_depend_on(name: str) -> None:
    held = published(name, PROJECTOR)
    sent: set[str] = set()
    for key, target in wanted(name, PROJECTOR).items():
        assert key in held
        assert set(target.depends_on) <= sent, f"{key} would be sent before what it refers to"
        assert (target.ehr_id, target.patient) == ("ehr-test", "Patient/p1")
        sent.add(key)


def test_what_goes_to_the_record_after_a_referral() -> None:
    targets = {key: target.depends_on for key, target in wanted("referred", PROJECTOR).items()}
    assert targets == {
        RESPONSE: (),
        TOTAL: (RESPONSE,),
        f"ServiceRequest/{REFERRAL_ID}": (TOTAL, RESPONSE),
        f"Task/{REFERRAL_ID}": (f"ServiceRequest/{REFERRAL_ID}",),
    }


def test_without_a_record_nothing_is_sent() -> None:
    projections = project("no-record", PROJECTOR)
    assert projections.outbox == ()
    assert projections.resources
    assert projections.patient_keys == ("INS-NIR-TEST|2841276451089",)


@pytest.mark.parametrize(
    ("name", "is_open", "state"),
    [
        ("screened", True, State.SCREENED),
        ("unreachable", True, State.NOT_STARTED),
        ("in-care", True, State.CARE),
        ("exited", False, State.EXITED),
    ],
)
def test_open_and_state_follow_the_pathway(name: str, *, is_open: bool, state: State) -> None:
    projections = project(name, PROJECTOR)
    assert (projections.open, projections.caseload.state) == (is_open, state)


def test_item_9_is_on_the_caseload_even_without_interpretation() -> None:
    row = project("at-risk", PathwayProjector(search_index.index, PathwayPolicy(interpretation=False))).caseload
    assert (row.safety_open, row.flags, row.attention_on) == (True, (), START.date())


def test_caseload_row_shows_last_totals_flag_and_referral() -> None:
    row = project("at-risk", PROJECTOR).caseload
    assert (row.last_phq2, row.last_phq9, row.last_gad7, row.safety_open) == (5, 17, None, True)
    assert project("acknowledged", PROJECTOR).caseload.safety_open is False
    referred = project("referred", PROJECTOR).caseload
    assert (referred.family, referred.referrer) == ("FICTIVE", "Dr Camille Fictif")
    assert referred.referred_at is not None


@pytest.mark.parametrize(
    ("name", "request_status", "task_status"),
    [
        ("referred", "active", "requested"),
        ("accepted", "active", "accepted"),
        ("in-care", "completed", "completed"),
        ("exited", "completed", "completed"),
        ("withdrawn", "revoked", "cancelled"),
        ("entered-in-error", "entered-in-error", "entered-in-error"),
        ("unreachable", "revoked", "failed"),
    ],
)
def test_request_and_task_move_together(name: str, request_status: str, task_status: str) -> None:
    held = published(name, PROJECTOR)
    assert held[f"ServiceRequest/{REFERRAL_ID}"]["status"] == request_status
    assert held[f"Task/{REFERRAL_ID}"]["status"] == task_status


def test_a_second_referral_leaves_the_first_as_it_ended() -> None:
    held = published("referred-again", PROJECTOR)
    assert held[f"ServiceRequest/{REFERRAL_ID}"]["status"] == "revoked"
    assert held[f"ServiceRequest/{AGAIN_ID}"]["status"] == "active"


@pytest.mark.parametrize(
    ("name", "flag_status", "task_status"),
    [
        ("at-risk", "active", "requested"),
        ("acknowledged", "inactive", "completed"),
        ("risk-removed", "entered-in-error", "entered-in-error"),
    ],
)
def test_flag_stands_until_acknowledged_or_removed(name: str, flag_status: str, task_status: str) -> None:
    held = published(name, PROJECTOR)
    assert held[f"Flag/{PHQ_9_AT_RISK.screening_id}"]["status"] == flag_status
    assert held[SAFETY_TASK]["status"] == task_status


def test_interpretation_off_publishes_raw_values_only() -> None:
    held = published("at-risk", PathwayProjector(search_index.index, PathwayPolicy(interpretation=False)))
    assert not any(key.startswith("Flag/") or key == SAFETY_TASK for key in held)
    assert "interpretation" not in held[TOTAL]
    assert held[TOTAL]["valueQuantity"]["value"] == 5


def test_a_correction_amends_and_makes_nothing_new() -> None:
    before, after = published("screened", PROJECTOR), published("amended", PROJECTOR)
    assert set(before) == set(after)
    assert (after[RESPONSE]["status"], after[TOTAL]["status"]) == ("amended", "amended")
    assert (before[TOTAL]["valueQuantity"]["value"], after[TOTAL]["valueQuantity"]["value"]) == (5, 0)


def test_a_correction_after_the_referral_stays_among_its_supporting_information() -> None:
    history = [happened for _, _, happened in steps("referred")]
    amended = replace(steps("amended")[-1][2], sequence=9)
    before, after = fold(PATHWAY, history), fold(PATHWAY, [*history, amended])
    requests = [w for w in PROJECTOR(before, after, (amended,)).resources if w.resource_type == "ServiceRequest"]
    assert requests[0].body["supportingInfo"] == [{"reference": RESPONSE}]


def test_a_screening_without_total_is_published_without_observation() -> None:
    before, after, happened = steps("screened")[-1]
    unscored = replace(after, screenings=(replace(after.screenings[0], total=None),))
    projections = PROJECTOR(before, unscored, (happened,))
    assert "Observation" not in {write.resource_type for write in projections.resources}
    assert [target.resource_type for target in projections.outbox] == ["QuestionnaireResponse"]
    response = next(w.body for w in projections.resources if w.resource_type == "QuestionnaireResponse")
    assert len(response["item"]) == 2


def test_two_consents_of_one_purpose_in_one_command_give_one_version() -> None:
    informed = event(3, ConsentRecorded(ConsentPurpose.CARE_TEAM, ConsentStatus.INFORMED))
    given = event(4, ConsentRecorded(ConsentPurpose.CARE_TEAM, ConsentStatus.GIVEN))
    history = [happened for _, _, happened in steps("screened")]
    before, after = fold(PATHWAY, history), fold(PATHWAY, [*history, informed, given])
    writes = [w for w in PROJECTOR(before, after, (informed, given)).resources if w.resource_type == "Consent"]
    assert [w.body["status"] for w in writes] == ["active"]


def test_a_pathway_without_identity_cannot_be_projected() -> None:
    with pytest.raises(ValueError, match="has not begun"):
        PROJECTOR(Pathway(PATHWAY), Pathway(PATHWAY), ())


def test_events_out_of_order_never_make_a_period_that_ends_before_it_starts() -> None:
    first, late, early = (happened for _, _, happened in steps("declined"))
    late = replace(late, occurred_at=late.occurred_at + timedelta(hours=5))
    history = [first, late, early]
    state = fold(PATHWAY, history)
    episode = next(
        w.body for w in PROJECTOR(pathway("screened"), state, (early,)).resources if w.resource_type == "EpisodeOfCare"
    )
    for entry in [*episode["statusHistory"], {"period": episode["period"]}]:
        assert entry["period"].get("end", "9") >= entry["period"]["start"]
