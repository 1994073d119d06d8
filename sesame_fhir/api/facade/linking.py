"""What a search passes through and what it brings along, within the token's limits.

A chain tells something of the resources it leads through, so these must be searchable with the token; what comes along
must be readable with it. Sites and reach are the store's (``api.limits``).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from sesame_fhir.api.bearer import Caller
from sesame_fhir.api.compartment import narrowed
from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.api.scopes import Access
from sesame_fhir.fhir.errors import NotAllowed
from sesame_fhir.fhir.outcomes import Issue, IssueType, Severity
from sesame_fhir.fhir.search_links import targets_of
from sesame_fhir.fhir.search_parameters import parameters_of
from sesame_fhir.services.records import StoredResource
from sesame_fhir.services.search import ChainClause, Clause, HasClause, Include, SearchQuery, Simple

MAX_INCLUDED = 1000
"""Most resources that come along with one page."""


@dataclass(frozen=True, slots=True)
class Brought:
    """Resources that came along, and what the client should know about those that did not."""

    resources: tuple[StoredResource, ...] = ()
    warnings: tuple[Issue, ...] = ()


def within_scopes(caller: Caller, clauses: Iterable[Clause]) -> tuple[Clause, ...]:
    """The clauses, their chains limited to what the token may search.

    Raises:
        NotAllowed: a chain leads through a type that it may not.
    """
    return tuple(_limited(caller, clause) for clause in clauses)


def _limited(caller: Caller, clause: Clause) -> Clause:
    if isinstance(clause, ChainClause):
        limits = _limits(caller, clause.target, caller.access(clause.target, "s"))
    elif isinstance(clause, HasClause):
        limits = _limits(caller, clause.source, caller.access(clause.source, "s"))
    else:
        return clause
    return replace(clause, clauses=(*clause.clauses, *limits))


def _limits(caller: Caller, resource_type: str, access: Access) -> tuple[Simple, ...]:
    """What the token adds to a search of a type, which is never a chain."""
    added = narrowed(SearchQuery(resource_type), access, caller.patient).clauses
    return tuple(one for one in added if not isinstance(one, ChainClause | HasClause))


def bring(deps: ApiDeps, caller: Caller, page: Sequence[StoredResource], includes: Iterable[Include]) -> Brought:
    """What ``includes`` bring along with a page; types that the token may not read are told and left out."""
    wanted: list[Include] = []
    refused: dict[str, None] = {}
    for include in includes:
        allowed = list(_readable(caller, include))
        wanted += allowed
        if not allowed:
            refused[f"{include.source}:{include.param or '*'}"] = None
    warnings = [_warning(IssueType.SUPPRESSED, f"{name} : accès non autorisé avec ces droits.") for name in refused]
    if not (wanted and page):
        return Brought(warnings=tuple(warnings))
    found = deps.resources.included(page, wanted, MAX_INCLUDED)
    if not found.complete:
        text = f"Plus de {MAX_INCLUDED} ressources liées : réduire _count pour les avoir toutes."
        warnings.append(_warning(IssueType.INCOMPLETE, text))
    return Brought(found.resources, tuple(warnings))


def _readable(caller: Caller, include: Include) -> Iterator[Include]:
    """One include for each type that may come along, with the token's limits on that type."""
    for resource_type in (include.source,) if include.reverse else _targets(include):
        access = _access(caller, resource_type)
        if access is not None:
            limits = _limits(caller, resource_type, access)
            yield replace(include, target=include.target if include.reverse else resource_type, clauses=limits)


def _targets(include: Include) -> list[str]:
    """The types that a forward include may lead to."""
    if include.target is not None:
        return [include.target]
    found = parameters_of(include.source)
    named = found.values() if include.param is None else (found[include.param],)
    return sorted({target for one in named if one.kind == "reference" for target in targets_of(include.source, one)})


def _access(caller: Caller, resource_type: str) -> Access | None:
    try:
        return caller.access(resource_type, "r")
    except NotAllowed:
        return None


def _warning(code: IssueType, text: str) -> Issue:
    return Issue(Severity.WARNING, code, text)
