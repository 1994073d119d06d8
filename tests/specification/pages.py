"""The pages of docs/rules, in the order in which a patient meets them."""

from tests.specification import (
    billing,
    calendar,
    care,
    claims,
    consents,
    contacts,
    course,
    dates,
    exits,
    flags,
    outcomes,
    referral,
    review,
    roles,
    screening,
    sequences,
)
from tests.specification.model import Page

PAGES: tuple[Page, ...] = (
    screening.PAGE,
    referral.PAGE,
    care.PAGE,
    contacts.PAGE,
    review.PAGE,
    sequences.PAGE,
    calendar.PAGE,
    course.PAGE,
    exits.PAGE,
    consents.PAGE,
    billing.PAGE,
    claims.PAGE,
    flags.PAGE,
    outcomes.PAGE,
    dates.PAGE,
    roles.PAGE,
)
