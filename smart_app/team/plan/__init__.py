"""The plan of care, the care team, the phase and the relapse-prevention plan."""

from smart_app.team.plan import care_team, relapse, views

ROUTES = (*views.ROUTES, *care_team.ROUTES, *relapse.ROUTES)
