"""The demo EHR's pages: sign-in, the day's list, the record view with the app's frame, what arrived in the record.

Every page needs a session except sign-in, the style and the static files; every post needs to come from our own pages,
and from this session once there is one.
"""

from http import HTTPStatus
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, g, jsonify, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from sesame_fhir.domain.calendar import PRACTICE_ZONE
from sesame_fhir.services.folding import fold
from smart_app.demo_ehr import french
from smart_app.demo_ehr.access import form_token, protect, same_origin, token_holds
from smart_app.demo_ehr.deps import DemoDeps
from smart_app.demo_ehr.launches import SMART_STYLE, Opened, Variant, launch_context
from smart_app.demo_ehr.received import fingerprint, received
from smart_app.demo_ehr.record import DayRow, Record
from smart_app.demo_ehr.seed.staff import STAFF, Colleague
from smart_app.ehr.transport import origin_of

_AUTHORIZE = "/oauth/authorize?"
"""The only page that may ask for a sign-in and get the browser back."""

_ANYBODYS = {"demo_ehr.sign_out", "demo_ehr.reset"}
"""What whoever is signed in may do, whether their account opens records or not."""

ERRORS = {
    HTTPStatus.BAD_REQUEST: ("Demande incomprise", "Revenez à la liste des patients et recommencez."),
    HTTPStatus.FORBIDDEN: (
        "Demande refusée",
        "Elle ne vient pas d'une page de ce dossier, ou la session a changé. Rechargez la page et recommencez.",
    ),
    HTTPStatus.NOT_FOUND: ("Page inconnue", "Ce patient ou cette page n'existe pas dans le dossier de démonstration."),
    HTTPStatus.METHOD_NOT_ALLOWED: ("Demande incomprise", "Revenez à la liste des patients et recommencez."),
}
"""What the user is told, by status; nothing of the request is repeated."""


def demo_blueprint(deps: DemoDeps) -> Blueprint:
    """The pages, mounted at the root of the EHR's host."""
    pages = _Pages(deps)
    blueprint = Blueprint(
        "demo_ehr", __name__, template_folder="templates", static_folder="static", static_url_path="/demo-ehr/static"
    )
    blueprint.before_request(pages.guard)
    blueprint.after_request(pages.protect)
    blueprint.register_error_handler(HTTPException, pages.error)
    blueprint.context_processor(pages.everywhere)
    blueprint.add_url_rule("/sign-in", view_func=pages.sign_in)
    blueprint.add_url_rule("/sign-in", view_func=pages.signed_in, methods=["POST"])
    blueprint.add_url_rule("/sign-out", view_func=pages.sign_out, methods=["POST"])
    blueprint.add_url_rule("/reset", view_func=pages.reset, methods=["POST"])
    blueprint.add_url_rule("/smart-style.json", view_func=pages.style)
    blueprint.add_url_rule("/", view_func=pages.patients)
    blueprint.add_url_rule("/", view_func=pages.search, methods=["POST"])
    blueprint.add_url_rule("/patients/<patient_id>", view_func=pages.chart)
    blueprint.add_url_rule("/patients/<patient_id>/received", view_func=pages.received)
    blueprint.add_url_rule("/patients/<patient_id>/launch", view_func=pages.relaunch)
    blueprint.add_url_rule("/patients/<patient_id>/launch", view_func=pages.launch, methods=["POST"])
    return blueprint


