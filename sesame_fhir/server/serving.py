"""Runs the WSGI application under Granian: worker processes, few blocking threads each, graceful stop on SIGTERM."""

import os
import socket
import time
from importlib.metadata import version

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from sesame_fhir.server.logs import GRANIAN_LOGGING
from sesame_fhir.server.settings import Settings
from sesame_fhir.services.journal import LogEvent, log

SERVE = "sesame_fhir.server.wsgi:serve"
DEMO = "sesame_fhir.server.wsgi:demo"
SANDBOX = "sesame_fhir.server.wsgi:sandbox"

_GRACE_SECONDS = 15
# Workers of a server that was killed need a moment to notice and to leave the port.
_PORT_SECONDS = 3.0


class ServingError(Exception):
    """The server cannot start; the message says what to do."""


def run(factory: str, settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT: running requests end, queued writes are committed, then the workers go.

    Raises:
        ServingError: the address cannot be listened on.
        SystemExit: the workers ended by themselves, again and again.
    """
    _check_address(settings.host, settings.port)
    server = Server(
        target=factory,
        factory=True,
        interface=Interfaces.WSGI,
        address=settings.host,
        port=settings.port,
        workers=settings.workers,
        blocking_threads=settings.threads,
        backlog=1024,
        respawn_failed_workers=True,
        workers_kill_timeout=_GRACE_SECONDS,
        # Below errors Granian only gives advice (threads against cores: ours mostly wait for EHRs).
        log_level=LogLevels.error,
        log_dictconfig=GRANIAN_LOGGING,
        log_access=False,
    )
    log(LogEvent.STARTED, version=version("sesame-fhir"), workers=settings.workers)
    try:
        server.serve()
    finally:
        log(LogEvent.STOPPED)


def _check_address(host: str, port: int) -> None:
    """Granian's sockets share their port: without this, a second server would silently take half of the requests."""
    end = time.monotonic() + _PORT_SECONDS
    while True:
        try:
            with socket.create_server((host, port)):
                return
        except OSError as error:
            if time.monotonic() > end:
                why = os.strerror(error.errno or 0)
                text = f"cannot listen on {host}:{port} ({why}); stop what uses it, or set server.port or server.host"
                raise ServingError(text) from error
        time.sleep(0.2)
