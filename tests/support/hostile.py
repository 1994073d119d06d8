"""A team in which whoever writes or is named attacks the pages: every text of every event, account and site is HTML."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.actors import Role
from sesame_fhir.domain.ids import PathwayId
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.services import care, contacts, course, merging, review
from sesame_fhir.services.caseload import ReviewSession
from sesame_fhir.services.engine import Command, Decision, Engine
from smart_app.team.settings import OidcProvider, TeamSettings
from tests.support.facade import APP, Facade
from tests.support.story import SITE
from tests.support.team_cases import Case, acting, followed_case, referred_case, screened_case
from tests.support.team_pages import MEMBERS, OTHER_SITE, Team, build_team

TRUSTED = re.compile("<b>x-", re.IGNORECASE)
"""What no page may contain: the mark of a text that was not escaped."""
_ESCAPED = re.compile(r"&lt;b&gt;x-([\w-]+)&lt;/b&gt;", re.IGNORECASE)
_NOT_WORDS = re.compile(r"_id$|_version$|^code$")
_WORDS = (str, str | None, tuple[str, ...])


def mark(name: str) -> str:
    """A text that would end an attribute and begin an element."""
    return f"'\"><b>x-{name}</b>"


def escaped_in(page: str) -> set[str]:
    """Names of the marks that a page shows as text."""
    return {name.lower() for name in _ESCAPED.findall(page)}


def hostile(data: Any) -> Any:
    """The same event, with a mark in every text of it, also in those that were left out."""
    if isinstance(data, tuple):
        return tuple(hostile(one) for one in data)
    ours = type(data).__module__.startswith(ev.__name__)
    if not ours or not is_dataclass(data) or isinstance(data, type | ev.EhrBinding):
        return data
    changed: dict[str, Any] = {}
    for field in fields(data):
        if field.type in _WORDS and not _NOT_WORDS.search(field.name):
            text = mark(f"{type(data).__name__}-{field.name}")
            changed[field.name] = (text,) if field.type == tuple[str, ...] else text
        else:
            changed[field.name] = hostile(getattr(data, field.name))
    return replace(data, **changed)


@dataclass
class HostileTeam:
    """The team, and the pathways to look at: ``followed`` is in care and has lived everything but the ends."""

    team: Team
    followed: Case
    ended: list[Case]


@contextmanager
def hostile_team(database: Path) -> Iterator[HostileTeam]:
    """Build it on a migrated database of one's own. Accounts and events are hostile while the context lasts."""
    real = Engine.run

    def run(engine: Engine, pathway_id: PathwayId, command: Command, name: str, decide: Decision) -> Pathway:
        return real(engine, pathway_id, command, name, lambda pathway: hostile(tuple(decide(pathway))))

    with pytest.MonkeyPatch.context() as patch:
        for role, member in list(MEMBERS.items()):
            patch.setitem(MEMBERS, role, replace(member, name=mark(f"staff-{role.value}")))
        patch.setattr(Engine, "run", run)
        team = _with_an_app(_named(build_team(database)))
        yield _lived(team)
        team.pages.store.close()


def _with_an_app(team: Team) -> Team:
    Facade(team).deps.authorization.save_client(replace(APP, client_id="hostile-app", name=mark("client")))
    return team


def _named(team: Team) -> Team:
    sites = {site: mark(f"site-{number}") for number, site in enumerate((SITE, OTHER_SITE))}
    providers = (OidcProvider(mark("provider"), "https://idp.invalid", "sesame"),)
    settings = TeamSettings(SITE, sites, providers, survey_url=f"https://survey.invalid/{mark('survey')}")
    team.pages.deps = replace(team.deps, team=settings)
    team.pages.app.extensions["sesame-app"] = team.pages.deps
    return team


def _lived(team: Team) -> HostileTeam:
    followed = referred_case(team, 0).call().accept().join().screen("222222222").acknowledge()
    found = ev.AssessmentRecorded(
        problem=ev.Problem(""), treatments=(ev.Treatment(""), ev.Treatment("", from_record=True))
    )
    care.record_assessment(followed.engine, followed.command(Role.NURSE), followed.pathway_id, found)
    followed.plan()
    _contacts(followed)
    _reviews(followed)
    _course(followed)
    left = followed_case(team, 1).leave(ev.ExitReason.OTHER)
    declined, unscreened = referred_case(team, 2).call().decline(), screened_case(team, 3)
    waiting, moved, merged = referred_case(team, 4).call(), followed_case(team, 5), followed_case(team, 6)
    course.transfer(moved.engine, moved.command(Role.NURSE), moved.pathway_id, OTHER_SITE, nurse=None)
    for case in (merged, waiting, moved):
        case.acknowledge()
    merging.merge(merged.engine, merged.command(Role.NURSE), moved.pathway_id, merged.pathway_id)
    _session(team, followed)
    return HostileTeam(team, followed, [left, declined, unscreened, waiting, moved, merged])


def _contacts(case: Case) -> None:
    """A contact held, one missed, one called off, one to come; a second item 9 waits."""
    missed = case.later(days=15).hold("222222221").schedule()
    called_off = case.later(days=16).miss(missed).schedule()
    contacts.cancel_contact(
        case.engine, case.command(Role.NURSE), case.pathway_id, called_off, by=ev.CancelledBy.PATIENT
    )
    case.schedule()


def _reviews(case: Case) -> None:
    """Advice that the GP declined, advice that waits, a question, messages of everybody."""
    case.mark().advise().decide(ev.RecommendationFate.DECLINED, "Non").advise().mark()
    for role in (Role.GP, Role.NURSE, Role.PSYCHIATRIST):
        case.write(by=role)
    review.read_messages(case.engine, case.command(Role.NURSE), case.pathway_id)


def _course(case: Case) -> None:
    """A leaflet, an interruption, a renewal refused, a consent."""
    written = ev.RelapsePlanWritten(("",), ("",), (ev.Helper(""),), ("",))
    care.write_relapse_plan(case.engine, case.command(Role.NURSE), case.pathway_id, written)
    course.interrupt(case.engine, case.later(days=35).command(Role.NURSE), case.pathway_id)
    course.resume(case.engine, case.later(days=5).command(Role.NURSE), case.pathway_id)
    course.decide_renewal(case.engine, case.command(Role.NURSE), case.pathway_id, renew=False, reason="Non")
    given = ev.ConsentPurpose.SURVEY, ev.ConsentStatus.GIVEN
    care.record_consent(case.engine, case.later(minutes=1).command(Role.NURSE), case.pathway_id, *given)


def _session(team: Team, case: Case) -> None:
    """A review session that somebody logged."""
    names = (acting(Role.PSYCHIATRIST).name, mark("participant"))
    held = ReviewSession("s1", SITE, case.clock.now() - timedelta(hours=1), 20, names, (case.pathway_id,), names[0])
    team.pages.store.review_sessions.record(held)
