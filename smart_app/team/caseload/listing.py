"""The caseload page: referrals that wait on top, then everybody who is followed, as asked for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from operator import attrgetter
from typing import Any
from urllib.parse import urlencode

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext  # type: ignore[import-untyped]  # ships no types

from sesame_fhir.domain.actors import Role
from sesame_fhir.domain.calendar import local_day
from sesame_fhir.domain.progress.model import Rule
from sesame_fhir.domain.progress.rules import RULES
from sesame_fhir.services.caseload import Bucket, CaseloadPage, CaseloadQuery, CaseloadRow, CaseloadSort
from sesame_fhir.services.errors import InvalidCursor
from smart_app.team.about import exists
from smart_app.team.caseload import texts
from smart_app.team.caseload.asked import PAGE_ROWS, PRINTED_ROWS, Asked, Phase, When, own, parse
from smart_app.team.caseload.outcomes import CAP, outcomes_of, reasons_of
from smart_app.team.caseload.rows import RowView, view_of
from smart_app.team.context import TeamContext
from smart_app.team.dates import clock, short_day, short_moment
from smart_app.team.flags import defined, rule_names, rule_texts
from smart_app.team.posted import read_posted
from smart_app.team.render import render

_NOTHING: Mapping[str, Any] = {
    "waiting": (),
    "needed": 0,
    "item_9": 0,
    "outcomes": None,
    "reasons": (),
    "found": None,
    "cursor": None,
    "printing": False,
}
_WORDS: Mapping[str, Any] = {
    "phases": texts.PHASES,
    "sorts": texts.SORTS,
    "whens": texts.WHENS,
    "ends": texts.ENDS,
    "withdrawn": texts.WITHDRAWN,
    "short_day": short_day,
    "short_moment": short_moment,
    "clock": clock,
}
_WAITING_ROWS = 5
_LONGEST_NAME = 100
_UNREAD: Mapping[Role, Callable[[CaseloadRow], int]] = {
    Role.GP: attrgetter("unread_gp"),
    Role.NURSE: attrgetter("unread_nurse"),
    Role.PSYCHIATRIST: attrgetter("unread_psychiatrist"),
}


@dataclass(frozen=True, slots=True)
class Listed:
    """A list as the page shows it; ``next_cursor`` leads to its next page."""

    rows: tuple[RowView, ...]
    next_cursor: str | None = None


def show_caseload(page: TeamContext) -> ResponseReturnValue:
    """The list, by the address's parameters; ``print`` gives it without controls, as long as paper bears."""
    asked, printing = parse(request.args), "print" in request.args
    cursor = None if printing else request.args.get("cursor")
    limit = PRINTED_ROWS if printing else PAGE_ROWS
    try:
        listed = list_rows(page, asked.query(page, limit=limit, cursor=cursor))
    except InvalidCursor:
        cursor, listed = None, list_rows(page, asked.query(page, limit=limit))
    on_top = not (printing or cursor or asked.filtered)
    return _page(
        page,
        asked,
        listed,
        cursor=cursor,
        printing=printing,
        waiting=_waiting(page) if on_top else Listed(()),
        needed=_count(page, Asked(when=When.TODAY)),
        item_9=_count(page, Asked(flag=Rule.SUICIDE_RISK)),
        outcomes=outcomes_of(page),
        reasons=reasons_of(page) if asked.phase is Phase.NOT_STARTED else (),
    )


def post_search(page: TeamContext) -> ResponseReturnValue:
    """Patients whose family name begins so, wherever they stand. Posted: a name never stands in an address."""
    name = read_posted(page).text("name", _LONGEST_NAME) or ""
    query = CaseloadQuery(
        sites=page.member.sites,
        today=local_day(page.now),
        buckets=tuple(Bucket),
        name=name,
        sort=CaseloadSort.NAME,
    )
    listed = list_rows(page, own(page, query)) if name else Listed(())
    return _page(page, Asked(), Listed(listed.rows), found=name, more=listed.next_cursor is not None)


def list_rows(page: TeamContext, query: CaseloadQuery) -> Listed:
    """One page of rows, as they stand now. Raises InvalidCursor."""
    found: CaseloadPage = page.deps.engine.pathways.caseload(query)
    names, policy, unread = rule_names(), page.deps.engine.policy, _UNREAD[page.member.role]
    rows = tuple(view_of(row, page.now, policy, unread(row), names) for row in found.rows)
    return Listed(rows, found.next_cursor)


def _waiting(page: TeamContext) -> Listed:
    """The oldest few of the referrals that nobody has taken yet: those who are followed stay in sight below."""
    oldest = Asked(phase=Phase.WAITING, sort=CaseloadSort.REFERRED)
    return list_rows(page, oldest.query(page, limit=_WAITING_ROWS))


def _count(page: TeamContext, asked: Asked) -> int:
    return page.deps.engine.pathways.caseload_count(asked.query(page), CAP)


def _page(page: TeamContext, asked: Asked, listed: Listed, **values: Any) -> str:
    policy = page.deps.engine.policy
    at = {"cursor": values["cursor"]} if values.get("cursor") else {}
    return render(
        page,
        "team/caseload.html",
        asked=asked,
        listed=listed,
        back=urlencode({**asked.parameters(), **at}),
        sorted_by=partial(_sorted_by, asked),
        referral_page=_referral_page(page),
        cap=CAP,
        rule_names={rule.value: RULES[rule].name for rule in RULES},
        rules=[(text.name, defined(rule, policy), text.source) for rule, text in rule_texts().items()],
        sites={site: page.deps.team.site_name(site) for site in page.member.sites},
        judged=policy.interpretation,
        today=local_day(page.now),
        states={state: gettext(text) for state, text in texts.STATES.items()},
        said=_said(),
        **_WORDS,
        **{**_NOTHING, **values},
    )


def _said() -> dict[str, str]:
    """Sentences that stand in every row, translated once, with a place for one value."""
    return {
        "age": gettext("%s ans"),
        "week": gettext("semaine %s"),
        "sequence_end": gettext("fin le %s"),
        "to_plan": gettext("à planifier avant le %s"),
        "down": gettext("en baisse de %s"),
        "up": gettext("en hausse de %s"),
        "discuss": gettext("à discuter"),
    }


def _sorted_by(asked: Asked, sort: str) -> dict[str, str]:
    """Parameters of a column's heading: ordered by it; a second time, the other way round."""
    again = asked.sort.value == sort and not asked.descending
    return replace(asked, sort=CaseloadSort(sort), descending=again).parameters()


def _referral_page(page: TeamContext) -> str:
    """Where a waiting referral leads: to what the nurse does with it, else to the patient."""
    return "show_referral" if page.may("record-call") and exists("show_referral") else "show_patient"
