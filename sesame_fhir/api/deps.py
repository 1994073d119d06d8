"""What the facade and the authorization server need, as one value; the composition root fills it: no globals."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sesame_fhir.api.oauth.jwks_source import JwksSource
from sesame_fhir.domain.ids import SiteId
from sesame_fhir.fhir.profiles import ProfileCheck, Profiles
from sesame_fhir.fhir.terminology import Terminology
from sesame_fhir.services.audit_trail import AuditTrail
from sesame_fhir.services.authorization import AuthorizationStore, FindPerson
from sesame_fhir.services.engine import Engine
from sesame_fhir.services.ports import Clock, Ids, KeyStore, ResourceStore, Vault
from sesame_fhir.services.staff import BreakGlassGrants, StaffDirectory
from sesame_fhir.services.subscriptions import SubscriptionStore

FindJwks = Callable[[str, str | None], Mapping[str, Any]]
"""(JWKS URL, key id wanted) -> key set; raises ``JwksUnavailable``."""


@dataclass(frozen=True, slots=True)
class ApiDeps:
    """Ports, addresses and limits of one FHIR server with its authorization server.

    ``base_url`` and ``oauth_base`` have no trailing slash. ``questionnaires`` maps ``url`` and ``url|version`` to the
    Questionnaire. ``sign_in_url`` receives anonymous people, with a ``next`` parameter. ``frame_origins`` may frame the
    patient picker; ``allowed_origins`` may call the token endpoint and the FHIR API from a browser (CORS).
    ``engine`` runs the commands of pathways, None for a record that has none; ``staff`` are the people who may act in
    them, ``glass`` what they opened beyond their reach. ``find_person`` tells who is signed in in a browser; None: the
    authorization server's own cookie does (``launches``). ``terminology`` holds our conformance resources,
    ``site_names`` the sites of the deployment, ``profile_checks`` what each of our profiles asks, by its URL.
    ``subscriptions`` are the systems that are told of changes; None: nobody is.
    Lifetimes are in seconds.
    """

    resources: ResourceStore
    authorization: AuthorizationStore
    keys: KeyStore
    audit: AuditTrail
    vault: Vault
    clock: Clock
    ids: Ids
    base_url: str
    oauth_base: str
    site: SiteId
    questionnaires: Mapping[str, dict[str, Any]]
    sign_in_url: str
    frame_origins: tuple[str, ...] = ()
    allowed_origins: tuple[str, ...] = ()
    access_token_seconds: int = 3600
    code_seconds: int = 120
    launch_seconds: int = 300
    session_seconds: int = 12 * 3600
    offline_seconds: int = 90 * 24 * 3600
    find_jwks: FindJwks = field(default_factory=JwksSource)
    engine: Engine | None = None
    staff: StaffDirectory | None = None
    glass: BreakGlassGrants | None = None
    find_person: FindPerson | None = None
    terminology: Terminology = field(default_factory=Terminology)
    site_names: Mapping[SiteId, str] = field(default_factory=dict)
    profile_checks: Mapping[str, ProfileCheck] = field(default_factory=dict)
    subscriptions: SubscriptionStore | None = None

    @property
    def profiles(self) -> Profiles:
        """What a resource is checked against beyond R4: the questionnaires, and the profiles that it claims."""
        return Profiles(self.profile_checks, self.questionnaires)

    def __post_init__(self) -> None:
        """Refuse lifetimes that SMART App Launch 2.2 forbids.

        Raises:
            ValueError: the access token would live more than one hour, or nothing at all.
        """
        if not 0 < self.access_token_seconds <= 3600:  # noqa: PLR2004  SMART: "SHOULD NOT exceed one hour"
            raise ValueError("access_token_seconds must be between 1 and 3600")
