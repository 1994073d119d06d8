"""Probes of what is made of a pathway as a whole."""

import dataclasses
from datetime import timedelta
from types import MappingProxyType

from mappings import agenda, caseload, consent
from mappings.datatypes import patient_reference
from mappings.published import changed
from sesame_fhir.domain import events as ev
from sesame_fhir.domain.billing.claims import Claim
from sesame_fhir.domain.care import Consent, Contact
from sesame_fhir.domain.ids import PathwayId, SiteId
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.policy import PathwayPolicy
from sesame_fhir.domain.progress.flags import flags
from sesame_fhir.domain.transitions import State
from tests.support.billed import COVERAGE
from tests.support.story import BINDING, NURSE, PATHWAY, START, TRAITS
from tests.unit.mappings.cases import pathway
from tests.unit.mappings.probes.care import CONTACT_CHANGES
from tests.unit.mappings.probes.probe import Probe

SUBJECT = patient_reference(PATHWAY)
LATER = START + timedelta(days=3)
WHOLE = pathway("whole")
PLANNED = WHOLE.planned_contacts[0]
AGREED = WHOLE.consents[ev.ConsentPurpose.CARE_TEAM]
TAKEN_BACK = pathway("withdrawn-consent").consents[ev.ConsentPurpose.CARE_TEAM]
LEFT = pathway("left").exit

PATHWAY_CHANGES: dict[str, object] = {
    "pathway_id": PathwayId("other"),
    "state": State.EXITED,
    "version": 99,
    "site": SiteId("other"),
    "opened_at": LATER,
    "updated_at": LATER,
    "traits": dataclasses.replace(TRAITS, family="AUTRE"),
    "ehr": None,
    "previous": PathwayId("other"),
    "screenings": (),
    "totals": (),
    "consents": MappingProxyType(
        {ev.ConsentPurpose.CARE_TEAM: pathway("withdrawn-consent").consents[ev.ConsentPurpose.CARE_TEAM]}
    ),
    "eligibility": None,
    "referral": None,
    "calls": pathway("called").calls,
    "team": (),
    "assessment": None,
    "plan": None,
    "relapse_plan": None,
    "contacts": (),
    "discussion": pathway("discussed").discussion,
    "reviews": (),
    "messages": (),
    "sequences": (),
    "renewal": pathway("renewed").renewal,
    "interruptions": pathway("interrupted").interruptions,
    "exit": LEFT,
    "aliases": (BINDING,),
    "absorbed": (PathwayId("other"),),
    "merged_into": PathwayId("other"),
    "state_since": ((State.CARE, LATER),),
    "coverage": COVERAGE,
    "claims": (Claim("c", 1, None, LATER, NURSE),),
    "consent_history": MappingProxyType({}),
    "stays": (),
    "kept": MappingProxyType({f"EpisodeOfCare/{PATHWAY}": '{"extension":[{"url":"urn:x"}]}'}),
}


def _episode(state: Pathway) -> object:
    """The pathway's EpisodeOfCare, as the projector publishes it."""
    every = changed(Pathway(PATHWAY), state, PathwayPolicy())
    return next(resource for resource in every if resource["resourceType"] == "EpisodeOfCare")


PROBES: dict[tuple[str, type], Probe] = {
    ("episode_of_care", Pathway): (_episode, WHOLE, PATHWAY_CHANGES),
    ("caseload", Pathway): (
        lambda state: caseload.caseload_row(state, flags(state, PathwayPolicy()), policy=PathwayPolicy()),
        WHOLE,
        PATHWAY_CHANGES,
    ),
    ("agenda", Contact): (
        lambda contact: agenda.agenda_slots(dataclasses.replace(WHOLE, contacts=(contact,))),
        PLANNED,
        {**CONTACT_CHANGES, "mode": ev.ContactMode.PHONE, "corrected": True},
    ),
    ("consent", Consent): (
        lambda said: consent.consent(PATHWAY, ev.ConsentPurpose.CARE_TEAM, said, SUBJECT),
        AGREED,
        {"status": ev.ConsentStatus.REFUSED, "notice": "9", "at": LATER, "by": NURSE},
    ),
}
