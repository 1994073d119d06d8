"""The scale bench with tiny numbers: what it asks is answered, what it fills is what the store would have written."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sesame_fhir.storage import Store, open_store
from sesame_fhir.storage.caseload_rows import write_rows
from sesame_fhir.storage.session import Row, Session
from tests.bench import rebuilding, scale, scale_seed
from tests.bench.report import Report
from tests.bench.scale import Compared
from tests.bench.scale_seed import People
from tests.bench.seed import KEY


@pytest.fixture(autouse=True)
def _few_templates(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(scale_seed, "_TEMPLATES", 5)
    scale_seed._templates.cache_clear()
    yield
    scale_seed._templates.cache_clear()


@pytest.fixture
def url(tmp_path: Path) -> str:
    made = f"sqlite:///{tmp_path / 'scale.db'}"
    scale_seed.fill(made, 110, lambda _done: None)
    return made


def entries(store: Store) -> set[Row]:
    sql = "SELECT pathway_key, listing, since, until, rule, attention, name, updated FROM caseload_entry"
    return set(store._database.read(lambda session: session.rows(sql)))


def test_the_rows_are_those_that_the_store_writes(url: str) -> None:
    with open_store(url, KEY) as store:
        assert store.check() == []
        before = entries(store)
        rows = {n: store.pathways.caseload_row(scale_seed.pathway_id(n)) for n in (0, 57, 109)}
        facts = {one.pathway_id: one for one in store.pathways.facts(scale_seed.SITES)}
        assert len(facts) == 110
        for number, row in rows.items():
            assert row is not None
            stands = scale_seed.projections(number, People(110))
            assert row == stands.caseload
            assert facts[row.pathway_id] == stands.facts

            def again(session: Session, key: int = number + 1) -> None:
                write_rows(session, key, scale_seed.projections(key - 1, People(110)))

            store._database.write(again)
        assert entries(store) == before
        assert store.pathways.history(scale_seed.pathway_id(scale_seed.WITH_EVENTS))


def test_every_question_is_answered(url: str) -> None:
    compared = scale.compare({110: url}, rounds=1)
    assert len({one.name for one in compared}) == len(compared) > 80
    assert all(one.ratio == 1.0 for one in compared)


def test_the_table_marks_what_costs_more_in_the_large_one() -> None:
    rows = {10: 45, 1000: 50}
    figures = {"same": {10: 5.0, 1000: 7.4}, "little": {10: 0.1, 1000: 1.0}, "more": {10: 5.0, 1000: 7.6}}
    compared = [Compared(name, p95, p95, rows) for name, p95 in figures.items()]
    compared.append(Compared("busy", figures["more"], {10: 1.0, 1000: 1.0}, rows))
    compared.append(Compared("unlike", figures["more"], figures["more"], {10: 4, 1000: 50}))
    text = scale.table(compared)
    assert [line.split()[0] for line in text.splitlines() if "above" in line] == ["more"]
    assert text.splitlines()[-1].endswith("| 4/50")


def test_a_rebuild_is_timed() -> None:
    rebuilt = rebuilding.measured(2)
    assert rebuilt.events > 4
    assert 0 < rebuilt.in_store < rebuilt.seconds


def test_the_report_shows_both() -> None:
    compared = Compared("a page", {10: 1.0, 1000: 1.25}, {10: 1.0, 1000: 1.5}, {10: 50, 1000: 50})
    report = Report({}, scale=[compared], rebuilt=rebuilding.Rebuilt(3_000, 2.0, 0.5))
    assert "1,500 events/s, the store alone 6,000 events/s" in report.text()
    assert "a page" in report.text()
    document = report.document()
    assert [(one["name"], one["ratio"], one["cpu_ratio"]) for one in document["scale"]] == [("a page", 1.25, 1.5)]
    assert document["rebuild"]["events"] == 3_000
