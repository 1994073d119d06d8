"""The indicators' pages: what was done, beside what was planned and what was published; as a page, CSV and FHIR."""

from smart_app.team.indicators.export import export_indicators, export_measure_reports
from smart_app.team.indicators.views import show_indicator, show_indicators
from smart_app.team.routing import TeamRoute

ROUTES = (
    TeamRoute("GET", "/indicators", "view-indicators", show_indicators),
    TeamRoute("GET", "/indicators/<code>", "view-indicators", show_indicator),
    TeamRoute("GET", "/indicators.csv", "export-indicators", export_indicators),
    TeamRoute("GET", "/indicators.json", "export-indicators", export_measure_reports),
)
