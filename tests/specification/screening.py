"""Examples: questionnaires, the suicide-risk flag of item 9, totals read on paper."""

from dataclasses import replace
from datetime import date

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.instruments import InstrumentId
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.reasons import ReasonCode as Why
from tests.specification.model import Chapter, Example, Page, Situation, Table, on
from tests.specification.situations import CARE, EXITED, NOT_REFERRED, NOTHING, REFERRED, REMISSION, SCREENED, phq9
from tests.support.story import COORDINATOR, GP, NURSE, PSYCHIATRIST, answered, screened

AT_RISK = phq9(9, item9=1, n=9)
ACKNOWLEDGED = ev.SafetyAcknowledged(AT_RISK.screening_id, ev.SafetyAction.SAFETY_PLAN)
RISK_SEEN = SCREENED.then(on("2026-03-02", AT_RISK, GP))
LEFT_AT_RISK = CARE.then(on("2026-05-04", AT_RISK), on("2026-05-04", REMISSION))
ISI = ev.TotalRecorded("t1", ev.LicensedInstrument.ISI, 14, date(2026, 3, 9))


def corrected(weights: str) -> ev.ScreeningCorrected:
    """The PHQ-9 of ``AT_RISK``, answered again."""
    flag = weights[8] != "0"
    answers = answered(InstrumentId.PHQ_9, weights)
    total = sum(map(int, weights))
    return ev.ScreeningCorrected(AT_RISK.screening_id, InstrumentId.PHQ_9, "1.0.0", answers, total, safety_flag=flag)


SAME_ITEM_9, ITEM_9_AWAY, ITEM_9_HIGHER = corrected("120000001"), corrected("120000000"), corrected("120000003")

RECORDING = Chapter(
    "Remplir et corriger un questionnaire",
    "Un questionnaire se remplit à toute étape d'un parcours ouvert. Une correction garde l'historique et porte sur le "
    "même questionnaire.",
    (
        Example(NOTHING, screened(), by=GP),
        Example(NOT_REFERRED, screened(n=2), by=GP),
        Example(CARE, phq9(12)),
        Example(EXITED, phq9(4), (Why.EVENT_NOT_ALLOWED,)),
        Example(RISK_SEEN, ITEM_9_AWAY, by=GP),
        Example(SCREENED, ITEM_9_AWAY, (Why.NO_SUCH_SCREENING,), by=GP),
        Example(RISK_SEEN, replace(ITEM_9_AWAY, instrument=InstrumentId.GAD_7), (Why.NO_SUCH_SCREENING,), by=GP),
    ),
)
SAFETY = Chapter(
    "Prendre acte d'une réponse à l'item 9",
    "Un clinicien nommé dit ce qu'il a fait. Tant que personne ne l'a fait, l'alerte reste, même après la sortie.",
    (
        Example(RISK_SEEN, ACKNOWLEDGED, by=GP),
        Example(RISK_SEEN, ACKNOWLEDGED, by=NURSE),
        Example(RISK_SEEN, ACKNOWLEDGED, by=PSYCHIATRIST),
        Example(RISK_SEEN, ACKNOWLEDGED, (Why.CLINICIAN_REQUIRED,), by=COORDINATOR),
        Example(SCREENED, ACKNOWLEDGED, (Why.NO_SUCH_SCREENING,), by=GP),
        Example(
            RISK_SEEN.then(on("2026-03-02", ACKNOWLEDGED, GP)),
            ACKNOWLEDGED,
            (Why.SAFETY_NOTHING_TO_ACKNOWLEDGE,),
            by=GP,
        ),
        Example(LEFT_AT_RISK, ACKNOWLEDGED, by=GP),
    ),
)


def waiting(pathway: Pathway) -> tuple[str, ...]:
    """Does an item 9 wait for somebody?"""
    return ("oui" if pathway.unacknowledged else "non",)


def _then(*payloads: ev.Payload) -> Situation:
    return RISK_SEEN.then(*(on("2026-03-02", data, GP) for data in payloads))


STILL_WAITING = Table(
    "L'alerte attend-elle encore ?",
    "Une correction qui change la réponse à l'item 9 demande une nouvelle prise d'acte.",
    ("situation", "quelqu'un doit prendre acte"),
    waiting,
    (
        (RISK_SEEN, "oui"),
        (_then(ACKNOWLEDGED), "non"),
        (_then(ACKNOWLEDGED, SAME_ITEM_9), "non"),
        (_then(ACKNOWLEDGED, ITEM_9_HIGHER), "oui"),
        (_then(ITEM_9_AWAY), "non"),
        (_then(ACKNOWLEDGED, ITEM_9_AWAY, SAME_ITEM_9), "oui"),
        (LEFT_AT_RISK, "oui"),
    ),
)
TOTALS = Chapter(
    "Totaux de questionnaires dont le texte n'est pas reproduit",
    "Un clinicien note le total lu sur le papier, avec sa date : dans les limites du questionnaire, jamais dans le "
    "futur, jamais avant la naissance du patient.",
    (
        Example(CARE, ISI),
        Example(CARE, replace(ISI, total=28)),
        Example(CARE, replace(ISI, total=29), (Why.VALUE_OUT_OF_RANGE,)),
        Example(CARE, replace(ISI, total=-1), (Why.VALUE_OUT_OF_RANGE,)),
        Example(CARE, replace(ISI, instrument=ev.LicensedInstrument.C_SSRS, total=6), (Why.VALUE_OUT_OF_RANGE,)),
        Example(CARE, replace(ISI, on=date(2026, 3, 11)), (Why.DATE_IN_FUTURE,)),
        Example(CARE, replace(ISI, on=date(1984, 12, 6)), (Why.BEFORE_OPENING,)),
        Example(REFERRED, ISI, (Why.EVENT_NOT_ALLOWED,)),
    ),
)

PAGE = Page(
    "screening",
    "Questionnaires et item 9",
    "Sources : page de référence du domaine, « Instruments » et « Safety ».",
    (RECORDING, SAFETY, STILL_WAITING, TOTALS),
)
