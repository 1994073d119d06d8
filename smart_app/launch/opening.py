"""From a verified answer to an open launch: context and record are read once, then all of it is stored.

The record is read before anything is stored, so a launch is open with its patient's identity, or not at all.
"""

import re
from dataclasses import dataclass, replace
from datetime import timedelta

from sesame_fhir.domain.actors import Actor, Role
from sesame_fhir.domain.ids import LaunchId
from sesame_fhir.services.delivery import abandoned
from sesame_fhir.services.records import AuditEntry, EhrRegistration, LaunchSession, PendingLaunch
from sesame_fhir.services.snapshot import snapshot_to_json
from smart_app.deps import AppDeps
from smart_app.ehr.client import EhrClient, EhrError
from smart_app.ehr.reading import read_record
from smart_app.errors import AppError, LaunchExpired
from smart_app.launch.context import LaunchContext, form_to_open, read_context
from smart_app.launch.exchange import TokenAnswer
from smart_app.launch.id_token import Identity
from smart_app.launch.style import fetch_style
from smart_app.launch.tokens import Tokens, seal_tokens
from smart_app.session.cookies import fingerprint

_USER = re.compile(r"(?:Practitioner|PractitionerRole)/[A-Za-z0-9\-.]{1,64}")
UNNAMED = "Professionnel de santé"
"""How somebody is shown whom the EHR does not name; an acknowledgement then asks for the name."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """What came back from the EHR, verified. ``standalone``: the user chose the patient at the EHR's login."""

    answer: TokenAnswer
    identity: Identity
    token_endpoint: str
    standalone: bool


@dataclass(frozen=True, slots=True)
class Opened:
    """The two secrets of an open launch, for the browser only: its id in the path, and its cookie."""

    launch_id: str
    browser: str


@dataclass(frozen=True, slots=True)
class _FreshToken:
    """The token just received, before there is a launch to refresh it for."""

    token: str

    def current(self) -> str:
        return self.token

    def renewed(self, rejected: str) -> str:  # noqa: ARG002  a fresh token has no successor
        raise LaunchExpired


def open_launch(deps: AppDeps, registration: EhrRegistration, pending: PendingLaunch, arrival: Arrival) -> Opened:
    """Read context and record, store the launch, wake what waited for it.

    Raises:
        AppError: no-patient, patient-unreadable.
    """
    context = read_context(arrival.answer.context)
    opened = Opened(deps.ids.secret(), deps.ids.secret())
    session = _session(deps, registration, pending, arrival, context)
    session = _tied(deps, session, opened, arrival)
    token = _FreshToken(arrival.answer.access_token)
    with EhrClient(registration.issuer, token, deps.http_timeout, deps.clock) as client:
        session = _with_record(deps, client, session, context, standalone=arrival.standalone)
    deps.launches.open(session)
    deps.outbox.wake(session.ehr_id, session.patient, session.created_at, abandoned(session.created_at))
    _trace(deps, session)
    return opened


def _session(
    deps: AppDeps,
    registration: EhrRegistration,
    pending: PendingLaunch,
    arrival: Arrival,
    context: LaunchContext,
) -> LaunchSession:
    """The launch before its record is read: the author is known by the EHR's subject only."""
    answer, identity, now = arrival.answer, arrival.identity, deps.clock.now()
    idle = min(deps.launch_idle_seconds, deps.launch_absolute_seconds)
    return LaunchSession(
        launch_id=LaunchId(deps.ids.new()),
        launch_hash="",
        browser_hash="",
        ehr_id=registration.ehr_id,
        site=registration.site,
        patient=context.patient,
        encounter=context.encounter,
        actor=Actor(f"{registration.ehr_id}|{identity.subject}", Role.GP, identity.name or UNNAMED),
        granted_scopes=answer.scope if answer.scope is not None else pending.requested_scopes,
        requested_scopes=pending.requested_scopes,
        tokens=b"",
        token_expires_at=answer.expires_at,
        context={},
        created_at=now,
        last_seen_at=now,
        expires_at=now + timedelta(seconds=idle),
        practitioner=_practitioner(registration, identity.fhir_user),
    )


def _tied(deps: AppDeps, session: LaunchSession, opened: Opened, arrival: Arrival) -> LaunchSession:
    """Tie the launch to its path and its browser, and seal its tokens to it."""
    launch_hash = fingerprint(opened.launch_id)
    tokens = Tokens(arrival.answer.access_token, arrival.answer.refresh_token, arrival.token_endpoint)
    return replace(
        session,
        launch_hash=launch_hash,
        browser_hash=fingerprint(opened.browser),
        tokens=seal_tokens(deps.vault, launch_hash, tokens),
    )


def _practitioner(registration: EhrRegistration, fhir_user: str | None) -> str | None:
    """The user's reference when it lies in this EHR; a URL elsewhere is never read with the EHR's token."""
    relative = (fhir_user or "").removeprefix(f"{registration.issuer}/")
    return relative if _USER.fullmatch(relative) else None


def _with_record(
    deps: AppDeps, client: EhrClient, session: LaunchSession, context: LaunchContext, *, standalone: bool
) -> LaunchSession:
    """Read what the pages need once, and keep it with the launch."""
    try:
        snapshot = read_record(client, session, deps.clock.now())
    except (EhrError, LaunchExpired):
        raise AppError("patient-unreadable") from None
    form = form_to_open(context, deps.known_forms, client)
    kept = {
        "need_patient_banner": context.need_patient_banner,
        "intent": context.intent,
        "form": form.value if form else None,
        "style": fetch_style(client.base_url, context.style_url, deps.http_timeout),
        "fhir_context": [dict(entry) for entry in context.fhir_context],
        "standalone": standalone,
        "snapshot": snapshot_to_json(snapshot),
    }
    return replace(session, actor=snapshot.author, practitioner=snapshot.practitioner, context=kept)


def _trace(deps: AppDeps, session: LaunchSession) -> None:
    deps.audit.record(
        AuditEntry(
            at=session.created_at,
            actor_id=session.actor.actor_id,
            role=session.actor.role.value,
            action="launch",
            outcome="done",
            patient=f"{session.ehr_id}|{session.patient}",
            site=session.site,
        )
    )
