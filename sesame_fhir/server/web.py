"""The Flask application under every set of blueprints: limits, one log line per request, faults without their text."""

import re
import sys
import time
from collections.abc import Iterable
from types import TracebackType

from flask import Blueprint, Flask, Response, g, request

from sesame_fhir.server.system import SystemIds
from sesame_fhir.services.journal import LogEvent, begin_request, correlation_id, log, log_unexpected

_BODY_BYTES = 8 * 1024 * 1024
# What is neither a known method nor a known address is the client's own text, and stays out of the log.
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_UNKNOWN = "(unknown)"
_CONVERTER = re.compile(r"<[a-z]+(?:\([^)]*\))?:")

ExcInfo = tuple[type, BaseException, TracebackType] | tuple[None, None, None]


class Application(Flask):
    """Flask logs an unhandled exception with its text and traceback; ours logs type and place only."""

    def log_exception(self, exc_info: ExcInfo | None = None) -> None:
        """Log what no error handler took."""
        fault = (exc_info or sys.exc_info())[1]
        if fault is not None:
            correlation_id(SystemIds().new)
            log_unexpected(fault)


def flask_application(name: str, blueprints: Iterable[Blueprint], *, log_from: int = 0) -> Flask:
    """A Flask application with these blueprints; bodies are limited, requests answered ``log_from`` or more logged."""
    flask = Application(name, static_folder=None)
    flask.config["MAX_CONTENT_LENGTH"] = _BODY_BYTES
    _log_requests(flask, log_from)
    for blueprint in blueprints:
        flask.register_blueprint(blueprint)
    return flask


def _log_requests(flask: Flask, log_from: int) -> None:
    """Log the route's template, never the path: it holds ids, and launch ids are secrets."""
    ids = SystemIds()

    def begin() -> None:
        begin_request()
        if not log_from:
            correlation_id(ids.new)
        g.began = time.perf_counter()

    def end(response: Response) -> Response:
        if response.status_code >= log_from:
            correlation_id(ids.new)
            log(
                LogEvent.REQUEST,
                method=request.method if request.method in _METHODS else _UNKNOWN,
                route=_route(),
                status=response.status_code,
                milliseconds=round((time.perf_counter() - g.began) * 1000, 1),
            )
        return response

    flask.before_request(begin)
    flask.after_request(end)


def _route() -> str:
    """``/fhir/<resource_type>/<resource_id>``: the rule that matched, without its converters."""
    return _CONVERTER.sub("<", request.url_rule.rule) if request.url_rule is not None else _UNKNOWN
