"""Examples: how a patient leaves the pathway."""

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.events import ConsentPurpose, ConsentStatus, ExitReason, Orientation
from sesame_fhir.domain.reasons import ReasonCode as Why
from tests.specification.model import Chapter, Example, Page, on
from tests.specification.situations import (
    ASSESSMENT,
    CARE,
    EXITED,
    INTERRUPTED,
    REFERRED,
    RELAPSE,
    REMISSION,
    SEQUENCE,
    consent,
    finished,
)

AGREES_TO_SURVEY = on("2026-03-11", consent(ConsentStatus.GIVEN, ConsentPurpose.SURVEY))
WITH_SURVEY = ev.PathwayExited(ExitReason.REMISSION, survey=True)


def _left(reason: ExitReason, note: str | None = None, orientation: Orientation = Orientation.NONE) -> ev.PathwayExited:
    return ev.PathwayExited(reason, note, orientation)


LEAVING = Chapter(
    "Sortir",
    "De toute étape après l'adressage accepté. La séquence en cours finit le jour de la sortie (le logiciel le fait "
    "d'abord).",
    (
        Example(ASSESSMENT, REMISSION),
        Example(CARE, REMISSION),
        Example(RELAPSE.then(on("2026-06-10", finished(1, "2026-06-09"))), REMISSION),
        Example(SEQUENCE, REMISSION, (Why.SEQUENCE_ALREADY_OPEN,), at="2026-05-04"),
        Example(
            SEQUENCE.then(on("2026-05-04", finished(1, "2026-05-04", interrupted=True))), REMISSION, at="2026-05-04"
        ),
        Example(
            INTERRUPTED.then(on("2026-05-04", finished(1, "2026-05-04", interrupted=True))), REMISSION, at="2026-05-04"
        ),
        Example(REFERRED, REMISSION, (Why.EVENT_NOT_ALLOWED,)),
        Example(EXITED, REMISSION, (Why.EVENT_NOT_ALLOWED,)),
        Example(CARE, REMISSION, (Why.BEFORE_LAST_STEP,), at="2026-03-06", recorded="2026-05-04"),
    ),
)
REASONS = Chapter(
    "Motif, note, orientation",
    "« Soins spécialisés » demande une orientation, « autre motif » une note ; les autres motifs se suffisent.",
    (
        *(Example(CARE, _left(r)) for r in ExitReason if r not in {ExitReason.SPECIALISED_CARE, ExitReason.OTHER}),
        Example(CARE, _left(ExitReason.SPECIALISED_CARE), (Why.TEXT_REQUIRED,)),
        *(
            Example(CARE, _left(ExitReason.SPECIALISED_CARE, orientation=o))
            for o in Orientation
            if o is not Orientation.NONE
        ),
        Example(CARE, _left(ExitReason.OTHER), (Why.TEXT_REQUIRED,)),
        Example(CARE, _left(ExitReason.OTHER, "  "), (Why.TEXT_REQUIRED,)),
        Example(CARE, _left(ExitReason.OTHER, "Retour au pays")),
        Example(CARE, _left(ExitReason.CONCERTED_END, orientation=Orientation.SOCIAL)),
    ),
)
LEFT_WITH_SURVEY = CARE.then(AGREES_TO_SURVEY, on("2026-05-04", WITH_SURVEY))
SURVEY = Chapter(
    "Donner le lien de l'enquête",
    "Seulement si le patient a accepté d'être recontacté ; jamais après un décès.",
    (
        Example(CARE, WITH_SURVEY, (Why.SURVEY_NOT_AGREED,)),
        Example(CARE.then(AGREES_TO_SURVEY), WITH_SURVEY),
        Example(
            CARE.then(AGREES_TO_SURVEY),
            ev.PathwayExited(ExitReason.DEATH, survey=True),
            (Why.SURVEY_NOT_AGREED,),
        ),
        Example(
            CARE.then(AGREES_TO_SURVEY, on("2026-04-01", consent(ConsentStatus.WITHDRAWN, ConsentPurpose.SURVEY))),
            WITH_SURVEY,
            (Why.SURVEY_NOT_AGREED,),
        ),
    ),
)
ANSWERS = Chapter(
    "Noter l'enquête revenue",
    "Pour une enquête qui a été donnée ; la satisfaction va de 0 à 10, ou n'est pas dite.",
    (
        Example(LEFT_WITH_SURVEY, ev.SurveyAnswered(8), at="2026-06-01"),
        Example(LEFT_WITH_SURVEY, ev.SurveyAnswered(), at="2026-06-01"),
        Example(LEFT_WITH_SURVEY, ev.SurveyAnswered(11), (Why.VALUE_OUT_OF_RANGE,), at="2026-06-01"),
        Example(LEFT_WITH_SURVEY, ev.SurveyAnswered(-1), (Why.VALUE_OUT_OF_RANGE,), at="2026-06-01"),
        Example(EXITED, ev.SurveyAnswered(8), (Why.SURVEY_NOT_AGREED,)),
        Example(CARE, ev.SurveyAnswered(8), (Why.EVENT_NOT_ALLOWED,)),
    ),
)

PAGE = Page(
    "exits",
    "Sortie",
    "Source : page de référence du domaine, étape 8 ; décès et déménagement sont des codes du logiciel.",
    (LEAVING, REASONS, SURVEY, ANSWERS),
)
