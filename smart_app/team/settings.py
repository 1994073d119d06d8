"""What a deployment decides about the team's pages."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from mappings.billing.layout import Kind, Layout
from sesame_fhir.domain.ids import SiteId
from sesame_fhir.domain.indicators.objectives import Objective


@dataclass(frozen=True, slots=True)
class OidcProvider:
    """An OpenID Connect provider that may sign people in.

    ``name`` is on its button. ``secret`` is None for a public client. ``claim`` names the claim that holds a person's
    RPPS, by which the account is found; without it an account is found by ``issuer|sub`` only.
    ``acr_values`` are the authentication levels that count, separated by spaces; None: whatever the provider asks.
    """

    name: str
    issuer: str
    client_id: str
    secret: str | None = field(default=None, repr=False)
    claim: str | None = None
    scopes: str = "openid"
    acr_values: str | None = None


@dataclass(frozen=True, slots=True)
class TeamSettings:
    """``sites`` maps every site of this deployment to its name; ``home_site`` is the one that ``[site]`` names.

    A session ends ``idle_seconds`` after its last request, and ``absolute_seconds`` after it began.
    ``survey_url`` is given to patients who agreed to the satisfaction survey. ``objectives`` are what indicators are
    compared with. ``layouts`` are those of the payer's files; without one of a kind, ours of that kind counts.
    """

    home_site: SiteId
    sites: Mapping[SiteId, str]
    oidc: tuple[OidcProvider, ...] = ()
    idle_seconds: int = 1800
    absolute_seconds: int = 43200
    survey_url: str | None = None
    objectives: tuple[Objective, ...] = ()
    layouts: tuple[Layout, ...] = ()

    def site_name(self, site: SiteId) -> str:
        """The name of a site, its id when it has none."""
        return self.sites.get(site, site)

    def layouts_of(self, kind: Kind) -> tuple[Layout, ...]:
        """The payer's layouts of one kind of file; empty: ours counts."""
        return tuple(layout for layout in self.layouts if layout.kind is kind)
