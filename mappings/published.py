"""Everything that a pathway publishes, and of it what a command changed.

A resource is built again when something that it is made of has changed, and only then: a command of a year-old pathway
touches two or three resources of a hundred. Pieces of the state stay the same objects until they change, so that a
glance tells; of an empty pathway everything is new.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from mappings.appointment import appointment
from mappings.billed import claims, coverages
from mappings.care_plan import care_plan
from mappings.care_team import care_team
from mappings.condition import condition
from mappings.consent import consent
from mappings.document import published_document
from mappings.encounter import encounter
from mappings.episode_of_care import episode_of_care
from mappings.flag import acknowledgement_task, flag
from mappings.frame import frame_of
from mappings.goal import goal
from mappings.leaving import exit_observation
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
from mappings.sequence_plan import sequence_plan
from mappings.service_request import known_then, service_request
from mappings.task import referral_task
from sesame_fhir.domain.actors import Role
from sesame_fhir.domain.care import Contact
from sesame_fhir.domain.course import Sequence as CareSequence
from sesame_fhir.domain.events import ContactStatus, TeamMember
from sesame_fhir.domain.evolution.referral import member_of
from sesame_fhir.domain.ids import ScreeningId
from sesame_fhir.domain.pathway import Pathway, ReferralStatus
from sesame_fhir.domain.policy import PathwayPolicy
from sesame_fhir.domain.transitions import CLOSED, INTERRUPTED, State
from sesame_fhir.fhir.json_types import Json

T = TypeVar("T")


def changed(before: Pathway, after: Pathway, policy: PathwayPolicy) -> Iterator[Json]:
    """Every resource that is another one after than before; all of them after a transfer to another site.

    But claims and their answers: they stay with the site that hosted the sequence.
    """
    yield from claims(before, after)
    if before.site != after.site:
        before = Pathway(after.pathway_id)
    yield from _identity(before, after)
    yield from _screenings(before, after, policy)
    yield from _referral(before, after)
    yield from _consents(before, after)
    yield from _assessment(before, after)
    yield from _contacts(before, after)
    yield from _reviews(before, after)
    yield from _messages(before, after)
    yield from _plan(before, after)
    yield from _sequences(before, after)
    yield from coverages(before, after)
    yield from _exit(before, after, policy)


def _new(before: Sequence[T], after: Sequence[T]) -> list[T]:
    """What is in the second and not, as it is, in the first."""
    if before is after:
        return []
    known = {id(item) for item in before}
    return [item for item in after if id(item) not in known]


def _identity(before: Pathway, after: Pathway) -> Iterator[Json]:
    if _person(before) != _person(after) and after.traits is not None:
        links = links_of(after.previous, after.absorbed, after.merged_into)
        yield patient(after.traits, after.pathway_id, links, active=after.merged_into is None)
    frame, nurse, referral = frame_of(after), after.member(Role.NURSE), after.referral
    if _episode(before) != _episode(after):
        yield episode_of_care(
            frame,
            nurse=nurse,
            team=_has_team(after),
            referral=referral.referral_id if referral else None,
            problem=_problem(after),
        )
    if _has_team(after) and (frame_of(before), before.team, _has_team(before)) != (frame, after.team, True):
        yield care_team(frame, after.team)


def _person(pathway: Pathway) -> tuple[object, ...]:
    return pathway.traits, pathway.previous, pathway.absorbed, pathway.merged_into


def _episode(pathway: Pathway) -> tuple[object, ...]:
    referral = pathway.referral.referral_id if pathway.referral else None
    return frame_of(pathway), pathway.member(Role.NURSE), _has_team(pathway), referral, _problem(pathway)


def _has_team(pathway: Pathway) -> bool:
    return bool(pathway.team or pathway.referral)


def _problem(pathway: Pathway) -> bool:
    return pathway.assessment is not None and pathway.assessment.data.problem is not None


def _screenings(before: Pathway, after: Pathway, policy: PathwayPolicy) -> Iterator[Json]:
    subject = frame_of(after).subject
    known = {id(screening) for screening in before.screenings}
    earlier, taken_in = _taken_in(before), _taken_in(after)
    for screening in after.screenings:
        number = screening.screening_id
        same = id(screening) in known
        if not same or earlier.get(number) != taken_in.get(number):
            yield questionnaire_response(screening, subject, taken_in.get(number))
            total = observation(screening, subject, taken_in.get(number), policy=policy)
            if total is not None:
                yield total
        if not same and screening.safety_flag and policy.interpretation:
            yield flag(screening, subject)
            yield acknowledgement_task(screening, subject)


def _taken_in(pathway: Pathway) -> dict[ScreeningId, str]:
    """The contact in which a screening was taken."""
    return {
        screening: contact.contact_id
        for contact in pathway.contacts
        if contact.screenings and contact.status is ContactStatus.HELD
        for screening in contact.screenings
    }


def _referral(before: Pathway, after: Pathway) -> Iterator[Json]:
    referral = after.referral
    if referral is None:
        return
    subject, known = frame_of(after).subject, known_then(referral, after.screenings)
    begun = _care_begun(after)
    moved = before.referral is not referral or _care_begun(before) is not begun
    if moved or known_then(referral, before.screenings) != known:
        yield service_request(referral, known, subject, care_begun=begun)
    if moved or before.calls is not after.calls:
        yield referral_task(referral, subject, after.calls, care_begun=begun)


def _care_begun(pathway: Pathway) -> bool:
    referral = pathway.referral
    accepted = referral is not None and referral.status == ReferralStatus.ACCEPTED
    return accepted and pathway.state is not State.ASSESSMENT


def _consents(before: Pathway, after: Pathway) -> Iterator[Json]:
    for purpose, said in after.consents.items():
        if before.consents.get(purpose) is not said:
            yield consent(after.pathway_id, purpose, said, frame_of(after).subject)


def _assessment(before: Pathway, after: Pathway) -> Iterator[Json]:
    assessment, subject = after.assessment, frame_of(after).subject
    if assessment is not None and before.assessment is not assessment:
        if _problem(after):
            yield condition(after.pathway_id, assessment)
        if assessment_text(assessment.data):
            yield published_document(assessment_paper(assessment, after.pathway_id), subject)
    for total in _new(before.totals, after.totals):
        yield licensed_observation(total, subject)


def _contacts(before: Pathway, after: Pathway) -> Iterator[Json]:
    subject, nurse, over = frame_of(after).subject, after.member(Role.NURSE), after.state in CLOSED
    other_slots = before.member(Role.NURSE) != nurse or (before.state in CLOSED) is not over
    known = {id(contact) for contact in before.contacts}
    for contact in after.contacts:
        same = id(contact) in known
        if same and not (other_slots and contact.status is ContactStatus.PLANNED):
            continue
        if contact.planned_at is not None:
            yield appointment(contact, _expected(contact, nurse), subject, over=over)
        if contact.status is ContactStatus.HELD:
            yield encounter(contact, after.pathway_id)
        if has_note(contact):
            yield published_document(contact_paper(contact), subject)


def _expected(contact: Contact, nurse: TeamMember | None) -> TeamMember | None:
    """Who is expected: the team's nurse; of a contact that is over, the nurse who wrote down what became of it."""
    if contact.status is ContactStatus.PLANNED:
        return nurse
    return member_of(contact.by) if contact.by is not None and contact.by.role is Role.NURSE else None


