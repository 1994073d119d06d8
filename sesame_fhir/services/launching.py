"""Opening another software's SMART app from the team's pages: what a page may ask of the authorization server."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from sesame_fhir.domain.ids import SiteId
from sesame_fhir.services.staff import StaffMember


@dataclass(frozen=True, slots=True)
class LaunchableApp:
    """A registered app that can be opened on a patient."""

    client_id: str
    name: str


class AppLauncher(Protocol):
    """SMART EHR launches of registered apps."""

    def apps(self, site: SiteId) -> tuple[LaunchableApp, ...]:
        """Active apps with a launch address that may see this site, by name."""
        ...

    def launch(self, client_id: str, member: StaffMember, context: Mapping[str, Any]) -> str:
        """Prepare a launch and return the address to open; ``context`` holds SMART's launch context.

        Raises:
            NotFound: no such app, or one that cannot be opened.
        """
        ...

    def signed_out(self, member: StaffMember) -> None:
        """End what apps may do for as long as somebody is signed in (SMART's online access)."""
        ...
