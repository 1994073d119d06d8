"""What the app needs, put together by the server and handed to every view.

Views find it with ``current_deps()``; everything below the views takes it as an argument.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from flask import Flask, current_app

from sesame_fhir.domain.billing.scheme import BillingScheme
from sesame_fhir.domain.ids import PathwayId
from sesame_fhir.domain.instruments import InstrumentId
from sesame_fhir.services.billing.setting import Billing
from sesame_fhir.services.clients import ClientRegistry
from sesame_fhir.services.engine import Engine
from sesame_fhir.services.launching import AppLauncher
from sesame_fhir.services.ports import (
    AuditLog,
    Clock,
    EhrRegistry,
    Ids,
    KeyStore,
    LaunchStore,
    Outbox,
    ResourceStore,
    ReviewSessionLog,
    Vault,
)
from sesame_fhir.services.sign_in_ports import StaffAccess
from sesame_fhir.services.staff import StaffDirectory
from sesame_fhir.services.subscriptions import SubscriptionStore
from smart_app.team.settings import TeamSettings

_EXTENSION = "sesame-app"

SchemeReader = Callable[[bytes], tuple[tuple[BillingScheme, ...], tuple[str, ...]]]
"""A scheme file -> its versions, none when it has a mistake; and the mistakes, in English, each with its line."""


@dataclass(frozen=True, slots=True)
class AppDeps:
    """Ports and settings of the app.

    ``app_url`` has no trailing slash (``http://localhost:8000/app``). ``http_timeout`` is in seconds, per call to an
    EHR. ``deliver`` sends a pathway's outbox at once. ``known_forms`` maps a Questionnaire's canonical URL (without
    version) to our instrument.
    ``staff`` are the accounts of the team's pages, ``staff_access`` what signs them in, ``review_sessions`` the log of
    their case reviews, ``team`` their settings. ``launcher`` opens other software's apps from these pages, ``clients``
    are those that are registered, ``subscriptions`` what they are told of; None where this deployment has no facade.
    ``billing`` are the coordinator's use cases, ``read_schemes`` reads a scheme file; None where nothing is billed.
    ``resets_at``: when a public sandbox forgets everything next; None where nothing is ever forgotten.
    """

    engine: Engine
    resources: ResourceStore
    outbox: Outbox
    ehrs: EhrRegistry
    launches: LaunchStore
    keys: KeyStore
    audit: AuditLog
    vault: Vault
    clock: Clock
    ids: Ids
    app_url: str
    http_timeout: float
    launch_idle_seconds: int
    launch_absolute_seconds: int
    deliver: Callable[[PathwayId], None]
    known_forms: Mapping[str, InstrumentId]
    staff: StaffDirectory
    staff_access: StaffAccess
    review_sessions: ReviewSessionLog
    team: TeamSettings
    launcher: AppLauncher | None = None
    clients: ClientRegistry | None = None
    subscriptions: SubscriptionStore | None = None
    billing: Billing | None = None
    read_schemes: SchemeReader | None = None
    resets_at: Callable[[], datetime] | None = None


def bind_deps(app: Flask, deps: AppDeps) -> None:
    """Give a Flask application its dependencies; call it once, before the first request."""
    app.extensions[_EXTENSION] = deps


def current_deps() -> AppDeps:
    """Return the dependencies of the application that serves this request."""
    return cast("AppDeps", current_app.extensions[_EXTENSION])
