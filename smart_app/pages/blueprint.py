"""The routes of a launch's pages, and what happens when a rule, another person or a wrong address stands in the way."""

from collections.abc import Callable, Mapping
from functools import wraps
from http import HTTPStatus
from pathlib import Path
from typing import cast

from flask import Blueprint, Flask, make_response, request
from flask.typing import ResponseReturnValue

from sesame_fhir.domain.reasons import Refused
from sesame_fhir.services.errors import Conflict, NotFound
from smart_app.deps import current_deps
from smart_app.errors import LaunchExpired
from smart_app.pages import advice, done, eligibility, forms, home, messages, mine, pathway, referral, result, safety
from smart_app.pages.context import current_page, open_page
from smart_app.pages.drafts import keep_late_form
from smart_app.pages.languages import remember_language, speak_french_first
from smart_app.pages.render import helpers, render
from smart_app.pages.to_decide import ADVICE_DRAFT

ROOT = Path(__file__).resolve().parent.parent

_WITHOUT_PAGE = ("/decline", "/withdraw", "/decision", "/read")

View = Callable[..., ResponseReturnValue]

ROUTES: tuple[tuple[str, str, View], ...] = (
    ("GET", "/", home.show_home),
    ("GET", "/form/<instrument>", forms.show_form),
    ("POST", "/form/<instrument>", forms.post_form),
    ("POST", "/form/<instrument>/draft", forms.post_draft),
    ("GET", "/correct/<screening_id>", forms.show_correction),
    ("POST", "/correct/<screening_id>", forms.post_correction),
    ("POST", "/correct/<screening_id>/draft", forms.post_correction_draft),
    ("GET", "/safety/<screening_id>", safety.show_safety),
    ("POST", "/safety/<screening_id>", safety.post_safety),
    ("GET", "/result/<screening_id>", result.show_result),
    ("POST", "/decline", result.post_decline),
    ("GET", "/eligibility", eligibility.show_eligibility),
    ("POST", "/eligibility", eligibility.post_eligibility),
    ("POST", "/eligibility/draft", eligibility.post_eligibility_draft),
    ("GET", "/referral", referral.show_referral),
    ("POST", "/referral", referral.post_referral),
    ("POST", "/referral/draft", referral.post_referral_draft),
    ("POST", "/withdraw", referral.post_withdraw),
    ("GET", "/done", done.show_done),
    ("GET", "/pathway", pathway.show_pathway),
    ("POST", "/advice/<recommendation_id>/decision", advice.post_decision),
    ("GET", "/messages", messages.show_messages),
    ("POST", "/messages", messages.post_message),
    ("POST", "/messages/draft", messages.post_message_draft),
    ("POST", "/messages/read", messages.post_messages_read),
    ("GET", "/mine", mine.show_my_patients),
)
"""Method, path below ``/app/s/<launch_id>``, view. A view's name is its endpoint."""

KEPT_LATE: Mapping[View, str] = {
    forms.post_form: "{instrument}",
    forms.post_correction: forms.CORRECTION,
    eligibility.post_eligibility: eligibility.DRAFT,
    referral.post_referral: referral.DRAFT,
    advice.post_decision: ADVICE_DRAFT,
    messages.post_message: messages.DRAFT,
}
"""What is typed there is kept even when the launch has ended: the draft's name, made from the address."""


def create_pages() -> Blueprint:
    """Blueprint of the pages. The application it is registered on gets our catalogues and template helpers."""
    blueprint = Blueprint("pages", __name__, url_prefix="/app/s/<launch_id>", template_folder=str(ROOT / "templates"))
    for method, path, view in ROUTES:
        blueprint.add_url_rule(path, view.__name__, _on_a_launch(view), methods=[method])
    blueprint.register_error_handler(Refused, _refused)
    blueprint.register_error_handler(Conflict, _conflict)
    blueprint.register_error_handler(NotFound, _not_found)
    blueprint.after_request(remember_language)
    blueprint.app_context_processor(helpers)
    blueprint.record_once(lambda state: speak_french_first(cast("Flask", state.app)))
    return blueprint


def _on_a_launch(view: View) -> View:
    @wraps(view)
    def guarded(launch_id: str, **values: str) -> ResponseReturnValue:
        try:
            page = open_page(launch_id)
        except LaunchExpired:
            if view in KEPT_LATE and keep_late_form(current_deps(), launch_id, KEPT_LATE[view].format(**values)):
                raise LaunchExpired("launch-expired-kept") from None
            raise
        return view(page, **values)

    return guarded


def _refused(refused: Refused) -> ResponseReturnValue:
    page = current_page()
    page.trace("refused", request.endpoint or "")
    return make_response(render(page, "app/refused.html", reasons=refused.reasons), HTTPStatus.UNPROCESSABLE_ENTITY)


def _conflict(conflict: Conflict) -> ResponseReturnValue:
    """What changed meanwhile. The draft is kept, so going back to the form loses nothing."""
    page = current_page()
    back = page.url("show_home") if request.path.endswith(_WITHOUT_PAGE) else request.path
    body = render(page, "app/conflict.html", changes=conflict.changes, back=back)
    return make_response(body, HTTPStatus.CONFLICT)


def _not_found(_missing: NotFound) -> ResponseReturnValue:
    return make_response(render(current_page(), "app/not_found.html"), HTTPStatus.NOT_FOUND)
