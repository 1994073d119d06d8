"""The score to compare with: the latest one before today's, from our pathway or from the EHR's record."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sesame_fhir.domain.instruments import InstrumentId
from smart_app.pages.context import PageContext

# The record gives back what we wrote with its time cut to the second: that is the same score, not an earlier one.
_SAME = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class PreviousScore:
    """``at`` is the time of the answers."""

    total: int
    at: datetime


def previous_score(page: PageContext, instrument: InstrumentId, before: datetime | None = None) -> PreviousScore | None:
    """The newest total of this instrument before ``before`` (default: now); None when there is none."""
    limit = (before or page.now) - _SAME
    found = [PreviousScore(s.total, s.at) for s in page.record.earlier if s.instrument is instrument]
    if page.pathway is not None:
        found += [
            PreviousScore(s.total, s.authored)
            for s in page.pathway.screenings
            if s.instrument is instrument and s.total is not None
        ]
    return max((score for score in found if score.at < limit), key=lambda score: score.at, default=None)
