"""Public keys of clients that register a JWKS URL: fetched when needed, kept as long as the answer allows.

SMART 2.2 (client-confidential-asymmetric): the server fetches the set by URL, honours Cache-Control, and a key id it
does not know yet is a reason to look again.
"""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import requests

_TIMEOUT = (3.05, 5.0)
_MAX_BYTES = 65_536
_DEFAULT_AGE = 300
_MAX_AGE = 3600
_RETRY_AFTER = 5.0
_MAX_AGE_DIRECTIVE = re.compile(r"max-age=(\d{1,9})")


class JwksUnavailable(Exception):  # noqa: N818  says what is missing
    """The key set cannot be fetched or is not one."""


@dataclass(frozen=True, slots=True)
class _Kept:
    keys: Mapping[str, Any]
    fetched_at: float
    max_age: float

    def answers(self, kid: str | None, now: float) -> bool:
        age = now - self.fetched_at
        known = kid is None or any(key.get("kid") == kid for key in self.keys["keys"])
        return age < (self.max_age if known else _RETRY_AFTER)


class JwksSource:
    """Callable ``(url, kid) -> key set`` with a cache per process; safe for several threads."""

    def __init__(
        self,
        get: Callable[..., requests.Response] = requests.get,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._get = get
        self._monotonic = monotonic
        self._kept: dict[str, _Kept] = {}

    def __call__(self, url: str, kid: str | None) -> Mapping[str, Any]:
        """Return the key set at ``url``; fetches again when it is too old or does not know ``kid``.

        Raises:
            JwksUnavailable: no answer, not a JSON object with ``keys``, or too large.
        """
        kept = self._kept.get(url)
        if kept is None or not kept.answers(kid, self._monotonic()):
            # No lock around the call: a slow address must not hold up the clients of another one.
            kept = self._kept[url] = self._fetch(url)
        return kept.keys

    def _fetch(self, url: str) -> _Kept:
        try:
            answer = self._get(url, timeout=_TIMEOUT, allow_redirects=False, headers={"Accept": "application/json"})
            content, document = answer.content, answer.json()
        except (requests.RequestException, ValueError):
            raise JwksUnavailable("the client's key set cannot be fetched") from None
        if answer.status_code != requests.codes.ok or len(content) > _MAX_BYTES or not _is_key_set(document):
            raise JwksUnavailable("the client's key set is not usable")
        return _Kept(document, self._monotonic(), _max_age(answer.headers.get("Cache-Control", "")))


def _is_key_set(document: object) -> bool:
    if not isinstance(document, dict) or not isinstance(document.get("keys"), list):
        return False
    return all(isinstance(key, dict) for key in document["keys"])


def _max_age(cache_control: str) -> float:
    if "no-store" in cache_control or "no-cache" in cache_control:
        return 0.0
    found = _MAX_AGE_DIRECTIVE.search(cache_control)
    return float(min(int(found[1]), _MAX_AGE)) if found else float(_DEFAULT_AGE)
