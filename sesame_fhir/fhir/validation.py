"""Checks a resource in layers and reports everything found at once, each issue with its FHIRPath.

Layers: structure and required bindings (JSON Schema) -> published invariants -> contained and bundle references ->
narrative -> profiles and questionnaires that the caller knows. Every nested resource (contained, Bundle entries,
Parameters) passes the same layers as its own type. Business rules come after, in the use cases.
"""

from collections.abc import Iterator
from itertools import islice

from sesame_fhir.fhir.errors import InvalidResource
from sesame_fhir.fhir.invariants import type_problems
from sesame_fhir.fhir.json_types import Json, fhirpath
from sesame_fhir.fhir.node_rules import node_problems
from sesame_fhir.fhir.outcomes import Issue, IssueType, Severity
from sesame_fhir.fhir.problems import Problem
from sesame_fhir.fhir.profiles import NO_PROFILES, Profiles
from sesame_fhir.fhir.references import bundle_reference_problems, contained_problems, reference_problems
from sesame_fhir.fhir.structure import known_types, structure_problems
from sesame_fhir.fhir.walk import Node, Walked, text, walk

MAX_ISSUES = 100
"""No more issues than this are reported: a hostile body must not make a huge answer."""

_TRANSACTIONS = frozenset({"transaction", "batch"})


def validate(resource: Json, expected_type: str | None = None, *, profiles: Profiles = NO_PROFILES) -> list[Issue]:
    """Every problem of a parsed resource, empty when there is none; never raises for what the resource holds.

    Args:
        resource: parsed JSON (see ``reader.read_json``), numbers as int or Decimal.
        expected_type: the type the route or operation asks for; another one is an error.
        profiles: checks by profile URL and known questionnaires.
    """
    resource_type = resource.get("resourceType")
    if expected_type is not None and resource_type != expected_type:
        said = f"Cette adresse attend une ressource {expected_type}."
        return [Issue(Severity.ERROR, IssueType.INVALID, said, ("resourceType",))]
    if not isinstance(resource_type, str) or resource_type not in known_types():
        return [_unknown_type("resourceType", resource_type)]
    return list(islice(_issues(resource, resource_type, profiles), MAX_ISSUES))


def require_valid(resource: Json, expected_type: str | None = None, *, profiles: Profiles = NO_PROFILES) -> list[Issue]:
    """Like ``validate``, but raises when the resource cannot be accepted; returns the warnings.

    Raises:
        InvalidResource: carries all issues, warnings included.
    """
    issues = validate(resource, expected_type, profiles=profiles)
    if any(issue.blocking for issue in issues):
        raise InvalidResource(*issues)
    return issues


def _unknown_type(expression: str, resource_type: object) -> Issue:
    if resource_type is None:
        return Issue(Severity.ERROR, IssueType.REQUIRED, "resourceType est obligatoire.", (expression,))
    return Issue(
        Severity.ERROR, IssueType.NOT_SUPPORTED, "Type de ressource inconnu ou non pris en charge.", (expression,)
    )


def _issues(resource: Json, resource_type: str, profiles: Profiles) -> Iterator[Issue]:
    """Issues of the resource and of all resources inside it, breadth first."""
    in_transaction = resource_type == "Bundle" and text(resource, "type") in _TRANSACTIONS
    entries: list[tuple[int, list[Node]]] = []
    pending: list[tuple[str, Json, Json]] = [(resource_type, resource, resource)]
    for root, current, container in pending:
        kind = current.get("resourceType")
        if not isinstance(kind, str) or kind not in known_types():
            yield _unknown_type(f"{root}.resourceType", kind)
            continue
        walked = walk(current)
        for problem in _problems(current, kind, container, walked, in_transaction=in_transaction):
            yield problem.issue(root)
        yield from profiles.issues(current, root)
        for path, inner in walked.nested:
            home = current if path[0] == "contained" else inner
            pending.append((fhirpath(root, path), inner, home))
        if resource_type == "Bundle" and (place := _entry_place(root)) is not None:
            entries.append((place, walked.nodes))
    if resource_type == "Bundle":
        yield from (problem.issue("Bundle") for problem in bundle_reference_problems(resource, entries))


def _entry_place(root: str) -> int | None:
    """The position of ``Bundle.entry[3].resource``; None for anything deeper or else."""
    head, _, tail = root.removeprefix("Bundle.entry[").partition("]")
    return int(head) if tail == ".resource" and head.isdecimal() else None


def _problems(
    resource: Json, resource_type: str, container: Json, walked: Walked, *, in_transaction: bool
) -> Iterator[Problem]:
    yield from structure_problems(resource, resource_type)
    yield from type_problems(resource, resource_type)
    yield from contained_problems(resource)
    yield from reference_problems(walked.nodes, container, in_transaction=in_transaction)
    yield from node_problems(walked)
