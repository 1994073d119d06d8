"""What the GP's record must hold of a pathway, each after what it refers to, as far as the patient lets it be shared.

Usefulness decides: what the GP did or must decide on, what measures the patient, and what a colleague reads (notes,
assessment, relapse plan, letter). The team's own organisation (appointments, plans, messages) stays in the application.
"""

from collections.abc import Callable, Container, Iterator
from datetime import datetime

from mappings.leaving import exit_id
from mappings.papers import assessment_id, assessment_text, has_note, relapse_plan_id
from mappings.service_request import supporting_ids
from sesame_fhir.domain.actors import Actor, Role
from sesame_fhir.domain.consents import AGAINST
from sesame_fhir.domain.events import ConsentPurpose
from sesame_fhir.domain.ids import FACADE
from sesame_fhir.domain.pathway import Pathway, Screening
from sesame_fhir.services.records import OutboxTarget

_TEAM = frozenset({Role.NURSE, Role.PSYCHIATRIST})
"""Whose work is shared by agreement; the rest is the GP's own."""

_Shared = Callable[[datetime, Actor], bool]


def stopped_at(pathway: Pathway) -> datetime | None:
    """When the patient said no to the sharing in the care team, while that stands."""
    said = pathway.consents.get(ConsentPurpose.CARE_TEAM)
    return said.at if said is not None and said.status in AGAINST else None


def may_be_shared(pathway: Pathway) -> _Shared:
    """Whether something made by somebody at a time may go to the record.

    Once the patient has said no, nothing new does, except what is the GP's own.
    """
    no_at = stopped_at(pathway)
    return lambda at, by: no_at is None or at <= no_at or by.role not in _TEAM


def targets(pathway: Pathway, among: Container[str] | None = None) -> Iterator[OutboxTarget]:
    """What the record must hold, in an order that respects references; nothing without a record.

    ``among`` are the resources to consider (``Type/id``), None for all of them.
    """
    ehr = pathway.ehr
    if ehr is None or ehr.ehr_id == FACADE:
        return
    for key, depends_on in _wanted(pathway):
        if among is None or key in among:
            resource_type, _, resource_id = key.partition("/")
            yield OutboxTarget(resource_type, resource_id, ehr.ehr_id, ehr.patient, depends_on)


def made_in_consultation(pathway: Pathway, resource_type: str, resource_id: str) -> bool:
    """True for what the GP did with the patient: it belongs to the consultation during which the app was opened."""
    if pathway.referral is not None and resource_id == pathway.referral.referral_id:
        return True
    screening = next((s for s in pathway.screenings if s.screening_id == resource_id), None)
    return screening is not None and not _by_the_team(screening) and resource_type != "Flag"


def _wanted(pathway: Pathway) -> Iterator[tuple[str, tuple[str, ...]]]:
    """``Type/id`` of each resource for the record, with those that it refers to."""
    shared = may_be_shared(pathway)
    yield from _screenings(pathway, shared)
    if pathway.referral is not None:
        request = f"ServiceRequest/{pathway.referral.referral_id}"
        yield request, supporting_ids(pathway.referral, pathway.screenings)
        yield f"Task/{pathway.referral.referral_id}", (request,)
    yield from _reviews(pathway, shared)
    for document in _documents(pathway, shared):
        yield f"DocumentReference/{document}", ()


def _by_the_team(screening: Screening) -> bool:
    return screening.author.role in _TEAM


def _screenings(pathway: Pathway, shared: _Shared) -> Iterator[tuple[str, tuple[str, ...]]]:
    known = [s for s in pathway.screenings if shared(s.taken_at, s.author)]
    for screening in known:
        yield f"QuestionnaireResponse/{screening.screening_id}", ()
    for screening in known:
        if screening.total is not None:
            response = f"QuestionnaireResponse/{screening.screening_id}"
            yield f"Observation/{screening.screening_id}", (response,)
    for total in pathway.totals:
        if shared(total.at, total.by):
            yield f"Observation/{total.total_id}", ()


def _reviews(pathway: Pathway, shared: _Shared) -> Iterator[tuple[str, tuple[str, ...]]]:
    for review in pathway.reviews:
        if shared(review.at, review.by):
            summary = f"Communication/{review.review_id}"
            yield summary, ()
            for advice in review.advice:
                if advice.data.asks_the_gp:
                    yield f"Task/{advice.data.recommendation_id}", (summary,)


def _documents(pathway: Pathway, shared: _Shared) -> Iterator[str]:
    assessment, plan, left = pathway.assessment, pathway.relapse_plan, pathway.exit
    if assessment is not None and assessment_text(assessment.data) and shared(assessment.at, assessment.by):
        yield assessment_id(pathway.pathway_id)
    for contact in pathway.contacts:
        if has_note(contact) and contact.at and contact.by and shared(contact.at, contact.by):
            yield contact.contact_id
    if plan is not None and shared(plan.at, plan.by):
        yield relapse_plan_id(pathway.pathway_id)
    if left is not None and shared(left.at, left.by):
        yield exit_id(pathway.pathway_id)
