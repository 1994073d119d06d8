"""Pathway -> EpisodeOfCare: the one thread that everything of a patient's way through SÉSAME hangs on.

The history comes from ``state_since``. Neighbouring states with the same FHIR status are one entry; an event dated
before the one recorded ahead of it never makes a period that ends before it starts.
"""

from collections.abc import Sequence
from datetime import datetime

from mappings.care_team import member_reference
from mappings.code_systems import PATHWAY
from mappings.condition import problem_id
from mappings.datatypes import compact, concept, head, period, reference, site_reference
from mappings.fields import FieldMap
from mappings.frame import Frame
from sesame_fhir.domain.events import TeamMember
from sesame_fhir.domain.ids import ReferralId
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.transitions import State
from sesame_fhir.fhir.json_types import Json

STATUSES: dict[State, str] = {
    State.NEW: "planned",
    State.SCREENED: "planned",
    State.NOT_REFERRED: "cancelled",
    State.REFERRED: "waitlist",
    State.NOT_STARTED: "cancelled",
    State.ASSESSMENT: "active",
    State.CARE: "active",
    State.RELAPSE_PREVENTION: "active",
    State.CARE_INTERRUPTED: "onhold",
    State.RELAPSE_PREVENTION_INTERRUPTED: "onhold",
    State.EXITED: "finished",
    State.MERGED: "cancelled",
}
"""A merged pathway was a second one of the same patient: the Patient's link leads to the one that goes on."""
_ENDED = frozenset({"cancelled", "finished"})

FIELDS = (
    FieldMap(
        Pathway,
        mapped={
            "pathway_id": "EpisodeOfCare.identifier",
            "state": "EpisodeOfCare.status",
            "site": "EpisodeOfCare.managingOrganization",
            "opened_at": "EpisodeOfCare.period",
            "state_since": "EpisodeOfCare.statusHistory",
            "referral": "EpisodeOfCare.referralRequest",
            "team": "EpisodeOfCare.team, careManager",
            "assessment": "EpisodeOfCare.diagnosis",
        },
        omitted={
            "version": "The store numbers the versions of a resource.",
            "updated_at": "The store stamps meta.lastUpdated.",
            "traits": "Published as Patient (mappings.patient).",
            "ehr": "Where the record lives concerns the outbox, not a reader of the episode.",
            "screenings": "Published as QuestionnaireResponse and Observation.",
            "consents": "Published as Consent, one per purpose (mappings.consent).",
            "eligibility": "The GP's working answers; what was overridden is in the ServiceRequest's note.",
            "calls": "Notes of the referral's Task.",
            "totals": "Published as Observation.",
            "plan": "Published as CarePlan and Goal.",
            "relapse_plan": "Published as a document.",
            "contacts": "Published as Appointment and Encounter.",
            "discussion": "A working mark of the team; the review that follows is published.",
            "reviews": "Published as Communication and Task.",
            "messages": "Published as Communication.",
            "sequences": "A sequence is a billing block; each is a CarePlan of its own.",
            "renewal": "A decision to come; the sequence that follows from it is published.",
            "interruptions": "The history of statuses shows when care was on hold; reasons stay with the team.",
            "previous": "Links of the Patient lead to the patient's other pathways.",
            "aliases": "Where the record lives concerns the outbox, not a reader of the episode.",
            "absorbed": "Links of the Patient lead to the patient's other pathways.",
            "kept": "Belongs to single resources, which carry it (mappings.kept).",
            "merged_into": "Links of the Patient lead to the patient's other pathways.",
            "coverage": "Published as Coverage.",
            "claims": "Published as Claim and ClaimResponse.",
            "consent_history": "Published as the versions of each Consent.",
            "stays": "managingOrganization is where the pathway stands; earlier versions say where it stood.",
            "exit": "EpisodeOfCare has no element for the reason: an Observation has it (mappings.leaving).",
        },
    ),
)


def episode_of_care(
    frame: Frame,
    *,
    nurse: TeamMember | None = None,
    team: bool = False,
    referral: ReferralId | None = None,
    problem: bool = False,
) -> Json:
    """Build the episode of a pathway that has begun; ``team`` and ``problem`` say that they are published."""
    history = _history(frame.state_since)
    status = STATUSES[frame.state]
    return compact(
        {
            **head("EpisodeOfCare", frame.pathway_id, "pathway"),
            "status": status,
            "statusHistory": [{"status": name, "period": period(start, end)} for name, start, end in history],
            "type": [concept(PATHWAY.coding("collaborative-care"))],
            "diagnosis": [{"condition": reference("Condition", problem_id(frame.pathway_id))}] if problem else None,
            "patient": frame.subject,
            "managingOrganization": site_reference(frame.site) if frame.site else None,
            "period": period(frame.opened_at, history[-1][1] if status in _ENDED and history else None),
            "referralRequest": [reference("ServiceRequest", referral)] if referral else None,
            "careManager": member_reference(nurse) if nurse else None,
            "team": [reference("CareTeam", frame.pathway_id)] if team else None,
        }
    )


def _history(since: Sequence[tuple[State, datetime]]) -> list[tuple[str, datetime, datetime | None]]:
    merged: list[tuple[str, datetime]] = []
    for state, at in since:
        start = max(at, merged[-1][1]) if merged else at
        if not merged or merged[-1][0] != STATUSES[state]:
            merged.append((STATUSES[state], start))
    ends = [*(start for _, start in merged[1:]), None]
    return [(status, start, end) for (status, start), end in zip(merged, ends, strict=True)]
