"""The Subscription resource follows what happens: active once its endpoint answered, in error, over."""

from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.api.subscriptions.accepting import public
from sesame_fhir.fhir.reader import read_json
from sesame_fhir.fhir.search_index import index
from sesame_fhir.services.errors import VersionConflict
from sesame_fhir.services.records import Origin, ResourceWrite
from sesame_fhir.services.subscriptions import Status, Subscription


def publish_status(deps: ApiDeps, subscription: Subscription) -> None:
    """Write the status and the error into the resource; nothing when it is as it should be, or gone."""
    stored = deps.resources.read("Subscription", subscription.subscription_id)
    if stored is None or stored.body is None:
        return
    resource = read_json(stored.body)
    changed = public(resource, subscription.status)
    changed["meta"] = {n: v for n, v in resource.get("meta", {}).items() if n not in ("versionId", "lastUpdated")}
    if subscription.status is Status.ERROR and subscription.error is not None:
        changed["error"] = subscription.error.value
    if not changed["meta"]:
        del changed["meta"]
    write = ResourceWrite(
        "Subscription", subscription.subscription_id, changed, index(changed), stored.site, Origin.RECORD
    )
    try:
        deps.resources.update(write, deps.clock.now(), stored.version)
    except VersionConflict:
        return  # its owner has just changed it: what comes of that will be told
