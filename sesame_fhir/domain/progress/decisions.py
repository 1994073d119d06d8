"""Rules on what waits for somebody's decision: reviews, advice, sequences, consent, item 9. Sources: see ``rules``."""

from datetime import timedelta

from sesame_fhir.domain.calendar import local_day
from sesame_fhir.domain.consents import AGAINST
from sesame_fhir.domain.events import ConsentPurpose
from sesame_fhir.domain.instruments import INSTRUMENTS
from sesame_fhir.domain.pathway import Pathway, Screening
from sesame_fhir.domain.policy import PathwayPolicy
from sesame_fhir.domain.progress.model import Flag, Rule
from sesame_fhir.domain.scoring import weight


def suicide_risk(pathway: Pathway, _policy: PathwayPolicy) -> Flag | None:
    """While an answer to item 9 waits for a named clinician; since the oldest one."""
    waiting = pathway.unacknowledged
    if not waiting:
        return None
    since = min(local_day(screening.authored) for screening in waiting)
    return Flag(Rule.SUICIDE_RISK, since, detail=str(max(map(_safety_weight, waiting))))


def _safety_weight(screening: Screening) -> int:
    instrument = INSTRUMENTS[screening.instrument]
    items = [item.link_id for item in instrument.items if item.safety]
    return max((weight(instrument, item, screening.answers.get(item, "")) or 0 for item in items), default=0)


def consent_withdrawn(pathway: Pathway, _policy: PathwayPolicy) -> Flag | None:
    """Since the patient took back the agreement that sharing within the care team rests on."""
    consent = pathway.consents.get(ConsentPurpose.CARE_TEAM)
    if consent is None or consent.status not in AGAINST:
        return None
    return Flag(Rule.CONSENT_WITHDRAWN, local_day(consent.at))


def advice_waiting(pathway: Pathway, _policy: PathwayPolicy) -> Flag | None:
    """Since the oldest review of which a recommendation waits for the GP."""
    waiting = [review for review in pathway.reviews if any(advice.waits for advice in review.advice)]
    if not waiting:
        return None
    since = min(local_day(review.at) for review in waiting)
    return Flag(Rule.ADVICE_WAITING, since, detail=str(len(pathway.waiting_advice)))


def review_due(pathway: Pathway, _policy: PathwayPolicy) -> Flag | None:
    """From the day on which the psychiatrist asked to see the case again, until it is reviewed."""
    last = max(pathway.reviews, key=lambda review: review.at, default=None)
    if last is None or last.see_again_weeks is None:
        return None
    reviewed = local_day(last.at)
    return Flag(Rule.REVIEW_DUE, reviewed + timedelta(weeks=last.see_again_weeks), detail=reviewed.isoformat())


def sequence_ending(pathway: Pathway, policy: PathwayPolicy) -> Flag | None:
    """From some days before a sequence ends on, until the team has decided what follows it.

    It stands after the end too: a patient in care without a sequence is one that nobody decided about.
    """
    last = pathway.sequences[-1] if pathway.sequences else None
    if last is None or (pathway.renewal is not None and pathway.renewal.rank == last.rank + 1):
        return None
    end = last.end or last.planned_end
    return Flag(
        Rule.SEQUENCE_ENDING, end - timedelta(days=policy.renewal_days), detail=f"{last.rank}>{end.isoformat()}"
    )
