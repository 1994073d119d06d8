"""What a parsed FHIR resource is to this package: plain JSON objects, numbers with a fraction as Decimal."""

from typing import Any

Json = dict[str, Any]
"""One JSON object. Values are str, bool, int, Decimal, None, list or Json."""

Path = tuple[str | int, ...]
"""Where a value sits in a resource: property names and list positions, from the root."""


def fhirpath(root: str, path: Path) -> str:
    """Write a path as the FHIRPath of ``OperationOutcome.issue.expression``, e.g. ``Patient.name[0].family``."""
    return root + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
