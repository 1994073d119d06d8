"""Which pathways and which days an indicator is about, and what was known on a past day."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol, TypeVar

from sesame_fhir.domain.calendar import month_end
from sesame_fhir.domain.ids import SiteId
from sesame_fhir.domain.indicators.facts import PathwayFacts, SequenceFact


class _Dated(Protocol):
    @property
    def on(self) -> date: ...


D = TypeVar("D", bound=_Dated)


@dataclass(frozen=True, slots=True)
class Window:
    """Days from ``start`` to ``end``, both included, seen with what was known at the end of ``as_of``.

    ``sites`` empty: all that are given; ``nurse_id`` None: every nurse.
    """

    start: date
    end: date
    as_of: date
    sites: frozenset[SiteId] = frozenset()
    nurse_id: str | None = None

    def holds(self, day: date | None) -> bool:
        """True for a day of the period."""
        return day is not None and self.start <= day <= self.end


def whole_months(window: Window) -> Window:
    """The same window in whole months up to its ``as_of``, for readers outside the care team (``disclosure``)."""
    return replace(window, start=window.start.replace(day=1), end=min(month_end(window.end), window.as_of))


def chosen(facts: Iterable[PathwayFacts], window: Window) -> list[PathwayFacts]:
    """The pathways of the window's sites and nurse; absorbed duplicates are left out."""
    return [
        f
        for f in facts
        if not f.merged
        and (not window.sites or f.site in window.sites)
        and (window.nurse_id is None or f.nurse_id == window.nurse_id)
    ]


def selected(facts: Iterable[PathwayFacts], window: Window) -> list[PathwayFacts]:
    """The pathways of the window's sites and nurse as they were known then."""
    return chosen((known_on(f, window.as_of) for f in facts), window)


def known_on(facts: PathwayFacts, day: date) -> PathwayFacts:
    """The same pathway without anything later than ``day``. It has its nurse from the day she accepted the referral.

    After a transfer its present site and nurse stand for the earlier ones too.
    """

    def then(when: date | None) -> date | None:
        return when if when is not None and when <= day else None

    left, accepted, absorbed = then(facts.exit_on), then(facts.accepted_on), then(facts.merged_on)
    answered = then(facts.survey_answered_on)
    ended = then(facts.ended_on)
    return replace(
        facts,
        referred_on=then(facts.referred_on),
        ended_on=ended,
        referral_end=facts.referral_end if ended else None,
        nurse_id=facts.nurse_id if accepted else None,
        accepted_on=accepted,
        merged=facts.merged and absorbed == facts.merged_on,
        merged_on=absorbed,
        care_on=then(facts.care_on),
        scores=_until(facts.scores, day),
        contacts=_until(facts.contacts, day),
        reviews=_until(facts.reviews, day),
        consents=_until(facts.consents, day),
        sequences=tuple(_sequence(s, day) for s in facts.sequences if s.start <= day),
        exit_on=left,
        exit_reason=facts.exit_reason if left else None,
        exit_orientation=facts.exit_orientation if left else None,
        survey=facts.survey and left is not None,
        survey_answered_on=answered,
        satisfaction=facts.satisfaction if answered else None,
    )


def _sequence(known: SequenceFact, day: date) -> SequenceFact:
    over = known.end is not None and known.end <= day
    billed = known.billed_on is not None and known.billed_on <= day
    return replace(
        known,
        end=known.end if over else None,
        interrupted=known.interrupted and over,
        billed_on=known.billed_on if billed else None,
    )


def _until(dated: tuple[D, ...], day: date) -> tuple[D, ...]:
    return tuple(fact for fact in dated if fact.on <= day)
