"""Pathway -> CaseloadRow: the file active, ready to read in one SELECT.

No clock is needed: what will be true later (a flag, a contact that is due) is stored as the day from which it is true.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from mappings.fields import FieldMap
from sesame_fhir.domain.actors import Role
from sesame_fhir.domain.calendar import local_day
from sesame_fhir.domain.care import Message
from sesame_fhir.domain.events import PatientTraits
from sesame_fhir.domain.instruments import InstrumentId
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.policy import PathwayPolicy
from sesame_fhir.domain.progress.flags import attention_on, flags, next_contact_due
from sesame_fhir.domain.progress.model import Flag
from sesame_fhir.domain.progress.trajectory import Trajectory, trajectory
from sesame_fhir.domain.transitions import BEFORE_REFERRAL, CLOSED, OPEN, State
from sesame_fhir.services.caseload import Bucket, CaseloadRow, RowFlag
from sesame_fhir.services.folding import fold

FIELDS = (
    FieldMap(
        Pathway,
        mapped={
            "pathway_id": "CaseloadRow.pathway_id",
            "state": "CaseloadRow.state, CaseloadRow.bucket",
            "site": "CaseloadRow.site",
            "updated_at": "CaseloadRow.updated_at",
            "traits": "CaseloadRow.family, given, sort_name, birth_date, sex",
            "screenings": "CaseloadRow.last_phq2, first_phq9, last_phq9, phq9_change, first_gad7, last_gad7",
            "referral": "CaseloadRow.referred_at, referrer, end_reason",
            "calls": "CaseloadRow.calls",
            "team": "CaseloadRow.nurse, psychiatrist, referrer_id",
            "contacts": "CaseloadRow.next_contact_at, last_contact_at, contact_due_on",
            "discussion": "CaseloadRow.discuss",
            "reviews": "CaseloadRow.reviewed_at, advice_waiting",
            "messages": "CaseloadRow.unread_gp, unread_nurse, unread_psychiatrist",
            "sequences": "CaseloadRow.sequence_rank, sequence_end",
            "renewal": "CaseloadRow.flags",
            "consents": "CaseloadRow.flags",
            "exit": "CaseloadRow.end_reason",
            "state_since": "CaseloadRow.started_on",
        },
        omitted={
            "version": "The row is read to find a pathway, which is then loaded with its version.",
            "opened_at": "The list shows the referral's date and the day care began.",
            "ehr": "Not shown; the outbox knows it.",
            "previous": "An earlier pathway is shown on the patient's page.",
            "totals": "Totals of licensed instruments are shown on the patient's page.",
            "eligibility": "Not shown in the list.",
            "assessment": "Clinical text is read on the patient's page; the state says that it was made.",
            "plan": "Clinical text is read on the patient's page.",
            "relapse_plan": "Clinical text is read on the patient's page.",
            "interruptions": "The state says that care is interrupted.",
            "aliases": "Keys of the patient, not shown (services.patient_keys).",
            "absorbed": "Told on the patient's page.",
            "kept": "Belongs to single resources, which carry it (mappings.kept).",
            "merged_into": "The state says so; the patient's page leads to the other pathway.",
            "coverage": "Billing's; clinicians do not bill.",
            "claims": "Billing's; clinicians do not bill.",
            "consent_history": "Only what the patient said last changes what the team does.",
            "stays": "The list is of the site where the pathway stands.",
        },
    ),
)


def bucket_of(state: State) -> Bucket:
    """Where a pathway in this state is listed."""
    if state is State.REFERRED:
        return Bucket.REFERRAL
    if state in BEFORE_REFERRAL:
        return Bucket.BEFORE
    return Bucket.CLOSED if state in CLOSED else Bucket.FOLLOWED


def sort_name(traits: PatientTraits) -> str:
    """Family and given name as they are sorted and searched: lower case, no accents."""
    return fold(f"{traits.family} {traits.given}")


def caseload_row(pathway: Pathway, course: Sequence[Flag] | None = None, *, policy: PathwayPolicy) -> CaseloadRow:
    """Build the row; ``course`` are the pathway's flags where the caller has them (``domain.progress.flags``).

    An unacknowledged item 9 is on it whatever the policy: it repeats the patient's own answer.

    Raises:
        ValueError: the pathway has not begun (no identity, no site).
    """
    traits, site, updated_at = pathway.traits, pathway.site, pathway.updated_at
    if traits is None or site is None or updated_at is None:
        raise ValueError(f"pathway {pathway.pathway_id} has not begun")
    course = flags(pathway, policy) if course is None else course
    due = next_contact_due(pathway, policy)
    began = pathway.since(State.CARE)
    return CaseloadRow(
        pathway_id=pathway.pathway_id,
        site=site,
        state=pathway.state,
        bucket=bucket_of(pathway.state),
        family=traits.family,
        given=traits.given,
        sort_name=sort_name(traits),
        birth_date=traits.birth_date,
        sex=traits.sex.value,
        updated_at=updated_at,
        safety_open=bool(pathway.unacknowledged),
        started_on=local_day(began) if began else None,
        contact_due_on=due,
        flags=tuple(RowFlag(f.rule.value, f.since, f.until, f.detail, f.attention) for f in course),
        attention_on=_attention_on(pathway, course, due),
        end_reason=_end_reason(pathway),
        **_scores(pathway),
        **_people(pathway),
        **_work(pathway),
    )


def _scores(pathway: Pathway) -> dict[str, Any]:
    phq9, gad7 = trajectory(pathway, InstrumentId.PHQ_9), trajectory(pathway, InstrumentId.GAD_7)
    phq2 = pathway.last_screening(InstrumentId.PHQ_2)
    return {
        "last_phq2": phq2.total if phq2 else None,
        "first_phq9": _baseline(phq9),
        "last_phq9": phq9.last.total if phq9 else None,
        "phq9_change": phq9.change if phq9 else None,
        "first_gad7": _baseline(gad7),
        "last_gad7": gad7.last.total if gad7 else None,
        "last_score_at": max((s.taken_at for s in pathway.screenings if s.total is not None), default=None),
    }


def _baseline(course: Trajectory | None) -> int | None:
    return course.baseline.total if course and course.baseline else None


def _people(pathway: Pathway) -> dict[str, Any]:
    """Who cares for the patient; the GP is the team's, so that a successor finds the patients too."""
    referral, nurse = pathway.referral, pathway.member(Role.NURSE)
    gp, psychiatrist = pathway.member(Role.GP), pathway.member(Role.PSYCHIATRIST)
    referrer = gp or (referral.referrer if referral else None)
    return {
        "referred_at": referral.referred_at if referral else None,
        "referrer": referrer.name if referrer else None,
        "referrer_id": referrer.actor_id if referrer else None,
        "nurse": nurse.name if nurse else None,
        "nurse_id": nurse.actor_id if nurse else None,
        "psychiatrist": psychiatrist.name if psychiatrist else None,
        "psychiatrist_id": psychiatrist.actor_id if psychiatrist else None,
        "calls": len(pathway.calls),
    }


