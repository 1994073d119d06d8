"""What an example of the rules is made of. Every example is run by a test and printed in docs/rules for clinicians."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.actors import Actor
from sesame_fhir.domain.calendar import PRACTICE_ZONE
from sesame_fhir.domain.evolution import evolve
from sesame_fhir.domain.guards import Setting, refusals
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.policy import DEFAULT_POLICY, PathwayPolicy
from sesame_fhir.domain.reasons import ReasonCode
from tests.support.story import NURSE, PATHWAY, event


def moment(text: str) -> datetime:
    """A time at the practice: ``2026-03-02 10:00``; 10 o'clock when only the day is given."""
    return datetime.fromisoformat(text if " " in text else f"{text} 10:00").replace(tzinfo=PRACTICE_ZONE)


def usual_time(day: datetime) -> datetime:
    """10 o'clock on that day at the practice, the time of most examples."""
    return day.astimezone(PRACTICE_ZONE).replace(hour=10, minute=0, second=0, microsecond=0)


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened: what, when, by whom; ``recorded_at`` when it was written down later."""

    at: datetime
    data: ev.Payload
    by: Actor
    recorded_at: datetime | None = None


def on(day: str, data: ev.Payload, by: Actor = NURSE, *, recorded: str | None = None) -> Step:
    """A step on a day (10 o'clock unless it says more)."""
    return Step(moment(day), data, by, moment(recorded) if recorded else None)


@dataclass(frozen=True, slots=True)
class Situation:
    """Where a patient stands: ``words`` name the ``steps`` that led there; ``more`` is what happened then."""

    words: str
    steps: tuple[Step, ...] = ()
    more: tuple[Step, ...] = ()
    policy: PathwayPolicy = DEFAULT_POLICY

    def then(self, *steps: Step) -> "Situation":
        """The same patient, later."""
        return replace(self, more=(*self.more, *steps))

    def named(self, words: str) -> "Situation":
        """The same patient under a name of its own."""
        return replace(self, words=words, steps=(*self.steps, *self.more), more=())

    def under(self, policy: PathwayPolicy) -> "Situation":
        """The same patient under other settings."""
        return replace(self, policy=policy)

    @property
    def pathway(self) -> Pathway:
        """The pathway after all steps. Every step is checked: a story that the rules refuse is no story."""
        return lived((*self.steps, *self.more), self.policy)

    @property
    def latest(self) -> datetime:
        """When the last step was recorded."""
        return max((s.recorded_at or s.at for s in (*self.steps, *self.more)), default=moment("2026-03-02"))


def lived(steps: Iterable[Step], policy: PathwayPolicy) -> Pathway:
    """Fold steps, each one allowed by the rules. Raises AssertionError naming the step that is not."""
    pathway = Pathway(PATHWAY)
    for number, step in enumerate(steps, start=1):
        recorded = max(filter(None, (step.recorded_at, step.at, pathway.updated_at)))
        reasons = refusals(pathway, step.data, Setting(step.by, policy, step.at, recorded))
        assert not reasons, f"{step.data}: {reasons}"
        pathway = evolve(pathway, event(number, step.data, step.by, occurred_at=step.at, recorded_at=recorded))
    return pathway


@dataclass(frozen=True, slots=True)
class Example:
    """May this be done here? ``refused`` lists the reasons against it, in order; empty: it may.

    ``at`` is when it happens (default: when the last step was recorded), ``recorded`` when it is written down. ``note``
    says what the words of the event do not.
    """

    given: Situation
    asked: ev.Payload
    refused: tuple[ReasonCode, ...] = ()
    by: Actor = NURSE
    at: str | None = None
    recorded: str | None = None
    note: str | None = None

    @property
    def occurred_at(self) -> datetime:
        """When it is said to happen."""
        return moment(self.at) if self.at else self.given.latest

    @property
    def setting(self) -> Setting:
        """What the guards are given beside the pathway and the event."""
        recorded = moment(self.recorded) if self.recorded else max(self.occurred_at, self.given.latest)
        return Setting(self.by, self.given.policy, self.occurred_at, recorded)


@dataclass(frozen=True, slots=True)
class Chapter:
    """Examples of one rule or of a few that go together; ``intro`` says the rule."""

    title: str
    intro: str
    examples: tuple[Example, ...]


Cell = str | Situation


@dataclass(frozen=True, slots=True)
class Table:
    """Cases of something that is computed: the first ``given`` columns are what is asked, the others the answer."""

    title: str
    intro: str
    head: tuple[str, ...]
    compute: Callable[..., tuple[str, ...]]
    rows: tuple[tuple[Cell, ...], ...]
    given: int = 1


@dataclass(frozen=True, slots=True)
class Page:
    """One page of docs/rules; its file's name, its title, what it is about, its parts in order."""

    name: str
    title: str
    intro: str
    parts: tuple[Chapter | Table, ...]
