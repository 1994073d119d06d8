"""How a recorded screening reads on a page: score, label, meaning, what to do next."""

from dataclasses import dataclass

from sesame_fhir.domain import scoring
from sesame_fhir.domain.eligibility import phq2_total
from sesame_fhir.domain.instruments import INSTRUMENTS, Instrument, InstrumentId
from sesame_fhir.domain.pathway import Pathway, Screening
from sesame_fhir.domain.transitions import BEFORE_REFERRAL
from smart_app.pages import texts
from smart_app.pages.context import PageContext

LONG_FORMS = (InstrumentId.PHQ_9, InstrumentId.GAD_7)


@dataclass(frozen=True, slots=True)
class Reading:
    """``label`` and ``meaning`` are None when interpretation is switched off; ``positive`` None: bands only."""

    screening: Screening
    instrument: Instrument
    positive: bool | None
    label: str | None
    meaning: str | None
    sensitivity: int | None


def read_screening(page: PageContext, screening: Screening) -> Reading:
    """Interpret a screening, unless the deployment shows raw values only."""
    instrument = INSTRUMENTS[screening.instrument]
    policy = page.deps.engine.policy
    if not policy.interpretation:
        return Reading(screening, instrument, None, None, None, None)
    positive = scoring.is_positive(instrument, screening.total, policy, page.sex)
    band = scoring.band_of(instrument, screening.total)
    label = texts.POSITIVITY[positive] if positive is not None else band.label if band else None
    missed = positive is False and instrument.id is InstrumentId.PHQ_2
    return Reading(
        screening=screening,
        instrument=instrument,
        positive=positive,
        label=label,
        meaning=texts.MEANINGS.get((instrument.id, positive)),
        sensitivity=texts.PHQ_2_SENSITIVITY.get(policy.phq2_threshold) if missed else None,
    )


def may_refer(pathway: Pathway) -> bool:
    """True while the GP can refer this patient."""
    return pathway.state in BEFORE_REFERRAL


def referral_advised(page: PageContext, pathway: Pathway) -> bool | None:
    """Whether the scores speak for a referral; None when they do not say, or interpretation is off.

    A negative PHQ-2 beside a PHQ-9 or GAD-7 of moderate or severe intensity says neither yes nor no.
    """
    policy = page.deps.engine.policy
    if not policy.interpretation:
        return None
    positive = scoring.is_positive(INSTRUMENTS[InstrumentId.PHQ_2], phq2_total(pathway), policy, page.sex)
    return None if positive is False and _intense(pathway) else positive


def _intense(pathway: Pathway) -> bool:
    latest = (pathway.last_screening(name) for name in LONG_FORMS)
    return any(s is not None and scoring.is_moderate_or_more(INSTRUMENTS[s.instrument], s.total) for s in latest)


def not_yet_today(page: PageContext, pathway: Pathway) -> tuple[Instrument, ...]:
    """The long questionnaires that may complete today's screening."""
    today = page.local(page.now).date()
    done = {s.instrument for s in pathway.screenings if page.local(s.authored).date() == today}
    return tuple(INSTRUMENTS[i] for i in LONG_FORMS if i not in done)
