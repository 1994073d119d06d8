"""Everything that a pathway publishes, each resource with exactly what it is made of.

A resource is built again when one of its arguments has changed, and only then: a command of a year-old pathway touches
two or three resources of a hundred. Arguments are pieces of the state, which stay the same objects until they change.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from mappings.appointment import appointment
from mappings.care_plan import care_plan
from mappings.care_team import care_team
from mappings.condition import condition, problem_id
from mappings.consent import consent, consent_id
from mappings.document import published_document
from mappings.encounter import encounter
from mappings.episode_of_care import episode_of_care
from mappings.flag import acknowledgement_id, acknowledgement_task, flag
from mappings.frame import Frame, frame_of
from mappings.goal import goal
from mappings.leaving import exit_id, exit_observation
from mappings.licensed_total import licensed_observation
from mappings.message import message_communication
from mappings.observation import observation
from mappings.papers import (
    assessment_id,
    assessment_paper,
    assessment_text,
    contact_paper,
    exit_paper,
    has_note,
    relapse_paper,
    relapse_plan_id,
)
from mappings.patient import links_of, patient
from mappings.questionnaire_response import questionnaire_response
from mappings.recommendation import recommendation_task
from mappings.review import review_communication
from mappings.sequence_plan import sequence_id, sequence_plan
from mappings.service_request import known_then, service_request
from mappings.task import referral_task
from sesame_fhir.domain.actors import Role
from sesame_fhir.domain.care import Assessment, Contact, RelapsePlan
from sesame_fhir.domain.course import Exit
from sesame_fhir.domain.events import ContactStatus, TeamMember
from sesame_fhir.domain.evolution.referral import member_of
from sesame_fhir.domain.ids import PathwayId
from sesame_fhir.domain.pathway import Pathway, Referral, ReferralStatus
from sesame_fhir.domain.policy import PathwayPolicy
from sesame_fhir.domain.transitions import CLOSED, INTERRUPTED, State
from sesame_fhir.fhir.json_types import Json


class Part(NamedTuple):
    """One resource: ``build(*args, **options)`` makes it; None: nothing to publish."""

    key: str
    build: Callable[..., Json | None]
    args: tuple[Any, ...]
    options: Mapping[str, Any]

    def made(self) -> Json | None:
        """Build the resource."""
        return self.build(*self.args, **self.options)


def _part(key: str, build: Callable[..., Json | None], *args: Any, **options: Any) -> Part:
    return Part(key, build, args, options)


def parts_of(pathway: Pathway, policy: PathwayPolicy) -> Iterator[Part]:
    """Every resource of a pathway; none for one that has not begun."""
    if pathway.traits is None:
        return
    frame = frame_of(pathway)
    yield from _identity(pathway, frame)
    yield from _screenings(pathway, frame.subject, policy)
    yield from _referral(pathway, frame.subject)
    for purpose, said in pathway.consents.items():
        key = f"Consent/{consent_id(pathway.pathway_id, purpose)}"
        yield _part(key, consent, pathway.pathway_id, purpose, said, frame.subject)
    yield from _assessment(pathway, frame.subject)
    yield from _contacts(pathway, frame.subject)
    yield from _reviews(pathway)
    yield from _plan(pathway, frame)
    yield from _end(pathway, frame.subject, policy)


def _identity(pathway: Pathway, frame: Frame) -> Iterator[Part]:
    number, referral, merged = pathway.pathway_id, pathway.referral, pathway.merged_into
    links = links_of(pathway.previous, pathway.absorbed, merged)
    yield _part(f"Patient/{number}", patient, pathway.traits, number, links, active=merged is None)
    with_team = bool(pathway.team or referral)
    yield _part(
        f"EpisodeOfCare/{number}",
        episode_of_care,
        frame,
        nurse=pathway.member(Role.NURSE),
        team=with_team,
        referral=referral.referral_id if referral else None,
        problem=_problem(pathway),
    )
    if with_team:
        yield _part(f"CareTeam/{number}", care_team, frame, pathway.team)


def _problem(pathway: Pathway) -> bool:
    return pathway.assessment is not None and pathway.assessment.data.problem is not None


def _screenings(pathway: Pathway, subject: Json, policy: PathwayPolicy) -> Iterator[Part]:
    taken_in = {
        screening: contact.contact_id
        for contact in pathway.contacts
        if contact.screenings and contact.status is ContactStatus.HELD
        for screening in contact.screenings
    }
    for screening in pathway.screenings:
        number = screening.screening_id
        contact_id = taken_in.get(number)
        yield _part(f"QuestionnaireResponse/{number}", questionnaire_response, screening, subject, contact_id)
        yield _part(f"Observation/{number}", observation, screening, subject, contact_id, policy=policy)
        if policy.interpretation and screening.safety_flag:
            yield _part(f"Flag/{number}", flag, screening, subject)
            yield _part(f"Task/{acknowledgement_id(screening)}", acknowledgement_task, screening, subject)


def _referral(pathway: Pathway, subject: Json) -> Iterator[Part]:
    referral = pathway.referral
    if referral is None:
        return
    number, begun = referral.referral_id, _care_begun(pathway, referral)
    yield _part(
        f"ServiceRequest/{number}",
        service_request,
        referral,
        known_then(referral, pathway.screenings),
        subject,
        care_begun=begun,
    )
    yield _part(f"Task/{number}", referral_task, referral, subject, pathway.calls, care_begun=begun)


def _care_begun(pathway: Pathway, referral: Referral) -> bool:
    return referral.status == ReferralStatus.ACCEPTED and pathway.state is not State.ASSESSMENT


def _assessment(pathway: Pathway, subject: Json) -> Iterator[Part]:
    number, assessment = pathway.pathway_id, pathway.assessment
    if assessment is not None and _problem(pathway):
        yield _part(f"Condition/{problem_id(number)}", condition, number, assessment)
    if assessment is not None and assessment_text(assessment.data):
        yield _part(f"DocumentReference/{assessment_id(number)}", _assessment_document, assessment, number, subject)
    for total in pathway.totals:
        yield _part(f"Observation/{total.total_id}", licensed_observation, total, subject)


def _assessment_document(assessment: Assessment, pathway_id: PathwayId, subject: Json) -> Json:
    return published_document(assessment_paper(assessment, pathway_id), subject)


def _contacts(pathway: Pathway, subject: Json) -> Iterator[Part]:
    nurse = pathway.member(Role.NURSE)
    for contact in pathway.contacts:
        number = contact.contact_id
        if contact.planned_at is not None:
            expected, over = _expected(contact, nurse), pathway.state in CLOSED
            yield _part(f"Appointment/{number}", appointment, contact, expected, subject, over=over)
        if contact.status is ContactStatus.HELD:
            yield _part(f"Encounter/{number}", encounter, contact, pathway.pathway_id)
        if has_note(contact):
            yield _part(f"DocumentReference/{number}", _contact_document, contact, subject)


def _expected(contact: Contact, nurse: TeamMember | None) -> TeamMember | None:
    """Who is expected: the team's nurse; of a contact that is over, the nurse who wrote down what became of it."""
    if contact.status is ContactStatus.PLANNED:
        return nurse
    return member_of(contact.by) if contact.by is not None and contact.by.role is Role.NURSE else None


