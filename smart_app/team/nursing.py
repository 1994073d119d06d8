"""The nurse's pages of one patient: referral, assessment, plan of care, contacts, item 9."""

from smart_app.team import assessment, contact, plan, referral, safety
from smart_app.team.routing import TeamRoute

ROUTES: tuple[TeamRoute, ...] = (
    *referral.ROUTES,
    *assessment.ROUTES,
    *plan.ROUTES,
    *contact.ROUTES,
    *safety.ROUTES,
)
