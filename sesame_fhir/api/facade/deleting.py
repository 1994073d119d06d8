"""delete: a tombstone, under which the history stays; what a pathway has published is not deleted but corrected."""

from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.api.facade.incoming import check_owner, check_reach, write_access
from sesame_fhir.api.facade.planning import Planned, Step, check_version, criteria, the_match
from sesame_fhir.api.subscriptions.accepting import unsubscribe
from sesame_fhir.services.records import Origin, ResourceChange, StoredResource
from sesame_fhir.services.search import ReferenceClause, ReferenceValue, SearchQuery

INSTEAD = "elle ne se supprime pas ; corriger le parcours, ou le clore : ses ressources suivront"
"""What to do where a delete is refused."""


def plan_delete(step: Step) -> Planned:
    """``DELETE [type]/[id]``, or ``DELETE [type]?…`` on the one resource that matches; nothing there is a success.

    Raises:
        BelongsToPathway: a pathway has published it, or is about this patient.
    """
    resource_type = step.ask.path[0]
    access = write_access(step.caller, resource_type, "d")
    if len(step.ask.path) == 1:
        current = the_match(step.deps, criteria(step, access, resource_type, step.ask.pairs))
    else:
        current = step.deps.resources.read(*step.ask.path)
    check_reach(step.deps, step.caller, access, current, "delete")
    check_version(step.ask, current)
    if current is None or current.deleted:
        return Planned("delete", resource_type, "".join(step.ask.path[1:]), 204)
    check_owner(current, INSTEAD)
    check_owner(_pathway_of(step.deps, current), INSTEAD)
    if resource_type == "Subscription":
        unsubscribe(step.deps, step.unit, step.caller, current.resource_id)
    step.unit.changes.append(ResourceChange(resource_type, current.resource_id, None, current.version))
    return Planned("delete", resource_type, current.resource_id, 204, change=len(step.unit.changes) - 1)


def _pathway_of(deps: ApiDeps, current: StoredResource) -> StoredResource | None:
    """A pathway that is about a patient: while there is one, the patient stays."""
    if current.resource_type != "Patient":
        return None
    about = ReferenceClause("patient", (ReferenceValue("Patient", current.resource_id),))
    found = deps.resources.search(SearchQuery("EpisodeOfCare", (about,))).resources
    return next((one for one in found if one.origin is Origin.PATHWAY), None)
