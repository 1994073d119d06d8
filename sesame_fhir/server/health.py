"""``/healthz`` (the process answers) and ``/readyz`` (it can do its work), without details of patients or secrets."""

from collections.abc import Callable

from flask import Blueprint, Response, jsonify

Check = Callable[[], list[str]]


def health_blueprint(check: Check) -> Blueprint:
    """Blueprint of both routes; ``check`` returns the problems found, none when ready."""
    blueprint = Blueprint("health", __name__)

    @blueprint.get("/healthz")
    def healthz() -> Response:
        return jsonify(status="ok")

    @blueprint.get("/readyz")
    def readyz() -> tuple[Response, int]:
        problems = check()
        return jsonify(status="unavailable" if problems else "ok", problems=problems), 503 if problems else 200

    return blueprint
