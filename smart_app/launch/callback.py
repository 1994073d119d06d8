"""The way back: the EHR's answer becomes an open launch, or a page that says why not."""

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import orjson
from flask import Request, Response, make_response, redirect

from sesame_fhir.domain.actors import Actor, Role
from sesame_fhir.domain.ids import LaunchId
from sesame_fhir.services.errors import VaultError
from sesame_fhir.services.records import AuditEntry, EhrRegistration, LaunchSession, PendingLaunch
from sesame_fhir.services.snapshot import snapshot_to_json
from smart_app.deps import AppDeps
from smart_app.ehr.client import EhrClient, EhrError
from smart_app.ehr.reading import read_record
from smart_app.errors import AppError, LaunchExpired
from smart_app.launch.authorize import pending_context, redirect_uri
from smart_app.launch.context import LaunchContext, form_to_open, read_context
from smart_app.launch.discovery import SmartConfiguration, discover
from smart_app.launch.exchange import TokenAnswer, TokenFault, TokenRefused, TokenUnavailable, exchange
from smart_app.launch.id_token import Identity, verified_identity
from smart_app.launch.style import fetch_style
from smart_app.launch.tokens import Tokens, seal_tokens
from smart_app.security import allow_framing
from smart_app.session.cookies import binding, drop_binding, fingerprint, matches, set_session

_PROFESSIONALS = frozenset({"Practitioner", "PractitionerRole"})
_USER = re.compile(r"(?:Practitioner|PractitionerRole)/[A-Za-z0-9\-.]{1,64}")
_USER_TYPE = re.compile(r"(?:^|/)([A-Z][A-Za-z]+)/[A-Za-z0-9\-.]{1,64}$")


@dataclass(frozen=True, slots=True)
class _FixedToken:
    """The token just received, before there is a launch to refresh it for."""

    token: str

    def current(self) -> str:
        return self.token

    def renewed(self, rejected: str) -> str:  # noqa: ARG002  a fresh token has no successor
        raise LaunchExpired


def finish_launch(deps: AppDeps, request: Request) -> Response:
    """Answer ``/app/callback``: 303 to the open launch, so that a reload does not replay the answer.

    Raises:
        AppError: every way in which this can fail has its code in ``APP_ERRORS``.
    """
    state = _one(request, "state")
    if state is None:
        raise AppError("state-missing")
    state_hash = fingerprint(state)
    pending = deps.launches.take(state_hash, deps.clock.now())
    registration = deps.ehrs.by_id(pending.ehr_id) if pending is not None else None
    if pending is None or registration is None or not hmac.compare_digest(pending.state_hash, state_hash):
        raise AppError("state-unknown")
    allow_framing(registration.frame_origins)
    _check_browser(deps, request, pending, registration)
    session, launch_id, browser = _open(deps, request, pending, registration)
    deps.launches.open(session)
    deps.outbox.wake(session.ehr_id, session.patient, session.created_at)
    _trace(deps, session)
    response = make_response(redirect(f"{deps.app_url}/s/{launch_id}/", 303))
    set_session(response, launch_id, browser, deps.launch_absolute_seconds)
    drop_binding(response, state_hash)
    return response


def _one(request: Request, name: str) -> str | None:
    values = request.args.getlist(name)
    return values[0] if len(values) == 1 and values[0] else None


def _check_browser(deps: AppDeps, request: Request, pending: PendingLaunch, registration: EhrRegistration) -> None:
    presented = binding(request, pending.state_hash)
    if presented is None:
        again = f"{deps.app_url}/launch?iss={quote(registration.issuer, safe='')}"
        raise AppError("cookie-missing", reopen_url=again)
    if not matches(presented, pending.browser_hash):
        raise AppError("cookie-wrong")


def _open(
    deps: AppDeps, request: Request, pending: PendingLaunch, registration: EhrRegistration
) -> tuple[LaunchSession, str, str]:
    configuration = discover(deps, registration.issuer)
    _check_issuer(request, configuration, registration)
    code = _code(request)
    secrets = _secrets(deps, pending)
    answer = _exchange(deps, registration, configuration, code, secrets["verifier"])
    identity = _identity(deps, registration, configuration, answer, secrets["nonce"])
    context = read_context(answer.context)
    launch_id, browser = deps.ids.secret(), deps.ids.secret()
    session = _session(
        deps,
        registration,
        pending,
        answer=answer,
        context=context,
        identity=identity,
        launch_hash=fingerprint(launch_id),
        browser_hash=fingerprint(browser),
    )
    with EhrClient(registration.issuer, _FixedToken(answer.access_token), deps.http_timeout, deps.clock) as client:
        session = _with_record(deps, client, session, context, standalone=bool(secrets["standalone"]))
    return session, launch_id, browser


