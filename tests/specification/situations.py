"""Where patients stand when an example begins: one patient, spring of 2026. docs/rules lists every step."""

from dataclasses import replace
from datetime import date

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.evolution.referral import member_of
from sesame_fhir.domain.instruments import InstrumentId
from sesame_fhir.domain.policy import DEFAULT_POLICY, OnInterruption
from tests.specification.model import Situation, Step, on
from tests.support.story import AGREED, BINDING, GP, NURSE, PSYCHIATRIST, TRAITS, eligible, referred, screened

EXTEND = replace(DEFAULT_POLICY, on_interruption=OnInterruption.EXTEND)
CLOSE = replace(DEFAULT_POLICY, on_interruption=OnInterruption.CLOSE)
RAW_VALUES = replace(DEFAULT_POLICY, interpretation=False)

R1 = referred().referral_id
IDENTIFIED = ev.PatientIdentified(TRAITS, BINDING)
TEAM = ev.CareTeamChanged((member_of(NURSE), member_of(GP), member_of(PSYCHIATRIST)))
SUSPENDED = ev.PathwayInterrupted("Hospitalisation")
RELAPSE_PREVENTION = ev.PhaseChanged(ev.Phase.RELAPSE_PREVENTION)
REMISSION = ev.PathwayExited(ev.ExitReason.REMISSION)


def phq9(total: int, *, item9: int = 0, n: int = 2) -> ev.ScreeningRecorded:
    """A PHQ-9 with this total, of which ``item9``; ``n`` makes its id."""
    rest = total - item9
    weights = [max(0, min(3, rest - 3 * item)) for item in range(8)]
    return screened("".join(map(str, [*weights, item9])), InstrumentId.PHQ_9, n)


def measured(day: str, total: int, *, item9: int = 0) -> Step:
    """The nurse takes a PHQ-9; the day of the year makes its id."""
    return on(day, phq9(total, item9=item9, n=date.fromisoformat(day[:10]).timetuple().tm_yday))


def held(day: str, contact: str = "c1", minutes: int = 20) -> Step:
    """A contact by phone took place."""
    return on(day, ev.ContactHeld(contact, ev.ContactMode.PHONE, minutes))


def sequence(rank: int, start: str, end: str) -> ev.SequenceStarted:
    """A sequence and its planned end."""
    return ev.SequenceStarted(rank, date.fromisoformat(start), date.fromisoformat(end))


def finished(rank: int, end: str, *, interrupted: bool = False) -> ev.SequenceFinished:
    """The end of a sequence."""
    return ev.SequenceFinished(rank, date.fromisoformat(end), interrupted)


def consent(status: ev.ConsentStatus, purpose: ev.ConsentPurpose = ev.ConsentPurpose.CARE_TEAM) -> ev.ConsentRecorded:
    """What the patient says for one purpose."""
    return ev.ConsentRecorded(purpose, status, "1")


NOTHING = Situation("Rien n'est enregistré")
SCREENED = NOTHING.then(on("2026-03-02", IDENTIFIED, GP), on("2026-03-02", screened(), GP)).named(
    "Dépistage positif le 02/03/2026"
)
READY = SCREENED.then(on("2026-03-02", eligible(), GP), on("2026-03-02", AGREED, GP)).named("Prêt à être adressé")
NOT_REFERRED = SCREENED.then(on("2026-03-02", ev.ReferralDeclined(ev.DeclineReason.LATER), GP)).named("Non adressé")
REFERRED = READY.then(on("2026-03-02", referred(), GP)).named("Adressé le 02/03/2026")
NOT_STARTED = REFERRED.then(on("2026-03-06", ev.ReferralNotStarted(R1, ev.ReferralEnd.DECLINED_BY_PATIENT))).named(
    "Adressage sans suite le 06/03/2026"
)
ASSESSMENT = REFERRED.then(on("2026-03-05", ev.ReferralAccepted(R1))).named("En évaluation depuis le 05/03/2026")
CARE = ASSESSMENT.then(
    on("2026-03-05", TEAM), measured("2026-03-10 09:00", 18), on("2026-03-10", ev.AssessmentRecorded())
).named("En prise en charge depuis le 10/03/2026, PHQ-9 à 18")
SEQUENCE = CARE.then(on("2026-03-10", sequence(1, "2026-03-10", "2026-06-09"))).named(
    "En prise en charge, séquence 1 du 10/03/2026 au 09/06/2026"
)
SEQUENCE_DONE = SEQUENCE.then(on("2026-06-10", finished(1, "2026-06-09"))).named(
    "En prise en charge, séquence 1 finie le 09/06/2026"
)
RELAPSE = SEQUENCE.then(on("2026-06-01", RELAPSE_PREVENTION)).named("En prévention des rechutes depuis le 01/06/2026")
INTERRUPTED = SEQUENCE.then(on("2026-04-20", SUSPENDED)).named("Suivi suspendu depuis le 20/04/2026, séquence 1")
EXITED = CARE.then(on("2026-05-04", REMISSION)).named("Sorti le 04/05/2026")

NAMED: tuple[Situation, ...] = (
    SCREENED,
    READY,
    NOT_REFERRED,
    REFERRED,
    NOT_STARTED,
    ASSESSMENT,
    CARE,
    SEQUENCE,
    SEQUENCE_DONE,
    RELAPSE,
    INTERRUPTED,
    EXITED,
)
"""Every situation with a name of its own, in the order of the pathway."""
