"""OpenID Connect: authorization code with PKCE, state and nonce; a verified identity opens an account that exists.

Nothing is asked of an issuer that is not in the settings, and no account is ever made here. Sources: OpenID Connect
Core 1.0 (3.1), Discovery 1.0; RFC 7636 (PKCE), RFC 9207 (issuer in the answer).
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson
from authlib.common.urls import add_params_to_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from flask import make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from sesame_fhir.services.errors import VaultError
from sesame_fhir.services.sign_in import trace_sign_in
from sesame_fhir.services.sign_in_ports import PendingSignIn
from smart_app.deps import AppDeps, current_deps
from smart_app.launch.client_auth import ClientAuth
from smart_app.launch.exchange import (
    TokenAnswer,
    TokenClient,
    TokenFault,
    TokenRefused,
    TokenUnavailable,
    exchange_code,
)
from smart_app.launch.id_token import Expected, verified_claims
from smart_app.session.cookies import fingerprint
from smart_app.team.addresses import wanted_page
from smart_app.team.cookies import PENDING_SECONDS, pending_cookie, set_pending_cookie
from smart_app.team.errors import TeamError
from smart_app.team.opening import browser_secret, enter
from smart_app.team.provider import Endpoints, Identity, endpoints, find_member, rpps_claim
from smart_app.team.routing import OpenRoute
from smart_app.team.settings import OidcProvider

METHOD = "oidc"


@dataclass(frozen=True, slots=True)
class _Begun:
    """What must be known when the provider answers; sealed meanwhile."""

    number: int
    verifier: str
    nonce: str
    wanted: str


def start_oidc(number: int) -> ResponseReturnValue:
    """Go to a provider of the settings. Raises TeamError(provider-unknown), AppError(discovery-…)."""
    deps = current_deps()
    provider = _provider(deps, number)
    found = endpoints(deps, provider)
    state, browser = deps.ids.secret(), browser_secret(deps)
    begun = _Begun(number, deps.ids.secret(), deps.ids.secret(), wanted_page(deps, request.args.get("next")) or "")
    deps.staff_access.pending.begin(_pending(deps, state, browser, begun))
    params = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": _callback_url(deps),
        "scope": provider.scopes,
        "state": state,
        "nonce": begun.nonce,
        "code_challenge": create_s256_code_challenge(begun.verifier),
        "code_challenge_method": "S256",
        **({"acr_values": provider.acr_values} if provider.acr_values else {}),
    }
    answer = make_response(redirect(add_params_to_uri(found.authorization, list(params.items())), 302))
    set_pending_cookie(answer, deps, browser)
    return answer


def finish_oidc() -> ResponseReturnValue:
    """The provider's answer: a session, or a page that says why not."""
    deps = current_deps()
    begun = _take(deps)
    provider = _provider(deps, begun.number)
    found = endpoints(deps, provider)
    _check_issuer(found)
    identity = _identity(deps, provider, found, begun)
    member = find_member(deps, provider, identity)
    if member is None:
        trace_sign_in(deps.audit, None, METHOD, deps.clock.now(), "refused")
        raise TeamError("account-unknown", identity.external)
    return enter(deps, member, METHOD, begun.wanted)


def _provider(deps: AppDeps, number: int) -> OidcProvider:
    if number >= len(deps.team.oidc):
        raise TeamError("provider-unknown")
    return deps.team.oidc[number]


def _pending(deps: AppDeps, state: str, browser: str, begun: _Begun) -> PendingSignIn:
    state_hash = fingerprint(state)
    kept = orjson.dumps([begun.number, begun.verifier, begun.nonce, begun.wanted])
    return PendingSignIn(
        state_hash,
        METHOD,
        fingerprint(browser),
        deps.vault.seal(kept, _context(state_hash)),
        deps.clock.now() + timedelta(seconds=PENDING_SECONDS),
    )


def _take(deps: AppDeps) -> _Begun:
    """What this browser began; it can be taken once.

    Raises:
        TeamError: state-missing, state-unknown, cookie-missing.
    """
    state = _one("state")
    if state is None:
        raise TeamError("state-missing")
    pending = deps.staff_access.pending.take(fingerprint(state), METHOD, deps.clock.now())
    if pending is None:
        raise TeamError("state-unknown")
    if fingerprint(pending_cookie(request, deps) or "") != pending.browser_hash:
        raise TeamError("cookie-missing")
    try:
        kept: list[Any] = orjson.loads(deps.vault.unseal(pending.sealed, _context(pending.state_hash)))
    except VaultError:
        raise TeamError("state-unknown") from None
    return _Begun(*kept)


def _check_issuer(found: Endpoints) -> None:
    """RFC 9207: an answer that names its server must name the one we asked."""
    given = request.args.getlist("iss")
    if (given and given != [found.issuer]) or (not given and found.names_itself):
        raise TeamError("issuer-mismatch")


def _identity(deps: AppDeps, provider: OidcProvider, found: Endpoints, begun: _Begun) -> Identity:
    answer = _exchange(deps, provider, found, begun.verifier)
    if answer.id_token is None:
        raise TeamError("identity-missing")
    expected = Expected(found.issuer, found.jwks, provider.client_id, begun.nonce)
    claims = verified_claims(deps, answer.id_token, expected, answer.access_token)
    if provider.acr_values and claims.get("acr") not in provider.acr_values.split():
        # What is asked for is a wish to the provider (OpenID Connect Core 3.1.2.1): it must be looked at here.
        raise TeamError("identity-invalid")
    return Identity(found.issuer, claims["sub"], rpps_claim(deps, provider, found, claims, answer.access_token))


def _exchange(deps: AppDeps, provider: OidcProvider, found: Endpoints, verifier: str) -> TokenAnswer:
    if (error := request.args.get("error")) is not None:
        raise TeamError("access-denied" if error == "access_denied" else "authorization-refused")
    code = _one("code")
    if code is None:
        raise TeamError("authorization-refused")
    client = TokenClient(provider.client_id, _client_auth(provider))
    try:
        return exchange_code(deps, client, found.token, code=code, verifier=verifier, redirect_uri=_callback_url(deps))
    except TokenRefused:
        raise TeamError("token-refused") from None
    except TokenUnavailable:
        raise TeamError("token-unavailable") from None
    except TokenFault:
        raise TeamError("token-invalid") from None


def _client_auth(provider: OidcProvider) -> ClientAuth:
    return ClientAuth("none") if provider.secret is None else ClientAuth("client_secret_basic", provider.secret)


def _one(name: str) -> str | None:
    values = request.args.getlist(name)
    return values[0] if len(values) == 1 and values[0] else None


def _callback_url(deps: AppDeps) -> str:
    return f"{deps.app_url}{url_for('team.finish_oidc').removeprefix('/app')}"


def _context(state_hash: str) -> str:
    return f"oidc|{state_hash}"


OPEN_ROUTES: tuple[OpenRoute, ...] = (
    ("GET", "/oidc/<int:number>", start_oidc),
    ("GET", "/callback", finish_oidc),
)
