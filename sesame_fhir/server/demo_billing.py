"""The demo's billing: the example scheme, and every month but the last ones billed by its two coordinators."""

from collections.abc import Iterator
from datetime import date, timedelta

from sesame_fhir.domain.calendar import local_day
from sesame_fhir.server.billing.example import add_example
from sesame_fhir.server.demo_ehr import demo_settings, issuer
from sesame_fhir.server.demo_team import coordinators
from sesame_fhir.server.settings import Settings
from sesame_fhir.server.wiring import billing_of
from sesame_fhir.services.billing.batches import approve, freeze
from sesame_fhir.services.billing.month import Month
from sesame_fhir.services.billing.preparing import prepare
from sesame_fhir.services.billing.submitting import submit
from sesame_fhir.storage import Store

_MONTHS = 24
"""As far back as the cohort goes."""


def begin_billing(settings: Settings, store: Store) -> None:
    """Begin once: a deployment that has a scheme bills already, and is left alone.

    Last month stays to be billed by whoever looks at the demo.
    """
    settings = demo_settings(settings)
    billing = billing_of(settings, store)
    first, second = coordinators(settings, issuer(settings))
    if not add_example(settings, billing, first):
        return
    today = local_day(billing.engine.clock.now())
    for month in _months_before_last(today):
        for draft in prepare(billing, first, month, today):
            freeze(billing, first, draft.batch_id)
            approve(billing, second, draft.batch_id)
            submit(billing, first, draft.batch_id, today)


def _months_before_last(today: date) -> Iterator[Month]:
    """The months before last month, the earliest first."""
    months, day = [], _before(today.replace(day=1))
    for _ in range(_MONTHS):
        day = _before(day.replace(day=1))
        months.append(Month.of(day))
    return reversed(months)


def _before(day: date) -> date:
    return day - timedelta(days=1)
