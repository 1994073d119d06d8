"""How a fault of ours is logged: a reference, the exception's type and place, never its text (it may hold anything)."""

import traceback

import structlog

LOG = structlog.get_logger("sesame_fhir.api")


def log_unexpected(fault: BaseException, reference: str) -> None:
    """Write one line that finds the fault in the code."""
    frames = traceback.extract_tb(fault.__traceback__)
    place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "unknown"
    LOG.error("unexpected", reference=reference, error=type(fault).__name__, place=place)
