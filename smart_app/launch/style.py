"""The EHR's look (``smart_style_url``), treated as hostile.

Fetched from the EHR's own origin only, and reduced to colours and lengths that match strict patterns. Fonts and
everything else are dropped: they could load or hide things.

Keys: SMART App Launch 2.2.0, "Styling" (experimental).
"""

import re

from sesame_fhir.fhir.json_types import Json
from smart_app.ehr.public_json import fetch_json
from smart_app.ehr.transport import TransportError, origin_of

_COLOURS = (
    "color_background",
    "color_error",
    "color_highlight",
    "color_modal_backdrop",
    "color_success",
    "color_text",
)
_LENGTHS = {"dim_border_radius": (0.0, 24.0), "dim_font_size": (12.0, 24.0), "dim_spacing_size": (4.0, 40.0)}
"""Allowed range in CSS pixels: beyond it the page would become unreadable."""

_HEX = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})")
_RGB = re.compile(r"rgba?\(\s*\d{1,3}\s*,\s*\d{1,3}\s*,\s*\d{1,3}\s*(?:,\s*(?:0|1|0?\.\d{1,3})\s*)?\)")
_LENGTH = re.compile(r"(\d{1,2}(?:\.\d{1,3})?)(px|rem|em)")
_PIXELS = {"px": 1.0, "rem": 16.0, "em": 16.0}
_LONGEST = 40


def fetch_style(issuer: str, url: object, timeout: float) -> dict[str, str]:
    """The safe part of the EHR's style, by SMART key; empty when there is none to be had."""
    if not isinstance(url, str):
        return {}
    try:
        if origin_of(url) != origin_of(issuer) or "@" in url:
            return {}
        return safe_style(fetch_json(url, timeout))
    except (TransportError, ValueError):
        return {}


def safe_style(document: Json) -> dict[str, str]:
    """Keep known keys whose value is a plain colour, or a length within bounds."""
    found = {key: document[key].strip() for key in (*_COLOURS, *_LENGTHS) if isinstance(document.get(key), str)}
    return {key: value for key, value in found.items() if len(value) <= _LONGEST and _is_safe(key, value)}


def _is_safe(key: str, value: str) -> bool:
    if key in _COLOURS:
        return bool(_HEX.fullmatch(value) or _RGB.fullmatch(value))
    length = _LENGTH.fullmatch(value)
    low, high = _LENGTHS[key]
    return length is not None and low <= float(length[1]) * _PIXELS[length[2]] <= high
