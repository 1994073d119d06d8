"""``CodeSystem/$lookup`` and ``CodeSystem/$validate-code`` (R4 codesystem-operations) for our own code systems."""

from collections.abc import Iterator

from sesame_fhir.api.bearer import Caller
from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.api.facade.exchange import Answer, Ask
from sesame_fhir.api.operations.codes import (
    CODE,
    CODEABLE,
    CODING,
    DATE,
    DISPLAY,
    LANGUAGE,
    AskedCode,
    asked_codes,
    by_code,
    designations,
    judged,
    stored_at,
)
from sesame_fhir.api.operations.output import parameters, parts, value
from sesame_fhir.api.operations.parameters import Given, Parameter, read_parameters
from sesame_fhir.api.operations.registry import R4_OPERATION, Operation
from sesame_fhir.fhir.errors import InvalidResource, UnknownCode
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.outcomes import IssueType, error
from sesame_fhir.fhir.terminology import CodeSystem, Concept
from sesame_fhir.fhir.validation import require_valid

_LOOKUP = (
    *(CODE, Parameter("system", "uri"), Parameter("version", "string"), CODING, DATE, LANGUAGE),
    Parameter("property", "code", repeats=True),
)
_VALIDATE = (
    *(Parameter("url", "uri"), Parameter("codeSystem", "Resource"), CODE, Parameter("version", "string"), DISPLAY),
    *(CODING, CODEABLE, DATE, LANGUAGE),
)


def lookup(deps: ApiDeps, caller: Caller, ask: Ask) -> Answer:
    """``$lookup``: what a code means."""
    caller.access("CodeSystem", "r")
    given = read_parameters(_LOOKUP, ask.pairs, ask.body)
    asked = asked_codes(given, given.text("system"), given.text("version"))[0]
    system = _system(deps, asked, given)
    concept = system.concepts.get(asked.code)
    if concept is None:
        raise UnknownCode(error(IssueType.NOT_FOUND, "Ce système n'a pas ce code.", given.place("code")))
    return parameters(_described(system, concept, given))


def validate_code(deps: ApiDeps, caller: Caller, ask: Ask) -> Answer:
    """``$validate-code``: whether a code is of a system, and the display its own."""
    caller.access("CodeSystem", "r")
    given = read_parameters(_VALIDATE, ask.pairs, ask.body)
    own = stored_at(deps, ask) or given.one("codeSystem")
    if own is not None:
        require_valid(own, "CodeSystem")
    url = given.text("url") or (str(own.get("url", "")) if own else None)
    asked = asked_codes(given, url, given.text("version"))
    system = CodeSystem(own) if own is not None else _system(deps, asked[0], given)
    return judged(asked, by_code(system.concepts.values()), given.text("displayLanguage"))


def _system(deps: ApiDeps, asked: AskedCode, given: Given) -> CodeSystem:
    """The system asked about.

    Raises:
        InvalidResource: no system was named.
        UnknownCode: it is none of ours.
    """
    if not asked.system:
        raise InvalidResource(error(IssueType.REQUIRED, "Dire de quel système de codes il s'agit.", "system"))
    found = deps.terminology.system(asked.system, asked.version)
    if found is None:
        place = given.place("coding" if given.one("coding") else "system")
        raise UnknownCode(error(IssueType.NOT_FOUND, "Système de codes (ou version) inconnu ici.", place))
    return found


def _described(system: CodeSystem, concept: Concept, given: Given) -> Iterator[Json | None]:
    wanted = set(given.all("property"))
    yield value("name", "String", system.resource.get("title") or system.resource.get("name"))
    yield value("version", "String", system.version)
    yield value("display", "String", concept.shown(given.text("displayLanguage")))
    for one in designations(concept):
        yield parts("designation", [value("language", "Code", one["language"]), value("value", "String", one["value"])])
    if concept.definition and (not wanted or "definition" in wanted):
        yield parts("property", [value("code", "Code", "definition"), value("value", "String", concept.definition)])
    if concept.parents and (not wanted or "parent" in wanted):
        yield parts("property", [value("code", "Code", "parent"), value("value", "Code", concept.parents[-1])])


CODE_SYSTEM_OPERATIONS = (
    Operation("lookup", f"{R4_OPERATION}/CodeSystem-lookup", ("type",), ("CodeSystem",), lookup, _LOOKUP),
    Operation(
        "validate-code",
        f"{R4_OPERATION}/CodeSystem-validate-code",
        ("type", "instance"),
        ("CodeSystem",),
        validate_code,
        _VALIDATE,
    ),
)
