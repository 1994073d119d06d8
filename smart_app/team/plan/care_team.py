"""The care team: nurse and GP as the pathway knows them, the psychiatrist of the site, and whoever else counts."""

from flask.typing import ResponseReturnValue

from sesame_fhir.domain.actors import Role
from sesame_fhir.domain.events import TeamMember
from sesame_fhir.domain.evolution.referral import member_of
from sesame_fhir.domain.reasons import ReasonCode
from sesame_fhir.domain.transitions import FOLLOWED
from sesame_fhir.services.care import change_care_team
from sesame_fhir.services.staff import StaffMember
from smart_app.team.about import render_about
from smart_app.team.attempts import Trouble, attempt, recorded
from smart_app.team.context import TeamContext
from smart_app.team.drafts import finishing, load_draft
from smart_app.team.fields import Fields
from smart_app.team.plan import texts
from smart_app.team.posted import read_posted
from smart_app.team.routing import TeamRoute

DRAFT = "care-team"
_CHOSEN = (Role.GP, Role.PSYCHIATRIST)
"""Roles that are chosen here; the nurse changes by a transfer."""
_NEW_ROWS = 2
_LONGEST_NAME = 100
_NOBODY = "-"


def show_care_team(page: TeamContext) -> str:
    """Who is on the team, who could be."""
    return _shown(page, None)


def post_care_team(page: TeamContext) -> ResponseReturnValue:
    """Say who cares for the patient from now on."""
    posted = read_posted(page)

    def act() -> ResponseReturnValue:
        fields = Fields(posted.values, page.local(page.now).date())
        members = _typed(fields, page)
        fields.check()
        command, pathway_id = finishing(page, posted.command, DRAFT), page.patient_pathway.pathway_id
        return recorded(page, change_care_team(page.deps.engine, command, pathway_id, members), "show_plan")

    return attempt(page, DRAFT, act, _shown)


def _typed(fields: Fields, page: TeamContext) -> tuple[TeamMember, ...]:
    team = page.patient_pathway.team
    kept = [member for member in team if member.role not in {*_CHOSEN, None}]
    chosen = [member for role in _CHOSEN for member in _chosen(fields, page, role)]
    others = [m for m in team if m.role is None and m.actor_id in fields.values.getlist("keep")]
    return (*kept, *chosen, *others, *_added(fields, page))


def _chosen(fields: Fields, page: TeamContext, role: Role) -> list[TeamMember]:
    """Nobody, the member there is, or an account of the patient's site."""
    asked = fields.raw(role.value)
    if asked == _NOBODY:
        return []
    present = [m for m in page.patient_pathway.team if m.role is role]
    if not asked or any(m.actor_id == asked for m in present):
        return [m for m in present if not asked or m.actor_id == asked]
    found = [account.actor for account in _accounts(page, role) if account.actor.actor_id == asked]
    if not found:
        fields.wrong(ReasonCode.VALUE_NOT_UNDERSTOOD, role.value)
    return [member_of(actor) for actor in found]


def _added(fields: Fields, page: TeamContext) -> list[TeamMember]:
    members = []
    for number in range(_NEW_ROWS):
        name = fields.text(f"name.{number}", _LONGEST_NAME)
        function = fields.text(f"function.{number}", _LONGEST_NAME)
        if name is not None:
            members.append(TeamMember(f"other|{page.deps.ids.new()}", name, None, function=function))
        elif function is not None:
            fields.wrong(ReasonCode.TEXT_REQUIRED, "name")
    return members


def _accounts(page: TeamContext, role: Role) -> list[StaffMember]:
    return [account for account in page.deps.staff.at_sites((page.site,)) if account.role is role]


def _shown(page: TeamContext, trouble: Trouble | None) -> str:
    pathway = page.patient_pathway
    choices = {role: _people(page, role) for role in _CHOSEN}
    return render_about(
        page,
        "team/care_team.html",
        trouble=trouble,
        team=pathway.team,
        choices=choices,
        nobody=_NOBODY,
        values=load_draft(page, DRAFT),
        rows=range(_NEW_ROWS),
        may_write=page.may("change-care-team") and pathway.state in FOLLOWED,
        texts_of=texts,
    )


def _people(page: TeamContext, role: Role) -> list[tuple[str, str]]:
    """Id and name of who has the role on the team, then of who could have it at the patient's site."""
    present = {m.actor_id: m.name for m in page.patient_pathway.team if m.role is role}
    possible = {account.actor.actor_id: account.name for account in _accounts(page, role)}
    return list((present | possible).items())


ROUTES = (
    TeamRoute("GET", "/p/<pathway_id>/team", "view-patient", show_care_team),
    TeamRoute("POST", "/p/<pathway_id>/team", "change-care-team", post_care_team, draft=DRAFT),
)
