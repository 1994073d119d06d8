"""What an instrument is made of. Instances are data in the neighbouring modules; scoring is in ``domain.scoring``."""

from dataclasses import dataclass
from enum import StrEnum


class InstrumentId(StrEnum):
    """The instruments whose text may be embedded (free to reproduce, or public domain)."""

    PHQ_2 = "phq-2"
    PHQ_9 = "phq-9"
    GAD_2 = "gad-2"
    GAD_7 = "gad-7"
    AUDIT_C = "audit-c"


@dataclass(frozen=True, slots=True)
class Answer:
    """One possible answer: its code (LOINC answer code unless ``local``), French text, weight in the total.

    ``text_en`` is the published English wording; None where there is none to quote.
    """

    code: str
    text: str
    weight: int
    text_en: str | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One question. ``link_id`` is also the linkId of the FHIR Questionnaire.

    ``scored`` is False for an item outside the total (PHQ-9 item 10). ``depends_on_any`` is True for an item that is
    asked only when at least one scored item has a weight above 0.
    """

    link_id: str
    loinc: str
    text: str
    answers: tuple[Answer, ...]
    text_en: str | None = None
    scored: bool = True
    required: bool = True
    depends_on_any: bool = False
    safety: bool = False


@dataclass(frozen=True, slots=True)
class Band:
    """A range of totals, both ends included, with a stable code and its French label."""

    code: str
    low: int
    high: int
    label: str


@dataclass(frozen=True, slots=True)
class Instrument:
    """A whole instrument.

    ``total_loinc`` is None where no verified LOINC total exists (GAD-2): the FHIR mapping then uses a local code.
    """

    id: InstrumentId
    title: str
    version: str
    instruction: str
    items: tuple[Item, ...]
    bands: tuple[Band, ...]
    panel_loinc: str | None
    total_loinc: str | None
    copyright: str
    instruction_en: str | None = None

    @property
    def scored_items(self) -> tuple[Item, ...]:
        """The items that make the total, in order."""
        return tuple(item for item in self.items if item.scored)

    @property
    def maximum(self) -> int:
        """The highest possible total."""
        return sum(max(a.weight for a in item.answers) for item in self.scored_items)

    def item(self, link_id: str) -> Item | None:
        """Find an item by its linkId."""
        return next((item for item in self.items if item.link_id == link_id), None)
