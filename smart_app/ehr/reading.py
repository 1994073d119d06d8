"""Reading the record once, when a launch opens: who the patient is, who asks, and what pre-fills eligibility.

Only the Patient is indispensable. Every other question may go unanswered, and then the snapshot says so in its notes.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sesame_fhir.domain.actors import Actor
from sesame_fhir.fhir import canonical
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.services.records import LaunchSession
from sesame_fhir.services.snapshot import Note, NoteCode, RecordSnapshot
from smart_app.ehr.client import EhrClient, EhrCode, EhrError
from smart_app.ehr.history import (
    FOLLOW_UP_FIELDS,
    TOTALS,
    FollowUpRules,
    antidepressant,
    earlier_scores,
    medication_names,
    psychiatric_follow_up,
)
from smart_app.ehr.identity import IdentityRules, author, patient_traits, role_of
from smart_app.ehr.searching import SEARCH_SECONDS, Found, reference_of, search_of_patient
from smart_app.errors import LaunchExpired
from smart_app.launch.scopes import Scopes

_WORKERS = 4
_PAGE = "50"
_ENCOUNTERS_SINCE = timedelta(days=365)
_MEDICATIONS = ("MedicationRequest", "MedicationStatement")


@dataclass(frozen=True, slots=True)
class ReadingRules:
    """What can be configured about reading a record."""

    identity: IdentityRules = field(default_factory=IdentityRules)
    follow_up: FollowUpRules = field(default_factory=FollowUpRules)


def read_record(
    client: EhrClient, session: LaunchSession, now: datetime, rules: ReadingRules | None = None
) -> RecordSnapshot:
    """Read identity and context for a launch; the optional searches run side by side.

    Raises:
        EhrError: the Patient cannot be read, or is another one.
        LaunchExpired: the EHR does not accept the token.
    """
    rules = rules or ReadingRules()
    traits, identity_notes = patient_traits(_patient(client, session.patient), rules.identity)
    with ThreadPoolExecutor(_WORKERS) as pool:
        who = pool.submit(_author, client, session)
        asked = {name: pool.submit(ask) for name, ask in _questions(client, session, now).items()}
    found = {name: future.result() for name, future in asked.items()}
    launching = who.result()
    notes = (f.note for f in found.values() if f.note is not None)
    return RecordSnapshot(
        traits=traits,
        author=launching.actor,
        practitioner=launching.reference,
        encounter=session.encounter,
        earlier=earlier_scores(found["Observation"]),
        psychiatric_follow_up=psychiatric_follow_up([found[t] for t in FOLLOW_UP_FIELDS], rules.follow_up),
        antidepressant=antidepressant([found[t] for t in _MEDICATIONS]),
        medications=medication_names([found[t] for t in _MEDICATIONS]),
        notes=(*identity_notes, *launching.notes, *notes),
        profession_known=launching.profession_known,
    )


def _patient(client: EhrClient, reference: str) -> Json:
    patient = client.get(reference).body or {}
    if patient.get("resourceType") != "Patient" or patient.get("id") != reference.removeprefix("Patient/"):
        raise EhrError(EhrCode.NOT_FHIR)
    return patient


def _questions(client: EhrClient, session: LaunchSession, now: datetime) -> dict[str, Callable[[], Found]]:
    codes = ",".join(f"{canonical.LOINC}|{code}" for code in TOTALS)
    since = (now - _ENCOUNTERS_SINCE).date().isoformat()
    params = {
        "Observation": {"code": codes, "_sort": "-date", "_count": _PAGE},
        "EpisodeOfCare": {"status": "active", "_count": _PAGE},
        "CareTeam": {"_count": _PAGE},
        "Condition": {"clinical-status": "active", "_count": _PAGE},
        "Encounter": {"date": f"ge{since}", "_count": _PAGE},
        "MedicationRequest": {"status": "active", "_count": _PAGE},
        "MedicationStatement": {"status": "active", "_count": _PAGE},
    }
    granted = Scopes.parse(session.granted_scopes)

    def question(kind: str) -> Callable[[], Found]:
        if not granted.allows(kind, "s"):
            return lambda: Found((), complete=False, note=Note(NoteCode.NOT_ANSWERED, f"{kind}:not-granted"))
        return lambda: search_of_patient(client, kind, session.patient, params[kind])

    return {kind: question(kind) for kind in params}


@dataclass(frozen=True, slots=True)
class _Author:
    """Who launched: reference of the Practitioner, the actor, what could not be read, and whether a role was named."""

    reference: str | None
    actor: Actor
    notes: tuple[Note, ...] = ()
    profession_known: bool = False


def _author(client: EhrClient, session: LaunchSession) -> _Author:
    reference = session.practitioner
    if reference is None:
        return _Author(None, session.actor)
    try:
        resource = client.get(reference, timeout=SEARCH_SECONDS).body or {}
        if resource.get("resourceType") == "PractitionerRole":
            reference = reference_of(client, resource.get("practitioner")) or reference
            resource = client.get(reference, timeout=SEARCH_SECONDS).body or {}
    except EhrError as refused:
        return _Author(reference, session.actor, (Note(NoteCode.PRACTITIONER_UNREADABLE, refused.code.value),))
    except LaunchExpired:
        return _Author(reference, session.actor, (Note(NoteCode.PRACTITIONER_UNREADABLE, "unauthorized"),))
    if resource.get("resourceType") != "Practitioner":
        return _Author(reference, session.actor, (Note(NoteCode.PRACTITIONER_UNREADABLE, "not-fhir"),))
    actor, notes = author(resource, session.actor, reference, session.ehr_id)
    return _Author(reference, actor, notes, role_of(resource) is not None)
