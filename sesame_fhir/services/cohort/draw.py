"""Who lives which life: every published proportion is dealt out as a quota, then shuffled; small cohorts keep it too.

The fates hang together: remission is a response, a response below half of the first score needs a first score of 10 or
more, long pathways belong to those who were referred early enough, and exits follow what became of the symptoms.
"""

import random
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TypeVar

from sesame_fhir.services.cohort import proportions as published

T = TypeVar("T")

_SPAN_DAYS = 720
_WAITING_DAYS = 10
_MONTH = 30.4
_MODERATE = 10
_FOLLOWED_DAYS = 75
_LOST_ON_THE_WAY = 1.05
# Of those who are dealt a good course, some are lost or still on their way: so many more are dealt one.


@dataclass(frozen=True, slots=True)
class Profile:
    """One person's fate. ``end`` is why the referral did not start, None for who did.

    ``course`` is remission, response or none; ``sequences`` how many are begun; ``exit`` None: still followed.
    """

    number: int
    referred_on: date
    end: str | None = None
    waiting: bool = False
    moderate: bool = True
    ideation: bool = False
    course: str = "none"
    sequences: int = 1
    exit: str | None = None
    research: bool = False
    survey_answered: bool = False


def draw(count: int, chance: random.Random, today: date) -> list[Profile]:
    """Deal out ``count`` fates, ordered by the day of referral."""
    days = sorted(chance.randrange(1, _SPAN_DAYS) for _ in range(count))
    dates = [_weekday(today - timedelta(days=d), today) for d in reversed(days)]
    people = [Profile(number, day) for number, day in enumerate(dates)]
    waiting = [replace(p, waiting=True) for p in people if (today - p.referred_on).days < _WAITING_DAYS]
    settled = _shuffled(people[: len(people) - len(waiting)], chance)
    begun = round(published.STARTED * len(settled))
    ends = _shuffled(published.quota(published.NOT_STARTED, len(settled) - begun), chance)
    others = [replace(p, end=end) for p, end in zip(settled[begun:], ends, strict=True)]
    followed = _fates(settled[:begun], chance, today)
    return sorted([*waiting, *others, *followed], key=lambda p: p.number)


def _fates(people: list[Profile], chance: random.Random, today: date) -> list[Profile]:
    people = _dealt(people, published.MODERATE_TO_SEVERE, "moderate", chance)
    people = _dealt(people, published.IDEATION, "ideation", chance)
    people = _dealt(people, published.RESEARCH, "research", chance)
    return _exits(_sequences(_courses(people, chance, today), chance, today), chance, today)


def _dealt(people: list[Profile], share: float, name: str, chance: random.Random) -> list[Profile]:
    mixed = _shuffled(people, chance)
    enough = round(share * len(mixed))
    return [replace(p, **{name: place < enough}) for place, p in enumerate(mixed)]  # type: ignore[arg-type]


def _courses(people: list[Profile], chance: random.Random, today: date) -> list[Profile]:
    """Shares are counted among those followed long enough to have a second score."""
    long = [p for p in people if (today - p.referred_on).days >= _FOLLOWED_DAYS]
    recent = [p for p in people if (today - p.referred_on).days < _FOLLOWED_DAYS]
    remission = round(published.REMISSION * _LOST_ON_THE_WAY * len(long))
    response = round(published.RESPONSE * _LOST_ON_THE_WAY * len(long)) - remission
    mixed = _shuffled(long, chance)
    done = [replace(p, course="remission") for p in mixed[:remission]]
    rest = sorted(mixed[remission:], key=lambda p: not p.moderate)
    done += [replace(p, course="response") for p in rest[:response]]
    return [*done, *rest[response:], *recent]


def _sequences(people: list[Profile], chance: random.Random, today: date) -> list[Profile]:
    """Long pathways go to who has had the time for them."""
    wanted = sorted(
        (n for n, share in published.SEQUENCES for _ in range(round(share * len(people)))), reverse=True
    ) + [1] * len(people)
    by_age = sorted(people, key=lambda p: p.referred_on.toordinal() + chance.randrange(-120, 120))
    return [replace(p, sequences=min(n, _possible(p, today))) for p, n in zip(by_age, wanted, strict=False)]


def _possible(person: Profile, today: date) -> int:
    return 1 + int(((today - person.referred_on).days - 25) / _MONTH // 3) if today > person.referred_on else 1


def _exits(people: list[Profile], chance: random.Random, today: date) -> list[Profile]:
    """Whoever has had the time to end all their sequences leaves; the best courses end well."""
    over = [p for p in people if _possible(p, today) > p.sequences]
    staying = [p for p in people if _possible(p, today) <= p.sequences]
    rank = {"remission": 0.0, "response": 1.0, "none": 2.0}
    by_course = sorted(over, key=lambda p: rank[p.course] + chance.random())
    reasons = published.quota(published.EXITS, len(over))
    order = ["remission", "concerted-end", "moved-away", "patient-wish", "maximum-duration", "lost-to-follow-up"]
    reasons.sort(key=lambda r: order.index(r) if r in order else len(order))
    left = [replace(p, exit=reason) for p, reason in zip(by_course, reasons, strict=True)]
    return [*staying, *_dealt(left, published.SURVEY_ANSWERED, "survey_answered", chance)]


def _shuffled(items: Iterable[T], chance: random.Random) -> list[T]:
    mixed = list(items)
    chance.shuffle(mixed)
    return mixed


def _weekday(day: date, today: date) -> date:
    moved = day - timedelta(days=max(0, day.weekday() - 4))
    return min(moved, today)
