"""The weekly case review: the list, one page per case, the psychiatrist's signed advice, the log of sessions."""

from smart_app.team.review import case, listing, sessions, signing
from smart_app.team.routing import TeamRoute

ROUTES = (
    TeamRoute("GET", "/review", "view-review", listing.show_review),
    TeamRoute("POST", "/review/start", "log-review-session", sessions.post_review_start),
    TeamRoute("GET", "/review/close", "log-review-session", sessions.show_review_close),
    TeamRoute("POST", "/review/close", "log-review-session", sessions.post_review_close, draft=sessions.CLOSING),
    TeamRoute("GET", "/review/sessions", "view-review", sessions.show_review_sessions),
    TeamRoute("GET", "/p/<pathway_id>/review", "view-review", case.show_case),
    TeamRoute("POST", "/p/<pathway_id>/review", "review-case", signing.post_review, draft=case.DRAFT),
    TeamRoute("POST", "/p/<pathway_id>/review/draft", "review-case", signing.post_review_draft),
    TeamRoute("GET", "/p/<pathway_id>/review/signed/<review_id>", "view-review", signing.show_signed_review),
)
