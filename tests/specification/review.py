"""Examples: the case review, its recommendations, the GP's answer."""

from dataclasses import replace

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.events import RecommendationKind as Kind
from sesame_fhir.domain.reasons import ReasonCode as Why
from tests.specification.care import REFUSES
from tests.specification.model import Chapter, Example, Page, on
from tests.specification.situations import ASSESSMENT, CARE, EXITED, INTERRUPTED, REFERRED
from tests.support.story import GP, NURSE, PSYCHIATRIST

SERTRALINE = ev.Recommendation("r1-a", Kind.MEDICATION, drug="Sertraline", dose="50 mg")
SEE_AGAIN = ev.Recommendation("r1-b", Kind.SEE_AGAIN, weeks=4)
REVIEW = ev.CaseReviewed("r1", (SERTRALINE, SEE_AGAIN))
PUT = CARE.then(on("2026-03-11", ev.MarkedForReview("Sommeil")))
REVIEWED = CARE.then(on("2026-03-12", REVIEW, PSYCHIATRIST))
ACCEPT = ev.RecommendationDecided("r1-a", ev.RecommendationFate.ACCEPTED)
ADAPT = ev.RecommendationDecided("r1-a", ev.RecommendationFate.ADAPTED, "25 mg, déjà essayée")
DECLINE = ev.RecommendationDecided("r1-a", ev.RecommendationFate.DECLINED, "Grossesse")


def advised(kind: Kind, text: str | None = None, weeks: int | None = None) -> ev.CaseReviewed:
    """A review with one recommendation."""
    return ev.CaseReviewed("r1", (ev.Recommendation("r1-a", kind, text, weeks=weeks),))


PUTTING = Chapter(
    "Mettre un cas à la revue",
    "À la main, par l'équipe, avec l'accord du patient au partage.",
    (
        Example(CARE, ev.MarkedForReview()),
        Example(INTERRUPTED, ev.MarkedForReview()),
        Example(CARE.then(on("2026-03-11", REFUSES)), ev.MarkedForReview(), (Why.PATIENT_REFUSED,)),
        Example(PUT, ev.ReviewMarkRemoved()),
        Example(CARE, ev.ReviewMarkRemoved(), (Why.NOT_PUT_TO_REVIEW,)),
        Example(REFERRED, ev.MarkedForReview(), (Why.EVENT_NOT_ALLOWED,)),
    ),
)
REVIEWING = Chapter(
    "Signer une revue de cas",
    "Le psychiatre de l'équipe de soins signe au moins une conclusion. Chaque conseil dit ce qu'il faut : un "
    "médicament a un nom, « à revoir » a un délai de 1 à 52 semaines.",
    (
        Example(PUT, REVIEW, by=PSYCHIATRIST),
        Example(CARE, REVIEW, by=PSYCHIATRIST),
        Example(CARE, REVIEW, (Why.PSYCHIATRIST_REQUIRED,), by=NURSE),
        Example(ASSESSMENT, REVIEW, (Why.NOT_ON_CARE_TEAM,), by=PSYCHIATRIST),
        Example(CARE, replace(REVIEW, recommendations=()), (Why.RECOMMENDATION_REQUIRED,), by=PSYCHIATRIST),
        Example(CARE, advised(Kind.NO_CHANGE), by=PSYCHIATRIST),
        Example(CARE, advised(Kind.MEDICATION), (Why.TEXT_REQUIRED,), by=PSYCHIATRIST),
        Example(CARE, advised(Kind.MEDICATION, "Poursuivre le traitement"), by=PSYCHIATRIST),
        Example(CARE, advised(Kind.THERAPY, " "), (Why.TEXT_REQUIRED,), by=PSYCHIATRIST),
        Example(CARE, advised(Kind.MONITORING, "Natrémie", weeks=4), by=PSYCHIATRIST),
        Example(CARE, advised(Kind.SEE_AGAIN), (Why.VALUE_OUT_OF_RANGE,), by=PSYCHIATRIST),
        Example(CARE, advised(Kind.SEE_AGAIN, weeks=53), (Why.VALUE_OUT_OF_RANGE,), by=PSYCHIATRIST),
        Example(CARE.then(on("2026-03-11", REFUSES)), REVIEW, (Why.PATIENT_REFUSED,), by=PSYCHIATRIST),
        Example(EXITED, REVIEW, (Why.EVENT_NOT_ALLOWED,), by=PSYCHIATRIST),
    ),
)
DECIDING = Chapter(
    "Répondre à une recommandation",
    "Le médecin accepte, ou adapte ou écarte avec un motif, une fois, aussi après la sortie. « Pas de changement » et "
    "« à revoir » n'attendent pas de réponse.",
    (
        Example(REVIEWED, ACCEPT, by=GP),
        Example(REVIEWED, ADAPT, by=GP),
        Example(REVIEWED, DECLINE, by=GP),
        Example(REVIEWED, replace(DECLINE, reason=" "), (Why.REASON_REQUIRED,), by=GP),
        Example(REVIEWED, replace(ACCEPT, recommendation_id="r1-b"), (Why.NO_SUCH_RECOMMENDATION,), by=GP),
        Example(CARE, ACCEPT, (Why.NO_SUCH_RECOMMENDATION,), by=GP),
        Example(REVIEWED.then(on("2026-03-13", ACCEPT, GP)), DECLINE, (Why.ALREADY_DECIDED,), by=GP),
        Example(REVIEWED.then(on("2026-05-04", ev.PathwayExited(ev.ExitReason.REMISSION))), ACCEPT, by=GP),
    ),
)

PAGE = Page(
    "review",
    "Revue de cas",
    "Source : page de référence du domaine, étape 6 : infirmière et psychiatre revoient le cas, le médecin décide.",
    (PUTTING, REVIEWING, DECIDING),
)
