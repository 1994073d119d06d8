"""Probes of the case review, the exit, signed acts and flags of the course."""

from datetime import date, timedelta

from mappings import leaving, progress_flag, provenance, recommendation, review
from sesame_fhir.domain import events as ev
from sesame_fhir.domain.course import Exit
from sesame_fhir.domain.ids import CommandId, EventId, PathwayId, SiteId
from sesame_fhir.domain.progress.model import Flag, Rule
from sesame_fhir.domain.reviews import Advice, Decision, Review
from tests.support.story import GP, NURSE, PATHWAY, START, event
from tests.unit.mappings import care_cases as care
from tests.unit.mappings.cases import pathway
from tests.unit.mappings.probes.probe import Probe, some

LATER = START + timedelta(days=90)
REVIEW = pathway("whole").reviews[0]
ADVICE = REVIEW.advice[0]


def _task(advice: Advice) -> object:
    return recommendation.recommendation_task(advice, REVIEW, care.MEMBERS[0], PATHWAY)


def _signed(happened: ev.Event) -> object:
    return provenance.provenance(happened, provenance.targets_of(happened.data, happened.pathway_id))


PROBES: dict[tuple[str, type], Probe] = {
    ("review", Review): (
        lambda held: review.review_communication(held, PATHWAY),
        REVIEW,
        {
            "review_id": "other",
            "at": LATER,
            "by": NURSE,
            "advice": REVIEW.advice[:1],
            "summary": None,
            "session_id": "other",
            "minutes": 99,
        },
    ),
    ("recommendation", ev.Recommendation): (
        lambda data: _task(Advice(data)),
        ADVICE.data,
        {
            "recommendation_id": "other",
            "kind": ev.RecommendationKind.MONITORING,
            "text": "Autre",
            "drug": "Autre",
            "dose": None,
            "weeks": 1,
        },
    ),
    ("recommendation", Decision): (
        lambda decision: _task(Advice(ADVICE.data, decision)),
        some(ADVICE.decision),
        {"fate": ev.RecommendationFate.DECLINED, "reason": "Autre", "at": LATER, "by": NURSE},
    ),
    ("recommendation", Advice): (_task, ADVICE, {"data": care.THERAPY, "decision": None}),
    ("leaving", Exit): (
        lambda left: leaving.exit_observation(left, PATHWAY),
        some(pathway("left").exit),
        {
            "reason": ev.ExitReason.DEATH,
            "orientation": ev.Orientation.SOCIAL,
            "at": LATER,
            "by": GP,
            "note": "Autre",
            "survey": True,
            "answered_at": LATER,
            "satisfaction": 4,
        },
    ),
    ("progress_flag", Flag): (
        lambda raised: progress_flag.progress_flag(raised, PATHWAY),
        Flag(Rule.WORSENING, date(2026, 4, 1), date(2026, 5, 1), "18>24"),
        {
            "rule": Rule.RESPONSE,
            "since": date(2026, 4, 2),
            "until": None,
            "detail": "18>25",
            "attention": False,
        },
    ),
    ("provenance", ev.Event): (
        _signed,
        event(9, care.REVIEWED, care.PSYCHIATRIST),
        {
            "event_id": EventId("other"),
            "pathway_id": PathwayId("other"),
            "sequence": 99,
            "occurred_at": LATER,
            "recorded_at": LATER,
            "actor": NURSE,
            "site": SiteId("other"),
            "command_id": CommandId("other"),
            "data": care.EXITED,
        },
    ),
}
