"""A pathway's commits for the storage contract, with a projector that is simple but real."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import orjson

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.actors import Actor
from sesame_fhir.domain.evolution import evolve
from sesame_fhir.domain.ids import CommandId, EventId, PathwayId, SiteId
from sesame_fhir.domain.indicators.facts import facts_of
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.transitions import OPEN
from sesame_fhir.services.caseload import AgendaSlot, Bucket, CaseloadRow, RowFlag
from sesame_fhir.services.folding import fold
from sesame_fhir.services.patient_keys import patient_keys
from sesame_fhir.services.records import (
    Commit,
    Origin,
    OutboxTarget,
    Projections,
    ResourceWrite,
    StoredResource,
)
from sesame_fhir.services.search import IndexEntry
from tests.support.story import EHR, GP, PATHWAY, SITE, START, TRAITS, eligible, referred, screened

KEYS = patient_keys(TRAITS, ev.EhrBinding(EHR, "Patient/p1"))


def body_of(stored: StoredResource | None) -> dict[str, Any]:
    """Parse a stored body."""
    assert stored is not None
    assert stored.body is not None
    body: dict[str, Any] = orjson.loads(stored.body)
    return body


def write(
    resource_type: str, resource_id: str, body: Mapping[str, Any], *index: IndexEntry, site: SiteId = SITE
) -> ResourceWrite:
    """A derived resource."""
    full = {"resourceType": resource_type, "id": resource_id, **body}
    return ResourceWrite(resource_type, resource_id, full, index, site, Origin.PATHWAY)


def project(before: Pathway, after: Pathway, events: Sequence[ev.Event]) -> Projections:
    """Patient, EpisodeOfCare and one Observation per screening; all but the patient are wanted in the record."""
    assert after.traits is not None
    assert after.site is not None
    assert after.updated_at is not None
    assert events
    assert before.version < after.version
    subject = {"reference": f"Patient/{after.pathway_id}"}
    by_patient = IndexEntry("patient", "reference", ref_type="Patient", ref_id=after.pathway_id)
    resources = [
        write(
            "Patient",
            after.pathway_id,
            {"name": [{"family": after.traits.family}]},
            IndexEntry("family", "string", text=after.traits.family, folded=after.traits.family.lower()),
            site=after.site,
        ),
        write(
            "EpisodeOfCare",
            after.pathway_id,
            {"meta": {"profile": ["p"]}, "status": after.state.value, "patient": subject},
            by_patient,
            IndexEntry("status", "token", system="", code=after.state.value),
            site=after.site,
        ),
        *(
            write(
                "Observation",
                s.screening_id,
                {"status": "amended" if s.amended else "final", "subject": subject, "valueInteger": s.total},
                by_patient,
                IndexEntry("date", "date", low=s.authored, high=s.authored + timedelta(seconds=1)),
                site=after.site,
            )
            for s in after.screenings
        ),
    ]
    return Projections(
        caseload=_caseload(after, after.traits, after.site, after.updated_at),
        resources=tuple(resources),
        outbox=_targets(after, resources),
        patient_keys=patient_keys(after.traits, after.ehr),
        open=after.state in OPEN and after.traits.phone is not None,
        agenda=_agenda(after, after.traits, after.site),
        facts=facts_of(after),
    )


def _caseload(after: Pathway, traits: ev.PatientTraits, site: SiteId, updated_at: datetime) -> CaseloadRow:
    referral, total = after.referral, after.screenings[-1].total if after.screenings else None
    waiting = RowFlag("referral-waiting", referral.referred_at.date() + timedelta(days=8)) if referral else None
    return CaseloadRow(
        pathway_id=after.pathway_id,
        site=site,
        state=after.state,
        bucket=Bucket.REFERRAL if referral else Bucket.BEFORE,
        family=traits.family,
        given=traits.given,
        sort_name=fold(f"{traits.family} {traits.given}"),
        birth_date=traits.birth_date,
        sex=traits.sex.value,
        updated_at=updated_at,
        last_phq2=total,
        safety_open=bool(after.unacknowledged),
        referred_at=referral.referred_at if referral else None,
        referrer=referral.referrer.name if referral else None,
        referrer_id=referral.referrer.actor_id if referral else None,
        flags=(waiting,) if waiting else (),
        attention_on=waiting.since if waiting else None,
    )


def _agenda(after: Pathway, traits: ev.PatientTraits, site: SiteId) -> tuple[AgendaSlot, ...]:
    """A call the day after the referral."""
    if after.referral is None:
        return ()
    at = after.referral.referred_at + timedelta(days=1)
    mode, task = ev.ContactMode.PHONE, ev.ContactTask.FIRST_CONTACT
    contact_id = f"call-{after.pathway_id}"
    return (AgendaSlot(contact_id, after.pathway_id, site, None, traits.family, traits.given, at, mode, task),)


def _targets(after: Pathway, resources: Sequence[ResourceWrite]) -> tuple[OutboxTarget, ...]:
    if after.ehr is None:
        return ()
    episode = f"EpisodeOfCare/{after.pathway_id}"
    ehr_id, patient = after.ehr.ehr_id, after.ehr.patient
    return (
        OutboxTarget("EpisodeOfCare", after.pathway_id, ehr_id, patient),
        *(
            OutboxTarget("Observation", r.resource_id, ehr_id, patient, (episode,))
            for r in resources
            if r.resource_type == "Observation"
        ),
    )


class Script:
    """Writes a pathway's commits one after another, remembering the state (not storing anything)."""

    def __init__(
        self, pathway_id: PathwayId = PATHWAY, patient: str = "Patient/p1", site: SiteId = SITE, actor: Actor = GP
    ) -> None:
        self.pathway = Pathway(pathway_id)
        self.commits: list[Commit] = []
        own = TRAITS if patient == "Patient/p1" else ev.PatientTraits("FICTIF", patient, None, ev.Sex.MALE, None, "01")
        self._traits = own
        self._ehr = ev.EhrBinding(EHR, patient)
        self._site = site
        self._actor = actor

    def screened(self, weights: str = "33", at: datetime = START) -> Commit:
        """Identified and screened: two events in one command."""
        return self.step(ev.PatientIdentified(self._traits, self._ehr), self._screening(weights), at=at)

    def referred(self) -> Commit:
        """Checked and referred."""
        referral = replace(referred(), referral_id=self._own_id("b"), screening_id=self._own_id("a"))
        return self.step(eligible(), referral)

    def corrected(self, weights: str) -> Commit:
        """Other answers for the first screening."""
        s = self._screening(weights)
        return self.step(
            ev.ScreeningCorrected(s.screening_id, s.instrument, "1.0.0", s.answers, s.total, s.safety_flag)
        )

    def closed(self) -> Commit:
        """A change after which this projector calls the pathway closed: the phone number is gone."""
        traits = ev.PatientTraits(self._traits.family, "X", None, ev.Sex.UNKNOWN, self._traits.ins)
        return self.step(ev.PatientIdentified(traits, self._ehr))

    def _screening(self, weights: str) -> ev.ScreeningRecorded:
        return replace(screened(weights), screening_id=self._own_id("a"))

    def _own_id(self, kind: str) -> Any:
        """An id that no other pathway's thing has."""
        return f"{kind}-{self.pathway.pathway_id}"

    def step(self, *payloads: ev.Payload, at: datetime | None = None) -> Commit:
        """One command."""
        before = self.pathway
        recorded_at = at or START + timedelta(hours=before.version)
        command_id = CommandId(f"{before.pathway_id}-{before.version}")
        events: list[ev.Event] = []
        for data in payloads:
            event = ev.Event(
                event_id=EventId(f"{command_id}-{len(events)}"),
                pathway_id=before.pathway_id,
                sequence=self.pathway.version + 1,
                occurred_at=recorded_at,
                recorded_at=recorded_at,
                actor=self._actor,
                site=self._site,
                command_id=command_id,
                data=data,
            )
            self.pathway = evolve(self.pathway, event)
            events.append(event)
        commit = Commit(
            before.pathway_id,
            before.version,
            command_id,
            recorded_at,
            tuple(events),
            project(before, self.pathway, events),
        )
        self.commits.append(commit)
        return commit


def commit_of(script: Script) -> Commit:
    """The first commit of a script."""
    return script.screened()
