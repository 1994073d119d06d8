"""The projector: everything stored beside a pathway's events, derived from its state after a command.

Pure and deterministic: the same events give the same bytes, so that every projection can be rebuilt and compared. Only
what a command changed is built: the store keeps the rest as it is.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from mappings.agenda import agenda_slots
from mappings.caseload import caseload_row
from mappings.document import withdrawn_document
from mappings.flag import acknowledgement_task, flag
from mappings.frame import Frame, frame_of
from mappings.goal import given_up, goal
from mappings.kept import with_kept
from mappings.papers import contact_paper, has_note
from mappings.progress_flag import PUBLISHED_RULES, progress_flag
from mappings.provenance import provenance, targets_of
from mappings.published import changed
from mappings.record_targets import stopped_at, targets
from sesame_fhir.domain.billing.facts import sequence_facts
from sesame_fhir.domain.billing.ledger import Posting, postings
from sesame_fhir.domain.calendar import local_day
from sesame_fhir.domain.events import Event
from sesame_fhir.domain.evolution import evolve
from sesame_fhir.domain.ids import SiteId
from sesame_fhir.domain.indicators.facts import facts_of
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.policy import DEFAULT_POLICY, PathwayPolicy
from sesame_fhir.domain.progress.flags import flags
from sesame_fhir.domain.progress.model import Flag, Rule
from sesame_fhir.domain.transitions import OPEN
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.services.patient_keys import patient_keys
from sesame_fhir.services.records import Origin, OutboxTarget, Projections, ResourceWrite
from sesame_fhir.services.search import IndexEntry

Index = Callable[[Json], tuple[IndexEntry, ...]]
"""From a resource to its search entries (``sesame_fhir.fhir.search_index.index``)."""


@dataclass(frozen=True, slots=True)
class PathwayProjector:
    """Implements ``services.ports.Projector``. A policy without interpretation publishes no band, no flag."""

    index: Index
    policy: PathwayPolicy = DEFAULT_POLICY

    def __call__(self, before: Pathway, after: Pathway, events: Sequence[Event]) -> Projections:
        """Derive the projections.

        Resources that the command did not change are not among them, nor are their outbox targets: both stay.

        Raises:
            ValueError: the pathway has no identity yet.
        """
        if after.traits is None:
            raise ValueError(f"pathway {after.pathway_id} has not begun")
        course = flags(after, self.policy)
        caseload = caseload_row(after, course, policy=self.policy)
        made = {_key(r): r for r in self._resources(before, after, events, course)}
        return Projections(
            caseload=caseload,
            resources=tuple(self._write(resource, _site_of(resource, after)) for resource in made.values()),
            outbox=tuple(_wanted(before, after, made)),
            patient_keys=patient_keys(after.traits, after.ehr, after.aliases),
            open=after.state in OPEN,
            agenda=agenda_slots(after),
            facts=facts_of(after),
            sequences=sequence_facts(after),
            claims=after.claims,
            postings=tuple(_posted(before, events)),
        )

    def _resources(
        self, before: Pathway, after: Pathway, events: Sequence[Event], course: Sequence[Flag]
    ) -> Iterator[Json]:
        frame = frame_of(after)
        yield from self._published(before, after)
        gone = _gone(before, after, frame, interpretation=self.policy.interpretation)
        yield from (_with_kept(resource, after) for resource in gone)
        yield from self._progress(before, after, events, course)
        for event in events:
            if about := targets_of(event.data, after.pathway_id):
                yield provenance(event, about)

    def _published(self, before: Pathway, after: Pathway) -> Iterator[Json]:
        """What changed, with what other systems wrote beside it; a resource also when only that changed."""
        beside = {key for key, text in after.kept.items() if before.kept.get(key) != text}
        for resource in changed(before, after, self.policy):
            beside.discard(_key(resource))
            yield _with_kept(resource, after)
        if beside:
            every = changed(Pathway(after.pathway_id), after, self.policy)
            yield from (_with_kept(resource, after) for resource in every if _key(resource) in beside)

    def _progress(
        self, before: Pathway, after: Pathway, events: Sequence[Event], course: Sequence[Flag]
    ) -> Iterator[Json]:
        """Flags of the course, when a measure, a review or a move may have changed them.

        There is no clock: a flag that becomes true by the passing of time alone is published with the next of these.
        """
        if not events or not _may_change_the_course(before, after):
            return
        today = local_day(events[-1].recorded_at)
        standing = _standing(course, today)
        for raised in standing.values():
            yield progress_flag(raised, after.pathway_id)
        for rule, lowered in _standing(flags(before, self.policy), today).items():
            if rule not in standing:
                yield progress_flag(lowered, after.pathway_id, lowered_on=today)

    def _write(self, resource: Json, site: SiteId) -> ResourceWrite:
        return ResourceWrite(
            resource_type=resource["resourceType"],
            resource_id=resource["id"],
            body=resource,
            index=self.index(resource),
            site=site,
            origin=Origin.PATHWAY,
        )


def _site_of(resource: Json, after: Pathway) -> SiteId:
    """Claims and answers belong to the site that hosted the sequence, everything else to where the patient is now."""
    claim = after.claim(_claim_id(resource))
    site = after.site if claim is None or claim.terms is None else claim.terms.site
    if site is None:
        raise ValueError(f"pathway {after.pathway_id} has no site yet")
    return site


def _claim_id(resource: Json) -> str:
    match resource["resourceType"]:
        case "Claim":
            return str(resource["id"])
        case "ClaimResponse":
            return str(resource["request"]["reference"]).removeprefix("Claim/")
        case _:
            return ""


def _posted(before: Pathway, events: Sequence[Event]) -> Iterator[Posting]:
    pathway = before
    for event in events:
        yield from postings(pathway, event)
        pathway = evolve(pathway, event)


def _key(resource: Json) -> str:
    return f"{resource['resourceType']}/{resource['id']}"


def _with_kept(resource: Json, after: Pathway) -> Json:
    return with_kept(resource, after.kept.get(_key(resource)))


def _may_change_the_course(before: Pathway, after: Pathway) -> bool:
    return (
        before.screenings is not after.screenings
        or before.reviews is not after.reviews
        or before.state_since is not after.state_since
    )


def _standing(course: Sequence[Flag], today: date) -> dict[Rule, Flag]:
    return {raised.rule: raised for raised in course if raised.rule in PUBLISHED_RULES and raised.raised(today)}


def _gone(before: Pathway, after: Pathway, frame: Frame, *, interpretation: bool) -> Iterator[Json]:
    """What the command took back: it must not stay active anywhere."""
    if interpretation and before.screenings is not after.screenings:
        flagged = {s.screening_id for s in before.screenings if s.safety_flag}
        for screening in after.screenings:
            if screening.screening_id in flagged and not screening.safety_flag:
                yield flag(screening, frame.subject)
                yield acknowledgement_task(screening, frame.subject)
    if before.plan is not None and after.plan is not None and before.plan is not after.plan:
        kept = {aim.goal_id for aim in after.plan.data.goals}
        for aim in before.plan.data.goals:
            if aim.goal_id not in kept:
                yield goal(given_up(aim), frame.subject)
    if before.contacts is not after.contacts:
        noted = {contact.contact_id for contact in after.contacts if has_note(contact)}
        for contact in before.contacts:
            if has_note(contact) and contact.contact_id not in noted:
                yield withdrawn_document(contact_paper(contact), frame.subject)


def _wanted(before: Pathway, after: Pathway, made: dict[str, Json]) -> Iterator[OutboxTarget]:
    """Targets of what was made; all of them when the record or the patient's agreement is another one than before."""
    whole = before.ehr != after.ehr or stopped_at(before) != stopped_at(after)
    return targets(after, None if whole else made.keys())
