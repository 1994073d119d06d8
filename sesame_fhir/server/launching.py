"""SMART EHR launches from the team's pages, by our own authorization server."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.api.launches import issue_launch
from sesame_fhir.api.oauth.style import style_url
from sesame_fhir.domain.ids import SiteId
from sesame_fhir.services.authorization import OAuthClient
from sesame_fhir.services.errors import NotFound
from sesame_fhir.services.launching import LaunchableApp
from sesame_fhir.services.staff import StaffMember


class Launcher:
    """``AppLauncher`` over our own authorization server."""

    def __init__(self, deps: ApiDeps) -> None:
        self._deps = deps

    def apps(self, site: SiteId) -> tuple[LaunchableApp, ...]:
        """Active apps with a launch address that may see this site, by name."""
        found = (client for client in self._deps.authorization.clients() if _opens(client, site))
        return tuple(sorted((LaunchableApp(one.client_id, one.name) for one in found), key=lambda app: app.name))

    def launch(self, client_id: str, member: StaffMember, context: Mapping[str, Any]) -> str:
        """Prepare a launch and return the address to open. Raises NotFound."""
        client = self._deps.authorization.client(client_id)
        if client is None or client.launch_uri is None or not client.active:
            raise NotFound(client_id)
        told = {**context, "need_patient_banner": True, "smart_style_url": style_url(self._deps)}
        value = issue_launch(self._deps, client_id, f"Practitioner/{member.staff_id}", told)
        return f"{client.launch_uri}?{urlencode({'iss': self._deps.base_url, 'launch': value})}"

    def signed_out(self, member: StaffMember) -> None:
        """End what apps may do for as long as somebody is signed in."""
        self._deps.authorization.revoke_online(f"Practitioner/{member.staff_id}")


def _opens(client: OAuthClient, site: SiteId) -> bool:
    return client.active and client.launch_uri is not None and (not client.sites or site in client.sites)
