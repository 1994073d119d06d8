"""The way out: from the EHR's ``iss`` and ``launch`` to its authorization endpoint, remembered until it answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import orjson
from authlib.common.urls import add_params_to_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from flask import Response, make_response, redirect, render_template
from werkzeug.datastructures import MultiDict

from sesame_fhir.services.records import EhrRegistration, PendingLaunch
from smart_app.deps import AppDeps
from smart_app.ehr.transport import origin_of
from smart_app.errors import AppError
from smart_app.launch.addresses import callback_url
from smart_app.launch.discovery import SmartConfiguration, discover
from smart_app.launch.scopes import scopes_to_request
from smart_app.security import allow_form_target, allow_framing
from smart_app.session.cookies import PENDING_SECONDS, fingerprint, set_binding

_LONGEST_LAUNCH = 4096
_LONGEST_ISSUER = 1024


@dataclass(frozen=True, slots=True)
class _Secrets:
    """Fresh for every launch, 256 bits each."""

    state: str
    verifier: str
    nonce: str
    browser: str


def single(args: MultiDict[str, str], name: str, longest: int) -> str | None:
    """A query parameter that may come once. Raises AppError(launch-malformed) for two, an empty or an odd one."""
    values = args.getlist(name)
    if not values:
        return None
    if len(values) > 1 or not values[0] or len(values[0]) > longest or not values[0].isprintable():
        raise AppError("launch-malformed")
    return values[0]


def registration_of(deps: AppDeps, issuer: str) -> EhrRegistration:
    """Find the registration by exact string; one trailing slash is forgiven, because vendors disagree on it.

    Raises:
        AppError: issuer-unknown. Nothing is fetched from an issuer that is not registered.
    """
    found = deps.ehrs.by_issuer(issuer) or deps.ehrs.by_issuer(issuer.removesuffix("/"))
    if found is None:
        raise AppError("issuer-unknown")
    return found


def start_launch(deps: AppDeps, args: MultiDict[str, str]) -> Response:
    """Answer ``/app/launch``: with ``launch`` an EHR launch, without it a standalone launch.

    Raises:
        AppError: launch-malformed, issuer-unknown, discovery-….
    """
    issuer = single(args, "iss", _LONGEST_ISSUER)
    launch = single(args, "launch", _LONGEST_LAUNCH)
    if issuer is None:
        raise AppError("launch-malformed")
    registration = registration_of(deps, issuer)
    allow_framing(registration.frame_origins)
    configuration = discover(deps, registration.issuer)
    return _send_out(deps, registration, configuration, launch)


def pending_context(state_hash: str) -> str:
    """What the secrets of a pending launch are sealed for."""
    return f"pending:{state_hash}"


def _send_out(
    deps: AppDeps, registration: EhrRegistration, configuration: SmartConfiguration, launch: str | None
) -> Response:
    secrets = _Secrets(*(deps.ids.secret() for _ in range(4)))
    scope = scopes_to_request(registration.scopes, v2=configuration.scopes_v2, ehr_launch=launch is not None)
    deps.launches.begin(_pending(deps, registration, secrets, scope, standalone=launch is None))
    params = {
        "response_type": "code",
        "client_id": registration.client_id,
        "redirect_uri": callback_url(deps),
        "scope": scope,
        "state": secrets.state,
        "aud": registration.issuer,
        "nonce": secrets.nonce,
        "code_challenge": create_s256_code_challenge(secrets.verifier),
        "code_challenge_method": "S256",
        **({"launch": launch} if launch is not None else {}),
    }
    response = _outgoing(configuration.authorization_endpoint, params, registration.authorize_method)
    set_binding(response, fingerprint(secrets.state), secrets.browser)
    return response


def _pending(
    deps: AppDeps, registration: EhrRegistration, secrets: _Secrets, scope: str, *, standalone: bool
) -> PendingLaunch:
    """What must be known when the EHR answers; its secrets are sealed."""
    state_hash, now = fingerprint(secrets.state), deps.clock.now()
    kept = orjson.dumps({"verifier": secrets.verifier, "nonce": secrets.nonce, "standalone": standalone})
    return PendingLaunch(
        state_hash=state_hash,
        browser_hash=fingerprint(secrets.browser),
        ehr_id=registration.ehr_id,
        secrets=deps.vault.seal(kept, pending_context(state_hash)),
        requested_scopes=scope,
        created_at=now,
        expires_at=now + timedelta(seconds=PENDING_SECONDS),
    )


def _outgoing(endpoint: str, params: Mapping[str, str], method: str) -> Response:
    if method != "post":
        return make_response(redirect(add_params_to_uri(endpoint, list(params.items())), 302))
    allow_form_target(origin_of(endpoint))
    return make_response(render_template("authorize.html", endpoint=endpoint, params=params))
