"""patch: a JSON Patch on the current version, its result checked and written like an update."""

from sesame_fhir.api.facade.incoming import check_reach, incoming, write_access
from sesame_fhir.api.facade.planning import Planned, Step, criteria, replaced, the_match
from sesame_fhir.api.scopes import Access
from sesame_fhir.fhir.errors import InvalidResource, ResourceGone, UnsupportedMedia
from sesame_fhir.fhir.json_patch import apply_patch
from sesame_fhir.fhir.outcomes import IssueType, error
from sesame_fhir.fhir.reader import read_json
from sesame_fhir.services.errors import NotFound
from sesame_fhir.services.records import StoredResource


def plan_patch(step: Step) -> Planned:
    """``PATCH [type]/[id]``, or ``PATCH [type]?…`` on the one resource that matches.

    Raises:
        NotFound, ResourceGone: there is nothing to patch.
        UnsupportedMedia: the patch is not a JSON Patch.
    """
    resource_type = step.ask.path[0]
    access = write_access(step.caller, resource_type, "u")
    current = _current(step, access)
    if step.ask.patch is None:
        raise UnsupportedMedia(error(IssueType.NOT_SUPPORTED, "Envoyer un application/json-patch+json (RFC 6902)."))
    if current is None:
        raise NotFound
    if current.body is None:
        raise NotFound if access.limited else ResourceGone
    check_reach(step.deps, step.caller, access, current, "patch")
    patched = apply_patch(read_json(current.body, max_bytes=len(current.body)), step.ask.patch)
    if (patched.get("resourceType"), patched.get("id")) != (resource_type, current.resource_id):
        text = "Un patch ne change ni le type ni l'id de la ressource."
        raise InvalidResource(error(IssueType.VALUE, text, f"{resource_type}.id"))
    found = incoming(step.deps, step.caller, patched, resource_type, "u", current=current)
    return replaced(step, found, current, current.resource_id, "patch")


def _current(step: Step, access: Access) -> StoredResource | None:
    if len(step.ask.path) == 1:
        return the_match(step.deps, criteria(step, access, step.ask.path[0], step.ask.pairs))
    return step.deps.resources.read(*step.ask.path)
