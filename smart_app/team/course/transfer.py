"""Handing a pathway to another nurse or another site."""

from flask.typing import ResponseReturnValue

from sesame_fhir.domain.actors import Role
from sesame_fhir.domain.events import TeamMember
from sesame_fhir.domain.ids import SiteId
from sesame_fhir.domain.reasons import Reason, ReasonCode, Refused
from sesame_fhir.services.course import transfer
from sesame_fhir.services.staff import StaffMember
from smart_app.team.about import render_about
from smart_app.team.attempts import Trouble, attempt, recorded
from smart_app.team.context import TeamContext
from smart_app.team.drafts import finishing, load_draft
from smart_app.team.fields import Fields
from smart_app.team.posted import read_posted
from smart_app.team.routing import TeamRoute

_DRAFT = "transfer"
_BETWEEN = "@"


def show_transfer(page: TeamContext) -> str:
    """Every nurse of every site, one choice."""
    return _shown(page, None)


def post_transfer(page: TeamContext) -> ResponseReturnValue:
    """Hand over; whoever has no reach at the new site is sent to the caseload."""
    posted = read_posted(page)

    def act() -> ResponseReturnValue:
        fields = Fields(posted.values, page.local(page.now).date())
        reason = fields.text("reason")
        fields.check()
        site, nurse = _chosen(page, fields.raw("to"))
        member = TeamMember(nurse.actor.actor_id, nurse.name, Role.NURSE, nurse.rpps)
        command = finishing(page, posted.command, _DRAFT)
        key = page.patient_pathway.pathway_id
        after = transfer(page.deps.engine, command, key, site, nurse=member, reason=reason)
        return recorded(page, after, "show_patient" if site in page.scope.sites else "show_caseload")

    return attempt(page, _DRAFT, act, _shown)


def _nurses(page: TeamContext) -> list[tuple[SiteId, StaffMember]]:
    sites = tuple(page.deps.team.sites)
    found = (m for m in page.deps.staff.at_sites(sites) if m.role is Role.NURSE)
    return sorted(
        ((site, nurse) for nurse in found for site in nurse.sites if site in page.deps.team.sites),
        key=lambda pair: (pair[0] != page.site, page.deps.team.site_name(pair[0]), pair[1].name),
    )


def _chosen(page: TeamContext, value: str) -> tuple[SiteId, StaffMember]:
    staff_id, _, site = value.partition(_BETWEEN)
    for at, nurse in _nurses(page):
        if (nurse.staff_id, at) == (staff_id, site):
            return at, nurse
    raise Refused(Reason(ReasonCode.REASON_REQUIRED, "nurse"))


def _shown(page: TeamContext, trouble: Trouble | None) -> str:
    own = page.patient_pathway.member(Role.NURSE)
    choices = [
        (f"{nurse.staff_id}{_BETWEEN}{site}", nurse.name, page.deps.team.site_name(site))
        for site, nurse in _nurses(page)
        if site != page.patient_pathway.site or own is None or nurse.actor.actor_id != own.actor_id
    ]
    return render_about(
        page,
        "team/transfer.html",
        trouble=trouble,
        choices=choices,
        nurse=own,
        site=page.deps.team.site_name(page.site),
        draft=load_draft(page, _DRAFT),
    )


ROUTES = (
    TeamRoute("GET", "/p/<pathway_id>/transfer", "transfer", show_transfer),
    TeamRoute("POST", "/p/<pathway_id>/transfer", "transfer", post_transfer, draft=_DRAFT),
)
