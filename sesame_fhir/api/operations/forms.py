"""Which Questionnaire is meant, and ``$questionnaire-package``: a form with every code that it needs, to take away."""

from collections.abc import Iterator

from sesame_fhir.api.bearer import Caller
from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.api.facade.exchange import Answer, Ask
from sesame_fhir.api.operations.output import answer
from sesame_fhir.api.operations.parameters import Given, Parameter, read_parameters
from sesame_fhir.api.operations.reach import readable
from sesame_fhir.api.operations.registry import Operation
from sesame_fhir.fhir.canonical import own
from sesame_fhir.fhir.errors import InvalidResource, UnknownCode
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.outcomes import IssueType, error
from sesame_fhir.fhir.reader import read_json
from sesame_fhir.fhir.search_index import split_reference
from sesame_fhir.fhir.validation import require_valid
from sesame_fhir.fhir.walk import objects, text
from sesame_fhir.services.errors import NotFound

_PACKAGE = (Parameter("questionnaire", "uri"), Parameter("canonical", "uri"))
_DEEP = 3


def questionnaire_of(deps: ApiDeps, caller: Caller, ask: Ask, given: Given) -> Json:
    """The Questionnaire of the address, or the one that is sent or named.

    Raises:
        NotFound: none at this address.
        InvalidResource: none was named, or the one sent is not valid.
        UnknownCode: the named one is not known here.
    """
    if len(ask.path) == _DEEP:
        return _by_id(deps, caller, ask.path[1])
    sent: Json | None = given.one("questionnaire") if isinstance(given.one("questionnaire"), dict) else None
    if sent is not None:
        require_valid(sent, "Questionnaire")
        return sent
    referred = given.one("questionnaireRef")
    if referred is not None:
        target, key = split_reference(text(referred, "reference").removeprefix(f"{deps.base_url}/"))
        if target != "Questionnaire":
            raise given.wrong("questionnaireRef", "questionnaireRef : Questionnaire/[id] de ce serveur attendu.")
        return _by_id(deps, caller, key)
    named = _named(given)
    if named is None:
        raise InvalidResource(
            error(IssueType.REQUIRED, "Dire quel questionnaire : canonical, identifier…", "canonical")
        )
    name, canonical = named
    found = deps.questionnaires.get(canonical)
    if found is None:
        raise UnknownCode(error(IssueType.NOT_FOUND, "Questionnaire (ou version) inconnu ici.", given.place(name)))
    return found


def _named(given: Given) -> tuple[str, str] | None:
    """Name of the parameter that names it, and its canonical; an identifier of ours is the canonical itself."""
    identifier = given.one("identifier")
    if identifier is not None:
        return "identifier", text(identifier, "value")
    for name in ("canonical", "questionnaire"):
        if given.text(name) is not None:
            return name, str(given.text(name))
    return None


def _by_id(deps: ApiDeps, caller: Caller, resource_id: str) -> Json:
    """A stored Questionnaire that the token may read, else one of ours by its id."""
    stored = readable(deps, caller, "Questionnaire", resource_id)
    if stored is not None and stored.body is not None:
        return read_json(stored.body)
    found = deps.questionnaires.get(own("Questionnaire", resource_id))
    if found is None:
        raise NotFound
    return found


def package(deps: ApiDeps, caller: Caller, ask: Ask) -> Answer:
    """``$questionnaire-package``: a collection with the form first."""
    caller.access("Questionnaire", "r")
    given = read_parameters(_PACKAGE, ask.pairs, ask.body)
    questionnaire = questionnaire_of(deps, caller, ask, given)
    needed = dict.fromkeys(_canonicals(questionnaire))
    known = deps.terminology.by_url
    taken = [known[url] for url in needed if url in known]
    taken += [known[url] for one in taken for url in _systems(one) if url in known and url not in needed]
    entries = [{"fullUrl": one["url"], "resource": one} for one in (questionnaire, *taken)]
    stamp = deps.clock.now().isoformat(timespec="milliseconds")
    return answer({"resourceType": "Bundle", "type": "collection", "timestamp": stamp, "entry": entries})


def _canonicals(questionnaire: Json) -> Iterator[str]:
    """Value sets, code systems and libraries that the form names, without versions."""
    for one in objects(questionnaire, "extension"):
        if text(one, "url").endswith("/cqf-library"):
            yield text(one, "valueCanonical").partition("|")[0]
    pending = objects(questionnaire, "item")
    for item in pending:
        pending += objects(item, "item")
        if text(item, "answerValueSet"):
            yield text(item, "answerValueSet").partition("|")[0]
        codings = [*objects(item, "code"), *(option.get("valueCoding", {}) for option in objects(item, "answerOption"))]
        yield from (text(coding, "system") for coding in codings)


def _systems(value_set: Json) -> Iterator[str]:
    """Code systems of a value set."""
    yield from (text(one, "system") for one in objects(value_set.get("compose", {}), "include"))


PACKAGE_OPERATIONS = (
    Operation(
        "questionnaire-package",
        own("OperationDefinition", "questionnaire-package"),
        ("type", "instance"),
        ("Questionnaire",),
        package,
        _PACKAGE,
    ),
)
