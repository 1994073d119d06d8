"""Addresses of the agenda and of the calendar feed."""

from smart_app.team.agenda.feed import ACTION, calendar_feed, post_calendar, post_calendar_end, show_calendar
from smart_app.team.agenda.view import show_agenda
from smart_app.team.routing import OpenRoute, TeamRoute

ROUTES = (
    TeamRoute("GET", "/agenda", "view-agenda", show_agenda),
    TeamRoute("GET", "/calendar", ACTION, show_calendar),
    TeamRoute("POST", "/calendar", ACTION, post_calendar),
    TeamRoute("POST", "/calendar/end", ACTION, post_calendar_end),
)

OPEN_ROUTES: tuple[OpenRoute, ...] = (("GET", "/calendar/<token>.ics", calendar_feed),)
