"""A page about one patient: who it is about in its header, the same on every such page."""

from flask import current_app

from smart_app.pages.render import age_of
from smart_app.team.context import TeamContext
from smart_app.team.field_texts import FIELDS
from smart_app.team.render import render


def render_about(page: TeamContext, template: str, **values: object) -> str:
    """Render a template that extends ``team/about.html``. Raises NotFound on an address without a pathway."""
    traits = page.patient_pathway.traits
    age = None if traits is None else age_of(traits, page.local(page.now).date())
    return render(page, template, traits=traits, age=age, field_text=FIELDS, exists=exists, **values)


def exists(endpoint: str) -> bool:
    """True when this deployment has the page."""
    return f"team.{endpoint}" in current_app.view_functions
