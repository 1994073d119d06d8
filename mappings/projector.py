"""The projector: everything stored beside a pathway's events, derived from its state after a command.

Pure and deterministic: the same events give the same bytes, so that every projection can be rebuilt and compared.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mappings.agenda import agenda_slots
from mappings.caseload import caseload_row
from mappings.consent import consent
from mappings.datatypes import patient_reference
from mappings.episode_of_care import episode_of_care
from mappings.flag import acknowledgement_task, flag
from mappings.observation import observation
from mappings.patient import patient
from mappings.questionnaire_response import questionnaire_response
from mappings.service_request import service_request, supporting_ids
from mappings.task import referral_task
from sesame_fhir.domain.events import EhrBinding, Event
from sesame_fhir.domain.ids import SiteId
from sesame_fhir.domain.indicators.facts import facts_of
from sesame_fhir.domain.pathway import Pathway, Referral, ReferralStatus
from sesame_fhir.domain.policy import DEFAULT_POLICY, PathwayPolicy
from sesame_fhir.domain.transitions import OPEN, State
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.services.patient_keys import patient_keys
from sesame_fhir.services.records import Origin, OutboxTarget, Projections, ResourceWrite
from sesame_fhir.services.search import IndexEntry

Index = Callable[[Json], tuple[IndexEntry, ...]]
"""From a resource to its search entries (``sesame_fhir.fhir.search_index.index``)."""


@dataclass(frozen=True, slots=True)
class PathwayProjector:
    """Implements ``services.ports.Projector``. A policy without interpretation publishes no band, no flag."""

    index: Index
    policy: PathwayPolicy = DEFAULT_POLICY

    def __call__(self, before: Pathway, after: Pathway, events: Sequence[Event]) -> Projections:  # noqa: ARG002  the port's
        """Derive the projections.

        Raises:
            ValueError: the pathway has no identity yet.
        """
        if after.traits is None:
            raise ValueError(f"pathway {after.pathway_id} has not begun")
        caseload = caseload_row(after, policy=self.policy)
        resources = [
            patient(after.traits, after.pathway_id),
            episode_of_care(after),
            *self._clinical(before, after),
            *_consents(after),
        ]
        return Projections(
            caseload=caseload,
            resources=tuple(self._write(resource, caseload.site) for resource in resources),
            outbox=_targets(after, after.ehr) if after.ehr else (),
            patient_keys=patient_keys(after.traits, after.ehr, after.aliases),
            open=after.state in OPEN,
            agenda=agenda_slots(after),
            facts=facts_of(after),
        )

    def _clinical(self, before: Pathway, after: Pathway) -> list[Json]:
        subject = patient_reference(after.pathway_id)
        resources: list[Json] = []
        for screening in after.screenings:
            resources.append(questionnaire_response(screening, subject))
            if (total := observation(screening, subject, policy=self.policy)) is not None:
                resources.append(total)
        if self.policy.interpretation:
            resources.extend(_safety(before, after, subject))
        if after.referral is not None:
            begun = _care_begun(after, after.referral)
            resources.append(service_request(after.referral, after.screenings, subject, care_begun=begun))
            resources.append(referral_task(after.referral, subject, care_begun=begun))
        return resources

    def _write(self, resource: Json, site: SiteId) -> ResourceWrite:
        return ResourceWrite(
            resource_type=resource["resourceType"],
            resource_id=resource["id"],
            body=resource,
            index=self.index(resource),
            site=site,
            origin=Origin.PATHWAY,
        )


def _safety(before: Pathway, after: Pathway, subject: Json) -> list[Json]:
    """Flags that stand, and the one that this command's correction removed: it must not stay active anywhere."""
    found = []
    for screening in after.screenings:
        earlier = before.screening(screening.screening_id)
        if screening.safety_flag or (earlier is not None and earlier.safety_flag):
            found += [flag(screening, subject), acknowledgement_task(screening, subject)]
    return found


def _care_begun(pathway: Pathway, referral: Referral) -> bool:
    return referral.status == ReferralStatus.ACCEPTED and pathway.state is not State.ASSESSMENT


def _consents(after: Pathway) -> list[Json]:
    subject = patient_reference(after.pathway_id)
    return [consent(after.pathway_id, purpose, said, subject) for purpose, said in after.consents.items()]


def _targets(after: Pathway, ehr: EhrBinding) -> tuple[OutboxTarget, ...]:
    """What the record must hold, each after what it refers to."""

    def target(resource_type: str, resource_id: str, *depends_on: str) -> OutboxTarget:
        return OutboxTarget(resource_type, resource_id, ehr.ehr_id, ehr.patient, depends_on)

    responses = [target("QuestionnaireResponse", s.screening_id) for s in after.screenings]
    totals = [
        target("Observation", s.screening_id, f"QuestionnaireResponse/{s.screening_id}")
        for s in after.screenings
        if s.total is not None
    ]
    if after.referral is None:
        return (*responses, *totals)
    referral = after.referral.referral_id
    request = target("ServiceRequest", referral, *supporting_ids(after.referral, after.screenings))
    return (*responses, *totals, request, target("Task", referral, f"ServiceRequest/{referral}"))
