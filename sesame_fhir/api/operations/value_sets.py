"""``ValueSet/$expand`` and ``ValueSet/$validate-code`` (R4 valueset-operations) for our own value sets."""

from collections.abc import Sequence

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
    asked_codes,
    by_code,
    designations,
    judged,
    stored_at,
)
from sesame_fhir.api.operations.output import answer
from sesame_fhir.api.operations.parameters import Given, Parameter, read_parameters
from sesame_fhir.api.operations.registry import R4_OPERATION, Operation
from sesame_fhir.fhir.errors import InvalidResource, UnknownCode, UnprocessableResource
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.outcomes import IssueType, error
from sesame_fhir.fhir.terminology import Concept, NotExpandableError
from sesame_fhir.fhir.validation import require_valid
from sesame_fhir.services.folding import fold

MAX_CODES = 1000
"""Most codes of one page of an expansion."""
_WHICH = (Parameter("url", "uri"), Parameter("valueSet", "Resource"), Parameter("valueSetVersion", "string"))
_EXPAND = (
    *(*_WHICH, Parameter("filter", "string"), Parameter("offset", "integer"), Parameter("count", "integer")),
    *(Parameter("includeDesignations", "boolean"), Parameter("includeDefinition", "boolean"), LANGUAGE, DATE),
    *(Parameter("activeOnly", "boolean"), Parameter("excludeNested", "boolean")),
)
_VALIDATE = (
    *(*_WHICH, CODE, Parameter("system", "uri"), Parameter("systemVersion", "string"), DISPLAY, CODING, CODEABLE),
    *(DATE, LANGUAGE),
)


def expand(deps: ApiDeps, caller: Caller, ask: Ask) -> Answer:
    """``$expand``: the codes of a value set, filtered by words of their display, page by page."""
    caller.access("ValueSet", "r")
    given = read_parameters(_EXPAND, ask.pairs, ask.body, "valueSet")
    count, offset = _number(given, "count"), _number(given, "offset") or 0
    value_set = _value_set(deps, ask, given)
    words = fold(given.text("filter") or "").split()
    language = given.text("displayLanguage")
    found = [one for one in _concepts(deps, value_set) if _matches(one, words, language)]
    page = found[offset : offset + min(MAX_CODES if count is None else count, MAX_CODES)]
    shown = [_contained(one, given, language) for one in page]
    expansion = {
        "identifier": f"urn:uuid:{deps.ids.new()}",
        "timestamp": deps.clock.now().isoformat(timespec="milliseconds"),
        "total": len(found),
        "offset": offset,
        "parameter": _used(given),
        "contains": shown,
    }
    kept = {name: part for name, part in value_set.items() if name not in ("compose", "expansion", "text")}
    return answer({**kept, "expansion": {name: part for name, part in expansion.items() if part not in ([], None)}})


def validate_code(deps: ApiDeps, caller: Caller, ask: Ask) -> Answer:
    """``$validate-code``: whether a code is in a value set."""
    caller.access("ValueSet", "r")
    given = read_parameters(_VALIDATE, ask.pairs, ask.body)
    value_set = _value_set(deps, ask, given)
    asked = asked_codes(given, given.text("system"), given.text("systemVersion"))
    return judged(asked, by_code(_concepts(deps, value_set)), given.text("displayLanguage"))


def _value_set(deps: ApiDeps, ask: Ask, given: Given) -> Json:
    """The value set of the address, the one sent along, or the one named by ``url``.

    Raises:
        InvalidResource: none of them, or no valid ValueSet.
        UnknownCode: it is none of ours.
    """
    here = stored_at(deps, ask)
    if here is not None:
        return here
    sent: Json | None = given.one("valueSet")
    if sent is not None:
        require_valid(sent, "ValueSet")
        return sent
    url = given.text("url")
    if url is None:
        raise InvalidResource(
            error(IssueType.REQUIRED, "Dire de quel jeu de valeurs il s'agit : url ou valueSet.", "url")
        )
    found = deps.terminology.value_set(url, given.text("valueSetVersion"))
    if found is None:
        text = "Jeu de valeurs (ou version) inconnu ici."
        raise UnknownCode(error(IssueType.NOT_FOUND, text, given.place("url")))
    return found


def _concepts(deps: ApiDeps, value_set: Json) -> Sequence[Concept]:
    try:
        return deps.terminology.expand(value_set)
    except NotExpandableError as problem:
        raise UnprocessableResource(error(IssueType.TOO_COSTLY, str(problem), "ValueSet.compose")) from None


def _matches(concept: Concept, words: Sequence[str], language: str | None) -> bool:
    told = fold(f"{concept.code} {concept.shown(language) or ''}")
    return all(word in told for word in words)


def _number(given: Given, name: str) -> int | None:
    number: int | None = given.one(name)
    if number is not None and number < 0:
        raise given.wrong(name, f"{name} : nombre positif ou nul attendu.")
    return number


def _contained(concept: Concept, given: Given, language: str | None) -> Json:
    built: Json = {"system": concept.system, "version": concept.version, "code": concept.code}
    built["display"] = concept.shown(language)
    if given.one("includeDesignations"):
        built["designation"] = list(designations(concept)) or None
    return {name: part for name, part in built.items() if part is not None}


def _used(given: Given) -> list[Json]:
    """The parameters that shaped the expansion, as R4 wants them told."""
    kinds = {"filter": "String", "offset": "Integer", "count": "Integer", "displayLanguage": "Code"}
    return [
        {"name": name, f"value{kind}": given.one(name)} for name, kind in kinds.items() if given.one(name) is not None
    ]


VALUE_SET_OPERATIONS = (
    Operation(
        "expand", f"{R4_OPERATION}/ValueSet-expand", ("type", "instance"), ("ValueSet",), expand, _EXPAND, "valueSet"
    ),
    Operation(
        "validate-code",
        f"{R4_OPERATION}/ValueSet-validate-code",
        ("type", "instance"),
        ("ValueSet",),
        validate_code,
        _VALIDATE,
    ),
)
