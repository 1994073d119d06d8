"""The total of a Screening -> Observation: the number a record can plot, derived from the response.

LOINC total where one is verified, a local code otherwise (GAD-2). The band comes from ``domain.scoring``; no
threshold is written here, and no interpretation is published when the policy switches it off.
"""

from mappings.claimed import claimed
from mappings.code_systems import BANDS, band_code
from mappings.datatypes import coding, compact, concept, identifier, instant, reference
from mappings.fields import FieldMap
from mappings.practitioner import actor_reference
from mappings.questionnaire import total_coding
from sesame_fhir.domain.instruments import INSTRUMENTS, Instrument
from sesame_fhir.domain.pathway import Screening
from sesame_fhir.domain.policy import PathwayPolicy
from sesame_fhir.domain.scoring import published_band
from sesame_fhir.fhir.canonical import OBSERVATION_CATEGORY, UCUM
from sesame_fhir.fhir.json_types import Json

FIELDS = (
    FieldMap(
        Screening,
        mapped={
            "screening_id": "Observation.identifier",
            "instrument": "Observation.code",
            "total": "Observation.value",
            "authored": "Observation.issued",
            "first_authored": "Observation.effective",
            "author": "Observation.performer",
            "amended": "Observation.status",
        },
        omitted={
            "answers": "They are in the response that the Observation derives from.",
            "instrument_version": "It is in the response that the Observation derives from.",
            "safety_flag": "Published as a Flag (mappings.flag).",
            "acknowledged_by": "Published with the acknowledgement's Task (mappings.flag).",
            "acknowledged_at": "Published with the acknowledgement's Task (mappings.flag).",
            "acknowledged_action": "Published with the acknowledgement's Task (mappings.flag).",
        },
    ),
)


def observation(
    screening: Screening, subject: Json, contact_id: str | None = None, *, policy: PathwayPolicy
) -> Json | None:
    """Build the total's Observation; None for a screening without a total (nothing was measured).

    ``contact_id`` is the nurse's contact in which it was taken. A correction does not move the measure in time.
    """
    if screening.total is None:
        return None
    instrument = INSTRUMENTS[screening.instrument]
    return compact(
        {
            "resourceType": "Observation",
            "id": screening.screening_id,
            "meta": claimed("Observation", "screening"),
            "language": "fr",
            "identifier": [identifier("screening", screening.screening_id)],
            "status": "amended" if screening.amended else "final",
            "category": [concept(coding(OBSERVATION_CATEGORY, "survey", "Survey"))],
            "code": concept(total_coding(instrument), text=f"{instrument.title}, score total"),
            "subject": subject,
            "encounter": reference("Encounter", contact_id) if contact_id else None,
            "effectiveDateTime": instant(screening.taken_at),
            "issued": instant(screening.authored),
            "performer": [actor_reference(screening.author, subject)],
            "valueQuantity": {"value": screening.total, "unit": "score", "system": UCUM, "code": "{score}"},
            "interpretation": _interpretation(instrument, screening.total, policy),
            "derivedFrom": [reference("QuestionnaireResponse", screening.screening_id)],
        }
    )


def _interpretation(instrument: Instrument, total: int, policy: PathwayPolicy) -> list[Json]:
    band = published_band(instrument, total, policy)
    return [] if band is None else [concept(BANDS.coding(band_code(instrument, band.code)), text=band.label)]
