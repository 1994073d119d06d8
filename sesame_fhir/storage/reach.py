"""What is in somebody's reach, as a test on a row of ``resource``: the caseload knows every pathway's people."""

from collections.abc import Sequence

from sesame_fhir.domain.ids import SiteId
from sesame_fhir.services.reach import SHARED_TYPES, SITE_TYPES, Limit, Reach, Rule
from sesame_fhir.storage.clauses import RANK_LAST, Condition, Sql
from sesame_fhir.storage.index import param_key
from sesame_fhir.storage.session import Value

_ON_TEAM = """
EXISTS (SELECT 1 FROM resource t CROSS JOIN index_token k
  WHERE t.resource_type = 'CareTeam' AND t.fhir_id = c.pathway_id
  AND k.resource_key = t.resource_key AND k.param + 0 = ? AND k.system = ? AND k.code = ?)"""
_OF_PATHWAY = "EXISTS (SELECT 1 FROM caseload c WHERE c.pathway_key = {{r}}.pathway_key AND {rule})"
_OF_PATIENT = """
EXISTS (SELECT 1 FROM index_reference i CROSS JOIN pathway w CROSS JOIN caseload c
  WHERE i.resource_key = {{r}}.resource_key AND i.param + 0 = ? AND i.ref_type = 'Patient'
  AND w.pathway_id = i.ref_id AND c.pathway_key = w.pathway_key AND {rule})"""
_MARKED = """
EXISTS (SELECT 1 FROM index_token m WHERE m.resource_key = {r}.resource_key AND m.param + 0 = ? AND m.system = ?"""


def limited(kind: str, limit: Limit) -> Condition:
    """The test of a limit; ``kind`` is the type of the resource when it is known, else empty."""
    return in_reach(kind, limit) if isinstance(limit, Reach) else at_sites(limit)


def at_sites(sites: frozenset[SiteId]) -> Condition:
    """What belongs to these sites, or to none in particular."""
    sql, params = _any_of("{r}.site", sorted(sites))
    shared, types = _any_of("{r}.resource_type", sorted(SHARED_TYPES))
    return Condition(f"({sql} OR {shared})", None, (*params, *types), RANK_LAST)


def in_reach(kind: str, reach: Reach) -> Condition:
    """What is in reach."""
    shared, params = _any_of("{r}.resource_type", sorted(SHARED_TYPES))
    by_site, types = _any_of("{r}.resource_type", sorted(SITE_TYPES))
    there, sites = _any_of("{r}.site", reach.sites)
    about, about_params = _about(kind, reach)
    addressed, addressed_params = _addressed(reach)
    test = f"({shared} OR ({by_site} AND {there}) OR ({about} AND {addressed}))"
    values = [*params, *types, *sites, *about_params, *addressed_params]
    if reach.client_sites is not None:
        limit = at_sites(frozenset(reach.client_sites))
        test, values = f"({test} AND {limit.test})", [*values, *limit.params]
    return Condition(test, None, tuple(values), RANK_LAST)


def _about(kind: str, reach: Reach) -> Sql:
    """By the pathway that made it; what a record gave, by the patient it names."""
    rule, params = _rule(reach)
    ways, values = [_OF_PATHWAY.format(rule=rule)], list(params)
    if kind:
        ways.append(_OF_PATIENT.format(rule=rule))
        values += [param_key(kind, "patient"), *params]
    return f"({' OR '.join(ways)})", values


def _rule(reach: Reach) -> Sql:
    opened, named = _any_of("c.pathway_id", reach.opened)
    if reach.rule is Rule.NONE:
        return "1 = 0", []
    there, params = _any_of("c.site", reach.sites)
    own, values = "1 = 1", []
    if reach.rule is not Rule.ALL:
        first, value = ("c.referrer_id = ?", reach.actor_id) if reach.rule is Rule.OWN else ("c.discuss = ?", True)
        own, values = f"({first} OR {_ON_TEAM})", [value, param_key("CareTeam", "participant"), *reach.person]
    return f"(({there} AND {own}) OR {opened})", [*params, *values, *named]


def _addressed(reach: Reach) -> Sql:
    """A message to one role is for that role and for its author."""
    tag, system = param_key("Communication", "_tag"), reach.role[0]
    test = (
        f"({{r}}.resource_type <> 'Communication' OR NOT {_MARKED}) OR {_MARKED} AND m.code = ?) "
        f"OR {_MARKED} AND m.code = ?))"
    )
    return test, [tag, system, tag, *reach.role, param_key("Communication", "sender"), *reach.person]


def _any_of(column: str, values: Sequence[str]) -> Sql:
    marks: list[Value] = list(values)
    return (f"{column} IN ({', '.join('?' * len(values))})", marks) if values else ("1 = 0", [])
