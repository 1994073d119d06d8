"""Event of what another system wrote and the pathway has no place for: kept beside what it says, and given back."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ElementsKept:
    """Elements of a written resource that no rule reads; ``elements`` is a JSON object as it came, digits included.

    ``resource`` is the published resource that they belong to, ``Type/id``. What was kept of it before is replaced.
    """

    resource: str
    elements: str
