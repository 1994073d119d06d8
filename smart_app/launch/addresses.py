"""Our own addresses as others are given them."""

from urllib.parse import quote

from smart_app.deps import AppDeps


def callback_url(deps: AppDeps) -> str:
    """Where the EHR sends the browser back: the same text in the authorization and in the token request."""
    return f"{deps.app_url}/callback"


def relaunch_url(deps: AppDeps, issuer: str) -> str:
    """A standalone launch of a registered EHR: what a page offers in a new tab, where our cookies are first-party."""
    return f"{deps.app_url}/launch?iss={quote(issuer, safe='')}"
