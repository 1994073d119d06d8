"""One careful way out to another server: bounded in time and size, no redirect, no stray credentials.

``requests`` by itself follows redirects, reads bodies of any size, keeps cookies, and lets a ``.netrc`` replace the
Authorization header; none of that may happen with a patient's token in hand.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3.exceptions import HTTPError, ReadTimeoutError

MAX_BYTES = 2 * 1024 * 1024
"""Default limit of an answer, in bytes."""

_CHUNK = 65_536
_POOL = 8
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Fault(StrEnum):
    """Why there is no usable answer."""

    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    TOO_LARGE = "too-large"
    NOT_JSON = "not-json"


class TransportError(Exception):
    """No usable answer; carries a code only, never the other side's text."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.value)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Call:
    """One request to send, without its authentication."""

    method: str
    url: str
    params: Mapping[str, str] | None = None
    headers: Mapping[str, str] | None = None
    data: bytes | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer, read whole. Header names are case-insensitive."""

    status: int
    headers: Mapping[str, str]
    content: bytes


class NoAuth(AuthBase):
    """Sends the request as it is: its presence keeps ``requests`` from looking for a ``.netrc``."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Leave the request alone."""
        return request


class Bearer(AuthBase):
    """Puts an access token in the Authorization header."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the header."""
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def is_loopback(url: str) -> bool:
    """True when the URL's host is this machine, by its usual names."""
    return urlsplit(url).hostname in _LOOPBACK


def origin_of(url: str) -> str:
    """Scheme, host and port of a URL, as in an ``Origin`` header (default ports left out)."""
    parts = urlsplit(url)
    default = {"https": 443, "http": 80}.get(parts.scheme)
    host = f"[{parts.hostname}]" if parts.hostname and ":" in parts.hostname else parts.hostname
    port = "" if parts.port in (None, default) else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"


def bypass_proxies(url: str) -> dict[str, str] | None:
    """The ``proxies`` argument of a call: the environment's proxy serves other hosts, never this machine."""
    return {"http": "", "https": "", "all": ""} if is_loopback(url) else None


def open_session() -> requests.Session:
    """A session that keeps no cookies and retries nothing; the caller closes it."""
    session = requests.Session()
    harden(session)
    return session


def harden(session: requests.Session) -> None:
    """Make a session (ours or a library's) forget cookies and leave retries to the caller."""
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    adapter = HTTPAdapter(pool_maxsize=_POOL, max_retries=0)
    session.mount("https://", adapter)
    session.mount("http://", adapter)


def send(
    session: requests.Session,
    call: Call,
    *,
    timeout: float,
    auth: AuthBase | None = None,
    max_bytes: int = MAX_BYTES,
) -> Reply:
    """Send one request and read the whole answer within ``timeout`` seconds and ``max_bytes`` bytes.

    Redirects come back as they are (status 3xx). Raises TransportError.
    """
    deadline = time.monotonic() + timeout
    options: dict[str, Any] = {"params": call.params, "headers": call.headers, "data": call.data}
    options |= {"timeout": timeout, "allow_redirects": False, "stream": True}
    try:
        options["proxies"] = bypass_proxies(call.url)
        with session.request(call.method, call.url, auth=auth or NoAuth(), **options) as response:
            return Reply(response.status_code, response.headers, read_limited(response, deadline, max_bytes))
    except requests.Timeout:
        raise TransportError(Fault.TIMEOUT) from None
    except (requests.RequestException, OSError, ValueError):
        raise TransportError(Fault.UNREACHABLE) from None


def read_limited(response: requests.Response, deadline: float, max_bytes: int = MAX_BYTES) -> bytes:
    """Read a streamed body; ``deadline`` is a ``time.monotonic`` instant. Raises TransportError.

    ``read1`` gives what has arrived: a server that sends drop by drop meets the deadline and not only its own pace.
    """
    content = bytearray()
    try:
        while chunk := response.raw.read1(_CHUNK, decode_content=True):
            content += chunk
            if len(content) > max_bytes:
                raise TransportError(Fault.TOO_LARGE)
            if time.monotonic() > deadline:
                raise TransportError(Fault.TIMEOUT)
    except ReadTimeoutError:
        raise TransportError(Fault.TIMEOUT) from None
    except HTTPError:
        raise TransportError(Fault.UNREACHABLE) from None
    return bytes(content)
