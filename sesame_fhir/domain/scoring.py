"""Scores, bands and the safety flag: the one module that interprets one patient's answers.

It is kept apart, with its sources, so that it can be switched off by configuration (medical-device question, domain
page "Safety"). Totals are the sum of item weights; a partial instrument has no total (never an undercount).
Sources: PHQ-9 instruction manual for totals and bands; domain page for PHQ-2 >= 3, GAD-2 >= 3, AUDIT-C >= 4 (men) or
>= 3 (women), and item 9 >= 1.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sesame_fhir.domain.events import Sex
from sesame_fhir.domain.instruments import Band, Instrument, InstrumentId
from sesame_fhir.domain.policy import PathwayPolicy
from sesame_fhir.domain.reasons import Reason, ReasonCode

Answers = Mapping[str, str]
"""Answers to one instrument: linkId -> answer code."""


@dataclass(frozen=True, slots=True)
class Score:
    """Result of scoring: ``total`` and ``band`` are None while a scored item is missing."""

    instrument: InstrumentId
    total: int | None
    maximum: int
    missing: tuple[str, ...]
    band: Band | None

    @property
    def complete(self) -> bool:
        """True when every scored item has an answer."""
        return not self.missing


def check_answers(instrument: Instrument, answers: Answers) -> tuple[Reason, ...]:
    """Name every answer that does not belong to the instrument (unknown item, or a code not among its answers)."""
    reasons: list[Reason] = []
    for link_id, code in answers.items():
        item = instrument.item(link_id)
        if item is None:
            reasons.append(Reason(ReasonCode.UNKNOWN_ITEM, link_id))
        elif code not in {answer.code for answer in item.answers}:
            reasons.append(Reason(ReasonCode.UNKNOWN_ANSWER, link_id))
    return tuple(reasons)


def weight(instrument: Instrument, link_id: str, code: str) -> int | None:
    """Weight of one answer; None when the item or the answer is not of this instrument."""
    item = instrument.item(link_id)
    return None if item is None else next((a.weight for a in item.answers if a.code == code), None)


def score(instrument: Instrument, answers: Answers) -> Score:
    """Score valid answers (see ``check_answers``); an incomplete set has no total."""
    missing = tuple(item.link_id for item in instrument.scored_items if item.link_id not in answers)
    total: int | None = None
    if not missing:
        total = sum(weight(instrument, i.link_id, answers[i.link_id]) or 0 for i in instrument.scored_items)
    return Score(instrument.id, total, instrument.maximum, missing, band_of(instrument, total))


def band_of(instrument: Instrument, total: int | None) -> Band | None:
    """Find the band of a total; None without a total."""
    return None if total is None else next((b for b in instrument.bands if b.low <= total <= b.high), None)


def is_positive(instrument: Instrument, total: int | None, policy: PathwayPolicy, sex: Sex) -> bool | None:
    """Positive at or above the instrument's threshold; None without a total or for an instrument with bands only.

    AUDIT-C counts the lower threshold for anybody who is not known to be a man: a missed case costs more.
    """
    threshold = {
        InstrumentId.PHQ_2: policy.phq2_threshold,
        InstrumentId.GAD_2: policy.gad2_threshold,
        InstrumentId.AUDIT_C: 4 if sex is Sex.MALE else 3,
    }.get(instrument.id)
    return None if total is None or threshold is None else total >= threshold


def published_band(instrument: Instrument, total: int | None, policy: PathwayPolicy) -> Band | None:
    """The band to publish with a total: by the configured threshold where the bands are negative and positive.

    None without a total, or when interpretation is switched off. AUDIT-C keeps its bands: they name both sexes.
    """
    if not policy.interpretation:
        return None
    codes = {band.code: band for band in instrument.bands}
    positive = is_positive(instrument, total, policy, Sex.UNKNOWN) if "positive" in codes else None
    if positive is None:
        return band_of(instrument, total)
    return codes["positive" if positive else "negative"]


def is_moderate_or_more(instrument: Instrument, total: int | None) -> bool:
    """True for a total in a band of moderate to severe intensity, SÉSAME's field (domain page, step 2)."""
    band = band_of(instrument, total)
    return band is not None and band.code in {"moderate", "moderately-severe", "severe"}


def raises_safety_flag(instrument: Instrument, answers: Answers) -> bool:
    """PHQ-9 item 9 >= 1 raises the suicide-risk flag, whatever the total and even in a partial set."""
    return any(
        item.safety and (weight(instrument, item.link_id, answers.get(item.link_id, "")) or 0) >= 1
        for item in instrument.items
    )
