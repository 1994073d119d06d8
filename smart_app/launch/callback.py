"""The way back: the EHR's answer becomes an open launch, or a page that says why not."""

import hmac
import re
from collections.abc import Mapping
from typing import Any

import orjson
from flask import Request, Response, make_response, redirect

from sesame_fhir.services.errors import VaultError
from sesame_fhir.services.records import EhrRegistration, PendingLaunch
from smart_app.deps import AppDeps
from smart_app.errors import AppError
from smart_app.launch.addresses import callback_url, relaunch_url
from smart_app.launch.authorize import pending_context
from smart_app.launch.discovery import SmartConfiguration, discover
from smart_app.launch.exchange import TokenAnswer, TokenFault, TokenRefused, TokenUnavailable, exchange
from smart_app.launch.id_token import Identity, verified_identity
from smart_app.launch.opening import Arrival, open_launch
from smart_app.security import allow_framing
from smart_app.session.cookies import binding, drop_binding, fingerprint, matches, set_session

_PROFESSIONALS = frozenset({"Practitioner", "PractitionerRole"})
_USER_TYPE = re.compile(r"(?:^|/)([A-Z][A-Za-z]+)/[A-Za-z0-9\-.]{1,64}$")


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
    arrival = _arrival(deps, request, pending, registration)
    opened = open_launch(deps, registration, pending, arrival)
    response = make_response(redirect(f"{deps.app_url}/s/{opened.launch_id}/", 303))
    set_session(response, opened.launch_id, opened.browser, deps.launch_absolute_seconds)
    drop_binding(response, state_hash)
    return response


def _one(request: Request, name: str) -> str | None:
    values = request.args.getlist(name)
    return values[0] if len(values) == 1 and values[0] else None


def _check_browser(deps: AppDeps, request: Request, pending: PendingLaunch, registration: EhrRegistration) -> None:
    presented = binding(request, pending.state_hash)
    if presented is None:
        raise AppError("cookie-missing", reopen_url=relaunch_url(deps, registration.issuer))
    if not matches(presented, pending.browser_hash):
        raise AppError("cookie-wrong")


def _arrival(deps: AppDeps, request: Request, pending: PendingLaunch, registration: EhrRegistration) -> Arrival:
    """Check the answer and turn its code into tokens and a verified identity."""
    configuration = discover(deps, registration.issuer)
    _check_issuer(request, configuration, registration)
    code = _code(request)
    secrets = _secrets(deps, pending)
    answer = _exchange(deps, registration, configuration, code, secrets["verifier"])
    identity = _identity(deps, registration, configuration, answer, secrets["nonce"])
    return Arrival(answer, identity, configuration.token_endpoint, standalone=bool(secrets["standalone"]))


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
            redirect_uri=callback_url(deps),
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
