"""Links between the entries of a transaction, and references by a search: each becomes the address of a resource."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl

from sesame_fhir.api.bearer import Caller
from sesame_fhir.api.compartment import narrowed
from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.api.facade.identities import Identity
from sesame_fhir.api.facade.linking import within_scopes
from sesame_fhir.fhir.errors import InvalidResource, InvalidSearch, PreconditionFailed, TooCostly
from sesame_fhir.fhir.json_types import Json, Path, fhirpath
from sesame_fhir.fhir.links import relinked
from sesame_fhir.fhir.outcomes import Issue, IssueType, error
from sesame_fhir.fhir.search_index import index
from sesame_fhir.fhir.search_query import parse_search
from sesame_fhir.fhir.structure import known_types
from sesame_fhir.services.search import IndexEntry, SearchQuery, TokenClause

MAX_SEARCHES = 1000
"""References by a search that one transaction may hold, each different one counted once when it is found."""

_LOCAL = ("urn:uuid:", "urn:oid:")


@dataclass(frozen=True, slots=True)
class Named:
    """A write of the transaction: what the client calls it, what it is, and its resource when it sends one."""

    full_url: str | None
    identity: Identity
    body: Json | None


class Linker:
    """Replaces links, for all resources of one transaction; ``stored`` tells when an entry got another identity."""

    def __init__(self, deps: ApiDeps, caller: Caller, named: Iterable[Named]) -> None:
        self._deps = deps
        self._caller = caller
        self._named = list(named)
        self._links: dict[str, str] = {}
        self._found: dict[str, str] = {}
        self._searches = 0
        self._indexed: list[tuple[Identity, tuple[IndexEntry, ...]]] | None = None
        for one in self._named:
            self.stored(one.full_url, one.identity.resource_type, one.identity.resource_id)

    def stored(self, full_url: str | None, resource_type: str, resource_id: str) -> None:
        """From here on, links to ``full_url`` lead to this resource."""
        if full_url is not None and resource_id:
            self._links[full_url] = f"{resource_type}/{resource_id}"

    def linked(self, body: Json, full_url: str | None) -> Json:
        """The resource with its links replaced; ``full_url`` is its own name, which relative references go by.

        Raises:
            InvalidResource: a link leads to no entry; every one is told.
            PreconditionFailed: a search finds nothing or several resources; every one is told.
            NotAllowed: the token may not search that type.
            TooCostly: the transaction holds too many searches.
        """
        issues: list[Issue] = []
        unfound: list[Issue] = []
        base = _base(full_url)
        root = str(body.get("resourceType"))

        def target(text: str, path: Path, reference: bool) -> str | None:  # noqa: FBT001  a callback's positions
            address, mark, fragment = text.partition("#")
            known = self._links.get(address) or (self._links.get(base + address) if reference and base else None)
            if known is not None:
                return known + mark + fragment
            if reference and text.startswith(_LOCAL):
                issues.append(
                    error(IssueType.NOT_FOUND, "Aucune entrée du Bundle ne porte ce fullUrl.", fhirpath(root, path))
                )
            elif reference and "?" in text and text.partition("?")[0] in known_types():
                try:
                    return self._search(text)
                except (PreconditionFailed, InvalidSearch) as refused:
                    unfound.extend(replace(one, expression=(fhirpath(root, path),)) for one in refused.issues)
            return None

        linked = relinked(body, target)
        if issues:
            raise InvalidResource(*issues, *unfound)
        if unfound:
            raise PreconditionFailed(*unfound)
        return linked

    def _search(self, text: str) -> str:
        """The one resource that a conditional reference finds: in the record, else in the transaction itself.

        Raises:
            PreconditionFailed: none, or several.
            InvalidSearch, NotAllowed: it cannot be understood, or the token may not.
            TooCostly: there are more than ``MAX_SEARCHES``.
        """
        if text not in self._found:
            self._searches += 1
            if self._searches > MAX_SEARCHES:
                told = f"Plus de {MAX_SEARCHES} références par recherche : envoyer la transaction en plusieurs fois."
                raise TooCostly(error(IssueType.TOO_COSTLY, told))
            resource_type, _, query = text.partition("?")
            parsed = parse_search(
                resource_type,
                parse_qsl(query, keep_blank_values=True),
                now=self._deps.clock.now(),
                strict=True,
                base=self._deps.base_url,
            ).query
            matches = self._matches(parsed) if parsed.clauses else []
            if len(matches) != 1:
                code = IssueType.MULTIPLE_MATCHES if matches else IssueType.NOT_FOUND
                raise PreconditionFailed(error(code, "Cette référence doit désigner une ressource et une seule."))
            self._found[text] = f"{resource_type}/{matches[0]}"
        return self._found[text]

    def _matches(self, query: SearchQuery) -> Sequence[str]:
        access = self._caller.access(query.resource_type, "s")
        limited = replace(query, clauses=within_scopes(self._caller, query.clauses))
        page = self._deps.resources.search(narrowed(limited, access, self._caller.patient))
        return [one.resource_id for one in page.resources] or list(self._own_matches(query))

    def _own_matches(self, query: SearchQuery) -> Iterable[str]:
        """What the transaction itself writes and the search would find: by tokens, as an identifier is."""
        clauses = [one for one in query.clauses if isinstance(one, TokenClause)]
        if len(clauses) != len(query.clauses):
            return
        if self._indexed is None:
            self._indexed = [(one.identity, index(one.body)) for one in self._named if one.body is not None]
        for identity, entries in self._indexed:
            if identity.resource_type == query.resource_type and all(_holds(one, entries) for one in clauses):
                yield identity.resource_id


def _holds(clause: TokenClause, entries: Iterable[IndexEntry]) -> bool:
    return any(
        entry.kind == "token"
        and entry.param == clause.param
        and value.system in (None, entry.system or "")
        and value.code in (None, entry.code or "")
        for entry in entries
        for value in clause.values
    )


def _base(full_url: str | None) -> str | None:
    """``https://other.example/fhir/`` of ``https://other.example/fhir/Patient/1``."""
    if full_url is None or not full_url.startswith(("http://", "https://")):
        return None
    return full_url.rsplit("/", 2)[0] + "/"
