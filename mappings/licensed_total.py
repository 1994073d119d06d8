"""The total of a licensed instrument <-> Observation: the value and its day; nothing of the instrument's text.

Local codes: no LOINC total of these was verified (mappings.code_systems, TOTALS).
"""

from datetime import date

from mappings.code_systems import TOTALS, total_code
from mappings.datatypes import coding, concept, head, instant, moment, quantity
from mappings.fields import FieldMap
from mappings.practitioner import actor_reference
from sesame_fhir.domain.actors import Actor
from sesame_fhir.domain.care import LicensedTotal
from sesame_fhir.domain.events import LicensedInstrument
from sesame_fhir.domain.licensed import LICENSED
from sesame_fhir.fhir.canonical import OBSERVATION_CATEGORY
from sesame_fhir.fhir.json_types import Json

FIELDS = (
    FieldMap(
        LicensedTotal,
        mapped={
            "total_id": "Observation.identifier",
            "instrument": "Observation.code",
            "total": "Observation.value",
            "on": "Observation.effective",
            "by": "Observation.performer",
            "at": "Observation.issued",
        },
    ),
)


def licensed_observation(total: LicensedTotal, subject: Json) -> Json:
    """Build the Observation."""
    return {
        **head("Observation", total.total_id, "total"),
        "status": "final",
        "category": [concept(coding(OBSERVATION_CATEGORY, "survey", "Survey"))],
        "code": concept(
            TOTALS.coding(total_code(total.instrument)), text=f"{LICENSED[total.instrument].title}, score total"
        ),
        "subject": subject,
        "effectiveDateTime": total.on.isoformat(),
        "issued": instant(total.at),
        "performer": [actor_reference(total.by, subject)],
        "valueQuantity": quantity(total.total, "score", "{score}"),
    }


def licensed_total_of(resource: Json, by: Actor) -> LicensedTotal | None:
    """Read one of our Observations back; None when it is not the total of a licensed instrument.

    ``by`` is who the reader knows recorded it.
    """
    codes = {c.get("code") for c in resource.get("code", {}).get("coding", ()) if c.get("system") == TOTALS.url}
    instrument = next((i for i in LicensedInstrument if total_code(i) in codes), None)
    at, value = moment(resource.get("issued")), resource.get("valueQuantity", {}).get("value")
    if instrument is None or at is None or not isinstance(value, int):
        return None
    day = date.fromisoformat(str(resource["effectiveDateTime"]))
    return LicensedTotal(str(resource["id"]), instrument, value, day, by, at)
