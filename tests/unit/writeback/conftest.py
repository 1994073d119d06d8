"""A faulty EHR on the loopback interface that knows the patient."""

from collections.abc import Iterator

import pytest

from tests.unit.writeback.fake_ehr import FakeEhr, running


@pytest.fixture
def ehr() -> Iterator[FakeEhr]:
    with running(FakeEhr()) as server:
        server.seed({"resourceType": "Patient", "id": "p1"})
        yield server
