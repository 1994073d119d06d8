"""An EHR on the loopback interface whose record is in order, until a test changes an answer."""

from collections.abc import Iterator

import pytest

from tests.unit.smart_app.ehr.loopback import Loopback, json_reply, running
from tests.unit.smart_app.ehr.record import SEARCHED, bundle, patient, practitioner


@pytest.fixture(scope="module")
def loopback() -> Iterator[Loopback]:
    with running() as state:
        yield state


@pytest.fixture
def server(loopback: Loopback) -> Loopback:
    loopback.reset()
    loopback.answer("Patient/p-1", json_reply(patient()))
    loopback.answer("Practitioner/gp-1", json_reply(practitioner()))
    for kind in SEARCHED:
        loopback.answer(kind, bundle())
    return loopback
