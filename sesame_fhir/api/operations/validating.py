"""``[type]/$validate`` and ``[type]/[id]/$validate`` (R4 resource-operation-validate): every issue found, always 200.

The layers are those of a write (``fhir.validation``). With a ``mode`` that writes, the write itself is planned as well,
by the code that plans the real one, and nothing of it is done: rights of the token, ids, what a pathway owns and its
rules are told before a client tries.
"""

from collections.abc import Iterator

from sesame_fhir.api.bearer import Caller
from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.api.facade.auditing import audit
from sesame_fhir.api.facade.deleting import plan_delete
from sesame_fhir.api.facade.exchange import Answer, Ask, Method
from sesame_fhir.api.facade.interactions import INTERACTIONS
from sesame_fhir.api.facade.planning import Plan, Step, plan_create, plan_update
from sesame_fhir.api.operations.output import answer
from sesame_fhir.api.operations.parameters import Given, Parameter, read_parameters
from sesame_fhir.api.operations.reach import granted, required
from sesame_fhir.api.operations.registry import R4_OPERATION, Operation
from sesame_fhir.api.scopes import Interaction
from sesame_fhir.fhir.canonical import FR_CORE
from sesame_fhir.fhir.errors import InvalidResource, NotAllowed, explain, rule_for
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.outcomes import Issue, IssueType, Severity, error, operation_outcome
from sesame_fhir.fhir.reader import read_json
from sesame_fhir.fhir.structure import known_types
from sesame_fhir.fhir.validation import validate
from sesame_fhir.fhir.walk import child
from sesame_fhir.services.records import StoredResource
from sesame_fhir.services.unit import Unit

_PARAMETERS = (Parameter("resource", "Resource"), Parameter("mode", "code"), Parameter("profile", "uri"))
_WRITES: dict[str, tuple[Method, Plan]] = {
    "create": ("POST", plan_create),
    "update": ("PUT", plan_update),
    "delete": ("DELETE", plan_delete),
}
_MODES = frozenset({*_WRITES, "profile"})
_ANY: tuple[Interaction, ...] = ("c", "u", "r")
_DEEP = 3
"""Steps of an instance's address."""


def run(deps: ApiDeps, caller: Caller, ask: Ask) -> Answer:
    """``$validate``. Who may create, update or read the type may ask."""
    resource_type = ask.path[0]
    if all(granted(caller, resource_type, letter) is None for letter in _ANY):
        raise NotAllowed
    given = read_parameters(_PARAMETERS, ask.pairs, ask.body, "resource")
    mode = given.text("mode")
    if mode is not None and mode not in _MODES:
        raise given.wrong("mode", f"mode : {', '.join(sorted(_MODES))}.", IssueType.CODE_INVALID)
    stored = None
    if len(ask.path) == _DEEP:
        stored = required(deps, caller, "validate", resource_type, ask.path[1])
    else:
        audit(deps, caller, "validate", resource_type)
    return answer(operation_outcome(_issues(deps, caller, ask, given, stored)))


def _issues(deps: ApiDeps, caller: Caller, ask: Ask, given: Given, stored: StoredResource | None) -> list[Issue]:
    mode, resource_type = given.text("mode"), ask.path[0]
    if mode == "delete":
        return list(_tried(deps, caller, "delete", _address(ask, stored), None))
    resource: Json | None = given.one("resource")
    if resource is None:
        if stored is None or stored.body is None:
            text = "Envoyer la ressource à vérifier : dans le corps, ou comme paramètre resource."
            raise InvalidResource(error(IssueType.REQUIRED, text, "resource"))
        resource = read_json(stored.body)
    claimed = _claiming(resource, given.text("profile"))
    found = validate(claimed, resource_type, profiles=deps.profiles)
    found += _unchecked_profiles(deps, claimed, resource_type)
    if mode in _WRITES and not any(issue.blocking for issue in found):
        address = (resource_type,) if mode == "create" else _address(ask, stored)
        found += _tried(deps, caller, mode, address, resource)
    return found


def _address(ask: Ask, stored: StoredResource | None) -> tuple[str, ...]:
    if stored is None:
        text = "Ce mode se demande à l'adresse de la ressource : [type]/[id]/$validate."
        raise InvalidResource(error(IssueType.INVALID, text, "mode"))
    return ask.path[:2]


def _tried(deps: ApiDeps, caller: Caller, mode: str, path: tuple[str, ...], resource: Json | None) -> Iterator[Issue]:
    """What would refuse the write: it is staged as the interaction stages it, and forgotten."""
    method, plan = _WRITES[mode]
    if mode not in INTERACTIONS.get(path[0], ()):
        yield error(IssueType.NOT_SUPPORTED, "Ce serveur n'offre pas cette interaction pour ce type.", path[0])
        return
    try:
        plan(Step(deps, Unit(deps.resources, deps.engine), caller, Ask(method, path, body=resource)))
    except Exception as refusal:
        if rule_for(refusal) is None:
            raise
        yield from explain(refusal, "")[1]


def _claiming(resource: Json, profile: str | None) -> Json:
    """The resource as if it claimed the profile that it is to be judged by."""
    meta, known = child(resource, "meta"), child(resource, "meta").get("profile")
    claims = known if isinstance(known, list) else []
    if profile is None or profile in claims or ("meta" in resource and not isinstance(resource["meta"], dict)):
        return resource
    return {**resource, "meta": {**meta, "profile": [*claims, profile]}}


def _unchecked_profiles(deps: ApiDeps, resource: Json, resource_type: str) -> Iterator[Issue]:
    """Profiles claimed or asked for that nothing was checked against: that is said, louder for one unknown here."""
    claims = child(resource, "meta").get("profile")
    for place, claim in enumerate(claims if isinstance(claims, list) else ()):
        url = str(claim).partition("|")[0]
        if url in deps.profile_checks or url == f"http://hl7.org/fhir/StructureDefinition/{resource_type}":
            continue
        known = url in deps.terminology.by_url or url.startswith(f"{FR_CORE}/")
        severity = Severity.INFORMATION if known else Severity.WARNING
        text = "Profil non vérifié par ce serveur." if known else "Profil inconnu ici : rien n'a été vérifié selon lui."
        yield Issue(severity, IssueType.NOT_FOUND, text, (f"{resource_type}.meta.profile[{place}]",))


VALIDATE_OPERATIONS = (
    Operation(
        "validate",
        f"{R4_OPERATION}/Resource-validate",
        ("type", "instance"),
        tuple(sorted(known_types() - {"Parameters"})),
        run,
        _PARAMETERS,
        "resource",
    ),
)
