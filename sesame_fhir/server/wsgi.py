"""WSGI factories that each worker process calls once; the configuration is read again there."""

import os
from collections.abc import Callable
from pathlib import Path
from wsgiref.types import WSGIApplication

from sesame_fhir.server import demo_ehr, logs
from sesame_fhir.server.hosts import HostDispatcher
from sesame_fhir.server.lifetime import close_at_end, end_with_parent
from sesame_fhir.server.sandbox import Sandbox
from sesame_fhir.server.settings import Settings, load
from sesame_fhir.server.wiring import build_sesame
from sesame_fhir.services.journal import LogEvent, log


def serve() -> WSGIApplication:
    """The app and the facade."""
    settings = _settings()
    sesame = build_sesame(settings)
    _run_until_the_end(sesame.close)
    sesame.start()
    return sesame.wsgi


def demo() -> WSGIApplication:
    """The demo EHR on 127.0.0.1 and SÉSAME on localhost."""
    settings = demo_ehr.demo_settings(_settings())
    sesame = build_sesame(settings)
    ehr = demo_ehr.build_demo_ehr(settings)
    _run_until_the_end(sesame.close, ehr.close)
    sesame.start()
    return HostDispatcher({"127.0.0.1": ehr.wsgi, "localhost": sesame.wsgi})


def sandbox() -> WSGIApplication:
    """The demo for strangers: its data is made here, and made anew while it serves."""
    running = Sandbox(_settings())
    _run_until_the_end(running.close)
    running.start()
    return running.wsgi


def _run_until_the_end(*closes: Callable[[], None]) -> None:
    def close() -> None:
        for one in closes:
            one()
        log(LogEvent.WORKER_STOPPED)

    close_at_end(close)
    end_with_parent()
    log(LogEvent.WORKER_STARTED)


def _settings() -> Settings:
    config = os.environ.get("SESAME_CONFIG")
    settings = load(Path(config) if config else None, os.environ)
    logs.configure(settings.log_level)
    return settings
