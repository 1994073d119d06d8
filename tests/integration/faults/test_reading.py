"""Rows of the table about the EHR: each fault at each place where the EHR is asked something."""

import pytest

from tests.integration.faults.gp import POSITIVE, Gp
from tests.integration.faults.injector import DROP, Fault
from tests.integration.faults.invariants import Log, check, tells
from tests.integration.faults.table import (
    EHR_ROWS,
    FRESH,
    PATIENT_UNREAD,
    READS_MISSING,
    SENT,
    EhrRow,
)
from tests.integration.faults.world import World
from tests.support.browser import form_of

pytestmark = [pytest.mark.network, pytest.mark.xdist_group("faults")]

DISCOVERY = r"/fhir/\.well-known/smart-configuration"
TOKEN = "/oauth/token"
PATIENT = r"/fhir/Patient/[^/]+"
OTHER_READS = r"/fhir/(?!Patient/|\.well-known|metadata).*"
ADULTS = [f"patient-{number:02d}" for number in range(11, 31)]

EACH_FAULT = pytest.mark.parametrize("row", [pytest.param(row, id=row.fault) for row in EHR_ROWS])


def stops_the_launch(world: World, log: Log, rule: tuple[str, str, Fault], told: tuple[int, str, str]) -> None:
    """The launch ends on a page that says what to do."""
    gp = Gp(world, "patient-01")
    with world.broken(*rule) as broken:
        page = gp.launch()
    assert broken.hits >= 1
    tells(page, *told)
    check(gp, page, log())


@EACH_FAULT
def test_at_discovery(world: World, log: Log, row: EhrRow) -> None:
    stops_the_launch(world, log, ("GET", DISCOVERY, row.answer), row.discovery)


@EACH_FAULT
def test_at_the_token_endpoint(world: World, log: Log, row: EhrRow) -> None:
    stops_the_launch(world, log, ("POST", TOKEN, row.answer), row.token)


@pytest.mark.parametrize("rule", [("GET", DISCOVERY), ("POST", TOKEN), ("GET", PATIENT)])
def test_once_the_fault_is_over_the_same_browser_opens_the_same_patient(world: World, rule: tuple[str, str]) -> None:
    gp = Gp(world, "patient-01")
    with world.broken(*rule, DROP):
        assert gp.launch().status_code == 502
    tells(gp.launch(), 200, FRESH)


@EACH_FAULT
def test_reading_the_patient(world: World, log: Log, row: EhrRow) -> None:
    stops_the_launch(world, log, ("GET", PATIENT, row.answer), PATIENT_UNREAD)


@EACH_FAULT
def test_other_reads(world: World, log: Log, row: EhrRow) -> None:
    """The GP goes on without them, and is told so where it matters; the score is written."""
    patient = ADULTS[EHR_ROWS.index(row)]
    gp = Gp(world, patient)
    with world.broken("GET", OTHER_READS, row.answer) as broken:
        page = gp.launch()
    assert broken.hits >= 7
    tells(page, 200, FRESH)
    check(gp, page, log())
    eligibility = gp.go(gp.browser.submit(form_of(page), **POSITIVE), "/eligibility")
    tells(eligibility, 200, *READS_MISSING)
    check(gp, eligibility, log())
    assert world.in_record(patient) == SENT
