"""Dependencies of one facade with its authorization server, over one store: SÉSAME's own, or the demo EHR's record."""

from mappings.conformance import load_profile_checks, load_terminology
from mappings.profiles import load_questionnaires
from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.domain.ids import SiteId
from sesame_fhir.server.settings import Settings
from sesame_fhir.server.system import SystemClock, SystemIds
from sesame_fhir.storage import Store


def api_deps(settings: Settings, store: Store, root: str, app_origin: str) -> ApiDeps:
    """``root`` is scheme, host and port of the host that serves it; ``app_origin`` the app that may call it."""
    return ApiDeps(
        resources=store.resources,
        authorization=store.authorization,
        keys=store.keys,
        audit=store.audit,
        vault=store.vault,
        clock=SystemClock(),
        ids=SystemIds(),
        base_url=f"{root}/fhir",
        oauth_base=f"{root}/oauth",
        site=SiteId(settings.site_id),
        questionnaires=load_questionnaires(),
        sign_in_url=f"{root}/sign-in",
        frame_origins=(root,),
        allowed_origins=(app_origin,),
        access_token_seconds=settings.access_token_seconds,
        terminology=load_terminology(),
        profile_checks=load_profile_checks(),
        site_names={SiteId(settings.site_id): settings.site_id}
        | {SiteId(site["id"]): site["name"] for site in settings.sites},
    )
