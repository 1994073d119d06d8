"""From checked settings to what the team's pages need: sites with their names, sessions, providers."""

from collections.abc import Mapping
from pathlib import Path

from mappings.billing.layout import Layout, LayoutError, layout_from, shipped, shipped_names
from sesame_fhir.domain.ids import SiteId
from sesame_fhir.server.registration import RegistrationError, read_secret, safe_url
from sesame_fhir.server.settings import Settings
from smart_app.team.settings import OidcProvider, TeamSettings


def team_settings(settings: Settings) -> TeamSettings:
    """The settings of the team's pages; the site of ``[site]`` is always one of theirs.

    Raises:
        RegistrationError: an issuer that is not HTTPS outside loopback, a secret that cannot be read, or a layout of
            the payer's files that is wrong.
    """
    home = SiteId(settings.site_id)
    named = {SiteId(site["id"]): site["name"] for site in settings.sites}
    return TeamSettings(
        home_site=home,
        sites={home: home} | named,
        oidc=tuple(map(_provider, settings.oidc)),
        idle_seconds=settings.team_idle_minutes * 60,
        absolute_seconds=settings.team_absolute_hours * 3600,
        survey_url=settings.survey_url or None,
        objectives=settings.objectives,
        layouts=tuple(map(_layout, settings.layouts)),
    )


def _layout(named: str) -> Layout:
    try:
        return shipped(named) if named in shipped_names() else layout_from(Path(named))
    except LayoutError as error:
        said = str(error).removeprefix(f"{named}: ")
        raise RegistrationError(f"billing.layouts: {named}: {said}") from error


def _provider(described: Mapping[str, str]) -> OidcProvider:
    return OidcProvider(
        name=described["name"],
        issuer=safe_url(described["issuer"]),
        client_id=described["client_id"],
        secret=read_secret(Path(described["secret_file"])) if "secret_file" in described else None,
        claim=described.get("claim"),
        scopes=described.get("scopes", "openid"),
        acr_values=described.get("acr_values"),
    )