class _Pages:
    """The views, over one set of dependencies."""

    def __init__(self, deps: DemoDeps) -> None:
        self._deps = deps
        self._record = Record(deps.resources, PRACTICE_ZONE)
        self._app_origin = origin_of(deps.app_launch_url)
        self._public = {"demo_ehr.sign_in", "demo_ehr.signed_in", "demo_ehr.style", "demo_ehr.static"}

    # Around every request

    def guard(self) -> BaseResponse | None:
        """Refuse foreign posts, then send whoever is not signed in to the sign-in page."""
        g.session = request.cookies.get(self._deps.cookie_name, "")
        g.subject = self._deps.session_subject(g.session) if g.session else None
        if request.method == "POST" and not same_origin(request, self._deps.base_url):
            abort(HTTPStatus.FORBIDDEN)
        if request.endpoint in self._public:
            return None
        if g.subject is None:
            return redirect(url_for("demo_ehr.sign_in"), HTTPStatus.SEE_OTHER)
        if request.method == "POST" and not token_holds(self._deps.form_key, g.session, request.form.get("token", "")):
            abort(HTTPStatus.FORBIDDEN)
        if request.endpoint not in _ANYBODYS and not _opens_records(g.subject):
            return make_response(render_template("demo_ehr/no_record.html"), HTTPStatus.FORBIDDEN)
        return None

    def protect(self, response: Response) -> Response:
        """Add the security headers."""
        return protect(response, self._app_origin)

    def error(self, problem: HTTPException) -> tuple[str, int]:
        """A French page for every refusal."""
        status = HTTPStatus(problem.code or HTTPStatus.INTERNAL_SERVER_ERROR)
        title, advice = ERRORS.get(status, ERRORS[HTTPStatus.BAD_REQUEST])
        return render_template("demo_ehr/error.html", title=title, advice=advice), status

    def everywhere(self) -> dict[str, object]:
        """What every template may use."""
        subject = g.get("subject")
        return {
            "colleague": _colleague(subject) if subject else None,
            "team_url": self._deps.team_url,
            "sandbox": self._deps.sandbox,
            "token": form_token(self._deps.form_key, g.session) if subject else "",
            "clock_time": lambda moment: french.clock_time(moment, PRACTICE_ZONE),
            "moment": lambda moment: french.moment(moment, PRACTICE_ZONE),
        }

    # Signing in and out

    def sign_in(self) -> str:
        """The page of buttons, one per colleague."""
        asked = self._next(request.args.get("next", ""))
        return render_template("demo_ehr/sign_in.html", people=list(STAFF.values()), next=asked)

    def signed_in(self) -> BaseResponse:
        """Open a session for the colleague chosen."""
        colleague = STAFF.get(request.form.get("staff", ""))
        if colleague is None:
            abort(HTTPStatus.BAD_REQUEST)
        session = self._deps.sign_in(f"Practitioner/{colleague.staff_id}")
        target = self._next(request.form.get("next", "")) or url_for("demo_ehr.patients")
        response = redirect(target, HTTPStatus.SEE_OTHER)
        response.set_cookie(self._deps.cookie_name, session, path="/", secure=True, httponly=True, samesite="None")
        return response

    def sign_out(self) -> BaseResponse:
        """End the session, here and on the server."""
        self._deps.sign_out(g.session)
        response = redirect(url_for("demo_ehr.sign_in"), HTTPStatus.SEE_OTHER)
        response.delete_cookie(self._deps.cookie_name, path="/", secure=True, httponly=True, samesite="None")
        return response

    def reset(self) -> BaseResponse:
        """Forget everything, this session too, where strangers share this demo."""
        if self._deps.sandbox is None:
            abort(HTTPStatus.NOT_FOUND)
        self._deps.sandbox.reset()
        return redirect(url_for("demo_ehr.sign_in"), HTTPStatus.SEE_OTHER)

    def style(self) -> Response:
        """The look of the practice software, for apps (smart_style_url)."""
        response = jsonify(SMART_STYLE)
        response.headers["Cache-Control"] = "public, max-age=3600"
        response.headers["Access-Control-Allow-Origin"] = "*"
        return response

    def _next(self, target: str) -> str:
        """Only back to our own authorization page, as a path: anything else would make an open redirector."""
        path = target.removeprefix(self._deps.base_url)
        return path if path.startswith(_AUTHORIZE) else ""

    # Patients

    def patients(self) -> str:
        """The day's list."""
        return self._list("")

    def search(self) -> str:
        """The day's list, filtered; posted, because a name has no place in a URL."""
        return self._list(request.form.get("q", "").strip())

    def chart(self, patient_id: str) -> str:
        """The record view."""
        return self._chart(patient_id, frame_url=None)

    def received(self, patient_id: str) -> str:
        """What arrived in the record for this patient."""
        identity = self._record.identity(patient_id, self._deps.clock.now())
        if identity is None:
            abort(HTTPStatus.NOT_FOUND)
        items = received(self._deps.resources, patient_id)
        return render_template(
            "demo_ehr/received.html", patient=identity, items=items, count=len(items), version=fingerprint(items)
        )

    def relaunch(self, patient_id: str) -> BaseResponse:
        """Someone reopened a launch's address: the record itself, a launch is for one use."""
        return redirect(url_for("demo_ehr.chart", patient_id=patient_id), HTTPStatus.SEE_OTHER)

    def launch(self, patient_id: str) -> str:
        """The record view with the app open beside it, on a launch issued for this user, patient and consultation."""
        wanted = request.form.get("variant", Variant.PLAIN.value)
        if wanted not in set(Variant):
            abort(HTTPStatus.BAD_REQUEST)
        now = self._deps.clock.now()
        if self._record.identity(patient_id, now) is None:
            abort(HTTPStatus.NOT_FOUND)
        visit = self._record.consultation(patient_id, now)
        opened = Opened(patient_id, visit.encounter_id if visit else None)
        context = launch_context(Variant(wanted), opened, f"{self._deps.base_url}/smart-style.json")
        launch = self._deps.issue_launch(self._deps.client_id, g.subject, context)
        query = urlencode({"iss": self._deps.fhir_url, "launch": launch})
        return self._chart(patient_id, frame_url=f"{self._deps.app_launch_url}?{query}")

    def _list(self, query: str) -> str:
        rows = self._record.day_list(self._deps.clock.now())
        found = tuple(row for row in rows if _matches(row, query))
        return render_template("demo_ehr/patients.html", rows=found, total=len(rows), query=query)

    def _chart(self, patient_id: str, frame_url: str | None) -> str:
        chart = self._record.chart(patient_id, self._deps.clock.now())
        if chart is None:
            abort(HTTPStatus.NOT_FOUND)
        count = len(received(self._deps.resources, patient_id))
        return render_template(
            "demo_ehr/record.html", chart=chart, patient=chart.patient, count=count, frame_url=frame_url
        )


def _colleague(subject: str) -> Colleague | None:
    return STAFF.get(subject.removeprefix("Practitioner/"))


def _opens_records(subject: str) -> bool:
    colleague = _colleague(subject)
    return colleague is not None and colleague.record


def _matches(row: DayRow, query: str) -> bool:
    patient = row.patient
    written = fold(f"{patient.name} {patient.birth_name or ''} {patient.birth_date} {row.consultation.reason}")
    return all(word in written for word in fold(query).split())
