"""Two questions to the whole cohort: what could have been billed on a day, and what other schemes would change.

Nothing is written. Both walk the coordinator's sites and tell their progress; what they find comes as it is found.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from sesame_fhir.domain.billing.decision import BillingCode, Decision, Verdict, decide
from sesame_fhir.domain.billing.facts import SequenceFacts, sequence_facts
from sesame_fhir.domain.billing.money import ZERO
from sesame_fhir.domain.billing.scheme import BillingScheme
from sesame_fhir.domain.calendar import local_day
from sesame_fhir.domain.evolution import fold
from sesame_fhir.domain.ids import PathwayId
from sesame_fhir.services.billing.assessing import Assessed, schemes_of
from sesame_fhir.services.billing.setting import Billing, Coordinator, Progress, unheard

_TOLD_EVERY = 200


def schemes_on(billing: Billing, day: date) -> tuple[BillingScheme, ...]:
    """The schemes as they were configured at the end of that day."""
    known: dict[tuple[str, str], BillingScheme] = {}
    for stored in billing.stores.schemes.history():
        if local_day(stored.added_at) <= day:
            known[stored.scheme.scheme_id, stored.scheme.version] = stored.scheme
    return tuple(known.values())


def billable_on(
    billing: Billing,
    who: Coordinator,
    day: date,
    *,
    schemes: Sequence[BillingScheme] | None = None,
    progress: Progress = unheard,
) -> Iterator[Assessed]:
    """What the rules would have said, on that day, of every sequence that had ended by then.

    Known is what had been recorded by the end of the day: a contact written down later, or a claim made later, does
    not count. ``schemes``: those that decide; None: those configured now (see ``schemes_on`` for those of the day).

    Raises:
        Refused: not a coordinator.
    """
    who.may("view-billing")
    deciding = schemes_of(billing) if schemes is None else tuple(schemes)
    return _billable_on(billing, who, day, deciding, progress)


def _billable_on(
    billing: Billing, who: Coordinator, day: date, schemes: Sequence[BillingScheme], progress: Progress
) -> Iterator[Assessed]:
    for done, pathway_id in enumerate(_begun(billing, day), start=1):
        if done % _TOLD_EVERY == 0:
            progress(done, None)
        for facts in known_on(billing, pathway_id, day):
            if facts.end is not None and facts.end <= day and facts.site in who.sites:
                yield Assessed(facts, decide(facts, schemes, day))


def known_on(billing: Billing, pathway_id: PathwayId, day: date) -> tuple[SequenceFacts, ...]:
    """Facts of a pathway's sequences as they were recorded by the end of that day."""
    history = billing.engine.pathways.history(pathway_id)
    known = fold(pathway_id, (event for event in history if local_day(event.recorded_at) <= day))
    return sequence_facts(known) if known.traits is not None and known.site is not None else ()


def _begun(billing: Billing, day: date) -> Iterator[PathwayId]:
    """Pathways with a sequence that began by then, at any site: a patient may have been transferred since."""
    last: PathwayId | None = None
    for facts in billing.stores.sequences.all_sequences(None):
        if facts.start <= day and facts.pathway_id != last:
            last = facts.pathway_id
            yield last


@dataclass(frozen=True, slots=True)
class Compared:
    """One finished sequence under the schemes that stand (``now``) and under the others (``then``)."""

    facts: SequenceFacts
    now: Decision
    then: Decision

    @property
    def difference(self) -> Decimal:
        """Euros more (or, negative, less) that it would earn."""
        return _earned(self.then) - _earned(self.now)

    @property
    def changed(self) -> bool:
        """True when the verdict, the amount or the centre's share would be another one."""
        same = (_earned(self.now), self.now.share, self.now.verdict) == (
            _earned(self.then),
            self.then.share,
            self.then.verdict,
        )
        return not same


def what_if(
    billing: Billing, who: Coordinator, schemes: Sequence[BillingScheme], *, progress: Progress = unheard
) -> Iterator[Compared]:
    """Every finished sequence of the coordinator's sites under other schemes, and under those that stand.

    Both sides are decided as if nothing had been claimed yet, on the sequence's last day: what was claimed and how late
    is ours, not the scheme's. Each counts from its own first day (``at_any_time`` compares one with the past).

    Raises:
        Refused: not a coordinator.
    """
    who.may("view-billing")
    return _what_if(billing, who, schemes, progress)


def _what_if(
    billing: Billing, who: Coordinator, schemes: Sequence[BillingScheme], progress: Progress
) -> Iterator[Compared]:
    standing = schemes_of(billing)
    for done, facts in enumerate(billing.stores.sequences.all_sequences(who.sites), start=1):
        if done % _TOLD_EVERY == 0:
            progress(done, None)
        if facts.end is not None:
            free = replace(facts, claims=())
            yield Compared(facts, decide(free, standing, facts.end), decide(free, schemes, facts.end))


def at_any_time(scheme: BillingScheme) -> BillingScheme:
    """The scheme with its last biller and its last tariff of each rank, as if it had always been there."""
    last_tariffs = {tariff.rank: tariff for tariff in sorted(scheme.tariffs, key=lambda one: one.start)}
    biller = max(scheme.billers, key=lambda one: one.start)
    return replace(
        scheme,
        start=date.min,
        end=None,
        billers=(replace(biller, start=date.min, end=None),),
        tariffs=tuple(replace(tariff, start=date.min, end=None) for tariff in last_tariffs.values()),
    )


def as_if_added(billing: Billing, schemes: Sequence[BillingScheme]) -> tuple[BillingScheme, ...]:
    """The schemes that stand, with these beside them, or in the place of the same versions."""
    given = {(one.scheme_id, one.version) for one in schemes}
    standing = (one for one in schemes_of(billing) if (one.scheme_id, one.version) not in given)
    return (*standing, *schemes)


@dataclass(slots=True)
class Difference:
    """What the other schemes would change on the whole: sequences and euros, now and then.

    ``why_lost``, ``why_gained``: how often each reason stands against a sequence on the side where it is not billable.
    """

    sequences: int = 0
    changed: int = 0
    gained: int = 0
    lost: int = 0
    now: Decimal = ZERO
    then: Decimal = ZERO
    share_now: Decimal = ZERO
    share_then: Decimal = ZERO
    why_lost: dict[BillingCode, int] = field(default_factory=dict)
    why_gained: dict[BillingCode, int] = field(default_factory=dict)

    def add(self, one: Compared) -> None:
        """Count one sequence; ``gained``: billable only under the others, ``lost``: only now."""
        was, would = _billable(one.now), _billable(one.then)
        self.sequences += 1
        self.changed += one.changed
        self.gained += would and not was
        self.lost += was and not would
        self.now += _earned(one.now)
        self.then += _earned(one.then)
        self.share_now += one.now.share if was else ZERO
        self.share_then += one.then.share if would else ZERO
        if was is not would:
            counts, side = (self.why_lost, one.then) if was else (self.why_gained, one.now)
            for code in {reason.code for reason in side.against}:
                counts[code] = counts.get(code, 0) + 1


def difference(compared: Iterable[Compared]) -> Difference:
    """Sum it up."""
    found = Difference()
    for one in compared:
        found.add(one)
    return found


def _billable(decision: Decision) -> bool:
    return decision.verdict is Verdict.BILLABLE


def _earned(decision: Decision) -> Decimal:
    return decision.amount if _billable(decision) else ZERO
