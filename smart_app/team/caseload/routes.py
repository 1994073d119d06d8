"""Addresses of the caseload."""

from smart_app.team.caseload.export import export_caseload
from smart_app.team.caseload.listing import post_search, show_caseload
from smart_app.team.caseload.marks import post_mark, post_unmark
from smart_app.team.routing import TeamRoute

ROUTES = (
    TeamRoute("GET", "/caseload", "view-caseload", show_caseload),
    TeamRoute("POST", "/caseload", "view-caseload", post_search),
    TeamRoute("GET", "/caseload.csv", "export-caseload", export_caseload),
    TeamRoute("POST", "/p/<pathway_id>/mark", "mark-for-review", post_mark),
    TeamRoute("POST", "/p/<pathway_id>/unmark", "unmark-for-review", post_unmark),
)
