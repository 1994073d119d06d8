"""What became of the referrals: how many were referred, started, wait, and did not start, with the reasons.

Source: domain page, step 3: not every referral starts (328 referred, 256 followed at Argenteuil), and that must show.
"""

from collections import Counter
from dataclasses import dataclass

from sesame_fhir.domain.calendar import local_day
from sesame_fhir.domain.transitions import FOLLOWED, State
from sesame_fhir.services.caseload import Bucket, CaseloadQuery, CaseloadSort
from smart_app.team.caseload.asked import own
from smart_app.team.caseload.texts import ENDS, WITHDRAWN
from smart_app.team.context import TeamContext

CAP = 2000
"""Counted exactly up to here: a page must not cost more where a region shares one site."""

_STARTED = tuple(sorted(FOLLOWED | {State.EXITED}))


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Counts of a person's referrals, each up to ``CAP``."""

    started: int
    waiting: int
    not_started: int

    @property
    def referred(self) -> int:
        """All of them."""
        return self.started + self.waiting + self.not_started

    @property
    def capped(self) -> bool:
        """True when a count has reached the cap."""
        return CAP in {self.started, self.waiting, self.not_started}


def outcomes_of(page: TeamContext) -> Outcomes:
    """Count what this person's referrals became."""
    pathways = page.deps.engine.pathways
    started = _query(page, (Bucket.FOLLOWED, Bucket.CLOSED), _STARTED)
    waiting = _query(page, (Bucket.REFERRAL,), (State.REFERRED,))
    ended = _query(page, (Bucket.BEFORE,), (State.NOT_STARTED,))
    return Outcomes(*(pathways.caseload_count(query, CAP) for query in (started, waiting, ended)))


def reasons_of(page: TeamContext) -> tuple[tuple[str, int], ...]:
    """Why referrals did not start, the most frequent reason first, over the latest ``CAP``: French text and count."""
    query = _query(page, (Bucket.BEFORE,), (State.NOT_STARTED,), CAP)
    rows = page.deps.engine.pathways.caseload(query).rows
    return tuple(Counter(ENDS.get(row.end_reason or "", WITHDRAWN) for row in rows).most_common())


def _query(page: TeamContext, buckets: tuple[Bucket, ...], states: tuple[State, ...], limit: int = 1) -> CaseloadQuery:
    asked = CaseloadQuery(
        sites=page.member.sites,
        today=local_day(page.now),
        buckets=buckets,
        states=states,
        sort=CaseloadSort.REFERRED,
        descending=True,
        limit=limit,
    )
    return own(page, asked)
