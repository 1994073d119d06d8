"""Runs the WSGI application under Granian: worker processes, few blocking threads each, graceful stop on SIGTERM."""

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from sesame_fhir.server.settings import Settings

SERVE = "sesame_fhir.server.wsgi:serve"
DEMO = "sesame_fhir.server.wsgi:demo"

_GRACE_SECONDS = 15


def run(factory: str, settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT: running requests end, queued writes are committed, then the workers go."""
    Server(
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
        log_level=LogLevels.warning,
    ).serve()
