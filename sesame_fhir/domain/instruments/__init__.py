"""Screening and follow-up instruments as data: text, codes, answers, bands.

``INSTRUMENTS`` maps the instrument's id to its definition. The French texts are those of the validated
French-for-France versions (see each module); they are quoted exactly and never "corrected".
"""

from sesame_fhir.domain.instruments.audit_c import AUDIT_C
from sesame_fhir.domain.instruments.gad import GAD_2, GAD_7
from sesame_fhir.domain.instruments.model import Answer, Band, Instrument, InstrumentId, Item
from sesame_fhir.domain.instruments.phq import PHQ_2, PHQ_9

INSTRUMENTS: dict[InstrumentId, Instrument] = {i.id: i for i in (PHQ_2, PHQ_9, GAD_2, GAD_7, AUDIT_C)}

__all__ = ["INSTRUMENTS", "Answer", "Band", "Instrument", "InstrumentId", "Item"]
