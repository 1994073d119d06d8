"""Who may post what: same-origin requests only, with a token that belongs to the session. And the pages' headers.

The session's cookie is SameSite=None (the authorization server meets it again inside the app's frame), so the browser
sends it with forged cross-site posts too: the two checks here are what stops those.
"""

import hashlib
import hmac

from flask import Request, Response

_PURPOSE = b"demo-ehr-form\0"


def form_token(key: bytes, session: str) -> str:
    """The token that a form of this session must carry."""
    return hmac.new(key, _PURPOSE + session.encode(), hashlib.sha256).hexdigest()


def token_holds(key: bytes, session: str, token: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(form_token(key, session).encode(), token.encode())


def same_origin(request: Request, base_url: str) -> bool:
    """True for a post made by one of our own pages.

    Sec-Fetch-Site decides where the browser sends it. Origin is only the fallback: our pages' no-referrer policy
    makes browsers write ``Origin: null`` on a form's post (Fetch standard, "append a request Origin header").
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    return request.headers.get("Origin") == base_url


def protect(response: Response, app_origin: str) -> Response:
    """Set the security headers of an EHR page: only the app may be framed, nothing is cached, no referrer leaves."""
    # A sign-in asked by the authorization server ends, after redirects, at the app: form-action follows redirects.
    response.headers["Content-Security-Policy"] = "; ".join(
        (
            "default-src 'none'",
            "style-src 'self'",
            "script-src 'self'",
            "connect-src 'self'",
            "img-src 'self'",
            f"frame-src {app_origin} 'self'",
            f"form-action 'self' {app_origin}",
            "frame-ancestors 'self'",
            "base-uri 'none'",
        )
    )
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers.setdefault("Cache-Control", "no-store")
    return response
