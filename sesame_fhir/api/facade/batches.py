"""batch: every entry for itself, each answered with its own status and outcome."""

from collections.abc import Sequence

from sesame_fhir.api.bearer import Caller
from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.api.facade.bounds import bounded
from sesame_fhir.api.facade.bundle_writing import bundle, response_entry
from sesame_fhir.api.facade.entries import entry_of, located
from sesame_fhir.api.facade.exchange import Answer, Ask, Perform
from sesame_fhir.fhir.errors import explain, rule_for
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.walk import child
from sesame_fhir.services.journal import correlation_id, log_unexpected


def batch(deps: ApiDeps, caller: Caller, ask: Ask, entries: Sequence[Json], perform: Perform) -> Answer:
    """Perform entries in their order, each in a unit of its own."""
    within = bounded(perform)

    def answered(place: int, given: Json) -> Answer:
        try:
            return within(deps, caller, entry_of(deps, ask, place, given).ask)
        except Exception as fault:  # noqa: BLE001  an entry's fault is that entry's answer
            return _refused(deps, fault, place, given)

    answers = [response_entry(answered(place, given), ask.returned) for place, given in enumerate(entries)]
    return Answer(200, bundle("batch-response", None, (), answers))


def _refused(deps: ApiDeps, fault: Exception, place: int, given: Json) -> Answer:
    if rule_for(fault) is None:
        log_unexpected(fault)
    status, issues = explain(fault, correlation_id(deps.ids.new))
    resource_type = str(child(given, "resource").get("resourceType"))
    return Answer(status, issues=tuple(located(issues, place, resource_type)))
