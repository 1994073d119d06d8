"""``sesame migrate`` and ``sesame rebuild`` on real databases."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from sesame_fhir.cli import database
from sesame_fhir.domain.ids import PathwayId
from sesame_fhir.domain.policy import PathwayPolicy
from sesame_fhir.server.settings import load
from sesame_fhir.server.wiring import projector
from sesame_fhir.services.engine import Engine
from sesame_fhir.services.rebuild import rebuild
from sesame_fhir.services.records import Origin, ResourceWrite
from sesame_fhir.services.search import DatePrefix, QuantityClause, QuantityValue, SearchQuery
from sesame_fhir.storage import Store
from tests.contract.storage.projection_dump import dump
from tests.support.fakes import CountingIds, HandClock
from tests.support.story import SITE, START
from tests.unit.cli.conftest import Cli
from tests.unit.cli.pathways import refer_patients


def test_migrate_makes_a_private_key_and_the_tables(empty: Cli) -> None:
    said = empty.ok("migrate")
    assert f"new key: {empty.key_file}" in said
    assert empty.key_file.stat().st_mode & 0o777 == 0o600
    assert empty.database.stat().st_mode & 0o777 == 0o600
    with empty.store() as store:
        assert store.check() == []


def test_migrate_again_changes_nothing(sesame: Cli) -> None:
    key = sesame.key_file.read_bytes()
    assert sesame.ok("migrate") == "database is up to date\n"
    assert sesame.key_file.read_bytes() == key


def test_an_upgrade_asks_for_a_rebuild_and_nobody_is_served_before(sesame: Cli) -> None:
    with sesame.store() as store:
        made = refer_patients(_engine(store), 1)
        mark = "INSERT INTO outdated_pathway SELECT pathway_key FROM pathway"
        store._database.write(lambda session: session.run(mark))
    assert "now run `sesame rebuild`" in sesame.ok("migrate")
    assert "run `sesame rebuild`" in sesame.refused("serve")
    assert sesame.ok("ehr", "list") is not None
    assert "1 pathways rebuilt" in sesame.ok("rebuild")
    assert sesame.ok("migrate") == "database is up to date\n"
    with sesame.store() as store:
        assert store.check() == []
        assert store.pathways.caseload_row(made[0]) is not None


def test_migrate_refuses_a_key_that_is_not_this_databases(sesame: Cli) -> None:
    sesame.key_file.unlink()
    assert "restore the key file" in sesame.refused("migrate")


def _engine(store: Store) -> Engine:
    return Engine(store.pathways, projector(load(None, {})), store.audit, HandClock(), CountingIds(), PathwayPolicy())


def test_rebuild_changes_nothing(sesame: Cli) -> None:
    with sesame.store() as store:
        made = refer_patients(_engine(store), 3)
        before = dump(store)
    assert "3 pathways rebuilt" in sesame.ok("rebuild")
    assert "1 pathways rebuilt" in sesame.ok("rebuild", "--after", made[1])
    with sesame.store() as store:
        assert dump(store) == before
        assert len(before["caseload"]) == 3
        assert before["resources"]
        assert before["outbox"]


def test_rebuild_finds_what_was_received_by_what_is_searched_now(sesame: Cli) -> None:
    """As stored by a release that did not search by ``value-quantity``."""
    body = {"resourceType": "Observation", "id": "o1", "valueQuantity": {"value": Decimal("1.50")}}
    asked = QuantityValue(DatePrefix.EQ, Decimal("1.5"), Decimal("1.45"), Decimal("1.55"))
    query = SearchQuery("Observation", (QuantityClause("value-quantity", (asked,)),))
    with sesame.store() as store:
        store.resources.create(ResourceWrite("Observation", "o1", body, (), SITE, Origin.RECORD), START)
        assert store.resources.search(query).total == 0
    sesame.ok("rebuild")
    with sesame.store() as store:
        (found,) = store.resources.search(query).resources
        assert found.version == 1


def test_rebuild_repairs_a_lost_projection(sesame: Cli) -> None:
    with sesame.store() as store:
        refer_patients(_engine(store), 1)
        before = dump(store)
        store._database.write(lambda session: session.run("DELETE FROM caseload"))
    sesame.ok("rebuild")
    with sesame.store() as store:
        assert dump(store) == before


@pytest.mark.parametrize(("stop_after", "hint"), [(2, "--after {1}"), (0, "sesame rebuild")])
def test_rebuild_that_is_stopped_says_how_to_go_on(
    stop_after: int, hint: str, sesame: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sesame.store() as store:
        made = refer_patients(_engine(store), 3)
    real = rebuild

    def interrupted(
        pathways: object, project: object, progress: Callable[[PathwayId], None], after: PathwayId | None
    ) -> int:
        seen = 0

        def count(pathway_id: PathwayId) -> None:
            nonlocal seen
            progress(pathway_id)
            seen += 1
            if seen == stop_after:
                raise KeyboardInterrupt

        if not stop_after:
            raise KeyboardInterrupt
        return real(pathways, project, count, after)  # type: ignore[arg-type]  # passed through

    monkeypatch.setattr(database, "rebuild_projections", interrupted)
    result = sesame("rebuild")
    assert result.exit_code == 1
    assert result.stderr.strip().endswith(hint.format(*made))


def test_rebuild_refuses_a_pathway_that_does_not_exist(sesame: Cli) -> None:
    assert "no such pathway" in sesame.refused("rebuild", "--after", "unknown")


@pytest.mark.parametrize("command", [("rebuild",), ("ehr", "list"), ("client", "list"), ("keys", "rotate"), ("serve",)])
def test_nothing_works_on_a_database_that_is_not_there(command: tuple[str, ...], sesame: Cli) -> None:
    sesame.database.unlink()
    assert "sesame migrate" in sesame.refused(*command)
    assert not sesame.database.exists()


def test_an_older_schema_is_named(sesame: Cli, tmp_path: Path) -> None:
    (tmp_path / "sesame.db").write_bytes(b"")
    assert "run `sesame migrate`" in sesame.refused("ehr", "list")


def test_a_file_that_is_no_database_is_named(sesame: Cli) -> None:
    sesame.database.write_bytes(b"not a database at all, but long enough to have a header" * 100)
    for command in ("migrate", "serve"):
        assert "cannot be reached or read" in sesame.refused(command)
