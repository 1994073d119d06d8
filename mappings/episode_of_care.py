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
}
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
            "sequences": "A sequence is a billing block; the episode has the phases of care only.",
            "exit_reason": "EpisodeOfCare has no element for it; it stays in the pathway's events.",
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
