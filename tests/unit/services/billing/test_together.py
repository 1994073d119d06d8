"""Commands written together: one transaction, refusals told one by one, nothing twice, no trace of what was not."""

from collections.abc import Sequence

import pytest

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.access import Scope
from sesame_fhir.domain.ids import CommandId
from sesame_fhir.domain.reasons import ReasonCode
from sesame_fhir.services.billing.setting import Billing
from sesame_fhir.services.billing.together import Act, run_together
from sesame_fhir.services.engine import Command
from sesame_fhir.services.errors import Conflict
from sesame_fhir.services.records import Commit
from sesame_fhir.storage import Store
from tests.support.billing import NOW, Lived, write_lives
from tests.support.story import COORDINATOR

FIRST, SECOND = Lived(1), Lived(2)


@pytest.fixture(autouse=True)
def _lives(store: Store) -> None:
    write_lives(store, [FIRST, SECOND])


def covered(life: Lived, fund: str, command_id: str) -> Act:
    """Record who insures a patient; a wrong code is refused."""
    scope = Scope(opened=frozenset({life.pathway_id}))
    command = Command(CommandId(command_id), COORDINATOR, life.site, NOW, scope=scope)
    recorded = ev.CoverageRecorded("01", fund, "0000")
    return Act(life.pathway_id, command, "record-coverage", lambda _pathway: (recorded,))


def funds(billing: Billing, life: Lived) -> list[str | None]:
    """Every fund that was recorded after the life was written."""
    history = billing.engine.pathways.history(life.pathway_id)
    return [e.data.fund for e in history if isinstance(e.data, ev.CoverageRecorded) and e.recorded_at == NOW]


def commits_of(store: Store, monkeypatch: pytest.MonkeyPatch, fail: int = 0) -> list[int]:
    """How many commands each transaction had; the first ``fail`` of them meet somebody else's write."""
    sizes, commit_all = list[int](), store.pathways.commit_all

    def watched(commits: Sequence[Commit]) -> int:
        sizes.append(len(commits))
        if len(sizes) <= fail:
            raise Conflict(commits[0].pathway_id)
        return commit_all(commits)

    monkeypatch.setattr(store.pathways, "commit_all", watched)
    return sizes


def audited(store: Store) -> int:
    return sum(entry.action == "record-coverage" for entry in store.audit.entries(100))


def test_several_on_one_pathway_are_one_transaction(
    billing: Billing, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = commits_of(store, monkeypatch)
    acts = [covered(FIRST, "101", "a"), covered(SECOND, "102", "b"), covered(FIRST, "103", "c")]
    assert run_together(billing.engine, acts) == (None, None, None)
    assert (funds(billing, FIRST), funds(billing, SECOND), sizes) == (["101", "103"], ["102"], [3])
    assert audited(store) == 3


def test_what_is_refused_is_left_out(billing: Billing, store: Store) -> None:
    acts = [covered(FIRST, "101", "a"), covered(SECOND, "no fund", "b"), covered(SECOND, "103", "c")]
    first, refused, last = run_together(billing.engine, acts)
    assert (first, last) == (None, None)
    assert refused is not None
    assert [reason.code for reason in refused.reasons] == [ReasonCode.COVERAGE_CODE_WRONG]
    assert (funds(billing, FIRST), funds(billing, SECOND), audited(store)) == (["101"], ["103"], 2)


def test_a_command_acts_once_within_and_between(
    billing: Billing, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = commits_of(store, monkeypatch)
    for _ in range(2):
        assert run_together(billing.engine, [covered(FIRST, "101", "a")] * 2) == (None, None)
    assert (funds(billing, FIRST), sizes, audited(store)) == (["101"], [1], 1)


@pytest.mark.parametrize(("conflicts", "sizes"), [(1, [2, 2]), (2, [2, 2, 2]), (3, [2, 2, 2])])
def test_who_writes_meanwhile_is_waited_for_then_each_goes_alone(
    billing: Billing, store: Store, monkeypatch: pytest.MonkeyPatch, conflicts: int, sizes: list[int]
) -> None:
    seen = commits_of(store, monkeypatch, conflicts)
    acts = [covered(FIRST, "101", "a"), covered(SECOND, "102", "b")]
    assert run_together(billing.engine, acts) == (None, None)
    assert (funds(billing, FIRST), funds(billing, SECOND), seen) == (["101"], ["102"], sizes)
    assert audited(store) == 2


def test_what_cannot_be_written_leaves_no_trace(
    billing: Billing, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_commits: Sequence[Commit]) -> int:
        raise OSError("disk full")

    monkeypatch.setattr(store.pathways, "commit_all", full)
    with pytest.raises(OSError, match="disk full"):
        run_together(billing.engine, [covered(FIRST, "101", "a")])
    assert (funds(billing, FIRST), audited(store)) == ([], 0)
