"""``QuestionnaireResponse/$extract`` (SDC): the Observations of a response, as a transaction that writes them."""

from datetime import datetime

from mappings.datatypes import moment
from mappings.extract import extracted, extraction_bundle, first_answered
from sesame_fhir.api.bearer import Caller
from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.api.facade.auditing import audit
from sesame_fhir.api.facade.exchange import Answer, Ask
from sesame_fhir.api.operations.output import answer
from sesame_fhir.api.operations.parameters import Parameter, read_parameters
from sesame_fhir.api.operations.reach import required
from sesame_fhir.api.operations.registry import SDC_OPERATION, Operation
from sesame_fhir.domain.policy import DEFAULT_POLICY
from sesame_fhir.fhir.errors import InvalidResource, UnprocessableResource
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.outcomes import IssueType, error
from sesame_fhir.fhir.reader import read_json
from sesame_fhir.fhir.validation import require_valid

_NAME = "questionnaire-response"
_PARAMETERS = (Parameter(_NAME, "Resource"),)
_FINISHED = frozenset({"completed", "amended"})
_DEEP = 3


def run(deps: ApiDeps, caller: Caller, ask: Ask) -> Answer:
    """``$extract``. Writes nothing: the transaction is the client's to send, with its own rights."""
    caller.access("QuestionnaireResponse", "r")
    given = read_parameters(_PARAMETERS, ask.pairs, ask.body, _NAME)
    sent: Json | None = given.one(_NAME)
    first = None
    if len(ask.path) == _DEEP:
        response, first = _stored(deps, caller, ask.path[1])
    elif sent is not None:
        audit(deps, caller, "extract", "QuestionnaireResponse")
        response = sent
    else:
        raise InvalidResource(error(IssueType.REQUIRED, "Envoyer la QuestionnaireResponse.", _NAME))
    _check(deps, response)
    policy = DEFAULT_POLICY if deps.engine is None else deps.engine.policy
    return answer(extraction_bundle(extracted(response, policy, first)))


def _stored(deps: ApiDeps, caller: Caller, resource_id: str) -> tuple[Json, datetime | None]:
    """The response with the time of its first version: a correction does not move the measure."""
    stored = required(deps, caller, "extract", "QuestionnaireResponse", resource_id)
    first = deps.resources.vread("QuestionnaireResponse", resource_id, 1)
    began = None if first is None or first.body is None else first_answered(read_json(first.body))
    return read_json(stored.body or b"{}"), began


def _check(deps: ApiDeps, response: Json) -> None:
    """Only what is finished and dated is measured.

    Raises:
        InvalidResource: not valid R4, or not a QuestionnaireResponse.
        UnprocessableResource: unfinished, or without subject or time; answers that do not fit.
    """
    require_valid(response, "QuestionnaireResponse")
    found = []
    if response["status"] not in _FINISHED:
        text = "Réponse inachevée ou annulée : seule une réponse completed ou amended est extraite."
        found.append(error(IssueType.BUSINESS_RULE, text, "QuestionnaireResponse.status"))
    for name in ("subject", "authored"):
        if name not in response:
            text = f"Élément nécessaire à l'extraction : {name}."
            found.append(error(IssueType.REQUIRED, text, f"QuestionnaireResponse.{name}"))
    if "authored" in response and moment(response["authored"]) is None:
        text = "authored : date et heure, avec fuseau."
        found.append(error(IssueType.VALUE, text, "QuestionnaireResponse.authored"))
    issues = deps.profiles.issues(response, "QuestionnaireResponse")
    found += [one for one in issues if one.blocking]
    if found:
        raise UnprocessableResource(*found)


EXTRACT_OPERATIONS = (
    Operation(
        "extract",
        f"{SDC_OPERATION}/QuestionnaireResponse-extract",
        ("type", "instance"),
        ("QuestionnaireResponse",),
        run,
        _PARAMETERS,
        _NAME,
    ),
)
