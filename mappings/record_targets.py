"""What the GP's record must hold of a pathway, each after what it refers to, as far as the patient lets it be shared.

Usefulness decides: what the GP did or must decide on, what measures the patient, and what a colleague reads (notes,
assessment, relapse plan, letter). The team's own organisation (appointments, plans, messages) stays in the application.
"""

from collections.abc import Callable, Iterator
from datetime import datetime

from mappings.leaving import exit_id
from mappings.papers import assessment_id, assessment_text, has_note, relapse_plan_id
from mappings.service_request import supporting_ids
from sesame_fhir.domain.actors import Actor, Role
from sesame_fhir.domain.consents import AGAINST
from sesame_fhir.domain.events import ConsentPurpose, EhrBinding
from sesame_fhir.domain.pathway import Pathway, Screening
from sesame_fhir.services.records import OutboxTarget

_TEAM = frozenset({Role.NURSE, Role.PSYCHIATRIST})
"""Whose work is shared by agreement; the rest is the GP's own."""

_Shared = Callable[[datetime, Actor], bool]


def stopped_at(pathway: Pathway) -> datetime | None:
    """When the patient said no to the sharing in the care team, while that stands."""
    said = pathway.consents.get(ConsentPurpose.CARE_TEAM)
    return said.at if said is not None and said.status in AGAINST else None


def may_be_shared(pathway: Pathway) -> Callable[[datetime, Actor], bool]:
    """Whether something made by somebody at a time may go to the record.

    Once the patient has said no, nothing new does, except what is the GP's own.
    """
    no_at = stopped_at(pathway)
    return lambda at, by: no_at is None or at <= no_at or by.role not in _TEAM


def targets(pathway: Pathway) -> Iterator[OutboxTarget]:
    """Everything that the record must hold, in an order that respects references; nothing without a record."""
    if pathway.ehr is None:
        return
    to = _Record(pathway.ehr)
    shared = may_be_shared(pathway)
    yield from _screenings(pathway, to, shared)
    if pathway.referral is not None:
        number = pathway.referral.referral_id
        yield to("ServiceRequest", number, *supporting_ids(pathway.referral, pathway.screenings))
        yield to("Task", number, f"ServiceRequest/{number}")
    yield from _reviews(pathway, to, shared)
    yield from _documents(pathway, to, shared)


def made_in_consultation(pathway: Pathway, resource_type: str, resource_id: str) -> bool:
    """True for what the GP did with the patient: it belongs to the consultation during which the app was opened."""
    if pathway.referral is not None and resource_id == pathway.referral.referral_id:
        return True
    screening = next((s for s in pathway.screenings if s.screening_id == resource_id), None)
    return screening is not None and not _by_the_team(screening) and resource_type != "Flag"


class _Record:
    """Builds targets for one record."""

    def __init__(self, ehr: EhrBinding) -> None:
        self._ehr = ehr

    def __call__(self, resource_type: str, resource_id: str, *depends_on: str) -> OutboxTarget:
        return OutboxTarget(resource_type, resource_id, self._ehr.ehr_id, self._ehr.patient, depends_on)


def _by_the_team(screening: Screening) -> bool:
    return screening.author.role in _TEAM


def _screenings(pathway: Pathway, to: _Record, shared: _Shared) -> Iterator[OutboxTarget]:
    known = [s for s in pathway.screenings if shared(s.taken_at, s.author)]
    for screening in known:
        yield to("QuestionnaireResponse", screening.screening_id)
    for screening in known:
        if screening.total is not None:
            yield to("Observation", screening.screening_id, f"QuestionnaireResponse/{screening.screening_id}")
    for total in pathway.totals:
        if shared(total.at, total.by):
            yield to("Observation", total.total_id)


def _reviews(pathway: Pathway, to: _Record, shared: _Shared) -> Iterator[OutboxTarget]:
    for review in pathway.reviews:
        if not shared(review.at, review.by):
            continue
        yield to("Communication", review.review_id)
        for advice in review.advice:
            if advice.data.asks_the_gp:
                yield to("Task", advice.data.recommendation_id, f"Communication/{review.review_id}")


def _documents(pathway: Pathway, to: _Record, shared: _Shared) -> Iterator[OutboxTarget]:
    assessment, plan, left = pathway.assessment, pathway.relapse_plan, pathway.exit
    if assessment is not None and assessment_text(assessment.data) and shared(assessment.at, assessment.by):
        yield to("DocumentReference", assessment_id(pathway.pathway_id))
    for contact in pathway.contacts:
        if has_note(contact) and contact.at and contact.by and shared(contact.at, contact.by):
            yield to("DocumentReference", contact.contact_id)
    if plan is not None and shared(plan.at, plan.by):
        yield to("DocumentReference", relapse_plan_id(pathway.pathway_id))
    if left is not None and shared(left.at, left.by):
        yield to("DocumentReference", exit_id(pathway.pathway_id))
