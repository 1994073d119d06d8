"""What is asked of the caseload, as the parameters of an address: a form without script makes them, links repeat them.

A patient's name never stands in an address: names are searched for with a posted form (``search``).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import TypeVar

from sesame_fhir.domain.actors import Role
from sesame_fhir.domain.calendar import local_day
from sesame_fhir.domain.ids import SiteId
from sesame_fhir.domain.progress.model import Rule
from sesame_fhir.domain.transitions import INTERRUPTED, State
from sesame_fhir.services.caseload import Bucket, CaseloadQuery, CaseloadSort
from smart_app.team.context import TeamContext

PAGE_ROWS = 50
PRINTED_ROWS = 500
_WEEK = timedelta(days=6)

E = TypeVar("E", bound=StrEnum)


class Phase(StrEnum):
    """Where a patient stands, as the list is filtered."""

    ASSESSMENT = "assessment"
    CARE = "care"
    RELAPSE_PREVENTION = "relapse-prevention"
    SUSPENDED = "suspended"
    WAITING = "waiting"
    NOT_STARTED = "not-started"
    LEFT = "left"


class When(StrEnum):
    """By when somebody is needed."""

    TODAY = "today"
    WEEK = "week"


PHASES: Mapping[Phase, tuple[Bucket, tuple[State, ...]]] = {
    Phase.ASSESSMENT: (Bucket.FOLLOWED, (State.ASSESSMENT,)),
    Phase.CARE: (Bucket.FOLLOWED, (State.CARE,)),
    Phase.RELAPSE_PREVENTION: (Bucket.FOLLOWED, (State.RELAPSE_PREVENTION,)),
    Phase.SUSPENDED: (Bucket.FOLLOWED, tuple(sorted(INTERRUPTED))),
    Phase.WAITING: (Bucket.REFERRAL, (State.REFERRED,)),
    Phase.NOT_STARTED: (Bucket.BEFORE, (State.NOT_STARTED,)),
    Phase.LEFT: (Bucket.CLOSED, (State.EXITED,)),
}
"""Filter -> what the store is asked."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The filters and the order. Without a phase, everybody who is followed."""

    when: When | None = None
    phase: Phase | None = None
    flag: Rule | None = None
    site: str | None = None
    mine: bool = False
    discuss: bool = False
    sort: CaseloadSort = CaseloadSort.ATTENTION
    descending: bool = False

    @property
    def filtered(self) -> bool:
        """True when not everybody who is followed is listed."""
        return any((self.when, self.phase, self.flag, self.site, self.mine, self.discuss))

    def parameters(self) -> dict[str, str]:
        """The address's parameters that ask for this, and no others."""
        chosen = {"when": self.when, "phase": self.phase, "flag": self.flag, "site": self.site}
        ticked = {"mine": self.mine, "discuss": self.discuss, "desc": self.descending}
        order = {} if self.sort is CaseloadSort.ATTENTION else {"sort": self.sort.value}
        return {name: str(v) for name, v in chosen.items() if v} | {n: "1" for n, on in ticked.items() if on} | order

    def query(self, page: TeamContext, *, limit: int = PAGE_ROWS, cursor: str | None = None) -> CaseloadQuery:
        """The question to the store, within the reach of the person who asks."""
        today = local_day(page.now)
        buckets, states = self._where()
        due = None if self.when is None else today + (_WEEK if self.when is When.WEEK else timedelta())
        asked = CaseloadQuery(
            sites=_sites(page, self.site),
            today=today,
            buckets=buckets,
            states=states,
            flag=self.flag.value if self.flag else None,
            discuss=True if self.discuss else None,
            nurse_id=page.actor.actor_id if self.mine and page.member.role is Role.NURSE else None,
            attention_by=due,
            sort=self.sort,
            descending=self.descending,
            limit=limit,
            cursor=cursor,
        )
        return own(page, asked)

    def _where(self) -> tuple[tuple[Bucket, ...], tuple[State, ...]]:
        """Without a phase: everybody who is followed; for item 9, which nobody may miss, in whatever state."""
        if self.phase:
            bucket, states = PHASES[self.phase]
            return (bucket,), states
        return (tuple(Bucket) if self.flag is Rule.SUICIDE_RISK else (Bucket.FOLLOWED,)), ()


def parse(values: Mapping[str, str]) -> Asked:
    """Read an address's parameters; what is unknown counts as not asked."""
    return Asked(
        when=_one(When, values.get("when")),
        phase=_one(Phase, values.get("phase")),
        flag=_one(Rule, values.get("flag")),
        site=values.get("site") or None,
        mine="mine" in values,
        discuss="discuss" in values,
        sort=_one(CaseloadSort, values.get("sort")) or CaseloadSort.ATTENTION,
        descending="desc" in values,
    )


def own(page: TeamContext, query: CaseloadQuery) -> CaseloadQuery:
    """The same question within a role's reach: a psychiatrist's cases, a GP's own patients, a nurse's sites."""
    if page.member.role is Role.PSYCHIATRIST:
        return replace(query, reviewer_id=page.actor.actor_id)
    return replace(query, referrer_id=page.actor.actor_id) if page.member.role is Role.GP else query


def _sites(page: TeamContext, asked: str | None) -> tuple[SiteId, ...]:
    """The person's sites, or the one that is asked for when it is among them."""
    return (SiteId(asked),) if asked in page.member.sites else page.member.sites


def _one(kind: type[E], value: str | None) -> E | None:
    return next((known for known in kind if known.value == value), None)
