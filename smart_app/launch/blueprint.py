"""The three public addresses of the SMART client, thin: each calls one function."""

from flask import Blueprint, Response, jsonify, request

from smart_app.deps import current_deps
from smart_app.launch.authorize import start_launch
from smart_app.launch.callback import finish_launch
from smart_app.launch.keys import public_jwks

_KEYS_CACHE = "public, max-age=3600"


def launch_blueprint() -> Blueprint:
    """Routes ``/app/launch``, ``/app/callback``, ``/app/jwks.json``; errors are pages (``errors.py``)."""
    blueprint = Blueprint("launch", __name__, url_prefix="/app", template_folder="../templates")
    blueprint.add_url_rule("/launch", "start", _start, methods=["GET"])
    blueprint.add_url_rule("/callback", "finish", _finish, methods=["GET"])
    blueprint.add_url_rule("/jwks.json", "jwks", _jwks, methods=["GET"])
    return blueprint


def _start() -> Response:
    return start_launch(current_deps(), request.args)


def _finish() -> Response:
    return finish_launch(current_deps(), request)


def _jwks() -> Response:
    response = jsonify(public_jwks(current_deps()))
    response.headers["Cache-Control"] = _KEYS_CACHE
    return response