def _contact_document(contact: Contact, subject: Json) -> Json:
    return published_document(contact_paper(contact), subject)


def _reviews(pathway: Pathway) -> Iterator[Part]:
    number, gp = pathway.pathway_id, pathway.member(Role.GP)
    for review in pathway.reviews:
        yield _part(f"Communication/{review.review_id}", review_communication, review, number)
        for advice in review.advice:
            if advice.data.asks_the_gp:
                key = f"Task/{advice.data.recommendation_id}"
                yield _part(key, recommendation_task, advice, review, gp if advice.waits else None, number)
    for message in pathway.messages:
        yield _part(f"Communication/{message.message_id}", message_communication, message, number)


def _plan(pathway: Pathway, frame: Frame) -> Iterator[Part]:
    number, subject = pathway.pathway_id, frame.subject
    if frame.since(State.CARE) is None:
        return
    documents = []
    if pathway.assessment is not None and assessment_text(pathway.assessment.data):
        documents.append(assessment_id(number))
    if pathway.relapse_plan is not None:
        key = relapse_plan_id(number)
        documents.append(key)
        yield _part(f"DocumentReference/{key}", _relapse_document, pathway.relapse_plan, number, subject)
    options = {"problem": _problem(pathway), "documents": documents}
    yield _part(f"CarePlan/{number}", care_plan, frame, pathway.plan, pathway.exit, **options)
    for aim in pathway.plan.data.goals if pathway.plan else ():
        yield _part(f"Goal/{aim.goal_id}", goal, aim, subject)
    for sequence in pathway.sequences:
        suspended = sequence.end is None and pathway.state in INTERRUPTED
        key = f"CarePlan/{sequence_id(number, sequence.rank)}"
        yield _part(key, sequence_plan, sequence, number, suspended=suspended)


def _relapse_document(plan: RelapsePlan, pathway_id: PathwayId, subject: Json) -> Json:
    return published_document(relapse_paper(plan, pathway_id), subject)


def _end(pathway: Pathway, subject: Json, policy: PathwayPolicy) -> Iterator[Part]:
    if pathway.exit is None:
        return
    number = exit_id(pathway.pathway_id)
    yield _part(f"Observation/{number}", exit_observation, pathway.exit, pathway.pathway_id)

    def letter(_left: Exit) -> Json:
        """As it was when the patient left: what is corrected later does not rewrite a letter that was sent."""
        return published_document(exit_paper(pathway, policy), subject)

    yield _part(f"DocumentReference/{number}", letter, pathway.exit)
