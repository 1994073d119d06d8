"""SMART scopes as values and pure decisions: what a token may do, and what a client may be given.

Source: SMART App Launch 2.2, scopes-and-launch-context. v2 (``patient/Observation.rs?category=…``) and v1
(``user/*.read``) are both understood; v1 maps read -> rs, write -> cud, * -> cruds. A filter may name any token
parameter of the type, several of them together: a resource must then satisfy every one, as in a search.
A scope that cannot be honoured exactly (another kind of parameter, a modifier, letters out of order) is never granted.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal
from urllib.parse import parse_qsl, unquote_plus

from sesame_fhir.fhir.search_parameters import SEARCH_PARAMETERS, parameters_of
from sesame_fhir.services.search import TokenClause, TokenValue

Interaction = Literal["c", "r", "u", "d", "s"]
Compartment = Literal["patient", "user", "system"]

ALL_LETTERS = "cruds"
INTROSPECT = "introspect"
"""Our own scope: its bearer may introspect the tokens of every client (SMART 2.2, token-introspection)."""

PLAIN_SCOPES = frozenset(
    {
        *("openid", "fhirUser", "profile", "launch", "launch/patient", "launch/encounter"),
        *("online_access", "offline_access", INTROSPECT),
    }
)
BY_NAME = frozenset({"AuditEvent"})
"""Types that only ``system/[type]`` opens: who watches over accesses is told to, and is no one who makes them."""
_V1_LETTERS = {"read": "rs", "write": "cud", "*": ALL_LETTERS}
_SCOPE = re.compile(
    r"(?P<compartment>patient|user|system)/(?P<type>\*|[A-Z][A-Za-z]{1,63})"
    r"\.(?:(?P<v1>read|write|\*)|(?P<v2>(?=[cruds])c?r?u?d?s?))(?:\?(?P<filter>\S+))?"
)


Filter = tuple[TokenClause, ...]
"""What a resource must satisfy, all of it; empty: nothing."""


@dataclass(frozen=True, slots=True)
class ResourceScope:
    """One resource scope. ``v1`` keeps the syntax it was asked in."""

    compartment: Compartment
    resource_type: str
    letters: frozenset[str]
    filter: Filter
    filter_text: str
    v1: str | None

    def covers(self, resource_type: str, interaction: str) -> bool:
        """True when this scope speaks of that interaction on that type."""
        named = interaction in self.letters and _includes(self.resource_type, resource_type)
        return named and all(_is_token(resource_type, clause.param) for clause in self.filter)


@dataclass(frozen=True, slots=True)
class Access:
    """What a token may see through one interaction: what satisfies one of ``filters``; None: everything."""

    patient_only: bool
    filters: tuple[Filter, ...] | None

    @property
    def limited(self) -> bool:
        """True when it depends on the resource."""
        return self.patient_only or self.filters is not None


def parse_scope(text: str) -> ResourceScope | None:
    """Read one resource scope; None when it is not one, or asks for something that we cannot enforce."""
    found = _SCOPE.fullmatch(text)
    if found is None:
        return None
    if found["type"] in BY_NAME and (found["compartment"] != "system" or found["filter"]):
        return None
    filter_text, clauses = found["filter"] or "", None
    if filter_text:
        clauses = _filter(found["type"], filter_text)
        if clauses is None or found["v1"]:
            return None
    letters = _V1_LETTERS[found["v1"]] if found["v1"] else found["v2"]
    compartment: Compartment = found["compartment"]  # type: ignore[assignment]  # the pattern lists them
    return ResourceScope(compartment, found["type"], frozenset(letters), clauses or (), filter_text, found["v1"])


def _includes(named: str, resource_type: str) -> bool:
    """True when a scope on ``named`` speaks of the type: all of them are not those that are opened by name."""
    return named == resource_type or (named == "*" and resource_type not in BY_NAME)


def _filter(resource_type: str, text: str) -> Filter | None:
    clauses = []
    for name, value in parse_qsl(text, keep_blank_values=True):
        values = [_token(one) for one in value.split(",")]
        if not _is_token(resource_type, name) or None in values:
            return None
        clauses.append(TokenClause(name, tuple(one for one in values if one is not None)))
    return tuple(clauses) or None


def _is_token(resource_type: str, name: str) -> bool:
    """True for a token parameter of the type; of ``*``, for one that some type has."""
    tables = SEARCH_PARAMETERS.values() if resource_type == "*" else (parameters_of(resource_type),)
    return any(name in table and table[name].kind == "token" for table in tables)


def _token(text: str) -> TokenValue | None:
    """``code``, ``system|code``, ``|code`` or ``system|``; an escaped character is not among what we understand."""
    system, bar, code = text.rpartition("|")
    if "\\" in text or "|" in system or not (system or code):
        return None
    return TokenValue(system if bar else None, code or None)


@lru_cache(maxsize=4096)
def access(scope: str, resource_type: str, interaction: Interaction) -> Access | None:
    """What ``scope`` (a token's whole scope text) allows for an interaction; None: nothing.

    When scopes of several compartments match, the widest compartment decides alone, with its own filters: the result
    is never more than the union of the scopes.
    """
    matching = [one for one in map(parse_scope, scope.split()) if one and one.covers(resource_type, interaction)]
    wide = [one for one in matching if one.compartment != "patient"]
    chosen = wide or matching
    if not chosen:
        return None
    filters = tuple(dict.fromkeys(one.filter for one in chosen))
    return Access(patient_only=not wide, filters=None if () in filters else filters)


def grantable(requested: str, allowed: Iterable[str], compartments: frozenset[str]) -> str:
    """The part of ``requested`` that a client registered for ``allowed`` gets, in the order and syntax asked.

    ``compartments`` are those that make sense for the grant: ``patient/`` needs a patient, ``system/`` a client
    acting for itself. Resource scopes are intersected letter by letter; duplicates and unknown scopes go away.
    """
    registered = tuple(allowed)
    maximum = [one for one in map(parse_scope, registered) if one]
    granted: dict[str, None] = {}
    for text in requested.split():
        if text in PLAIN_SCOPES:
            if text in registered:
                granted[text] = None
            continue
        wanted = parse_scope(text)
        if wanted is not None and wanted.compartment in compartments:
            granted.update(dict.fromkeys(_intersect(wanted, text, maximum)))
    return " ".join(granted)


def _intersect(wanted: ResourceScope, text: str, maximum: list[ResourceScope]) -> list[str]:
    found: list[str] = []
    whole = [one for one in maximum if _same_ground(wanted, one)]
    letters = wanted.letters & frozenset().union(*(one.letters for one in whole)) if whole else frozenset()
    if letters == wanted.letters:
        return [text]
    if letters:
        found.append(_written(wanted.compartment, wanted.resource_type, letters, wanted.filter_text))
    found += [narrow for one in maximum if (narrow := _narrowed(wanted, one))]
    return found


def _same_ground(wanted: ResourceScope, limit: ResourceScope) -> bool:
    return (
        limit.compartment == wanted.compartment
        and _includes(limit.resource_type, wanted.resource_type)
        and (not limit.filter or limit.filter == wanted.filter)
    )


def _narrowed(wanted: ResourceScope, limit: ResourceScope) -> str | None:
    """The smaller scope where the registration is narrower than the wish (a type for ``*``, a filter for none)."""
    letters = wanted.letters & limit.letters
    if limit.compartment != wanted.compartment or not letters or _same_ground(wanted, limit):
        return None
    if wanted.resource_type != "*" and not _includes(limit.resource_type, wanted.resource_type):
        return None
    filter_text = _both(wanted, limit)
    if filter_text is None:
        return None
    resource_type = limit.resource_type if wanted.resource_type == "*" else wanted.resource_type
    return _written(wanted.compartment, resource_type, letters, filter_text)


def _both(wanted: ResourceScope, limit: ResourceScope) -> str | None:
    """Both filters together; None when they speak of one parameter in two ways: nobody means that."""
    own = {clause.param: clause for clause in wanted.filter}
    if any(own.get(clause.param, clause) != clause for clause in limit.filter):
        return None
    added = "&".join(
        part for part in limit.filter_text.split("&") if part and unquote_plus(part.partition("=")[0]) not in own
    )
    return "&".join(text for text in (wanted.filter_text, added) if text)


def _written(compartment: str, resource_type: str, letters: frozenset[str], filter_text: str) -> str:
    ordered = "".join(letter for letter in ALL_LETTERS if letter in letters)
    return f"{compartment}/{resource_type}.{ordered}" + (f"?{filter_text}" if filter_text else "")
