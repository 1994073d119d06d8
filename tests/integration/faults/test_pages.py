"""Rows of the table about people, browsers and time, played in a browser against the running product."""

import pytest

from tests.integration.faults.gp import Gp
from tests.integration.faults.invariants import Log, check, tells
from tests.integration.faults.table import ROWS, Row
from tests.integration.faults.world import World

pytestmark = [pytest.mark.network, pytest.mark.xdist_group("faults")]


@pytest.mark.parametrize("row", [pytest.param(row, id=row.fault) for row in ROWS])
def test_fault(world: World, log: Log, row: Row) -> None:
    gp = Gp(world, row.patient)
    page = row.step(gp)
    tells(page, row.status, *row.says)
    check(gp, page, log())
    if row.then is not None:
        tells(gp.launch(), 200, row.then)
    world.deliver()
    assert world.in_record(row.patient) == row.kept
