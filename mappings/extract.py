"""Observation-based extraction (SDC ``$extract``) from a response of one of our questionnaires.

The Observation is built by the mapping that publishes the pathway's own (``mappings.observation``), so that both say
the same number in the same words. What the response itself states is kept as it states it: who answered, in which
encounter.
"""

from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from mappings.datatypes import compact, instant, moment
from mappings.observation import observation
from mappings.questionnaire_response import screening_of
from sesame_fhir.domain.actors import Actor, Role
from sesame_fhir.domain.policy import PathwayPolicy
from sesame_fhir.fhir.canonical import own
from sesame_fhir.fhir.json_types import Json

_NOBODY = Actor("extract", Role.SYSTEM, "SÉSAME")
"""Stands for the author until the response's own reference takes its place."""


def extracted(response: Json, policy: PathwayPolicy, first_authored: datetime | None = None) -> list[Json]:
    """Observations of a finished response: one with the total, or none when a counted question was skipped.

    Args:
        response: a valid response with ``authored``.
        policy: whether an interpretation is published.
        first_authored: when the questionnaire was first answered, for a response that was corrected since.

    Raises:
        Refused: another form than ours, or answers that do not belong to it.
        ValueError: ``authored`` is absent or has no time zone.
    """
    screening = screening_of(response, _NOBODY)
    built = observation(screening, response["subject"], policy=policy)
    if built is None:
        return []
    said: dict[str, object] = {
        "effectiveDateTime": instant(first_authored or screening.taken_at),
        "performer": [response["author"]] if "author" in response else None,
        "encounter": response.get("encounter"),
        "derivedFrom": [{"reference": f"QuestionnaireResponse/{response['id']}"}] if "id" in response else None,
    }
    if not screening.screening_id:
        said |= {"identifier": None, "id": None}
    if "id" not in response or "author" not in response:
        said["meta"] = None  # our profile asks where a total comes from, and who recorded it
    return [compact({**built, **said})]


def extraction_bundle(observations: list[Json]) -> Json:
    """The transaction that writes them: each replaces the one extracted before from the same response."""
    return compact({"resourceType": "Bundle", "type": "transaction", "entry": [_entry(one) for one in observations]})


def _entry(resource: Json) -> Json:
    """An update by our identifier; without one (a response that has none) a creation."""
    content = {name: part for name, part in resource.items() if name != "id"}
    request = {"method": "POST", "url": "Observation"}
    for known in content.get("identifier", ()):
        request = {"method": "PUT", "url": f"Observation?identifier={known['system']}|{known['value']}"}
    key = own("Observation", str(resource.get("id", "")))
    return {"fullUrl": f"urn:uuid:{uuid5(NAMESPACE_URL, key)}", "resource": content, "request": request}


def first_answered(first_version: Json) -> datetime | None:
    """When the first version of a response was authored."""
    return moment(first_version.get("authored"))
