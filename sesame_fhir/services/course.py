"""Use cases of the course: renewal, interruption, transfer, exit, and the sequences that end with their calendar."""

from datetime import date, datetime

from sesame_fhir.domain.actors import Actor, Role
from sesame_fhir.domain.calendar import extended_end, local_day, next_start, sequence_period
from sesame_fhir.domain.consents import shares
from sesame_fhir.domain.course import Sequence
from sesame_fhir.domain.events import (
    PathwayExited,
    PathwayInterrupted,
    PathwayResumed,
    PathwayTransferred,
    Payload,
    RenewalDecided,
    SequenceExtended,
    SequenceFinished,
    SequenceStarted,
    SurveyAnswered,
    TeamMember,
)
from sesame_fhir.domain.ids import CommandId, PathwayId, SiteId
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.policy import OnInterruption, PathwayPolicy
from sesame_fhir.domain.reasons import Reason, ReasonCode, Refused
from sesame_fhir.domain.transitions import INTERRUPTED, State
from sesame_fhir.services.engine import Command, Engine
from sesame_fhir.services.errors import Conflict
from sesame_fhir.services.journal import log_unexpected

CALENDAR = Actor("system|calendar", Role.SYSTEM, "Calendrier SÉSAME")
"""Who ends a sequence on its last day."""


def decide_renewal(
    engine: Engine, command: Command, pathway_id: PathwayId, *, renew: bool, reason: str | None = None
) -> Pathway:
    """Decide whether another sequence follows the running one; it starts by itself the day after.

    Raises:
        Refused: too early, no sequence runs, the highest rank is reached, no reason for stopping.
    """

    def decide(pathway: Pathway) -> tuple[Payload, ...]:
        running = pathway.open_sequence
        return (RenewalDecided(running.rank + 1 if running else 0, renew, reason),)

    return engine.run(pathway_id, command, "decide-renewal", decide)


def start_sequence(engine: Engine, command: Command, pathway_id: PathwayId) -> Pathway:
    """Start the next sequence today, when the decision came after the end of the last one."""

    def decide(pathway: Pathway) -> tuple[Payload, ...]:
        return (_next(pathway, local_day(command.occurred_at), engine.policy),)

    return engine.run(pathway_id, command, "start-sequence", decide)


def interrupt(engine: Engine, command: Command, pathway_id: PathwayId, reason: str | None = None) -> Pathway:
    """Suspend care; the running sequence follows the policy (kept, extended on resumption, or closed)."""

    def decide(pathway: Pathway) -> tuple[Payload, ...]:
        closes = engine.policy.on_interruption is OnInterruption.CLOSE
        ended = cut_short(pathway, local_day(command.occurred_at)) if closes else ()
        return (*ended, PathwayInterrupted(reason))

    return engine.run(pathway_id, command, "interrupt", decide)


def resume(engine: Engine, command: Command, pathway_id: PathwayId) -> Pathway:
    """Take care up again where it was suspended; starts the next sequence when the interruption closed the last one."""

    def decide(pathway: Pathway) -> tuple[Payload, ...]:
        today = local_day(command.occurred_at)
        return (PathwayResumed(), *_after_resumption(pathway, today, engine.policy))

    return engine.run(pathway_id, command, "resume", decide)


def _after_resumption(pathway: Pathway, today: date, policy: PathwayPolicy) -> tuple[Payload, ...]:
    running = pathway.open_sequence
    if policy.on_interruption is OnInterruption.EXTEND and running is not None and pathway.interruptions:
        since = local_day(pathway.interruptions[-1].since)
        return (SequenceExtended(running.rank, extended_end(running.planned_end, since, today)),)
    if policy.on_interruption is OnInterruption.CLOSE and running is None:
        # Resumed on the day of the interruption: the next one can start tomorrow only, when the team says so.
        possible = next_start(pathway.sequences, today) == today and len(pathway.sequences) < policy.maximum_sequences
        return (_next(pathway, today, policy),) if possible else ()
    return ()


