"""What every guard is given beside the pathway and the event."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sesame_fhir.domain.actors import Actor
from sesame_fhir.domain.calendar import local_day
from sesame_fhir.domain.events import ConsentPurpose, ConsentStatus
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.policy import PathwayPolicy
from sesame_fhir.domain.reasons import Reason, ReasonCode

Reasons = tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Setting:
    """Who acts, when it happened, when it is recorded, under which policy."""

    actor: Actor
    policy: PathwayPolicy
    occurred_at: datetime
    recorded_at: datetime

    @property
    def today(self) -> date:
        """The day of the event, at the practice."""
        return local_day(self.occurred_at)


Guard = Callable[[Pathway, Any, Setting], Reasons]
"""From the state before the event and its payload to every reason against it."""


def refused(code: ReasonCode, detail: str | None = None, *, when: bool = True) -> Reasons:
    """One reason, or none."""
    return (Reason(code, detail),) if when else ()


def blank(text: str | None) -> bool:
    """True for a text that says nothing."""
    return not (text or "").strip()


def without_agreement(p: Pathway) -> Reasons:
    """Why the care team may not share this patient's care."""
    status = p.consent(ConsentPurpose.CARE_TEAM)
    if status is ConsentStatus.GIVEN:
        return ()
    said_no = {ConsentStatus.REFUSED, ConsentStatus.OPPOSED, ConsentStatus.WITHDRAWN}
    return (Reason(ReasonCode.PATIENT_REFUSED if status in said_no else ReasonCode.PATIENT_NOT_INFORMED),)
