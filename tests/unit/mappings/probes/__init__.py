"""Samples for ``test_fields``: one module per area, each with its ``PROBES``."""

from tests.unit.mappings.probes import billing, care, course, intake, log, team, whole
from tests.unit.mappings.probes.probe import Probe

PROBES: dict[tuple[str, type], Probe] = {
    **intake.PROBES,
    **whole.PROBES,
    **care.PROBES,
    **course.PROBES,
    **team.PROBES,
    **log.PROBES,
    **billing.PROBES,
}
"""By mapping module and domain type."""
