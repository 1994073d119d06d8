"""The bench of a month with tiny numbers: what it fills is billable, what it exports is there, the ratio is said."""

from pathlib import Path

from tests.bench import month
from tests.bench.month import Measured, Step


def test_a_month_is_measured_step_by_step(tmp_path: Path) -> None:
    month.fill(f"sqlite:///{tmp_path / 'month.db'}", 12)
    found = month.measured(tmp_path)
    assert found.sequences == 12
    assert [step.name for step in found.steps] == ["prepare", "freeze", "export"]
    assert found.size > 0
    assert all(step.seconds > 0 and step.megabytes >= found.floor / 2 for step in found.steps)


def test_the_table_says_what_a_sequence_costs_in_a_large_month() -> None:
    small = Measured(1_000, 50.0, 1.0, (Step("prepare", 1.0, 60.0),))
    large = Measured(100_000, 50.0, 100.0, (Step("prepare", 130.0, 61.0),))
    assert month.table([small, large]).splitlines()[-1].endswith("100,000 against 1,000: 1.30")
