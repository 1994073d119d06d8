"""AuditEvent: every entry satisfies our profile, and says nothing that the log does not hold."""

import pytest

from mappings import audit_codes
from mappings.audit_event import audit_event
from mappings.conformance import load_profile_checks
from sesame_fhir.domain.access import ACTIONS
from sesame_fhir.fhir.canonical import own
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.profiles import Profiles
from sesame_fhir.fhir.validation import validate
from sesame_fhir.services.records import AuditEntry
from tests.support.story import START
from tests.unit.mappings import audit_cases as cases

PROFILE = own("StructureDefinition", "sesame-audit-event")
PROFILES = Profiles(load_profile_checks(), {})


@pytest.mark.parametrize("entry", cases.ENTRIES)
def test_every_entry_satisfies_the_profile_it_claims(entry: AuditEntry) -> None:
    event = audit_event(1, entry)
    assert event["meta"]["profile"] == [PROFILE]
    assert PROFILE in PROFILES.checks
    assert validate(event, "AuditEvent", profiles=PROFILES) == []
    event["agent"][0]["requestor"] = False
    assert validate(event, "AuditEvent", profiles=PROFILES)


@pytest.mark.parametrize("action", sorted(ACTIONS))
def test_every_use_case_has_its_own_code(action: str) -> None:
    event = audit_event(1, AuditEntry(START, "a", "nurse", action, "done"))
    assert event["subtype"] == [{"system": audit_codes.OWN_ACTION, "code": action}]
    assert event["action"] == ("R" if action.startswith("view-") else audit_codes.LETTERS.get(action, "E"))


def people(event: Json) -> list[tuple[bool, str]]:
    return [
        (one["requestor"], one["who"].get("reference") or one["who"]["identifier"]["value"]) for one in event["agent"]
    ]


@pytest.mark.parametrize(
    ("entry", "who"),
    [
        (cases.READ, [(True, cases.READ.actor_id), (False, "viewer_app")]),
        (cases.SERVICE_WROTE, [(True, "service")]),
        (cases.CLIENT_CHANGED, [(True, "admin-1")]),
        (cases.LAUNCH, [(True, "ehr-test|Practitioner/9")]),
    ],
)
def test_who_did_it_and_through_which_software(entry: AuditEntry, who: list[tuple[bool, str]]) -> None:
    assert people(audit_event(1, entry)) == who


def test_a_patient_is_named_once() -> None:
    (entity,) = audit_event(1, cases.PATIENT_READ)["entity"]
    assert entity["what"]["reference"] == cases.READ.patient
