"""Names for opaque identifiers, so that two swapped strings fail type checking.

Values are UUIDv7 texts made outside the domain (the ``Ids`` port): time-ordered, without meaning.
"""

from typing import NewType

PathwayId = NewType("PathwayId", str)
EventId = NewType("EventId", str)
CommandId = NewType("CommandId", str)
ScreeningId = NewType("ScreeningId", str)
ReferralId = NewType("ReferralId", str)
SiteId = NewType("SiteId", str)
EhrId = NewType("EhrId", str)
LaunchId = NewType("LaunchId", str)

FACADE = EhrId("facade")
"""Where the record of a patient lives who is known by our own FHIR interface only: nothing is written back to it."""
