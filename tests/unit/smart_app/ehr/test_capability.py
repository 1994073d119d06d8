"""What a CapabilityStatement lets us do; what it does not say cannot be done."""

from datetime import timedelta

import pytest

from smart_app.ehr.capability import capability, read_capability
from smart_app.ehr.client import EhrError
from tests.unit.smart_app.ehr.loopback import NOW, Json, Reply, client_of, json_reply, running

TASK = {
    "type": "Task",
    "interaction": [{"code": "read"}, {"code": "create"}, {"code": "search-type"}],
    "searchParam": [{"name": "identifier"}],
    "conditionalCreate": True,
}
STATEMENT = {
    "resourceType": "CapabilityStatement",
    "rest": [{"mode": "server", "resource": [TASK], "interaction": [{"code": "transaction"}]}],
}


def test_a_statement() -> None:
    found = read_capability(STATEMENT)
    assert found.can_create("Task")
    assert not found.can_update("Task")
    assert not found.can_create("Observation")
    assert found.can_search("Task")
    assert found.can_search("Task", "identifier")
    assert not found.can_search("Task", "code")
    assert not found.can_search("Observation")
    assert found.conditional_create == {"Task"}
    assert found.transaction


@pytest.mark.parametrize(
    "statement",
    [{}, {"rest": "x"}, {"rest": [7]}, {"rest": [{"mode": "client", "resource": [TASK]}]},
     {"rest": [{"mode": "server", "resource": [{"type": "Task"}]}]},
     {"rest": [{"mode": "server", "resource": [{"interaction": [{"code": "create"}]}]}]}],
)  # fmt: skip
def test_what_is_not_said_cannot_be_done(statement: Json) -> None:
    found = read_capability(statement)
    assert not found.can_create("Task")
    assert not found.transaction


@pytest.mark.network
def test_it_is_asked_once_in_five_minutes_and_failures_are_not_kept() -> None:
    with running() as server, client_of(server) as client:
        server.answer("metadata", Reply(500, b""), json_reply(STATEMENT))
        with pytest.raises(EhrError):
            capability(client, NOW)
        assert capability(client, NOW).can_create("Task")
        assert capability(client, NOW + timedelta(minutes=4)).can_create("Task")
        assert len(server.seen) == 2
        capability(client, NOW + timedelta(minutes=6))
        assert len(server.seen) == 3
