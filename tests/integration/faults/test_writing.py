"""Rows of the table about the EHR, where SÉSAME writes: nothing is lost, nothing is there twice."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from requests import Response

from tests.integration.faults.gp import Gp
from tests.integration.faults.injector import HTML, Fault, refusal
from tests.integration.faults.invariants import Log, check, tells
from tests.integration.faults.table import ALL_SENT, EHR_ROWS, LOST_ANSWERS, SENT, WAITING, EhrRow
from tests.integration.faults.world import World

pytestmark = [pytest.mark.network, pytest.mark.xdist_group("faults")]

WRITES = {"QuestionnaireResponse": SENT, "Task": ALL_SENT}


@pytest.fixture(scope="module")
def patients() -> Iterator[str]:
    """Patients whom no case has met yet; last those who cannot be referred as they are, but can be screened."""
    return (f"patient-{number:02d}" for number in sorted(range(1, 31), key=lambda number: number in {6, 7, 10}))


@pytest.fixture
def gp(world: World, patients: Iterator[str]) -> Gp:
    return Gp(world, next(patients))


def writes_all_the_same(gp: Gp, log: Log, kind: str, answer: Fault, told: tuple[str, ...]) -> Response:
    """The GP's work is done and its page says what waits; what is committed is told again after a relaunch.

    Returns the last page once the fault is over and delivery has run twice.
    """
    with gp.world.broken("POST", f"/fhir/{kind}", answer) as broken:
        worked = gp.screen() if kind == "QuestionnaireResponse" else gp.refer()
        page = gp.go(worked, "/done")
    assert broken.hits >= 1
    tells(page, 200, *told)
    check(gp, page, log())
    again = gp.launch()
    tells(again, 200, "Résultat PHQ-2" if kind == "QuestionnaireResponse" else "Adressé à l'infirmière")
    gp.world.deliver()
    gp.world.deliver()
    return gp.go(again, "/done")


@pytest.mark.parametrize("row", [pytest.param(row, id=row.fault) for row in EHR_ROWS])
@pytest.mark.parametrize("kind", WRITES)
def test_writing(gp: Gp, log: Log, kind: str, row: EhrRow) -> None:
    page = writes_all_the_same(gp, log, kind, row.answer, row.write)
    expected = dict(WRITES[kind])
    if row.degraded:
        expected |= {"DocumentReference": 1}
        del expected[kind]
    assert gp.world.in_record(gp.patient) == expected
    tells(page, 200, row.write[0] if row.degraded else "Écrit")


@pytest.mark.parametrize("kind", WRITES)
@pytest.mark.parametrize(("answer", "said"), [pytest.param(*row[1:], id=row[0]) for row in LOST_ANSWERS])
def test_the_answer_to_a_write_is_lost(gp: Gp, log: Log, kind: str, answer: Fault, said: str) -> None:
    writes_all_the_same(gp, log, kind, answer, (WAITING, said))
    assert gp.world.in_record(gp.patient) == WRITES[kind]


def test_a_throttling_ehr_is_left_alone_as_long_as_it_asks(gp: Gp) -> None:
    with gp.world.broken("POST", "/fhir/QuestionnaireResponse", refusal(429, Retry_After="600")) as throttled:
        gp.screen()
        gp.world.sesame.delivery.deliver_due(gp.world.now() + timedelta(minutes=9))
        assert throttled.hits == 1
        gp.world.sesame.delivery.deliver_due(gp.world.now() + timedelta(minutes=11))
        assert throttled.hits == 2
    gp.world.deliver()
    assert gp.world.in_record(gp.patient) == SENT


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        pytest.param(refusal(404), "Écrit", id="404: the scopes decide"),
        pytest.param(refusal(500), "le logiciel est en panne", id="500"),
        pytest.param(HTML, "le logiciel a répondu autre chose que prévu", id="HTML"),
    ],
)
def test_the_statement_of_what_the_record_takes_is_missing(gp: Gp, log: Log, answer: Fault, told: str) -> None:
    with gp.world.broken("GET", "/fhir/metadata", answer) as broken:
        page = gp.go(gp.screen(), "/done")
    assert broken.hits >= 1
    tells(page, 200, told)
    check(gp, page, log())
    gp.world.deliver()
    assert gp.world.in_record(gp.patient) == SENT
