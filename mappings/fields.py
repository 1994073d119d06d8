"""Which domain fields a mapping carries and which it leaves out, and why: nothing is forgotten in silence.

Every mapping module lists its ``FieldMap``s in a tuple named ``FIELDS``; a test fails when a field of the source type
is neither mapped nor left out, and when a mapped field does not change the resource.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class FieldMap:
    """``mapped``: source field -> FHIRPath of where it goes. ``omitted``: source field -> why it is not published."""

    source: type
    mapped: Mapping[str, str]
    omitted: Mapping[str, str] = field(default_factory=dict)