def _reviews(before: Pathway, after: Pathway) -> Iterator[Json]:
    """A signed review stays as it is; what changes is the GP's decision on each recommendation."""
    if before.reviews is after.reviews and before.team is after.team:
        return
    number, gp = after.pathway_id, after.member(Role.GP)
    other_gp = before.member(Role.GP) != gp
    signed = {review.review_id for review in before.reviews}
    known = {advice.data.recommendation_id: advice for review in before.reviews for advice in review.advice}
    for review in after.reviews:
        if review.review_id not in signed:
            yield review_communication(review, number)
        for advice in review.advice:
            other = known.get(advice.data.recommendation_id) != advice or (other_gp and advice.waits)
            if other and advice.data.asks_the_gp:
                yield recommendation_task(advice, review, gp, number)


def _messages(before: Pathway, after: Pathway) -> Iterator[Json]:
    for message in _new(before.messages, after.messages):
        yield message_communication(message, after.pathway_id)


def _plan(before: Pathway, after: Pathway) -> Iterator[Json]:
    frame = frame_of(after)
    if after.relapse_plan is not None and before.relapse_plan is not after.relapse_plan:
        yield published_document(relapse_paper(after), frame.subject)
    if frame.since(State.CARE) is None:
        return
    if _planned(before) != _planned(after):
        documents = []
        if after.assessment is not None and assessment_text(after.assessment.data):
            documents.append(assessment_id(after.pathway_id))
        if after.relapse_plan is not None:
            documents.append(relapse_plan_id(after.pathway_id))
        yield care_plan(frame, after.plan, after.exit, problem=_problem(after), documents=documents)
    if after.plan is not None and before.plan is not after.plan:
        for aim in after.plan.data.goals:
            yield goal(aim, frame.subject)


def _planned(pathway: Pathway) -> tuple[object, ...]:
    with_relapse_plan = pathway.relapse_plan is not None
    return frame_of(pathway), pathway.plan, pathway.exit, pathway.assessment, with_relapse_plan


def _sequences(before: Pathway, after: Pathway) -> Iterator[Json]:
    suspended = after.state in INTERRUPTED
    other_state = (before.state in INTERRUPTED) is not suspended
    known = {_unclaimed(sequence) for sequence in before.sequences}
    for sequence in after.sequences:
        running = sequence.end is None
        if _unclaimed(sequence) not in known or (running and other_state):
            yield sequence_plan(sequence, after.pathway_id, suspended=running and suspended)


def _unclaimed(sequence: CareSequence) -> CareSequence:
    """A sequence without its claim, which its CarePlan does not tell."""
    return sequence if sequence.claim_id is None else replace(sequence, claim_id=None, billed_at=None)


def _exit(before: Pathway, after: Pathway, policy: PathwayPolicy) -> Iterator[Json]:
    """Once, when the patient leaves: what is corrected later does not rewrite a letter that was sent."""
    if after.exit is not None and before.exit is None:
        yield exit_observation(after.exit, after.pathway_id)
        yield published_document(exit_paper(after, policy), frame_of(after).subject)
