"""What may be billed: every sequence that no claim holds, with the reasons for and against, decided as of a day.

Nothing is written. Sequences are read page by page, so that a cohort of any size is assessed in the same memory.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import islice

from sesame_fhir.domain.billing.decision import BillingCode, Decision, Verdict, decide
from sesame_fhir.domain.billing.facts import SequenceFacts
from sesame_fhir.domain.billing.money import ZERO
from sesame_fhir.domain.billing.scheme import BillingScheme
from sesame_fhir.domain.ids import PathwayId, SiteId
from sesame_fhir.services.billing.records import CandidateQuery
from sesame_fhir.services.billing.setting import Billing, Coordinator

Key = tuple[PathwayId, int]
"""A sequence: its pathway and its rank."""

_LOOKED_AT = 20_000
"""Sequences looked at for one page of a question that few of them answer."""


@dataclass(frozen=True, slots=True)
class Assessed:
    """One sequence and what the rules say of it."""

    facts: SequenceFacts
    decision: Decision

    @property
    def key(self) -> Key:
        """Which sequence."""
        return self.facts.pathway_id, self.facts.rank


@dataclass(frozen=True, slots=True)
class Question:
    """Which sequences to show: those that ended by ``until`` and answer every part that is given.

    unfinished: those that still run as well, by their planned end. scheme: ``""`` for those that no scheme decides on.
    """

    until: date
    unfinished: bool = False
    verdict: Verdict | None = None
    reason: BillingCode | None = None
    site: SiteId | None = None
    scheme: str | None = None

    def answered_by(self, one: Assessed) -> bool:
        """True when this sequence is asked for."""
        decision = one.decision
        return (
            (self.verdict is None or decision.verdict is self.verdict)
            and (self.reason is None or any(reason.code is self.reason for reason in decision.reasons))
            and (self.scheme is None or scheme_of(decision) == self.scheme)
        )


@dataclass(frozen=True, slots=True)
class AssessedPage:
    """Some of the answers; ``next`` is what to go on ``after``, None on the last page.

    A page may hold fewer than asked for, or none, and still have a next one: so many sequences had been looked at.
    """

    rows: tuple[Assessed, ...]
    next: Key | None


@dataclass(slots=True)
class Tally:
    """A count of sequences and the sums that the rules give for them, in euros."""

    count: int = 0
    amount: Decimal = ZERO
    share: Decimal = ZERO

    def add(self, decision: Decision) -> None:
        """Count one more."""
        self.count += 1
        self.amount += decision.amount
        self.share += decision.share


@dataclass(slots=True)
class Summary:
    """How many sequences, and how many euros, by verdict, by reason (for and against), by site and by scheme.

    The amount of what cannot be billed is what it would earn if nothing stood against it.
    """

    by_verdict: dict[Verdict, Tally] = field(default_factory=lambda: {verdict: Tally() for verdict in Verdict})
    by_reason: dict[BillingCode, Tally] = field(default_factory=dict)
    by_site: dict[SiteId, dict[Verdict, Tally]] = field(default_factory=dict)
    by_scheme: dict[str, dict[Verdict, Tally]] = field(default_factory=dict)

    def add(self, one: Assessed) -> None:
        """Count one more sequence."""
        decision = one.decision
        self.by_verdict[decision.verdict].add(decision)
        for code in {reason.code for reason in decision.reasons}:
            self.by_reason.setdefault(code, Tally()).add(decision)
        for tallies in (
            self.by_site.setdefault(one.facts.site, {}),
            self.by_scheme.setdefault(scheme_of(decision), {}),
        ):
            tallies.setdefault(decision.verdict, Tally()).add(decision)


def scheme_of(decision: Decision) -> str:
    """Id of the scheme that decided, empty when none did."""
    return "" if decision.scheme is None else decision.scheme.scheme_id


def schemes_of(billing: Billing) -> tuple[BillingScheme, ...]:
    """The schemes that stand, in the order in which their versions were given."""
    return tuple(stored.scheme for stored in billing.stores.schemes.schemes())


def assess(
    billing: Billing,
    who: Coordinator,
    until: date,
    today: date,
    *,
    unfinished: bool = False,
    site: SiteId | None = None,
    after: Key | None = None,
) -> Iterator[Assessed]:
    """Decide on every sequence of the coordinator's sites that no claim holds and that ended by ``until``.

    ``today`` is the day of billing: late limits count against it. ``unfinished``: those that still run as well, by
    their planned end. ``site``: of one site only. ``after``: go on after this sequence. By pathway and rank.

    Raises:
        Refused: not a coordinator, or a site out of reach.
    """
    who.may("view-billing", *(() if site is None else (site,)))
    sites = who.sites if site is None else frozenset({site})
    return _assessed(billing, CandidateQuery(sites, until, unfinished, after), today)


def _assessed(billing: Billing, query: CandidateQuery, today: date) -> Iterator[Assessed]:
    schemes = schemes_of(billing)
    for facts in _candidates(billing, query):
        yield Assessed(facts, decide(facts, schemes, today))


def _candidates(billing: Billing, query: CandidateQuery) -> Iterator[SequenceFacts]:
    after = query.after
    while True:
        page = billing.stores.sequences.candidates(
            CandidateQuery(query.sites, query.until, query.unfinished, after, query.limit)
        )
        yield from page.facts
        if page.next is None:
            return
        after = page.next


def assessed_page(
    billing: Billing, who: Coordinator, question: Question, today: date, *, after: Key | None = None, limit: int = 50
) -> AssessedPage:
    """A page of the sequences that answer a question. Raises as ``assess``."""
    rows: list[Assessed] = []
    last: Key | None = None
    walk = assess(billing, who, question.until, today, unfinished=question.unfinished, site=question.site, after=after)
    for one in islice(walk, _LOOKED_AT):
        if question.answered_by(one):
            if len(rows) == limit:
                return AssessedPage(tuple(rows), rows[-1].key)
            rows.append(one)
        last = one.key
    more = last is not None and next(walk, None) is not None
    return AssessedPage(tuple(rows), last if more else None)


def summary(billing: Billing, who: Coordinator, question: Question, today: date) -> Summary:
    """Count and sum the sequences that answer a question, in one pass. Raises as ``assess``."""
    counted = Summary()
    for one in assess(billing, who, question.until, today, unfinished=question.unfinished, site=question.site):
        if question.answered_by(one):
            counted.add(one)
    return counted
