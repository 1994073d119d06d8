"""Examples: what each consent may be, which one stands, what a no changes."""

from sesame_fhir.domain import consents
from sesame_fhir.domain.consents import Effect
from sesame_fhir.domain.events import ConsentPurpose, ConsentStatus
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.reasons import ReasonCode as Why
from tests.specification import labels
from tests.specification.model import Chapter, Example, Page, Situation, Table, on
from tests.specification.situations import CARE, EXITED, NOTHING, REFERRED, SCREENED, consent
from tests.support.story import GP

TEAM, EVALUATION, RESEARCH, SURVEY = ConsentPurpose
INFORMED, GIVEN, REFUSED, OPPOSED, WITHDRAWN = ConsentStatus


def _said(*said: tuple[ConsentPurpose, ConsentStatus]) -> Situation:
    return CARE.then(*(on("2026-03-11", consent(status, purpose)) for purpose, status in said))


RECORDING = Chapter(
    "Noter ce que dit le patient",
    "À toute étape, dès le dépistage et jusqu'après la sortie ; aussi un papier signé avant l'ouverture du parcours.",
    (
        Example(SCREENED, consent(GIVEN), by=GP),
        Example(REFERRED, consent(WITHDRAWN)),
        Example(EXITED, consent(OPPOSED, EVALUATION)),
        Example(SCREENED, consent(GIVEN), by=GP, at="2026-02-20", recorded="2026-03-02"),
        Example(SCREENED, consent(GIVEN), (Why.DATE_IN_FUTURE,), by=GP, at="2026-03-03", recorded="2026-03-02"),
        Example(NOTHING, consent(GIVEN), (Why.EVENT_NOT_ALLOWED,), by=GP),
    ),
)
POSSIBLE = Chapter(
    "Quelle réponse pour quel objet",
    "Trois choses différentes et une quatrième facultative, jamais mêlées : un accord pour le partage, la recherche et "
    "l'enquête ; une information sans opposition pour l'évaluation.",
    (
        *(Example(CARE, consent(s, p)) for p in (TEAM, RESEARCH, SURVEY) for s in (GIVEN, REFUSED, WITHDRAWN)),
        *(Example(CARE, consent(s, EVALUATION)) for s in (INFORMED, OPPOSED)),
        *(
            Example(CARE, consent(s, p), (Why.CONSENT_STATUS_WRONG,))
            for p in (TEAM, RESEARCH, SURVEY)
            for s in (INFORMED, OPPOSED)
        ),
        *(Example(CARE, consent(s, EVALUATION), (Why.CONSENT_STATUS_WRONG,)) for s in (GIVEN, REFUSED, WITHDRAWN)),
    ),
)


def standing(pathway: Pathway) -> tuple[str, ...]:
    """What the patient last said about sharing within the team."""
    status = pathway.consent(TEAM)
    return ("rien" if status is None else labels.said(status),)


LAST_WORD = Table(
    "Ce qui vaut : le dernier mot du patient, par sa date",
    "Un papier plus ancien noté après coup ne remplace pas ce que le patient a dit depuis.",
    ("situation", "partage dans l'équipe"),
    standing,
    (
        (SCREENED, "rien"),
        (CARE, "accord donné"),
        (CARE.then(on("2026-03-11", consent(WITHDRAWN))), "accord retiré"),
        (CARE.then(on("2026-03-11", consent(WITHDRAWN)), on("2026-03-12", consent(GIVEN))), "accord donné"),
        (
            CARE.then(on("2026-03-11", consent(WITHDRAWN)), on("2026-02-20", consent(GIVEN), recorded="2026-03-12")),
            "accord retiré",
        ),
    ),
)
EFFECTS: dict[Effect, str] = {
    Effect.PATHWAY_TO_BE_ENDED: "parcours à terminer",
    Effect.SHARING_STOPS: "le partage s'arrête",
    Effect.OUT_OF_EVALUATION: "hors évaluation",
    Effect.OUT_OF_RESEARCH: "hors recherche",
    Effect.NO_SURVEY: "pas d'enquête",
}


def effects(pathway: Pathway) -> tuple[str, ...]:
    """What a no changes, and what the patient takes part in."""
    said_no = ", ".join(EFFECTS[effect] for effect in consents.standing_effects(pathway)) or "aucun"
    answers = (consents.stands(purpose, pathway.consent(purpose)) for purpose in (TEAM, EVALUATION, RESEARCH, SURVEY))
    return (said_no, *("oui" if answer else "non" for answer in answers))


FOLLOWS = Table(
    "Ce qui suit de chaque réponse",
    "Sans réponse, rien n'est supposé : ni évaluation, ni recherche, ni enquête.",
    ("situation", "effet d'un non", "partage", "évaluation", "recherche", "enquête"),
    effects,
    (
        (CARE, "aucun", "oui", "non", "non", "non"),
        (_said((EVALUATION, INFORMED)), "aucun", "oui", "oui", "non", "non"),
        (_said((EVALUATION, OPPOSED)), "hors évaluation", "oui", "non", "non", "non"),
        (_said((RESEARCH, GIVEN)), "aucun", "oui", "non", "oui", "non"),
        (_said((RESEARCH, REFUSED)), "hors recherche", "oui", "non", "non", "non"),
        (_said((RESEARCH, GIVEN), (RESEARCH, WITHDRAWN)), "hors recherche", "oui", "non", "non", "non"),
        (_said((SURVEY, GIVEN)), "aucun", "oui", "non", "non", "oui"),
        (_said((SURVEY, WITHDRAWN)), "pas d'enquête", "oui", "non", "non", "non"),
        (_said((TEAM, WITHDRAWN)), "le partage s'arrête, parcours à terminer", "non", "non", "non", "non"),
        (
            _said((TEAM, WITHDRAWN), (EVALUATION, INFORMED)),
            "le partage s'arrête, parcours à terminer",
            "non",
            "oui",
            "non",
            "non",
        ),
    ),
)

PAGE = Page(
    "consents",
    "Consentements",
    "Source : page de référence du domaine, « Consent ».",
    (RECORDING, POSSIBLE, LAST_WORD, FOLLOWS),
)
