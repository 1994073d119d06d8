"""Renders a page of a launch: strip, ticket, the EHR's look, and the words that templates use."""

from collections.abc import Mapping
from datetime import date, datetime

from flask import render_template
from markupsafe import Markup

from mappings import french
from mappings.code_systems import DECISION_REASONS, SAFETY_ACTIONS
from mappings.displays import display
from sesame_fhir.domain.eligibility import age_on
from sesame_fhir.domain.events import PatientTraits
from sesame_fhir.domain.instruments.model import Answer, Instrument, Item
from sesame_fhir.fhir.reason_texts import REASON_TEXTS
from smart_app.deps import current_deps
from smart_app.pages import texts
from smart_app.pages.assets import asset_url
from smart_app.pages.context import PageContext
from smart_app.pages.languages import language
from smart_app.pages.style import css_block, custom_properties


def render(page: PageContext, template: str, **values: object) -> str:
    """Render a template of this launch; that the patient's data was shown goes to the audit log."""
    page.trace("view", template.removeprefix("app/").removesuffix(".html"))
    ticket = page.new_ticket()
    return render_template(
        template,
        page=page,
        ticket=ticket,
        csrf=page.seal(ticket),
        traits=page.patient.traits,
        age=age_of(page.patient.traits, page.local(page.now).date()),
        slim_strip=page.launch.context.get("need_patient_banner") is False,
        style=Markup(css_block(custom_properties(_style(page.launch.context)))),  # noqa: S704  digits, names and # only
        **values,
    )


def helpers() -> dict[str, object]:
    """What every template may call, launch or not."""
    return {
        "texts": texts,
        "reason_text": REASON_TEXTS,
        "decision_text": DECISION_REASONS.concepts,
        "action_text": SAFETY_ACTIONS.concepts,
        "sex_text": french.SEXES,
        "asset_url": asset_url,
        "display": display,
        "language": language,
        "day": day,
        "moment": moment,
        "question_text": question_text,
        "answer_text": answer_text,
        "instruction_text": instruction_text,
        "next_reset": next_reset,
    }


def next_reset() -> datetime | None:
    """When this sandbox forgets everything; None where it is none."""
    resets_at = current_deps().resets_at
    return None if resets_at is None else resets_at()


def age_of(traits: PatientTraits, today: date) -> int | None:
    """Age in years, None without a birth date."""
    return None if traits.birth_date is None else age_on(traits.birth_date, today)


def day(value: date) -> str:
    """A date in words."""
    return french.day(value) if language() == "fr" else f"{value.day} {value:%B %Y}"


def moment(value: datetime) -> str:
    """A date and time in words, on the practice's clock."""
    if language() == "fr":
        return french.moment(value)
    local = value.astimezone(french.PARIS)
    return f"{day(local.date())}, {local:%H:%M}"


def question_text(item: Item) -> str:
    """A question, in its published wording."""
    return _published(item.text, item.text_en)


def answer_text(answer: Answer) -> str:
    """An answer, in its published wording."""
    return _published(answer.text, answer.text_en)


def instruction_text(instrument: Instrument) -> str:
    """An instrument's instruction, in its published wording."""
    return _published(instrument.instruction, instrument.instruction_en)


def _published(in_french: str, in_english: str | None) -> str:
    # An instrument is never translated by us: without a published English wording the French one stays.
    return in_english if in_english is not None and language() == "en" else in_french


def _style(context: Mapping[str, object]) -> Mapping[str, object]:
    style = context.get("style")
    return style if isinstance(style, Mapping) else {}
