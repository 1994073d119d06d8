"""Who acts through a token: an account of the team, the patient, a system, or the professional whom a system names.

A system may name the professional only when its registration says so: it then vouches for who acted, as an EHR does in
a launch, and for the access to its own patients, within the sites that it is limited to. A professional without an
account is the GP, as in a launch; every other role needs an account.
"""

from dataclasses import dataclass

from mappings.practitioner import actor_of, rpps_of
from sesame_fhir.api.bearer import Caller
from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.domain.access import Scope
from sesame_fhir.domain.actors import Actor, Role
from sesame_fhir.domain.ids import PathwayId, SiteId
from sesame_fhir.domain.reasons import Reason, ReasonCode, Refused
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.reader import read_json
from sesame_fhir.fhir.search_index import split_reference
from sesame_fhir.services.staff import StaffMember


@dataclass(frozen=True, slots=True)
class Acting:
    """Somebody in one role. ``vouched``: an EHR answers for the access to its own patients, as in a launch."""

    actor: Actor
    sites: tuple[SiteId, ...] = ()
    opened: frozenset[PathwayId] = frozenset()
    vouched: bool = False

    def scope(self, pathway_id: PathwayId | None, *, of_the_patient: bool) -> Scope:
        """What is in reach; a token of one patient reaches that patient's pathway, and no other."""
        own = {pathway_id} if of_the_patient and pathway_id is not None else set()
        return Scope(frozenset(self.sites), self.opened | own, record=self.vouched)


def acting(deps: ApiDeps, caller: Caller, named: Json) -> Acting:
    """Who acts; ``named`` is the reference to the professional whom the resource names, empty when it names nobody.

    Raises:
        Refused: the professional is not known here.
    """
    grant = caller.grant
    if caller.member is not None:
        return _member(caller.member, caller)
    if caller.is_system:
        return _system(deps, caller, named)
    kind, subject_id = split_reference(grant.subject)
    if kind == "Patient":
        return Acting(Actor(grant.subject, Role.PATIENT, "Patient"))
    member = None if deps.staff is None else deps.staff.by_id(subject_id) or deps.staff.by_actor(subject_id)
    if member is None or not member.active:
        raise Refused(Reason(ReasonCode.PROFESSIONAL_UNKNOWN))
    return _member(member, caller)


def _member(member: StaffMember, caller: Caller) -> Acting:
    sites = member.sites if caller.sites is None else tuple(site for site in member.sites if site in caller.sites)
    return Acting(member.actor, sites, frozenset(caller.opened))


def _system(deps: ApiDeps, caller: Caller, named: Json) -> Acting:
    if named and caller.may_assert_professionals:
        return _professional(deps, named)
    client = deps.authorization.client(caller.grant.client_id)
    name = caller.grant.client_id if client is None else client.name
    return Acting(Actor(f"client|{caller.grant.client_id}", Role.SYSTEM, name))


def _professional(deps: ApiDeps, named: Json) -> Acting:
    """By RPPS only: a name alone is nobody."""
    person = _named(deps, named)
    if person is None or person.rpps is None:
        raise Refused(Reason(ReasonCode.PROFESSIONAL_UNKNOWN))
    member = None if deps.staff is None else deps.staff.by_actor(person.actor_id)
    return Acting(person if member is None else member.actor, vouched=True)


def _named(deps: ApiDeps, named: Json) -> Actor | None:
    rpps = rpps_of(named.get("identifier", {}))
    if rpps is not None:
        return Actor(rpps.value, Role.GP, str(named.get("display", "")), rpps)
    kind, resource_id = split_reference(str(named.get("reference", "")))
    stored = deps.resources.read("Practitioner", resource_id) if kind == "Practitioner" else None
    if stored is None or stored.body is None:
        return None
    return actor_of(read_json(stored.body), Role.GP, "")
