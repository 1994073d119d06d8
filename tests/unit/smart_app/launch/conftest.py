"""One application per module, one EHR per test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.unit.smart_app.launch.launch_ehr import LaunchEhr, running_ehr
from tests.unit.smart_app.launch.stage import Stage


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    made = Stage(Path(tmp_path_factory.mktemp("stage")))
    yield made
    made.close()


@pytest.fixture
def ehr(stage: Stage) -> Iterator[LaunchEhr]:
    with running_ehr(stage.clock) as running:
        stage.deps.ehrs.add(running.registration())
        yield running


@pytest.fixture
def browser(stage: Stage) -> FlaskClient:
    return stage.browser()
