"""``Questionnaire/$populate`` (SDC, expression-based): a response begun with what the record already knows."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from urllib.parse import parse_qsl

from mappings.populate import Context, populated
from sesame_fhir.api.bearer import Caller
from sesame_fhir.api.compartment import narrowed
from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.api.facade.auditing import audit
from sesame_fhir.api.facade.exchange import Answer, Ask
from sesame_fhir.api.facade.linking import within_scopes
from sesame_fhir.api.operations.forms import questionnaire_of
from sesame_fhir.api.operations.output import parameters, resource
from sesame_fhir.api.operations.parameters import Given, Parameter, read_parameters
from sesame_fhir.api.operations.reach import page, readable, required
from sesame_fhir.api.operations.registry import SDC_OPERATION, Operation
from sesame_fhir.fhir.errors import InvalidResource, InvalidSearch, NotAllowed
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.outcomes import Issue, IssueType, Severity, error, operation_outcome
from sesame_fhir.fhir.reader import read_json
from sesame_fhir.fhir.search_index import split_reference
from sesame_fhir.fhir.search_query import parse_search
from sesame_fhir.fhir.walk import child, text

MAX_FOUND = 20
"""Most resources that one query of a questionnaire brings."""
_PARAMETERS = (
    *(Parameter("questionnaire", "Resource"), Parameter("identifier", "Identifier"), Parameter("canonical", "uri")),
    *(Parameter("questionnaireRef", "Reference"), Parameter("subject", "Reference", required=True)),
    Parameter(
        "context",
        "part",
        repeats=True,
        parts=(Parameter("name", "string", required=True), Parameter("content", "Reference")),
    ),
    Parameter("local", "boolean"),
)
_KINDS = {"patient": "Patient", "user": "Practitioner", "encounter": "Encounter"}


def run(deps: ApiDeps, caller: Caller, ask: Ask) -> Answer:
    """``$populate``: stores nothing. Every value comes from what the token may read."""
    caller.access("Questionnaire", "r")
    given = read_parameters(_PARAMETERS, ask.pairs, ask.body)
    questionnaire = questionnaire_of(deps, caller, ask, given)
    subject = given.one("subject")
    target, patient_id = split_reference(text(subject, "reference").removeprefix(f"{deps.base_url}/"))
    if target != "Patient":
        raise given.wrong("subject", "subject : référence à un Patient de ce serveur, Patient/[id].")
    patient = required(deps, caller, "populate", "Patient", patient_id)
    launch, issues = _launch(deps, caller, given)
    launch["patient"] = read_json(patient.body or b"{}")
    _check_subject(launch, patient_id)
    context = Context(launch, lambda query: _search(deps, caller, query), deps.clock.now())
    author = caller.grant.subject if caller.grant.subject.startswith("Practitioner/") else None
    here = {"reference": f"Patient/{patient_id}"}
    response, missing = populated(questionnaire, here, context, {"reference": author} if author else None)
    told = [*issues, *missing]
    outcome = resource("issues", operation_outcome(told)) if told else None
    return parameters([resource("response", response), outcome])


def _launch(deps: ApiDeps, caller: Caller, given: Given) -> tuple[dict[str, Json], list[Issue]]:
    """The resources of the context that exist and that the token may read; what is not so is told."""
    named = [(str(one.text("name")), one.one("content") or {}, one) for one in given.all("context")]
    user = caller.grant.subject
    if user.startswith("Practitioner/") and not any(name == "user" for name, _, _ in named):
        named.append(("user", {"reference": user}, given))
    found: dict[str, Json] = {}
    issues: list[Issue] = []
    for name, content, entry in named:
        target, key = split_reference(text(content, "reference").removeprefix(f"{deps.base_url}/"))
        stored = readable(deps, caller, target, key) if target and _KINDS.get(name, target) == target else None
        if stored is None or stored.body is None:
            diagnostics = f"Contexte {name[:20]} : ressource absente, ou hors de portée de ce jeton."
            issues.append(Issue(Severity.WARNING, IssueType.NOT_FOUND, diagnostics, (entry.place("content"),)))
        else:
            audit(deps, caller, "populate", stored.resource_type, stored.resource_id)
            found[name] = read_json(stored.body)
    return found, issues


def _check_subject(launch: dict[str, Json], patient_id: str) -> None:
    """An encounter of somebody else must not lend its data to this patient's form."""
    encounter = launch.get("encounter")
    if encounter is None:
        return
    whose = split_reference(text(child(encounter, "subject"), "reference"))
    if whose != ("Patient", patient_id):
        raise InvalidResource(error(IssueType.VALUE, "La rencontre est celle d'un autre patient.", "context"))


def _search(deps: ApiDeps, caller: Caller, query: str) -> Json | None:
    """A query of the questionnaire, which anybody may have written: what the caller could search, chains included."""
    resource_type, _, criteria = query.partition("?")
    pairs = parse_qsl(criteria, keep_blank_values=True)
    try:
        parsed = parse_search(resource_type, pairs, now=deps.clock.now(), strict=True, base=deps.base_url)
        asked = replace(parsed.query, clauses=within_scopes(caller, parsed.query.clauses))
        within = narrowed(asked, caller.access(resource_type, "s"), caller.patient)
    except (InvalidSearch, NotAllowed):
        return None
    bounded = replace(within, count=min(within.count, MAX_FOUND))
    got = page(deps, caller, bounded) if parsed.query.clauses else None
    if got is None:
        return None
    audit(deps, caller, "populate", resource_type)
    return {"resourceType": "Bundle", "entry": _entries([one.body for one in got.resources])}


def _entries(bodies: Iterable[bytes | None]) -> Sequence[Json]:
    return [{"resource": read_json(body)} for body in bodies if body is not None]


POPULATE_OPERATIONS = (
    Operation(
        "populate",
        f"{SDC_OPERATION}/Questionnaire-populate",
        ("type", "instance"),
        ("Questionnaire",),
        run,
        _PARAMETERS,
    ),
)
