"""WSGI factories that each worker process calls once; the configuration is read again there."""

import atexit
import os
from dataclasses import replace
from pathlib import Path
from wsgiref.types import WSGIApplication

from sesame_fhir.server import demo_ehr, logs
from sesame_fhir.server.hosts import HostDispatcher
from sesame_fhir.server.settings import Settings, load
from sesame_fhir.server.wiring import build_sesame


def serve() -> WSGIApplication:
    """The app and the facade."""
    settings = _settings()
    sesame = build_sesame(settings)
    atexit.register(sesame.close)
    sesame.start()
    return sesame.wsgi


def demo() -> WSGIApplication:
    """The demo EHR on 127.0.0.1 and SÉSAME on localhost."""
    settings = _settings()
    settings = replace(settings, public_url=demo_ehr.app_root(settings))
    sesame = build_sesame(settings)
    ehr = demo_ehr.build_demo_ehr(settings)
    atexit.register(sesame.close)
    atexit.register(ehr.close)
    sesame.start()
    return HostDispatcher({"127.0.0.1": ehr.wsgi, "localhost": sesame.wsgi})


def _settings() -> Settings:
    config = os.environ.get("SESAME_CONFIG")
    settings = load(Path(config) if config else None, os.environ)
    logs.configure(settings.log_level)
    return settings
