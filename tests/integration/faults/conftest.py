"""One world for the tables of pages; a fresh log for each case."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from tests.integration.faults.invariants import Log
from tests.integration.faults.world import World, running_world


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with pytest.MonkeyPatch.context() as patch, running_world(tmp_path_factory.mktemp("faults"), patch) as running:
        yield running


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Iterator[Log]:
    """Everything written since the test began: by our own journal before its filter, and by libraries."""
    with capture_logs() as entries:
        yield lambda: f"{entries}\n{caplog.text}"


@pytest.fixture(autouse=True)
def _as_if_new(request: pytest.FixtureRequest) -> Iterator[None]:
    """Each case meets an EHR that has not been asked before, at the present time."""
    world = request.getfixturevalue("world") if "world" in request.fixturenames else None
    if world is not None:
        world.forget()
        world.injector.asked.clear()
    yield
    if world is not None:
        world.later = timedelta(0)
