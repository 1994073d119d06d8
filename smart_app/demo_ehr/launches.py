"""The ways a practice software may launch the app: the plain one, and two more to show what the context changes."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sesame_fhir.domain.instruments import INSTRUMENTS, InstrumentId
from sesame_fhir.fhir.canonical import own


class Variant(StrEnum):
    """Which launch the user asked for."""

    PLAIN = "plain"
    PHQ_9 = "phq-9"
    NO_BANNER = "no-banner"


@dataclass(frozen=True, slots=True)
class Opened:
    """What the record has open: logical ids of the patient and of the consultation, if there is one."""

    patient_id: str
    encounter_id: str | None


def launch_context(variant: Variant, opened: Opened, style_url: str) -> Mapping[str, Any]:
    """The SMART context of a launch (SMART App Launch 2.2, "Launch context arrives with your access token")."""
    context: dict[str, Any] = {
        "patient": opened.patient_id,
        "need_patient_banner": variant is not Variant.NO_BANNER,
        "smart_style_url": style_url,
    }
    if opened.encounter_id is not None:
        context["encounter"] = opened.encounter_id
    if variant is Variant.PHQ_9:
        instrument = INSTRUMENTS[InstrumentId.PHQ_9]
        canonical = f"{own('Questionnaire', instrument.id.value)}|{instrument.version}"
        context["fhirContext"] = [{"canonical": canonical, "type": "Questionnaire"}]
    return context


SMART_STYLE: Mapping[str, str] = {
    "color_background": "#f4f6f8",
    "color_error": "#a3201d",
    "color_highlight": "#0b5563",
    "color_success": "#1d6b3a",
    "color_text": "#1c2b33",
    "dim_border_radius": "4px",
    "dim_font_size": "16px",
    "dim_spacing_size": "16px",
    "font_family_body": "system-ui, sans-serif",
    "font_family_heading": "system-ui, sans-serif",
}
"""The practice software's look, offered to the app (SMART styling, experimental part of the specification)."""
