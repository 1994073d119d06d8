"""Response headers of every page of the app: what may run, who may frame it, what may be kept.

The EHR frames the app, so ``frame-ancestors`` names that EHR's registered origins and ``X-Frame-Options`` (which
cannot name one) is not sent. Error pages hold nothing and may be shown in any registered EHR.
"""

from collections.abc import Iterable

from flask import Flask, Response, g, request

from smart_app.deps import AppDeps, current_deps

_HSTS = "max-age=63072000; includeSubDomains"
_PERMISSIONS = "camera=(), microphone=(), geolocation=(), payment=(), usb=()"


def allow_framing(origins: Iterable[str]) -> None:
    """Let these origins frame the response to the current request."""
    g.frame_origins = tuple(origins)


def allow_form_target(origin: str) -> None:
    """Let the page post a form to another origin (the EHR's authorization endpoint and where it redirects)."""
    g.form_target = origin


def csp_nonce() -> str:
    """Return the nonce of the current response.

    Templates call it for inline code: ``<script nonce="{{ csp_nonce() }}">``.
    """
    return str(g.csp_nonce)


def secure_app(app: Flask) -> None:
    """Add the headers to every response of the application, and ``csp_nonce()`` to the templates; see ``bind_deps``."""

    def open_request() -> None:
        g.csp_nonce = current_deps().ids.secret()

    def close_request(response: Response) -> Response:
        _stamp(response, current_deps())
        return response

    app.before_request(open_request)
    app.after_request(close_request)
    app.jinja_env.globals["csp_nonce"] = csp_nonce


def _stamp(response: Response, deps: AppDeps) -> None:
    headers = response.headers
    headers["Content-Security-Policy"] = _policy(_ancestors(response, deps))
    headers["Referrer-Policy"] = "no-referrer"
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Permissions-Policy"] = _PERMISSIONS
    if "Cache-Control" not in headers:
        headers["Cache-Control"] = "no-store"
    if deps.app_url.startswith("https://"):
        headers["Strict-Transport-Security"] = _HSTS
    # An opener policy means something for a top-level page only; in the EHR's frame it must stay out of the way.
    if request.headers.get("Sec-Fetch-Dest") == "document":
        headers["Cross-Origin-Opener-Policy"] = "same-origin"


def _ancestors(response: Response, deps: AppDeps) -> tuple[str, ...]:
    origins: tuple[str, ...] | None = g.get("frame_origins")
    if origins is not None:
        return origins
    if response.status_code >= 400:  # noqa: PLR2004  HTTP status
        return tuple(sorted({origin for ehr in deps.ehrs.all() for origin in ehr.frame_origins}))
    return ()


def _policy(ancestors: tuple[str, ...]) -> str:
    nonce = f"'nonce-{csp_nonce()}'" if "csp_nonce" in g else ""
    target = g.get("form_target", "")
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' {nonce}".rstrip(),
            f"style-src 'self' {nonce}".rstrip(),
            "img-src 'self' data:",
            "font-src 'self'",
            "connect-src 'self'",
            f"form-action 'self' {target}".rstrip(),
            "base-uri 'none'",
            f"frame-ancestors {' '.join(ancestors) or chr(39) + 'none' + chr(39)}",
        )
    )
