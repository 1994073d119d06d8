"""``POST [base]``: a batch or a transaction; the envelope is checked here, the entries are checked as what they ask."""

from sesame_fhir.api.bearer import Caller
from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.api.facade.batches import batch
from sesame_fhir.api.facade.exchange import Answer, Ask, Perform
from sesame_fhir.api.facade.transactions import transaction
from sesame_fhir.fhir.errors import InvalidResource, NotSupported, TooCostly
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.outcomes import IssueType, error
from sesame_fhir.fhir.validation import require_valid
from sesame_fhir.fhir.walk import objects

MAX_ENTRIES = 1000
_KINDS = {"batch": batch, "transaction": transaction}


def bundle(deps: ApiDeps, caller: Caller, ask: Ask, perform: Perform) -> Answer:
    """Do what a Bundle asks for; ``perform`` answers an entry that stands for itself.

    Raises:
        InvalidResource: the body is no Bundle, or its envelope is not valid.
        NotSupported: a Bundle of another type.
        TooCostly: more than ``MAX_ENTRIES`` entries.
    """
    given: Json = ask.body or {}
    if given.get("resourceType") != "Bundle":
        raise InvalidResource(error(IssueType.INVALID, "Cette adresse attend un Bundle.", "resourceType"))
    entries = objects(given, "entry")
    if len(entries) > MAX_ENTRIES:
        text = f"Au plus {MAX_ENTRIES} entrées par Bundle : l'envoyer en plusieurs fois."
        raise TooCostly(error(IssueType.TOO_COSTLY, text, "Bundle.entry"))
    require_valid(_envelope(given), "Bundle")
    kind = _KINDS.get(str(given.get("type")))
    if kind is None:
        text = "Seuls les Bundles de type batch ou transaction sont traités ici."
        raise NotSupported(error(IssueType.NOT_SUPPORTED, text, "Bundle.type"))
    return kind(deps, caller, ask, entries, perform)


def _envelope(given: Json) -> Json:
    """The Bundle without the resources inside; anything else in their place stays, to be refused."""
    entries = given.get("entry")
    if not isinstance(entries, list):
        return given
    return {**given, "entry": [_without_resource(entry) for entry in entries]}


def _without_resource(entry: object) -> object:
    if not isinstance(entry, dict) or not isinstance(entry.get("resource"), dict):
        return entry
    return {name: value for name, value in entry.items() if name != "resource"}
