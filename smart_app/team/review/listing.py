"""The weekly list of cases: a psychiatrist's own and those put to review, a nurse's own; per site, printable."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from flask import request

from sesame_fhir.domain.actors import Role
from sesame_fhir.domain.calendar import local_day
from sesame_fhir.domain.ids import PathwayId, SiteId
from sesame_fhir.domain.reviews import Discussion
from sesame_fhir.services.caseload import Bucket, CaseloadQuery, CaseloadRow
from sesame_fhir.services.errors import InvalidCursor, NotFound
from smart_app.team.caseload.asked import own
from smart_app.team.caseload.rows import RowView, view_of
from smart_app.team.context import TeamContext
from smart_app.team.render import render
from smart_app.team.review.groups import Group, asked_of, group_of
from smart_app.team.review.session import running
from smart_app.team.review.texts import GROUPS

_PER_GROUP = 25


@dataclass(frozen=True, slots=True)
class Case:
    """One line of the list; ``question`` is who put the case to the review by hand, and why."""

    view: RowView
    question: Discussion | None


@dataclass(frozen=True, slots=True)
class Listed:
    """The cases of one heading; ``next_cursor`` is None when there are no more."""

    group: Group
    cases: tuple[Case, ...]
    next_cursor: str | None


def show_review(page: TeamContext) -> str:
    """The list, in groups; with ``group`` and ``cursor`` the next page of one group. Raises NotFound for a bad one."""
    site = request.args.get("site")
    everybody = "all" in request.args
    group = next((g for g in Group if g.value == request.args.get("group")), None)
    groups = tuple(Group) if group is None else (group,)
    cursor = request.args.get("cursor") if group is not None else None
    query = question(page, site=site, everybody=everybody)
    return render(
        page,
        "team/review/list.html",
        listed=tuple(_listed(page, query, one, cursor) for one in groups),
        group_words=GROUPS,
        sites=page.member.sites,
        site=site if site in page.member.sites else None,
        everybody=everybody,
        nurse=page.member.role is Role.NURSE,
        paged=cursor is not None,
        running=running(page),
        today=local_day(page.now),
    )


def question(page: TeamContext, *, site: str | None = None, everybody: bool = False) -> CaseloadQuery:
    """What may be on this person's list: a nurse's own patients unless she asks for everybody's."""
    mine = page.member.role is Role.NURSE and not everybody
    asked = CaseloadQuery(
        sites=(SiteId(site),) if site in page.member.sites else page.member.sites,
        today=local_day(page.now),
        buckets=(Bucket.FOLLOWED,),
        nurse_id=page.actor.actor_id if mine else None,
        limit=_PER_GROUP,
    )
    return own(page, asked)


def rows_listed(page: TeamContext) -> Iterator[CaseloadRow]:
    """The first cases of every group, each once, in the order of the list."""
    query, today = question(page), local_day(page.now)
    for group in Group:
        for row in page.deps.engine.pathways.caseload(asked_of(group, query)).rows:
            if group_of(row, today) is group:
                yield row


def next_case(page: TeamContext, current: PathwayId) -> PathwayId | None:
    """The case after this one; the first one when this one is not, or no longer, on the list. None: nothing is left."""
    listed = [row.pathway_id for row in rows_listed(page)]
    if current not in listed:
        return listed[0] if listed else None
    after = listed[listed.index(current) + 1 :]
    return after[0] if after else None


def _listed(page: TeamContext, query: CaseloadQuery, group: Group, cursor: str | None) -> Listed:
    asked = asked_of(group, query)
    try:
        found = page.deps.engine.pathways.caseload(replace(asked, cursor=cursor))
    except InvalidCursor:
        raise NotFound("cursor") from None
    rows = (row for row in found.rows if group_of(row, query.today) is group)
    return Listed(group, tuple(_case(page, row) for row in rows), found.next_cursor)


def _case(page: TeamContext, row: CaseloadRow) -> Case:
    unread = row.unread_nurse if page.member.role is Role.NURSE else row.unread_psychiatrist
    asked = page.deps.engine.load(row.pathway_id).discussion if row.discuss else None
    return Case(view_of(row, page.now, page.deps.engine.policy, unread), asked)
