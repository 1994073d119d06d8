"""A coordinator at her desk: the use cases, who acts, the day; and how her pages are rendered."""

from dataclasses import dataclass
from datetime import date

from flask import request

from sesame_fhir.domain.calendar import local_day
from sesame_fhir.domain.ids import SiteId
from sesame_fhir.services.billing.setting import Billing, Coordinator
from sesame_fhir.services.errors import NotFound
from smart_app.team.billing import texts, told
from smart_app.team.context import TeamContext
from smart_app.team.render import render


@dataclass(frozen=True, slots=True)
class Desk:
    """What every view of billing needs. ``today`` is the day at the practice."""

    page: TeamContext
    billing: Billing
    who: Coordinator
    today: date

    @property
    def sites(self) -> dict[SiteId, str]:
        """The sites in reach, with their names, by name."""
        named = {site: self.page.deps.team.site_name(site) for site in self.who.sites}
        return dict(sorted(named.items(), key=lambda one: one[1]))

    def site_asked(self) -> SiteId | None:
        """The site of the address, when it is in reach."""
        asked = SiteId(request.args.get("site", ""))
        return asked if asked in self.who.sites else None


def desk_of(page: TeamContext) -> Desk:
    """The desk of this request. Raises NotFound where nothing is billed."""
    if page.deps.billing is None:
        raise NotFound(request.path)
    who = Coordinator(page.actor, frozenset(page.member.sites))
    return Desk(page, page.deps.billing, who, local_day(page.now))


def show(desk: Desk, template: str, **values: object) -> str:
    """Render a template of ``team/billing``, with billing's words."""
    return render(
        desk.page,
        f"team/billing/{template}",
        desk=desk,
        words=texts,
        told=told,
        said=told.said,
        euros=told.euros,
        site_name=desk.page.deps.team.site_name,
        today=desk.today,
        **values,
    )


def name_of(desk: Desk, actor_id: str | None) -> str:
    """Who an account belongs to; the id when it is gone."""
    if actor_id is None:
        return ""
    member = desk.page.deps.staff.by_actor(actor_id)
    return actor_id if member is None else member.name
