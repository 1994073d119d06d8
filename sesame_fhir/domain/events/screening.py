"""Events of identity, consent and screening."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sesame_fhir.domain.events.vocabulary import (
    ConsentPurpose,
    ConsentStatus,
    LicensedInstrument,
    SafetyAction,
    Sex,
)
from sesame_fhir.domain.identifiers import Ins
from sesame_fhir.domain.ids import EhrId, PathwayId, ScreeningId
from sesame_fhir.domain.instruments import InstrumentId


@dataclass(frozen=True, slots=True)
class EhrBinding:
    """Where this patient's record lives: the registered EHR and the FHIR references there (``Patient/123``)."""

    ehr_id: EhrId
    patient: str
    encounter: str | None = None
    practitioner: str | None = None


@dataclass(frozen=True, slots=True)
class PatientTraits:
    """Identity as received; ``ins`` only when the source says it is qualified or carries a test/demo matricule."""

    family: str
    given: str
    birth_date: date | None
    sex: Sex
    ins: Ins | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class PatientIdentified:
    """The patient's identity and record as known from now on; the first event of every pathway.

    ``previous`` is the pathway that the same patient left before this one (re-entry after an exit).
    """

    traits: PatientTraits
    ehr: EhrBinding | None = None
    previous: PathwayId | None = None


@dataclass(frozen=True, slots=True)
class ScreeningRecorded:
    """A completed instrument. ``answers`` maps linkId to answer code; ``total`` is None only for an unscored set.

    ``contact_id`` is the contact, noted before, in which it was taken; None for any other occasion, and for one that is
    noted with the contact (``ContactHeld.screenings``).
    """

    screening_id: ScreeningId
    instrument: InstrumentId
    instrument_version: str
    answers: Mapping[str, str]
    total: int | None
    safety_flag: bool
    contact_id: str | None = None


@dataclass(frozen=True, slots=True)
class ScreeningCorrected:
    """New answers for a screening already recorded; the earlier ones stay in the history."""

    screening_id: ScreeningId
    instrument: InstrumentId
    instrument_version: str
    answers: Mapping[str, str]
    total: int | None
    safety_flag: bool


@dataclass(frozen=True, slots=True)
class SafetyAcknowledged:
    """A named clinician has seen the suicide-risk flag and says what was done."""

    screening_id: ScreeningId
    action: SafetyAction


@dataclass(frozen=True, slots=True)
class TotalRecorded:
    """Total of an instrument whose text may not be embedded, as read on paper on the day ``on``."""

    total_id: str
    instrument: LicensedInstrument
    total: int
    on: date


@dataclass(frozen=True, slots=True)
class ConsentRecorded:
    """A consent, an information or an opposition, for one purpose; the event's actor is who informed the patient.

    ``notice`` is the version of the information notice that the patient was given.
    """

    purpose: ConsentPurpose
    status: ConsentStatus
    notice: str | None = None
