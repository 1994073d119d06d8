"""``ConceptMap/$translate`` (R4 conceptmap-operations) with our own maps."""

from sesame_fhir.api.bearer import Caller
from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.api.facade.exchange import Answer, Ask
from sesame_fhir.api.operations.codes import CODE, CODEABLE, CODING, asked_codes, stored_at
from sesame_fhir.api.operations.output import parameters, parts, value
from sesame_fhir.api.operations.parameters import Parameter, read_parameters
from sesame_fhir.api.operations.registry import R4_OPERATION, Operation
from sesame_fhir.fhir.errors import UnknownCode
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.outcomes import IssueType, error
from sesame_fhir.fhir.terminology import Translation

_TRANSLATE = (
    *(Parameter("url", "uri"), Parameter("conceptMapVersion", "string"), CODE, Parameter("system", "uri")),
    *(Parameter("version", "string"), Parameter("source", "uri"), CODING, CODEABLE, Parameter("target", "uri")),
    Parameter("targetsystem", "uri"),
)
_NO_MATCH = frozenset({"unmatched", "disjoint"})


def translate(deps: ApiDeps, caller: Caller, ask: Ask) -> Answer:
    """``$translate``: the codes of another system that stand for a code."""
    caller.access("ConceptMap", "r")
    given = read_parameters(_TRANSLATE, ask.pairs, ask.body)
    here = stored_at(deps, ask)
    url = str(here["url"]) if here is not None else given.text("url")
    if url is not None and deps.terminology.concept_map(url) is None:
        raise UnknownCode(error(IssueType.NOT_FOUND, "Table de correspondance inconnue ici.", given.place("url")))
    found = [
        translation
        for asked in asked_codes(given, given.text("system"), given.text("version"))
        for translation in deps.terminology.translate(
            asked.system or "", asked.code, url=url and url.partition("|")[0], target=given.text("targetsystem")
        )
    ]
    result = any(one.equivalence not in _NO_MATCH for one in found)
    message = None if found else "Aucune correspondance connue ici."
    return parameters([value("result", "Boolean", result), value("message", "String", message), *map(_match, found)])


def _match(found: Translation) -> Json:
    coding = {"system": found.system, "code": found.code, "display": found.display}
    kept = {name: part for name, part in coding.items() if part}
    return parts(
        "match",
        [
            value("equivalence", "Code", found.equivalence),
            value("concept", "Coding", kept or None),
            value("source", "Uri", found.source),
        ],
    )


CONCEPT_MAP_OPERATIONS = (
    Operation(
        "translate",
        f"{R4_OPERATION}/ConceptMap-translate",
        ("type", "instance"),
        ("ConceptMap",),
        translate,
        _TRANSLATE,
    ),
)
