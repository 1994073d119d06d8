"""Flags of the course of care: which rule raised it, from which day, with which values."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Rule(StrEnum):
    """Every rule that can raise a flag; ``domain.progress.rules`` gives each its name, reason and source."""

    SUICIDE_RISK = "suicide-risk"
    WORSENING = "worsening"
    NO_IMPROVEMENT = "no-improvement"
    RESPONSE = "response"
    REMISSION = "remission"
    READY_FOR_RELAPSE_PREVENTION = "ready-for-relapse-prevention"
    CONTACT_OVERDUE = "contact-overdue"
    FIRST_FOLLOW_UP_LATE = "first-follow-up-late"
    MEASURE_DUE = "measure-due"
    REFERRAL_WAITING = "referral-waiting"
    ADVICE_WAITING = "advice-waiting"
    REVIEW_DUE = "review-due"
    SEQUENCE_ENDING = "sequence-ending"
    CONSENT_WITHDRAWN = "consent-withdrawn"


@dataclass(frozen=True, slots=True)
class Flag:
    """A flag that stands from ``since`` on (up to and including ``until``), as far as is known now.

    ``detail`` holds the values behind it, for the sentence that explains it (``18>24``; days as ISO dates).
    ``attention``: somebody should act; False for good news.
    """

    rule: Rule
    since: date
    until: date | None = None
    detail: str | None = None
    attention: bool = True

    def raised(self, today: date) -> bool:
        """True while it stands."""
        return self.since <= today and (self.until is None or today <= self.until)