def exit_pathway(engine: Engine, command: Command, pathway_id: PathwayId, left: PathwayExited) -> Pathway:
    """The patient leaves; the running sequence ends on that day.

    Raises:
        Refused: words or an orientation missing for this reason, a survey that was not agreed to.
    """

    def decide(pathway: Pathway) -> tuple[Payload, ...]:
        return (*cut_short(pathway, local_day(command.occurred_at)), left)

    return engine.run(pathway_id, command, "exit", decide)


def record_survey(engine: Engine, command: Command, pathway_id: PathwayId, satisfaction: int | None = None) -> Pathway:
    """Note that the survey came back. Raises Refused when none was given, or for a mark outside 0 to 10."""
    return engine.run(pathway_id, command, "record-survey", lambda _pathway: (SurveyAnswered(satisfaction),))


def transfer(
    engine: Engine,
    command: Command,
    pathway_id: PathwayId,
    to_site: SiteId,
    *,
    nurse: TeamMember | None,
    reason: str | None = None,
) -> Pathway:
    """Hand the pathway to another nurse or site.

    Raises:
        Refused: nothing would change.
    """

    def decide(pathway: Pathway) -> tuple[Payload, ...]:
        return (PathwayTransferred(pathway.site or command.site, to_site, nurse, reason),)

    return engine.run(pathway_id, command, "transfer", decide)


def finish_due(engine: Engine, pathway_id: PathwayId, now: datetime) -> Pathway | None:
    """End the sequence whose last day has passed, and start the next one when the team decided so.

    Runs every night for each pathway that is due, any number of times: the command's id is made of pathway and rank.
    None when nothing is due (any more).
    """
    pathway = engine.load(pathway_id)
    running = pathway.open_sequence
    if running is None or pathway.site is None or running.planned_end >= local_day(now):
        return None
    if pathway.state in _waiting(engine.policy):
        return None
    command = Command(CommandId(f"{pathway_id}/finish/{running.rank}"), CALENDAR, pathway.site, now)

    def decide(current: Pathway) -> tuple[Payload, ...]:
        return _over(current, running, engine.policy)

    return engine.run(pathway_id, command, "finish-sequence", decide)


def finish_all_due(engine: Engine, now: datetime, limit: int) -> int:
    """End up to ``limit`` sequences whose last day has passed; returns how many were due.

    One pathway that cannot be ended (a clock, a colleague at the same moment) does not hold back the others.
    """
    due = engine.pathways.sequences_due(local_day(now), limit, but=_waiting(engine.policy))
    for pathway_id in due:
        try:
            finish_due(engine, pathway_id, now)
        except (Conflict, Refused) as stopped:
            log_unexpected(stopped, "calendar")
    return len(due)


def _waiting(policy: PathwayPolicy) -> frozenset[State]:
    """States in which a sequence outlives its planned end: that end will move when care is resumed."""
    return INTERRUPTED if policy.on_interruption is OnInterruption.EXTEND else frozenset()


def _over(pathway: Pathway, running: Sequence, policy: PathwayPolicy) -> tuple[Payload, ...]:
    finished = SequenceFinished(running.rank, running.planned_end)
    renewal = pathway.renewal
    if renewal is None or not renewal.renew or pathway.state in INTERRUPTED or not shares(pathway):
        return (finished,)
    period = sequence_period(pathway.sequences, next_start(pathway.sequences, running.planned_end), policy)
    return (finished, SequenceStarted(renewal.rank, period.start, period.end))


def cut_short(pathway: Pathway, today: date) -> tuple[Payload, ...]:
    """End the running sequence today, because care does; nothing when none runs."""
    running = pathway.open_sequence
    if running is None:
        return ()
    end = max(running.start, min(today, running.planned_end))
    return (SequenceFinished(running.rank, end, interrupted=end < running.planned_end),)


def _next(pathway: Pathway, today: date, policy: PathwayPolicy) -> SequenceStarted:
    if pathway.open_sequence is not None:
        raise Refused(Reason(ReasonCode.SEQUENCE_ALREADY_OPEN, str(pathway.open_sequence.rank)))
    period = sequence_period(pathway.sequences, next_start(pathway.sequences, today), policy)
    return SequenceStarted(len(pathway.sequences) + 1, period.start, period.end)