def _work(pathway: Pathway) -> dict[str, Any]:
    held, running = pathway.held_contacts, pathway.open_sequence
    return {
        "next_contact_at": _next_planned(pathway),
        "last_contact_at": held[-1].at if held else None,
        "sequence_rank": running.rank if running else None,
        "sequence_end": running.planned_end if running else None,
        "discuss": pathway.discussion is not None,
        "reviewed_at": pathway.reviews[-1].at if pathway.reviews else None,
        "advice_waiting": len(pathway.waiting_advice),
        "unread_gp": len(_unread(pathway, Role.GP)),
        "unread_nurse": len(_unread(pathway, Role.NURSE)),
        "unread_psychiatrist": len(_unread(pathway, Role.PSYCHIATRIST)),
    }


def _unread(pathway: Pathway, role: Role) -> list[Message]:
    """Messages for a role that nobody in it has read: one nurse's reading is enough for a colleague who stands in."""
    return [
        message
        for message in pathway.messages
        if message.to in {None, role}
        and message.by.role is not role
        and all(reader.role is not role for reader in message.readers)
    ]


def _attention_on(pathway: Pathway, raised: Sequence[Flag], due: date | None) -> date | None:
    """The first day on which somebody is needed.

    Flags, and what stands without any rule: item 9 not acknowledged, a referral not taken up, the next contact
    (planned, else due), a message for the nurse.
    """
    waiting = [screening.taken_at for screening in pathway.unacknowledged]
    waiting += [message.at for message in _unread(pathway, Role.NURSE)]
    if pathway.state is State.REFERRED and pathway.referral is not None:
        waiting.append(pathway.referral.referred_at)
    planned = _next_planned(pathway)
    days = [attention_on(raised), due if planned is None else local_day(planned), *map(local_day, waiting)]
    return min((day for day in days if day is not None), default=None)


def _next_planned(pathway: Pathway) -> datetime | None:
    planned = pathway.planned_contacts if pathway.state in OPEN else ()
    return planned[0].planned_at if planned else None


def _end_reason(pathway: Pathway) -> str | None:
    if pathway.exit is not None:
        return pathway.exit.reason.value
    return pathway.referral.end_reason if pathway.referral else None
