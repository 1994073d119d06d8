"""One request of somebody signed in: who, in which role, with which reach, about which pathway."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from flask import current_app, g, url_for

from sesame_fhir.domain.access import ACTIONS, Scope
from sesame_fhir.domain.actors import Actor
from sesame_fhir.domain.calendar import PRACTICE_ZONE
from sesame_fhir.domain.ids import PathwayId, SiteId
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.services.errors import NotFound
from sesame_fhir.services.records import AuditEntry
from sesame_fhir.services.staff import StaffMember, StaffSession
from smart_app.deps import AppDeps
from smart_app.session.csrf import FormTicket, seal_ticket


@dataclass(frozen=True, slots=True)
class TeamContext:
    """What every view needs. ``now`` is aware, UTC; ``pathway`` is the one of the address, in the caller's reach."""

    deps: AppDeps
    session: StaffSession
    member: StaffMember
    now: datetime
    scope: Scope
    pathway: Pathway | None = None

    @property
    def actor(self) -> Actor:
        """The person, as pathways know them."""
        return self.member.actor

    @property
    def patient_pathway(self) -> Pathway:
        """The pathway of this address. Raises NotFound on an address without one."""
        if self.pathway is None:
            raise NotFound("no pathway in this address")
        return self.pathway

    @property
    def site(self) -> SiteId:
        """Where what is done here happens: the pathway's site, else the person's first, else the deployment's."""
        if self.pathway is not None and self.pathway.site is not None:
            return self.pathway.site
        return next(iter(self.member.sites), self.deps.team.home_site)

    def may(self, action: str) -> bool:
        """True when the role may do this. Raises KeyError for an action that is not in the table."""
        return self.member.role in ACTIONS[action]

    def url(self, endpoint: str, *, anchor: str | None = None, **values: str) -> str:
        """Address of a team page, by the name of its view; the pathway of this page goes with it where one is asked."""
        named: dict[str, Any] = dict(values)
        target = f"team.{endpoint}"
        if self.pathway is not None and current_app.url_map.is_endpoint_expecting(target, "pathway_id"):
            named.setdefault("pathway_id", self.pathway.pathway_id)
        return url_for(target, _anchor=anchor, **named)

    def new_ticket(self, version: int | None = None, subject: str | None = None) -> FormTicket:
        """A ticket for a form about to be rendered: of this page's pathway, unless told what the form is about."""
        own_version = 0 if self.pathway is None else self.pathway.version
        own_subject = "" if self.pathway is None else self.pathway.pathway_id
        return FormTicket(
            self.deps.ids.new(),
            own_version if version is None else version,
            own_subject if subject is None else subject,
        )

    def seal(self, ticket: FormTicket) -> str:
        """The ticket's ``csrf`` field."""
        return seal_ticket(self.deps.vault, self.session.session_hash, ticket)

    def local(self, moment: datetime) -> datetime:
        """The time on the practice's clock."""
        return moment.astimezone(PRACTICE_ZONE)

    def trace(self, action: str, detail: str, patient: PathwayId | None = None, outcome: str = "done") -> None:
        """Write to the audit log that this person saw or tried something; no clinical content.

        ``patient`` is the pathway concerned; the one of this page when not told.
        """
        own = None if self.pathway is None else self.pathway.pathway_id
        self.deps.audit.record(
            AuditEntry(
                at=self.now,
                actor_id=self.actor.actor_id,
                role=self.actor.role.value,
                action=action,
                outcome=outcome,
                patient=patient or own,
                detail=detail,
                site=self.site,
            )
        )


def scope_of(deps: AppDeps, member: StaffMember, now: datetime) -> Scope:
    """What an account reaches now: its sites, and the pathways it opened by breaking the glass."""
    opened = (grant.pathway_id for grant in deps.staff_access.grants.live(member.staff_id, now))
    return Scope(frozenset(member.sites), frozenset(opened))


def begin_page(page: TeamContext) -> TeamContext:
    """Make this the page of the current request, for the error pages."""
    g.team_page = page
    return page


def current_page() -> TeamContext | None:
    """The page of this request; None before somebody is known to be signed in."""
    return cast("TeamContext | None", g.get("team_page"))
