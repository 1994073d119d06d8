"""QuestionnaireResponse -> a completed instrument to record; the total is recomputed, never believed."""

from datetime import datetime

from mappings.incoming.elements import needed_moment, refusal
from mappings.questionnaire import total_link_id
from mappings.questionnaire_response import answers_of, instrument_of
from sesame_fhir.domain.ids import ScreeningId
from sesame_fhir.domain.instruments import Instrument
from sesame_fhir.domain.reasons import ReasonCode
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.services.screening import RecordScreening, complete_total

FINISHED = frozenset({"completed", "amended"})
"""Statuses that mean answers; a response still being filled in is a draft of the record."""


def is_ours(resource: Json) -> bool:
    """True for a response to one of our instruments."""
    return instrument_of(resource) is not None


def screening(resource: Json, screening_id: str) -> tuple[RecordScreening, datetime]:
    """The instrument as answered, and when.

    Raises:
        Refused: an unknown item or answer, or answers that are missing.
        UnprocessableResource: another instrument or version, no time of the answers, a total that contradicts them.
    """
    instrument = instrument_of(resource)
    version = str(resource.get("questionnaire", "")).partition("|")[2]
    if instrument is None or version not in ("", instrument.version):
        raise refusal(ReasonCode.UNKNOWN_INSTRUMENT, "QuestionnaireResponse.questionnaire")
    answers = answers_of(resource, instrument)
    _check_total(resource, instrument, complete_total(instrument, answers))
    authored = needed_moment(resource, "authored")
    return RecordScreening(ScreeningId(screening_id), instrument.id, answers), authored


def _check_total(resource: Json, instrument: Instrument, total: int) -> None:
    for place, item in enumerate(resource.get("item", ())):
        if item.get("linkId") != total_link_id(instrument):
            continue
        for given in item.get("answer", ()):
            claimed = given.get("valueInteger", given.get("valueDecimal"))
            if claimed is not None and claimed != total:
                raise refusal(ReasonCode.TOTAL_CONTRADICTED, f"QuestionnaireResponse.item[{place}].answer")
