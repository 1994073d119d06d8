"""From checked settings to what the team's pages need: sites with their names, sessions, providers."""

from sesame_fhir.domain.ids import SiteId
from sesame_fhir.server.settings import Settings
from smart_app.team.settings import TeamSettings


def team_settings(settings: Settings) -> TeamSettings:
    """The settings of the team's pages; the site of ``[site]`` is always one of theirs."""
    home = SiteId(settings.site_id)
    named = {SiteId(site["id"]): site["name"] for site in settings.sites}
    return TeamSettings(
        home_site=home,
        sites={home: home} | named,
        idle_seconds=settings.team_idle_minutes * 60,
        absolute_seconds=settings.team_absolute_hours * 3600,
    )