def _check_issuer(request: Request, configuration: SmartConfiguration, registration: EhrRegistration) -> None:
    """RFC 9207: an answer that names its server must name the one we asked (mix-up attack)."""
    given = request.args.getlist("iss")
    expected = configuration.issuer or registration.issuer
    if (given and given != [expected]) or (not given and configuration.names_itself):
        raise AppError("issuer-mismatch")


def _code(request: Request) -> str:
    error = request.args.get("error")
    if error is not None:
        raise AppError("access-denied" if error == "access_denied" else "authorization-refused")
    code = _one(request, "code")
    if code is None:
        raise AppError("authorization-refused")
    return code


def _secrets(deps: AppDeps, pending: PendingLaunch) -> Mapping[str, Any]:
    try:
        secrets: Mapping[str, Any] = orjson.loads(
            deps.vault.unseal(pending.secrets, pending_context(pending.state_hash))
        )
    except VaultError:
        raise AppError("state-unknown") from None
    return secrets


def _exchange(
    deps: AppDeps, registration: EhrRegistration, configuration: SmartConfiguration, code: str, verifier: str
) -> TokenAnswer:
    try:
        return exchange(
            deps,
            registration,
            configuration.token_endpoint,
            code=code,
            verifier=verifier,
            redirect_uri=redirect_uri(deps),
        )
    except TokenRefused:
        raise AppError("token-refused") from None
    except TokenUnavailable:
        raise AppError("token-unavailable") from None
    except TokenFault:
        raise AppError("token-invalid") from None


def _identity(
    deps: AppDeps,
    registration: EhrRegistration,
    configuration: SmartConfiguration,
    answer: TokenAnswer,
    nonce: str,
) -> Identity:
    if answer.id_token is None:
        raise AppError("identity-missing")
    identity = verified_identity(
        deps, registration.issuer, configuration, registration.client_id, id_token=answer.id_token, nonce=nonce
    )
    kind = _USER_TYPE.search(identity.fhir_user or "")
    if kind is not None and kind[1] not in _PROFESSIONALS:
        raise AppError("not-a-professional")
    return identity


def _practitioner(registration: EhrRegistration, fhir_user: str | None) -> str | None:
    """The user's reference when it lies in this EHR; a URL elsewhere is never read with the EHR's token."""
    relative = (fhir_user or "").removeprefix(f"{registration.issuer}/")
    return relative if _USER.fullmatch(relative) else None


def _session(
    deps: AppDeps,
    registration: EhrRegistration,
    pending: PendingLaunch,
    *,
    answer: TokenAnswer,
    context: LaunchContext,
    identity: Identity,
    launch_hash: str,
    browser_hash: str,
) -> LaunchSession:
    """The launch before its record is read: the author is known by the EHR's subject only."""
    now = deps.clock.now()
    tokens = Tokens(answer.access_token, answer.refresh_token, discover(deps, registration.issuer).token_endpoint)
    idle = min(deps.launch_idle_seconds, deps.launch_absolute_seconds)
    return LaunchSession(
        launch_id=LaunchId(deps.ids.new()),
        launch_hash=launch_hash,
        browser_hash=browser_hash,
        ehr_id=registration.ehr_id,
        site=registration.site,
        patient=context.patient,
        encounter=context.encounter,
        actor=Actor(f"{registration.ehr_id}|{identity.subject}", Role.GP, identity.name or "Professionnel de santé"),
        granted_scopes=answer.scope if answer.scope is not None else pending.requested_scopes,
        requested_scopes=pending.requested_scopes,
        tokens=seal_tokens(deps.vault, launch_hash, tokens),
        token_expires_at=answer.expires_at,
        context={},
        created_at=now,
        last_seen_at=now,
        expires_at=now + timedelta(seconds=idle),
        practitioner=_practitioner(registration, identity.fhir_user),
    )


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
    return replace(
        session,
        actor=snapshot.author,
        practitioner=snapshot.practitioner,
        encounter=snapshot.encounter,
        context=kept,
    )


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
