"""FHIR calls to one EHR with one launch's token: the token goes nowhere but under that EHR's base URL.

Faults come out as ``EhrError`` with a code; what the EHR wrote never travels further than here.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import StrEnum
from types import TracebackType
from typing import Protocol, Self
from urllib.parse import unquote

from sesame_fhir.fhir.errors import UnreadableBody
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.reader import read_json
from sesame_fhir.fhir.writer import write_json
from sesame_fhir.services.ports import Clock
from smart_app.ehr.transport import Bearer, Call, Fault, Reply, TransportError, open_session, send

FHIR_JSON = "application/fhir+json"

_MAX_RETRY_AFTER = 3600
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")


class EhrCode(StrEnum):
    """What went wrong with a call to the EHR."""

    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not-found"
    CONFLICT = "conflict"
    PRECONDITION = "precondition"
    INVALID = "invalid"
    UNPROCESSABLE = "unprocessable"
    NOT_SUPPORTED = "not-supported"
    THROTTLED = "throttled"
    SERVER_ERROR = "server-error"
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    NOT_FHIR = "not-fhir"
    FOREIGN_URL = "foreign-url"


_BY_STATUS = {
    400: EhrCode.INVALID,
    401: EhrCode.UNAUTHORIZED,
    403: EhrCode.FORBIDDEN,
    404: EhrCode.NOT_FOUND,
    405: EhrCode.NOT_SUPPORTED,
    409: EhrCode.CONFLICT,
    410: EhrCode.NOT_FOUND,
    412: EhrCode.PRECONDITION,
    422: EhrCode.UNPROCESSABLE,
    429: EhrCode.THROTTLED,
    501: EhrCode.NOT_SUPPORTED,
}
_JUDGEMENTS = frozenset({EhrCode.INVALID, EhrCode.FORBIDDEN, EhrCode.UNPROCESSABLE})
_BY_FAULT = {
    Fault.TIMEOUT: EhrCode.TIMEOUT,
    Fault.UNREACHABLE: EhrCode.UNREACHABLE,
    Fault.TOO_LARGE: EhrCode.NOT_FHIR,
    Fault.NOT_JSON: EhrCode.NOT_FHIR,
}


class EhrError(Exception):
    """A call that failed. ``retry_after`` is in seconds, when the EHR asked to wait; ``status`` None: no answer."""

    def __init__(self, code: EhrCode, status: int | None = None, retry_after: int | None = None) -> None:
        super().__init__(code.value)
        self.code = code
        self.status = status
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class EhrResponse:
    """A successful answer. ``body`` is None when the EHR sent none; ``location`` and ``etag`` are its headers."""

    status: int
    body: Json | None
    location: str | None = None
    etag: str | None = None


class TokenProvider(Protocol):
    """Where the client gets its access token; both may raise ``LaunchExpired``."""

    def current(self) -> str:
        """The token to use now, refreshed ahead of its expiry."""
        ...

    def renewed(self, rejected: str) -> str:
        """Another token than the one the EHR has just rejected."""
        ...


class EhrClient:
    """Calls one EHR; a context manager, closed by its owner. Safe to share between threads."""

    def __init__(self, base_url: str, token_provider: TokenProvider, timeout: float, clock: Clock) -> None:
        self.base_url = base_url.rstrip("/")
        self._tokens = token_provider
        self._timeout = timeout
        self._clock = clock
        self._session = open_session()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def get(self, path: str, params: Mapping[str, str] | None = None, *, timeout: float | None = None) -> EhrResponse:
        """Read or search. ``path`` is relative to the base URL, or absolute and under it. Raises EhrError."""
        return self._run(Call("GET", self._url(path), params, {"Accept": FHIR_JSON}), timeout)

    def post(self, path: str, resource: Json, headers: Mapping[str, str] | None = None) -> EhrResponse:
        """Create, or run a transaction with an empty path; ``headers`` e.g. If-None-Exist. Raises EhrError."""
        return self._run(self._writing("POST", path, resource, headers or {}))

    def put(self, path: str, resource: Json, if_match: str | None = None) -> EhrResponse:
        """Update; ``if_match`` is an ETag as the EHR gave it. Raises EhrError."""
        condition = {"If-Match": if_match} if if_match is not None else {}
        return self._run(self._writing("PUT", path, resource, condition))

    def relative(self, reference: str) -> str:
        """Return a reference as ``Type/id``, absolute ones only from this EHR. Raises EhrError(FOREIGN_URL)."""
        return self._url(reference)[len(self.base_url) + 1 :].split("/_history/", maxsplit=1)[0]

    def _writing(self, method: str, path: str, resource: Json, headers: Mapping[str, str]) -> Call:
        all_headers = {"Accept": FHIR_JSON, "Content-Type": FHIR_JSON, **headers}
        return Call(method, self._url(path), headers=all_headers, data=write_json(resource))

    def _run(self, call: Call, timeout: float | None = None) -> EhrResponse:
        token = self._tokens.current()
        reply = self._send(call, token, timeout)
        if reply.status == 401:  # noqa: PLR2004  HTTP status
            reply = self._send(call, self._tokens.renewed(token), timeout)
        return self._read(reply)

    def _send(self, call: Call, token: str, timeout: float | None) -> Reply:
        try:
            return send(self._session, call, timeout=timeout or self._timeout, auth=Bearer(token))
        except TransportError as broken:
            raise EhrError(_BY_FAULT[broken.fault]) from None

    def _url(self, path: str) -> str:
        if "\\" in path or path.startswith("/"):
            raise EhrError(EhrCode.FOREIGN_URL)
        if path.startswith(f"{self.base_url}/"):
            path = path[len(self.base_url) + 1 :]
        elif _SCHEME.match(path):
            raise EhrError(EhrCode.FOREIGN_URL)
        # The HTTP stack decodes %2e and then resolves dot segments, which could leave the base.
        if any(unquote(segment) in (".", "..") for segment in path.partition("?")[0].split("/")):
            raise EhrError(EhrCode.FOREIGN_URL)
        return f"{self.base_url}/{path}" if path else self.base_url

    def _read(self, reply: Reply) -> EhrResponse:
        if not 200 <= reply.status < 300:  # noqa: PLR2004  HTTP status classes
            raise self._error(reply)
        body: Json | None = None
        if reply.content.strip():
            try:
                body = read_json(reply.content)
            except UnreadableBody:
                raise EhrError(EhrCode.NOT_FHIR, reply.status) from None
            if not isinstance(body.get("resourceType"), str):
                raise EhrError(EhrCode.NOT_FHIR, reply.status)
        return EhrResponse(reply.status, body, reply.headers.get("Location"), reply.headers.get("ETag"))

    def _error(self, reply: Reply) -> EhrError:
        fallback = EhrCode.SERVER_ERROR if reply.status >= 500 else EhrCode.INVALID  # noqa: PLR2004  HTTP status
        if 300 <= reply.status < 400:  # noqa: PLR2004  HTTP status
            fallback = EhrCode.NOT_FHIR
        code = _BY_STATUS.get(reply.status, fallback)
        if code in _JUDGEMENTS and "html" in reply.headers.get("Content-Type", "").lower():
            # A web page judges nothing: a proxy or a firewall answered in the FHIR server's place.
            code = EhrCode.NOT_FHIR
        return EhrError(code, reply.status, self._retry_after(reply))

    def _retry_after(self, reply: Reply) -> int | None:
        value = reply.headers.get("Retry-After", "").strip()
        if value.isascii() and value.isdigit():
            return min(int(value[:9]), _MAX_RETRY_AFTER)
        try:
            seconds = int((parsedate_to_datetime(value) - self._clock.now()).total_seconds())
        except (ValueError, TypeError):
            return None
        return min(max(seconds, 0), _MAX_RETRY_AFTER)
