"""The two cookies that tie a launch to one browser, and the hashing of what the database must not hold in clear.

Inside the EHR's frame the app is a third party: only ``Secure; SameSite=None; Partitioned`` cookies survive there
(measured with third-party cookies blocked). Each is limited to the path it serves, so two launches never share one.
"""

import hashlib
import hmac

from flask import Request, Response

SESSION_COOKIE = "sesame_launch"
PENDING_SECONDS = 600
"""How long the EHR's login may take between our redirect and its answer."""

LATE_SECONDS = 7 * 24 * 3600
"""How long the browser is still known after its launch has ended: what it posts too late is kept as a draft."""

_BINDING_PREFIX = "sesame_bind_"
_BINDING_PATH = "/app/callback"
_NAME_DIGITS = 16


def fingerprint(secret: str) -> str:
    """SHA-256 of a 256-bit random value, as hexadecimal text: what is stored in place of the value."""
    return hashlib.sha256(secret.encode()).hexdigest()


def matches(secret: str, stored: str) -> bool:
    """Compare a presented secret with a stored fingerprint in constant time."""
    return hmac.compare_digest(fingerprint(secret), stored)


def launch_path(launch_id: str) -> str:
    """The path of one open launch, without trailing slash: also the path of its cookie."""
    return f"/app/s/{launch_id}"


def set_binding(response: Response, state_hash: str, secret: str) -> None:
    """Tie a pending launch to this browser. The name carries part of the hash: parallel launches do not collide."""
    _set(response, _binding_name(state_hash), secret, _BINDING_PATH, PENDING_SECONDS)


def binding(request: Request, state_hash: str) -> str | None:
    """The binding that this browser presents for a pending launch."""
    return request.cookies.get(_binding_name(state_hash))


def drop_binding(response: Response, state_hash: str) -> None:
    """Forget the binding: the launch is open, or refused."""
    _set(response, _binding_name(state_hash), "", _BINDING_PATH, 0)


def set_session(response: Response, launch_id: str, secret: str, seconds: int) -> None:
    """Tie an open launch, which ends in ``seconds`` at the latest, to this browser."""
    _set(response, SESSION_COOKIE, secret, launch_path(launch_id), seconds + LATE_SECONDS)


def _binding_name(state_hash: str) -> str:
    return _BINDING_PREFIX + state_hash[:_NAME_DIGITS]


def _set(response: Response, name: str, value: str, path: str, seconds: int) -> None:
    response.set_cookie(
        name, value, max_age=seconds, path=path, secure=True, httponly=True, samesite="None", partitioned=True
    )
