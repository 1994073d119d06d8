"""The row of the file active: where a pathway is listed, how it is sorted, who has to read, from which day it waits."""

from dataclasses import replace
from datetime import date

import pytest

from mappings.agenda import agenda_slots
from mappings.caseload import bucket_of, caseload_row, sort_name
from mappings.projector import PathwayProjector
from sesame_fhir.domain import events as ev
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.policy import DEFAULT_POLICY, PathwayPolicy
from sesame_fhir.domain.progress.flags import flags
from sesame_fhir.domain.transitions import State
from sesame_fhir.services.caseload import Bucket, CaseloadRow
from sesame_fhir.services.folding import fold
from tests.support.story import GP, NURSE, PATHWAY, SITE, TRAITS
from tests.unit.mappings.care_cases import MEMBERS, PLANNED_4, PSYCHIATRIST
from tests.unit.mappings.cases import pathway, project

PROJECTOR = PathwayProjector(lambda _resource: ())


def _row(name: str, policy: PathwayPolicy = DEFAULT_POLICY) -> CaseloadRow:
    return caseload_row(pathway(name), flags(pathway(name), policy), policy=policy)


@pytest.mark.parametrize("state", State)
def test_every_state_is_listed_in_one_place(state: State) -> None:
    listed = {
        State.REFERRED: Bucket.REFERRAL,
        State.EXITED: Bucket.CLOSED,
        State.MERGED: Bucket.CLOSED,
        **dict.fromkeys((State.NEW, State.SCREENED, State.NOT_REFERRED, State.NOT_STARTED), Bucket.BEFORE),
    }
    assert bucket_of(state) is listed.get(state, Bucket.FOLLOWED)


@pytest.mark.parametrize(
    ("family", "given", "sorted_as"),
    [
        ("FICTIVE", "Jeanne", "fictive jeanne"),
        ("Étienne-Noël", "Œdipe", "etienne-noel oedipe"),
        ("LE  GOFF", "", "le goff"),
    ],
)
def test_names_sort_without_case_and_accents(family: str, given: str, sorted_as: str) -> None:
    assert sort_name(replace(TRAITS, family=family, given=given)) == sorted_as
    assert sorted_as.startswith(fold(family))


def test_a_pathway_lived_in_full() -> None:
    row = _row("whole")
    assert (row.bucket, row.state) == (Bucket.FOLLOWED, State.RELAPSE_PREVENTION)
    assert (row.nurse, row.nurse_id) == (NURSE.name, NURSE.actor_id)
    assert (row.psychiatrist_id, row.referrer_id) == (PSYCHIATRIST.actor_id, GP.actor_id)
    assert (row.sequence_rank, row.sequence_end) == (1, date(2026, 6, 1))
    assert (row.next_contact_at, row.last_contact_at) == (PLANNED_4.planned_at, pathway("whole").held_contacts[-1].at)
    assert (row.discuss, row.advice_waiting, row.started_on) == (False, 0, date(2026, 3, 2))
    assert row.reviewed_at is not None
    assert row.end_reason is None


@pytest.mark.parametrize(
    ("name", "gp", "nurse", "psychiatrist"),
    [("accepted", 0, 0, 0), ("whole", 1, 0, 1)],
    ids=["no message", "one read by the GP, one to all not read"],
)
def test_unread_messages_by_role(name: str, gp: int, nurse: int, psychiatrist: int) -> None:
    row = _row(name)
    assert (row.unread_gp, row.unread_nurse, row.unread_psychiatrist) == (gp, nurse, psychiatrist)


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("screened", None),
        ("at-risk", date(2026, 3, 2)),
        ("acknowledged", None),
        ("referred", date(2026, 3, 2)),
        ("accepted", date(2026, 3, 17)),
        ("whole", PLANNED_4.planned_at.date()),
        ("withdrawn", None),
        ("left", None),
    ],
    ids=[
        *("nothing waits", "item 9", "item 9 acknowledged", "new referral", "first contact due after a fortnight"),
        *("next planned contact", "referral withdrawn", "exited, though a contact was planned"),
    ],
)
def test_the_first_day_on_which_somebody_is_needed(name: str, day: date | None) -> None:
    assert _row(name, PathwayPolicy(interpretation=False)).attention_on == day


def test_flags_come_from_the_rules_and_bring_attention_forward() -> None:
    row = _row("whole")
    assert row.flags
    assert row.attention_on is not None
    assert row.attention_on <= min(flag.since for flag in row.flags if flag.attention)


@pytest.mark.parametrize(
    ("name", "reason"), [("left", "specialised-care"), ("unreachable", "unreachable"), ("whole", None)]
)
def test_why_it_ended(name: str, reason: str | None) -> None:
    assert _row(name).end_reason == reason


def test_a_gp_who_takes_over_finds_the_patient() -> None:
    successor = ev.TeamMember("10000000033", "Dr Nouveau Fictif", MEMBERS[0].role)
    row = caseload_row(replace(pathway("whole"), team=(successor, *MEMBERS[1:])), (), policy=DEFAULT_POLICY)
    assert (row.referrer, row.referrer_id) == ("Dr Nouveau Fictif", "10000000033")


def test_the_agenda_has_the_planned_contacts_of_open_pathways() -> None:
    (slot,) = agenda_slots(pathway("whole"))
    assert (slot.contact_id, slot.planned_at, slot.mode) == (PLANNED_4.contact_id, PLANNED_4.planned_at, PLANNED_4.mode)
    assert (slot.pathway_id, slot.site, slot.nurse_id, slot.family) == (PATHWAY, SITE, NURSE.actor_id, "FICTIVE")
    assert agenda_slots(pathway("left")) == ()
    assert agenda_slots(Pathway(PATHWAY)) == ()


def test_the_projector_fills_agenda_facts_and_keys() -> None:
    projections = project("survivor", PROJECTOR)
    assert projections.agenda == agenda_slots(pathway("survivor"))
    assert projections.facts is not None
    assert projections.facts.pathway_id == PATHWAY
    assert projections.patient_keys == (
        "INS-NIR-TEST|2841276451089",
        "ehr-test|Patient/p1",
        "ehr-test|Patient/p9",
    )
    assert project("merged", PROJECTOR).open is False
