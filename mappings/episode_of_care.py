"""Pathway -> EpisodeOfCare: the one thread that everything of a patient's way through SÉSAME hangs on.

The history comes from ``state_since``. Neighbouring states with the same FHIR status are one entry; an event dated
before the one recorded ahead of it never makes a period that ends before it starts.
"""

from collections.abc import Sequence
from datetime import datetime

from mappings.code_systems import PATHWAY
from mappings.datatypes import compact, concept, identifier, instant, patient_reference, site_reference
from mappings.fields import FieldMap
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
        },
        omitted={
            "version": "The store numbers the versions of a resource.",
            "updated_at": "The store stamps meta.lastUpdated.",
            "traits": "Published as Patient (mappings.patient).",
            "ehr": "Where the record lives concerns the outbox, not a reader of the episode.",
            "screenings": "Published as QuestionnaireResponse and Observation.",
            "consents": "Published as Consent, one per purpose (mappings.consent).",
            "eligibility": "The GP's working answers; what was overridden is in the ServiceRequest's note.",
            "referral": "Published as ServiceRequest and Task.",
            "calls": "Notes of the referral's Task.",
            "totals": "Published as Observation.",
            "team": "Published as CareTeam.",
            "assessment": "Published as a document and, where a problem was named, as a provisional Condition.",
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
            "merged_into": "Links of the Patient lead to the patient's other pathways.",
            "exit": "EpisodeOfCare has no element for the reason; when it ended is in its period.",
        },
    ),
)


def episode_of_care(pathway: Pathway) -> Json:
    """Build the episode of a pathway that has begun."""
    history = _history(pathway.state_since)
    status = STATUSES[pathway.state]
    return compact(
        {
            "resourceType": "EpisodeOfCare",
            "id": pathway.pathway_id,
            "language": "fr",
            "identifier": [identifier("pathway", pathway.pathway_id)],
            "status": status,
            "statusHistory": [
                {"status": name, "period": compact({"start": instant(start), "end": end and instant(end)})}
                for name, start, end in history
            ],
            "type": [concept(PATHWAY.coding("collaborative-care"))],
            "patient": patient_reference(pathway.pathway_id),
            "managingOrganization": site_reference(pathway.site) if pathway.site else None,
            "period": _period(pathway, history, ended=status in _ENDED),
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


def _period(pathway: Pathway, history: list[tuple[str, datetime, datetime | None]], *, ended: bool) -> Json:
    start = pathway.opened_at
    end = history[-1][1] if ended and history else None
    if start and end:
        end = max(start, end)
    return compact({"start": start and instant(start), "end": end and instant(end)})
