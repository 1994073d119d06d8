"""``EpisodeOfCare/[id]/$summary``: the pathway as a document Bundle of what the token may read; nothing is stored."""

from collections.abc import Iterator
from dataclasses import replace

from mappings.summary_document import Material, referred, summary_document
from sesame_fhir.api.bearer import Caller
from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.api.facade.exchange import Answer, Ask
from sesame_fhir.api.operations.output import answer
from sesame_fhir.api.operations.parameters import read_parameters
from sesame_fhir.api.operations.reach import every, granted, readable, required
from sesame_fhir.api.operations.registry import Operation
from sesame_fhir.fhir.canonical import own
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.reader import read_json
from sesame_fhir.fhir.search_index import split_reference
from sesame_fhir.fhir.walk import child, text, walk
from sesame_fhir.services.search import ReferenceClause, ReferenceValue

MAX_OF_A_TYPE = 500
MAX_LINKED = 500
"""Most resources of one type, and most that are there because another one refers to them."""
_TYPES = ("CarePlan", "Communication", "Condition", "Encounter", "Goal", "Observation", "Task")
_FOREIGN = frozenset({"Patient"})
"""Other pathways of the same person have documents of their own."""


def run(deps: ApiDeps, caller: Caller, ask: Ask) -> Answer:
    """``$summary``."""
    read_parameters((), ask.pairs, ask.body)
    episode = read_json(required(deps, caller, "summary", "EpisodeOfCare", ask.path[1]).body or b"{}")
    _, patient_id = split_reference(text(child(episode, "patient"), "reference"))
    patient = read_json(required(deps, caller, "summary", "Patient", patient_id).body or b"{}")
    about = (ReferenceClause("patient", (ReferenceValue("Patient", patient_id),)),)
    held = {name: every(deps, caller, name, about, MAX_OF_A_TYPE) for name in _TYPES}
    hidden = frozenset(name for name in _TYPES if granted(caller, name) is None)
    material = Material(episode, patient, held, hidden=hidden)
    whole = replace(material, linked=list(_linked(deps, caller, material)))
    return answer(summary_document(whole, deps.base_url, deps.clock.now()))


def _linked(deps: ApiDeps, caller: Caller, material: Material) -> Iterator[Json]:
    """What the document's resources refer to, and what that refers to in turn."""
    pending = list(referred(material))
    met = {(one["resourceType"], one["id"]) for one in pending}
    count = 0
    for resource in pending:
        for _, node in walk(resource).nodes:
            kind, key = target = split_reference(text(node, "reference"))
            if kind is None or kind in _FOREIGN or target in met or count >= MAX_LINKED:
                continue
            met.add(target)
            stored = readable(deps, caller, kind, key)
            if stored is not None and stored.body is not None:
                count += 1
                pending.append(found := read_json(stored.body))
                yield found


SUMMARY_OPERATIONS = (
    Operation("summary", own("OperationDefinition", "episode-summary"), ("instance",), ("EpisodeOfCare",), run),
)
