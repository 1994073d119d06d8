"""One request on one launch: who acts, on which patient, on which pathway. Every page starts from here.

The patient always comes from the launch, never from the address or from a form.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from flask import g, url_for

from sesame_fhir.domain.actors import Actor
from sesame_fhir.domain.calendar import PRACTICE_ZONE
from sesame_fhir.domain.events import EhrBinding, Sex
from sesame_fhir.domain.ids import CommandId
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.services.engine import Command
from sesame_fhir.services.records import AuditEntry, LaunchSession
from sesame_fhir.services.screening import PatientContext, find_pathway
from sesame_fhir.services.snapshot import RecordSnapshot, snapshot_from_json
from smart_app.deps import AppDeps, current_deps
from smart_app.session.csrf import FormTicket, seal_ticket
from smart_app.session.guard import current_launch, read_only


@dataclass(frozen=True, slots=True)
class PageContext:
    """What every view needs. ``launch_id`` is the opaque id of the address; ``now`` is aware, UTC."""

    deps: AppDeps
    launch_id: str
    launch: LaunchSession
    record: RecordSnapshot
    patient: PatientContext
    pathway: Pathway | None
    now: datetime

    @property
    def actor(self) -> Actor:
        """The signed-in clinician."""
        return self.launch.actor

    @property
    def sex(self) -> Sex:
        """The patient's administrative sex."""
        return self.patient.traits.sex

    @property
    def read_only(self) -> bool:
        """True when the EHR does not let us write anything into the record."""
        return read_only(self.launch)

    @property
    def version(self) -> int:
        """Version of the pathway on the screen, 0 before there is one: a second tab's first screening is noticed."""
        return 0 if self.pathway is None else self.pathway.version

    def url(self, endpoint: str, *, anchor: str | None = None, **values: str) -> str:
        """Address of one of this launch's pages."""
        named: dict[str, Any] = {"launch_id": self.launch_id, **values}
        return url_for(f"pages.{endpoint}", _anchor=anchor, **named)

    def new_ticket(self) -> FormTicket:
        """A ticket for a form about to be rendered."""
        return FormTicket(self.deps.ids.new(), self.version, self.launch.patient)

    def seal(self, ticket: FormTicket) -> str:
        """The ticket's ``csrf`` field."""
        return seal_ticket(self.deps.vault, self.launch.launch_hash, ticket)

    def local(self, moment: datetime) -> datetime:
        """The time on the practice's clock."""
        return moment.astimezone(PRACTICE_ZONE)

    def question(self) -> Command:
        """What a rule needs to decide as of now, without recording anything."""
        return Command(CommandId(self.launch.launch_id), self.actor, self.launch.site, self.now)

    def trace(self, action: str, detail: str) -> None:
        """Write to the audit log that this clinician saw or tried something; no clinical content."""
        launched = f"{self.launch.ehr_id}|{self.launch.patient}"
        self.deps.audit.record(
            AuditEntry(
                at=self.now,
                actor_id=self.actor.actor_id,
                role=self.actor.role.value,
                action=action,
                outcome="done",
                patient=launched if self.pathway is None else self.pathway.pathway_id,
                detail=detail,
                site=self.launch.site,
            )
        )


def open_page(launch_id: str) -> PageContext:
    """Pass the guard and read what the pages need. Raises what ``current_launch`` raises."""
    deps = current_deps()
    launch = current_launch(deps, launch_id)
    record = snapshot_from_json(launch.context["snapshot"])
    binding = EhrBinding(launch.ehr_id, launch.patient, launch.encounter, launch.practitioner)
    patient = PatientContext(record.traits, binding)
    page = PageContext(deps, launch_id, launch, record, patient, find_pathway(deps.engine, patient), deps.clock.now())
    g.page = page
    return page


def current_page() -> PageContext:
    """The page of this request, once ``open_page`` has run."""
    return cast("PageContext", g.page)
