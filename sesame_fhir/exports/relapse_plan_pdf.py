"""The relapse-prevention plan as one page that the patient takes home: large letters, plain French, 3114 and 15."""

from math import ceil

from mappings.datatypes import instant
from mappings.relapse_leaflet import ALWAYS, TITLE, Leaflet
from sesame_fhir.exports.documents import document_html, document_pdf

_SIZES = (20, 18, 17, 16, 15, 14, 13, 12, 11, 10)
"""Points, largest first: the page has the first that fits. The plan's form allows no more than fits at the last."""
_POINT = 25.4 / 72
_WIDTH, _HEIGHT = 178, 262
"""Millimetres for text on the page, its margins taken off."""
_LINE, _LETTER = 1.37, 0.53
"""Height of a line and mean width of a letter of the typeface, in the size of its letters."""
_HEADING_ROWS, _FRAME_ROWS = 2, 9
"""A heading with the space above it; the title, the last heading and the two numbers that are always there."""


def relapse_plan_pdf(leaflet: Leaflet) -> bytes:
    """Render the page. Raises DocumentUnavailable where this machine cannot (see ``exports.documents``)."""
    return document_pdf(relapse_plan_html(leaflet))


def relapse_plan_html(leaflet: Leaflet) -> str:
    """Write the page that is rendered."""
    size = next((points for points in _SIZES if _fits(leaflet, points)), _SIZES[-1])
    return document_html(
        "relapse_plan", title=TITLE, leaflet=leaflet, always=ALWAYS, size=size, created=instant(leaflet.written_at)
    )


def _fits(leaflet: Leaflet, points: int) -> bool:
    """True when everything goes on one page with letters of this size."""
    letters = int(_WIDTH / (points * _POINT * _LETTER)) - 2
    texts = [text for _, lines in leaflet.parts for text in lines]
    texts += [f"{helper.name} : {helper.phone or ''}" for helper in leaflet.helpers]
    rows = sum(ceil(len(text) / letters) for text in texts) + _HEADING_ROWS * len(leaflet.parts) + _FRAME_ROWS
    return rows * points * _POINT * _LINE <= _HEIGHT
