"""A review session that goes on: who began it, when, where. It is kept as a draft of that person until it is closed.

A case signed meanwhile belongs to the psychiatrist's own session, else to the one that the patient's nurse began.
"""

from dataclasses import dataclass
from datetime import datetime

from werkzeug.datastructures import MultiDict

from sesame_fhir.domain.actors import Role
from sesame_fhir.domain.ids import SiteId
from smart_app.team.context import TeamContext
from smart_app.team.drafts import keep_values, kept_values

_NOWHERE = ""
"""The draft's subject: a session is about no single pathway."""
_FORM = "review-session"


@dataclass(frozen=True, slots=True)
class Running:
    """A session under way; ``began_at`` is aware, UTC."""

    session_id: str
    site: SiteId
    began_at: datetime

    def minutes(self, now: datetime) -> int:
        """How long it has taken so far, at least one."""
        return max(1, round((now - self.began_at).total_seconds() / 60))


def running(page: TeamContext) -> Running | None:
    """The person's own session under way."""
    return _read(kept_values(page.deps, page.actor.actor_id, _NOWHERE, _FORM))


def session_of_case(page: TeamContext) -> Running | None:
    """The session that a case signed now is part of."""
    nurse = page.patient_pathway.member(Role.NURSE)
    own = running(page)
    if own is not None or nurse is None:
        return own
    return _read(kept_values(page.deps, nurse.actor_id, _NOWHERE, _FORM))


def begin(page: TeamContext, site: SiteId) -> None:
    """Begin a session, unless one is under way."""
    if running(page) is None:
        began = {"session_id": page.deps.ids.new(), "site": site, "began_at": page.now.isoformat()}
        keep_values(page.deps, page.member, _NOWHERE, _FORM, MultiDict(began))


def end(page: TeamContext) -> None:
    """Nothing is under way any more."""
    keep_values(page.deps, page.member, _NOWHERE, _FORM, MultiDict())


def _read(kept: MultiDict[str, str]) -> Running | None:
    if not kept:
        return None
    return Running(kept["session_id"], SiteId(kept["site"]), datetime.fromisoformat(kept["began_at"]))
