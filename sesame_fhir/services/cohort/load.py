"""Making a cohort and putting it into a store, batch by batch: stopped at any time, the same call takes it up again."""

import random
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import cast

from sesame_fhir.domain.calendar import local_day
from sesame_fhir.domain.ids import PathwayId
from sesame_fhir.domain.policy import PathwayPolicy
from sesame_fhir.services.cohort.draw import Profile, draw
from sesame_fhir.services.cohort.follow_up import follow
from sesame_fhir.services.cohort.life import Life, begin, call, end_referral, refer
from sesame_fhir.services.cohort.people import SiteStaff, traits
from sesame_fhir.services.cohort.stage import NoAudit, Recorder, SeededIds, SetClock
from sesame_fhir.services.engine import Engine
from sesame_fhir.services.ports import PathwayStore, Projector
from sesame_fhir.services.records import Commit
from sesame_fhir.services.screening import PatientContext

_BATCH = 20


@dataclass(frozen=True, slots=True)
class Order:
    """Which cohort: how many people, from which seed, living until ``now``, cared for by whom, under which rules."""

    count: int
    seed: int
    now: datetime
    staff: Sequence[SiteStaff]
    policy: PathwayPolicy


def load(order: Order, pathways: PathwayStore, projector: Projector, progress: Callable[[int, int], None]) -> int:
    """Write the cohort; people who are there already are left alone.

    Args:
        order: the cohort.
        pathways: where it goes.
        projector: the deployment's.
        progress: told how many of how many are done after each batch.

    Returns:
        How many pathways were new.
    """
    new = 0
    batch: list[Commit] = []
    for done, (pathway_id, commits) in enumerate(lives(order, projector), start=1):
        if not pathways.history(pathway_id):
            batch += commits
            new += 1
        if done % _BATCH == 0 or done == order.count:
            pathways.commit_all(batch)
            batch = []
            progress(done, order.count)
    return new


def lives(order: Order, projector: Projector) -> Iterator[tuple[PathwayId, list[Commit]]]:
    """Every pathway of the cohort as the commits that made it, in the order of referral."""
    today = local_day(order.now)
    chance = random.Random(order.seed)  # noqa: S311  invented people, not secrets
    for profile in draw(order.count, chance, today):
        life = _person(order, profile, projector)
        _live(life)
        yield life.pathway.pathway_id, life.recorder.commits


def _person(order: Order, profile: Profile, projector: Projector) -> Life:
    # Each life has its own chance, so that a change in one person's does not alter everybody's after them.
    chance = random.Random(f"{order.seed}/{profile.number}")  # noqa: S311  invented people, not secrets
    staff = chance.choice(order.staff)
    clock = SetClock(datetime.min.replace(tzinfo=UTC))
    recorder = Recorder(_pathway_id(order.seed, profile.number))
    ids = SeededIds(clock, chance)
    # A life asks no question about anybody else: the rest of the port is never called.
    engine = Engine(cast("PathwayStore", recorder), projector, NoAudit(), clock, ids, order.policy)
    return Life(
        profile=profile,
        patient=PatientContext(traits(chance, profile.number, profile.referred_on), None),
        staff=staff,
        chance=chance,
        engine=engine,
        clock=clock,
        recorder=recorder,
        today=local_day(order.now) - timedelta(days=1),
        gp=chance.choice(staff.gps),
        nurse=chance.choice(staff.nurses),
        psychiatrist=chance.choice(staff.psychiatrists),
    )


def _pathway_id(seed: int, number: int) -> PathwayId:
    """The same for the same person on every day: shaped as a UUIDv7, with the person's number as its time."""
    chance = random.Random(f"{seed}/{number}/pathway")  # noqa: S311  invented people, not secrets
    value = number << 80 | 0x7 << 76 | chance.getrandbits(12) << 64 | 0b10 << 62 | chance.getrandbits(62)
    return PathwayId(str(uuid.UUID(int=value)))


def _live(life: Life) -> None:
    if not refer(life):
        return
    day = call(life, life.profile.referred_on + timedelta(days=life.chance.randint(1, 5)))
    if life.profile.end is not None:
        end_referral(life, day)
    elif (begun := begin(life, day)) is not None:
        follow(life, begun)
