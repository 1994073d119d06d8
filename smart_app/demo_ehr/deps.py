"""What the demo EHR is given by whoever composes the server: nothing here is looked up or imported from the facade."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sesame_fhir.services.ports import Clock, ResourceStore

IssueLaunch = Callable[[str, str, Mapping[str, Any]], str]
"""(client id, subject, SMART context) -> the opaque ``launch`` parameter."""


class SandboxControl(Protocol):
    """A demo that strangers share, and that forgets."""

    def reset(self) -> None:
        """Forget everything that was entered; returns once the beginning is served again."""
        ...

    def resets_at(self) -> datetime:
        """When that happens by itself."""
        ...


@dataclass(frozen=True, slots=True)
class DemoDeps:
    """Ports and addresses of the demo EHR.

    resources: the EHR's own record. sign_in: opens a browser session for a subject (``Practitioner/<id>``) and returns
    the cookie's value; sign_out ends it; session_subject gives the subject of a valid one. form_key: secret that signs
    form tokens, the same in every worker, at least 32 bytes. URLs are absolute, without trailing slash; ``team_url`` is
    where SÉSAME's team signs in. ``sandbox``: None for a demo of one's own.
    """

    resources: ResourceStore
    issue_launch: IssueLaunch
    sign_in: Callable[[str], str]
    sign_out: Callable[[str], None]
    session_subject: Callable[[str], str | None]
    cookie_name: str
    form_key: bytes
    base_url: str
    fhir_url: str
    app_launch_url: str
    team_url: str
    client_id: str
    clock: Clock
    sandbox: SandboxControl | None = None
