"""A command publishes what it changed, all of it and nothing else; nothing private ever leaves."""

from base64 import b64decode
from dataclasses import replace

import pytest

from mappings.projector import PathwayProjector
from sesame_fhir.domain import events as ev
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.policy import PathwayPolicy
from sesame_fhir.fhir import search_index
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.writer import write_json
from tests.support.story import PATHWAY
from tests.unit.mappings import care_cases as care
from tests.unit.mappings.cases import REFERRAL_ID, STORIES, pathway, published, steps

PROJECTOR = PathwayProjector(search_index.index)
_HISTORY = ("Provenance/", f"DocumentReference/{PATHWAY}-exit", f"Flag/{PATHWAY}-")
"""What is made once and stays as it was: acts, the letter, the flags of a day."""


def _whole(state: Pathway) -> dict[str, Json]:
    """Everything that a state publishes, as if it were all new."""
    return {
        f"{write.resource_type}/{write.resource_id}": dict(write.body)
        for write in PROJECTOR(Pathway(PATHWAY), state, ()).resources
    }


@pytest.mark.parametrize("name", STORIES)
def test_step_by_step_gives_the_same_as_all_at_once(name: str) -> None:
    held = published(name, PROJECTOR)
    for key, resource in _whole(pathway(name)).items():
        if not key.startswith(_HISTORY):
            assert held[key] == resource, key


def _changed(name: str, last: ev.Payload) -> set[str]:
    """What the first command with this payload published."""
    for before, after, happened in steps(name):
        if happened.data == last:
            return {f"{w.resource_type}/{w.resource_id}" for w in PROJECTOR(before, after, (happened,)).resources}
    raise AssertionError("no such command in this story")


@pytest.mark.parametrize(
    ("payload", "published_by_it"),
    [
        (care.PLANNED, {f"Appointment/{care.PLANNED.contact_id}"}),
        (care.MOVED, {f"Appointment/{care.PLANNED.contact_id}"}),
        (
            care.HELD,
            {
                f"Appointment/{care.HELD.contact_id}",
                f"Encounter/{care.HELD.contact_id}",
                f"DocumentReference/{care.HELD.contact_id}",
            },
        ),
        (care.ON_SITE, {f"Encounter/{care.ON_SITE.contact_id}"}),
        (care.MISSED, {f"Appointment/{care.MISSED.contact_id}"}),
        (care.MESSAGE, {f"Communication/{care.MESSAGE.message_id}"}),
        (care.TOTAL, {f"Observation/{care.TOTAL.total_id}"}),
        (ev.MarkedForReview("Pas mieux."), set()),
    ],
    ids=["planned", "moved", "held", "held, not planned, no note", "missed", "message", "total", "marked"],
)
def test_a_command_publishes_what_it_changed_only(payload: ev.Payload, published_by_it: set[str]) -> None:
    assert _changed("whole", payload) == published_by_it


def test_a_transfer_writes_everything_again_for_the_new_site() -> None:
    before, after, happened = steps("transferred")[-1]
    writes = PROJECTOR(before, after, (happened,)).resources
    assert {write.site for write in writes} == {care.ELSEWHERE}
    made = {f"{write.resource_type}/{write.resource_id}" for write in writes}
    assert made == {key for key in published("transferred", PROJECTOR) if not key.startswith("Provenance/")} - {
        f"Goal/{care.OTHER_GOAL.goal_id}"
    }


def test_the_letter_is_not_rewritten_by_a_later_correction() -> None:
    before = pathway("left")
    contacts = tuple(replace(contact, note="Corrigé") if contact.note else contact for contact in before.contacts)
    after = replace(before, contacts=contacts, version=before.version + 1)
    made = {f"{w.resource_type}/{w.resource_id}" for w in PROJECTOR(before, after, ()).resources}
    assert f"DocumentReference/{care.HELD.contact_id}" in made
    assert f"DocumentReference/{PATHWAY}-exit" not in made


@pytest.mark.parametrize("name", STORIES)
@pytest.mark.parametrize("interpretation", [True, False], ids=["interpreted", "raw"])
def test_no_private_note_in_any_published_byte(name: str, *, interpretation: bool) -> None:
    projector = PathwayProjector(search_index.index, PathwayPolicy(interpretation=interpretation))
    for before, after, happened in steps(name):
        projections = projector(before, after, (happened,))
        for write in projections.resources:
            texts = [write_json(dict(write.body)).decode(), repr(write.index)]
            texts += [b64decode(data).decode("utf-8") for data in _attached(write.body)]
            assert not any(care.SECRET in text for text in texts), f"{write.resource_type}/{write.resource_id}"
        assert care.SECRET not in repr((projections.caseload, projections.agenda, projections.facts))


def test_the_private_note_is_in_the_stories_and_the_shared_one_is_published() -> None:
    assert any(contact.private_note == care.SECRET for contact in pathway("whole").contacts)
    note = published("whole", PROJECTOR)[f"DocumentReference/{care.HELD.contact_id}"]
    assert b64decode(_attached(note)[0]).decode("utf-8") == care.CORRECTED.note


def test_flags_of_the_course_follow_the_measures_and_need_interpretation() -> None:
    held = published("improving", PROJECTOR)
    assert held[f"Flag/{PATHWAY}-response"]["status"] == "inactive"
    assert held[f"Flag/{PATHWAY}-worsening"]["status"] == "active"
    raw = published("improving", PathwayProjector(search_index.index, PathwayPolicy(interpretation=False)))
    assert not any(key.startswith("Flag/") for key in raw)


def test_calls_are_the_tasks_notes_and_a_second_referral_starts_without() -> None:
    task = published("called", PROJECTOR)[f"Task/{REFERRAL_ID}"]
    assert [note["text"] for note in task["note"]] == ["Appel : pas de réponse : Répondeur.", "Appel : numéro erroné"]


def _attached(resource: object) -> list[str]:
    if isinstance(resource, list):
        return [data for inner in resource for data in _attached(inner)]
    if isinstance(resource, dict):
        own = [resource["data"]] if isinstance(resource.get("data"), str) else []
        return own + [data for inner in resource.values() for data in _attached(inner)]
    return []
