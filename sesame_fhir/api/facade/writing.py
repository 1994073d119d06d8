"""The writes of one resource: planned in a unit, written in one transaction, answered."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from sesame_fhir.api.bearer import Caller
from sesame_fhir.api.compartment import allows
from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.api.facade.auditing import audit
from sesame_fhir.api.facade.deleting import plan_delete
from sesame_fhir.api.facade.exchange import Answer, Ask
from sesame_fhir.api.facade.patching import plan_patch
from sesame_fhir.api.facade.planning import Plan, Planned, Step, plan_create, plan_update
from sesame_fhir.api.scopes import access as scope_access
from sesame_fhir.services.errors import AlreadyExists, ConditionMet, Conflict, NotFound, VersionConflict
from sesame_fhir.services.records import StoredResource
from sesame_fhir.services.unit import Unit

_ATTEMPTS = 5
_OVERTAKEN = (VersionConflict, AlreadyExists, ConditionMet, Conflict)

Left = Sequence[StoredResource | None]
"""What each change of a unit left."""

T = TypeVar("T")


def create(deps: ApiDeps, caller: Caller, ask: Ask) -> Answer:
    """``POST [type]``."""
    return _alone(deps, caller, ask, plan_create)


def update(deps: ApiDeps, caller: Caller, ask: Ask) -> Answer:
    """``PUT [type]/[id]`` or ``PUT [type]?…``."""
    return _alone(deps, caller, ask, plan_update)


def patch(deps: ApiDeps, caller: Caller, ask: Ask) -> Answer:
    """``PATCH [type]/[id]`` or ``PATCH [type]?…``."""
    return _alone(deps, caller, ask, plan_patch)


def delete(deps: ApiDeps, caller: Caller, ask: Ask) -> Answer:
    """``DELETE [type]/[id]`` or ``DELETE [type]?…``."""
    return _alone(deps, caller, ask, plan_delete)


def _alone(deps: ApiDeps, caller: Caller, ask: Ask, plan: Plan) -> Answer:
    planned, left = in_unit(deps, lambda unit: plan(Step(deps, unit, caller, ask)))
    return done(deps, caller, ask, planned, left)


def in_unit(deps: ApiDeps, plan: Callable[[Unit], T]) -> tuple[T, Left]:
    """Plan, then write all of it in one transaction; planned anew when somebody wrote in between.

    Raises:
        VersionConflict, AlreadyExists, ConditionMet, Conflict: somebody writes it all the time.
    """
    for last in (*(False,) * (_ATTEMPTS - 1), True):
        unit = Unit(deps.resources, deps.engine)
        planned = plan(unit)
        try:
            return planned, unit.finish(deps.clock.now())
        except _OVERTAKEN:
            if last:
                raise
    raise AssertionError  # the last attempt returns or raises


def done(deps: ApiDeps, caller: Caller, ask: Ask, planned: Planned, left: Left) -> Answer:
    """The answer to a write that has been done; it is in the audit log from here on."""
    kind, key = planned.resource_type, planned.resource_id
    if planned.existing is not None:
        audit(deps, caller, planned.action, kind, key, outcome="exists")
        return _answer(deps, caller, ask, planned, planned.existing)
    audit(deps, caller, planned.action, kind, key or None)
    if planned.action == "delete":
        gone = None if planned.change is None else left[planned.change]
        return Answer(204, issues=planned.warnings, version=None if gone is None else gone.version)
    stored = deps.resources.read(kind, key) if planned.change is None else left[planned.change]
    if stored is None:
        raise NotFound
    return _answer(deps, caller, ask, planned, stored)


def _answer(deps: ApiDeps, caller: Caller, ask: Ask, planned: Planned, stored: StoredResource) -> Answer:
    shown = ask.returned == "representation"
    if planned.existing is not None or planned.only_to_readers:
        shown = shown and _readable(caller, stored)
    return Answer(
        status=planned.status,
        content=stored.body if shown else None,
        issues=planned.warnings,
        version=stored.version,
        last_modified=stored.last_updated,
        location=f"{deps.base_url}/{stored.resource_type}/{stored.resource_id}/_history/{stored.version}",
    )


def _readable(caller: Caller, stored: StoredResource) -> bool:
    granted = scope_access(caller.grant.scope, stored.resource_type, "r")
    if granted is None or stored.body is None:
        return False
    return allows(granted, stored.resource_type, stored.resource_id, stored.body, caller.patient)
