"""One RESTful interaction as values, free of HTTP: a route and an entry of a Bundle ask the same.

``routes`` and ``bundles`` make an ``Ask``, the interactions and the operations answer it, ``responses`` writes the
``Answer`` as JSON or XML, or as an entry of a Bundle.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sesame_fhir.api.bearer import Caller
from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.outcomes import Issue

Method = Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
Returned = Literal["minimal", "representation", "OperationOutcome"]


@dataclass(frozen=True, slots=True)
class Conditions:
    """The conditional headers, read: ``if_match`` a version, ``if_none_match`` the ETags' versions or ``*``."""

    if_match: int | None = None
    if_none_match: frozenset[str] = frozenset()
    if_modified_since: datetime | None = None
    if_none_exist: str | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """What a client wants.

    ``path`` is below the base URL: ``("Patient", "123", "_history", "2")``. ``pairs`` are the decoded query (and form)
    parameters in order. ``body`` has been read strictly (``fhir.reader``), nothing else is checked yet; ``patch`` is
    that of a PATCH, the operations of RFC 6902.
    """

    method: Method
    path: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...] = ()
    body: Json | None = None
    patch: tuple[Any, ...] | None = None
    conditions: Conditions = Conditions()
    returned: Returned = "representation"
    strict: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What the client gets. ``content`` is FHIR JSON bytes; ``issues`` are the warnings that came with a success.

    A write without ``content`` is answered with its issues when the client prefers an OperationOutcome. ``version`` and
    ``last_modified`` become ETag and Last-Modified; ``location`` is absolute.
    """

    status: int
    content: bytes | None = None
    issues: tuple[Issue, ...] = ()
    version: int | None = None
    last_modified: datetime | None = None
    location: str | None = None


Perform = Callable[[ApiDeps, Caller, Ask], Answer]
"""Every interaction and every operation."""
