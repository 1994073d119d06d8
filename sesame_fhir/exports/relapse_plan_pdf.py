"""The relapse-prevention plan as one page that the patient takes home: large letters, plain French, 3114 and 15."""

from mappings.datatypes import instant
from mappings.relapse_leaflet import ALWAYS, TITLE, Leaflet
from sesame_fhir.exports.documents import document_html, document_pdf

_SIZES = ((12, 17), (18, 15), (26, 13))
"""Up to so many lines -> letters of so many points; the plan's form allows no more than fits at the smallest."""
_SMALLEST = 11


def relapse_plan_pdf(leaflet: Leaflet) -> bytes:
    """Render the page. Raises DocumentUnavailable where this machine cannot (see ``exports.documents``)."""
    return document_pdf(relapse_plan_html(leaflet))


def relapse_plan_html(leaflet: Leaflet) -> str:
    """Write the page that is rendered."""
    size = next((points for most, points in _SIZES if leaflet.lines <= most), _SMALLEST)
    return document_html(
        "relapse_plan", title=TITLE, leaflet=leaflet, always=ALWAYS, size=size, created=instant(leaflet.written_at)
    )
