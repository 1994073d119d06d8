"""Appointment -> a contact to plan, to move, to call off, or one that the patient missed."""

from dataclasses import dataclass

from mappings.code_systems import CONTACT_MODES, CONTACT_TASKS
from mappings.incoming.elements import absent, claims, coded, codings, contradictory, names, needed_moment, refusal
from sesame_fhir.domain.events import CancelledBy, ContactMode, ContactTask
from sesame_fhir.domain.reasons import ReasonCode
from sesame_fhir.fhir.canonical import own
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.walk import child, objects
from sesame_fhir.services.contacts import NextContact

PROFILE = own("StructureDefinition", "sesame-appointment")
UNDECIDED = frozenset({"proposed", "pending", "waitlist"})
"""Not in anybody's calendar yet: the record's own business."""


@dataclass(frozen=True, slots=True)
class Cancelled:
    """A contact that will not take place."""

    by: CancelledBy
    note: str | None


@dataclass(frozen=True, slots=True)
class Missed:
    """The patient did not come or answer."""

    note: str | None


def is_ours(resource: Json) -> bool:
    """True for a contact of the pathway: it says how or for what in our codes."""
    return (
        names(CONTACT_MODES, [child(resource, "appointmentType")])
        or names(CONTACT_TASKS, objects(resource, "serviceType"))
        or claims(resource, PROFILE)
    )


def subject_of(resource: Json) -> Json:
    """The reference to the patient who is expected; empty when nobody is.

    Raises:
        UnprocessableResource: several are: whose pathway it is must not depend on who is named first.
    """
    actors = [child(one, "actor") for one in objects(resource, "participant")]
    patients = [a for a in actors if a.get("type") == "Patient" or "Patient/" in str(a.get("reference", ""))]
    if len(patients) > 1:
        raise contradictory("Un rendez-vous du parcours concerne un seul patient.", "Appointment.participant")
    return patients[0] if patients else {}


def planned(resource: Json, contact_id: str) -> NextContact:
    """A contact to put in the calendar. Raises UnprocessableResource without status, time or mode."""
    if resource.get("status") != "booked":
        raise contradictory("Un nouveau rendez-vous a le statut booked.", "Appointment.status")
    mode = coded(CONTACT_MODES, ContactMode, [child(resource, "appointmentType")])
    if mode is None:
        raise absent("Appointment.appointmentType", "Dire comment : un code de sesame-contact-mode.")
    task = coded(CONTACT_TASKS, ContactTask, objects(resource, "serviceType")) or ContactTask.FOLLOW_UP
    return NextContact(contact_id, needed_moment(resource, "start"), mode, task)


def outcome(resource: Json) -> NextContact | Cancelled | Missed:
    """What became of a planned contact: still planned, perhaps at another time; called off; missed.

    Raises:
        UnprocessableResource: a status that leads to none of them, or a cancellation that does not say by whom.
    """
    status, comment = resource.get("status"), resource.get("comment")
    if status == "booked":
        return planned(resource, str(resource["id"]))
    if status == "noshow":
        return Missed(comment)
    if status != "cancelled":
        text = "Un rendez-vous devient cancelled ou noshow ; tenu, il devient un Encounter qui le désigne."
        raise contradictory(text, "Appointment.status")
    return Cancelled(_by(resource), comment)


def _by(resource: Json) -> CancelledBy:
    """HL7's codes begin with who it was: ``pat`` or ``prov``."""
    given = [str(coding.get("code", "")) for coding in codings(child(resource, "cancelationReason"))]
    if any(code.startswith("pat") for code in given):
        return CancelledBy.PATIENT
    if any(code.startswith("prov") for code in given):
        return CancelledBy.TEAM
    raise refusal(ReasonCode.REASON_REQUIRED, "Appointment.cancelationReason", hint="Dire par qui : pat ou prov.")
