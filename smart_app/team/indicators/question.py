"""A question with its answer's material: the window, the facts behind it, who reads, and the names to show."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import request

from sesame_fhir.domain.actors import Role
from sesame_fhir.domain.ids import SiteId
from sesame_fhir.domain.indicators.breakdown import By
from sesame_fhir.domain.indicators.definitions import BY_CODE
from sesame_fhir.domain.indicators.model import Indicator
from sesame_fhir.domain.indicators.window import Window
from sesame_fhir.services.errors import NotFound
from sesame_fhir.services.indicators import Gathered, Reader, ShownProgress, compared, gather, reader_of
from smart_app.team.context import TeamContext
from smart_app.team.indicators.asked import Asked, AskedProblem, BadQuestion, by_months, parse


@dataclass(frozen=True, slots=True)
class Question:
    """``nurses`` maps the id of every nurse in reach to her name."""

    page: TeamContext
    asked: Asked
    window: Window
    gathered: Gathered
    reader: Reader
    nurses: Mapping[str, str]

    @property
    def limit(self) -> int:
        """Numbers below this are not shown outside the care team."""
        return self.reader.policy.small_cell

    @property
    def site_names(self) -> dict[SiteId, str]:
        """The sites that may be chosen."""
        return {site: self.page.deps.team.site_name(site) for site in self.page.member.sites}

    @property
    def breakdowns(self) -> tuple[By, ...]:
        """How this selection can be broken down: not by what was chosen already."""
        places = {By.SITE: len(self.window.sites) > 1, By.NURSE: self.asked.nurse is None}
        return (By.MONTH, *(by for by, several in places.items() if several))

    def objectives(self) -> list[ShownProgress]:
        """The objectives of this selection, with what was done."""
        team = self.page.deps.team
        everywhere = self.window.sites >= set(team.sites)
        return compared(team.objectives, self.gathered, self.window, self.reader, everywhere=everywhere)


def ask(page: TeamContext) -> Question:
    """The question of the request's address. Raises BadQuestion."""
    reader = reader_of(page.member.role, page.deps.engine.policy)
    parsed = parse(page, request.args)
    asked = by_months(parsed) if reader.outside else parsed
    reach = frozenset(page.member.sites)
    day = asked.as_of
    gathered = gather(page.deps.engine.pathways, Window(day, day, day, reach))
    nurses = _names(page, gathered)
    if asked.nurse is not None and asked.nurse not in nurses:
        raise BadQuestion(AskedProblem.NURSE_UNKNOWN)
    first = gathered.beginning
    if first is not None and reader.outside:
        first = first.replace(day=1)
    return Question(page, asked, asked.window(reach, first), gathered, reader, nurses)


def indicator_of(code: str) -> Indicator:
    """An indicator by its code. Raises NotFound."""
    try:
        return BY_CODE[code]
    except KeyError:
        raise NotFound("no such indicator") from None


def _names(page: TeamContext, gathered: Gathered) -> dict[str, str]:
    """Nurses by id: those with an account here, and those whose name only their pathways know."""
    accounts = page.deps.staff.at_sites(page.member.sites)
    names = {member.actor.actor_id: member.name for member in accounts if member.role is Role.NURSE}
    for nurse, pathway_id in gathered.nurses.items():
        if nurse not in names:
            row = page.deps.engine.pathways.caseload_row(pathway_id)
            names[nurse] = row.nurse if row is not None and row.nurse else nurse
    return dict(sorted(names.items(), key=lambda named: named[1]))
