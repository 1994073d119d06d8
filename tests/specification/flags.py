"""Cases of the flags on rhythm, decisions and safety: where a rule speaks, from which day, and what it says."""

from collections.abc import Iterable
from dataclasses import replace

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.events import RecommendationKind as Kind
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.policy import DEFAULT_POLICY
from sesame_fhir.domain.progress.flags import STATES, flags
from sesame_fhir.domain.progress.model import Flag, Rule
from sesame_fhir.domain.progress.rules import RULES
from tests.specification import labels
from tests.specification.contacts import PLANNED, TO_COME
from tests.specification.model import Page, Table, on
from tests.specification.review import ACCEPT, SEE_AGAIN, SERTRALINE
from tests.specification.screening import ACKNOWLEDGED, LEFT_AT_RISK, RISK_SEEN
from tests.specification.sequences import AGAIN, LAST, STOP
from tests.specification.situations import (
    ASSESSMENT,
    CARE,
    EXITED,
    INTERRUPTED,
    NOT_STARTED,
    RAW_VALUES,
    REFERRED,
    RELAPSE,
    REMISSION,
    SEQUENCE,
    SEQUENCE_DONE,
    SUSPENDED,
    consent,
    held,
    measured,
)
from tests.specification.speaking import NEVER, reviewed, rule_table
from tests.specification.words import listed
from tests.support.story import GP

THERAPY = ev.Recommendation("r2-a", Kind.THERAPY, "TCC")
_WITHDRAWN, _GIVEN = ev.ConsentStatus.WITHDRAWN, ev.ConsentStatus.GIVEN


SUICIDE_RISK = rule_table(
    Rule.SUICIDE_RISK,
    (RISK_SEEN, "02/03/2026", "Item 9 du PHQ-9 coté 1 sur 3 : un clinicien nommé doit en prendre acte."),
    (RISK_SEEN.then(on("2026-03-02", ACKNOWLEDGED, GP)), *NEVER),
    (
        CARE.then(measured("2026-04-01", 14, item9=1), measured("2026-04-15", 15, item9=3)),
        "01/04/2026",
        "Item 9 du PHQ-9 coté 3 sur 3 : un clinicien nommé doit en prendre acte.",
    ),
    (
        INTERRUPTED.then(measured("2026-05-01", 14, item9=2)),
        "01/05/2026",
        "Item 9 du PHQ-9 coté 2 sur 3 : un clinicien nommé doit en prendre acte.",
    ),
    (LEFT_AT_RISK, "04/05/2026", "Item 9 du PHQ-9 coté 1 sur 3 : un clinicien nommé doit en prendre acte."),
    (CARE, *NEVER),
)
CONSENT_WITHDRAWN = rule_table(
    Rule.CONSENT_WITHDRAWN,
    (CARE, *NEVER),
    (CARE.then(on("2026-04-01", consent(_WITHDRAWN))), "01/04/2026", RULES[Rule.CONSENT_WITHDRAWN].sentence),
    (REFERRED.then(on("2026-03-03", consent(_WITHDRAWN))), "03/03/2026", RULES[Rule.CONSENT_WITHDRAWN].sentence),
    (INTERRUPTED.then(on("2026-05-01", consent(_WITHDRAWN))), "01/05/2026", RULES[Rule.CONSENT_WITHDRAWN].sentence),
    (CARE.then(on("2026-04-01", consent(_WITHDRAWN)), on("2026-04-02", consent(_GIVEN))), *NEVER),
    (CARE.then(on("2026-04-01", consent(_WITHDRAWN)), on("2026-04-02", REMISSION)), *NEVER),
    (CARE.then(on("2026-04-01", consent(_WITHDRAWN, ev.ConsentPurpose.RESEARCH))), *NEVER),
)
REFERRAL_WAITING = rule_table(
    Rule.REFERRAL_WAITING,
    (REFERRED, "02/03/2026", "Adressage en attente ; appels sans suite : 0."),
    (
        REFERRED.then(on("2026-03-03", ev.CallAttempted()), on("2026-03-04", ev.CallAttempted())),
        "02/03/2026",
        "Adressage en attente ; appels sans suite : 2.",
    ),
    (ASSESSMENT, *NEVER),
    (NOT_STARTED, *NEVER),
)
CONTACT_OVERDUE = rule_table(
    Rule.CONTACT_OVERDUE,
    (ASSESSMENT, "24/03/2026", "Contact attendu le 20/03/2026, rien de noté depuis."),
    (CARE, "29/03/2026", "Contact attendu le 25/03/2026, rien de noté depuis."),
    (CARE.then(held("2026-03-24")), "12/04/2026", "Contact attendu le 08/04/2026, rien de noté depuis."),
    (
        CARE.then(on("2026-03-24", ev.ContactMissed("c1"))),
        "29/03/2026",
        "Contact attendu le 25/03/2026, rien de noté depuis.",
    ),
    (
        CARE.then(on("2026-03-11", replace(PLANNED, planned_at=on("2026-03-17 14:00", PLANNED).at))),
        "21/03/2026",
        "Contact attendu le 17/03/2026, rien de noté depuis.",
    ),
    (
        TO_COME.then(on("2026-03-25 14:00", ev.ContactHeld("c1", ev.ContactMode.PHONE, 15))),
        "13/04/2026",
        "Contact attendu le 09/04/2026, rien de noté depuis.",
    ),
    (
        RELAPSE.then(held("2026-06-30")),
        "03/08/2026",
        "Contact attendu le 30/07/2026, rien de noté depuis.",
    ),
    (
        INTERRUPTED.then(on("2026-05-10", ev.PathwayResumed())),
        "29/05/2026",
        "Contact attendu le 25/05/2026, rien de noté depuis.",
    ),
    (INTERRUPTED, *NEVER),
    (REFERRED, *NEVER),
    (EXITED, *NEVER),
)
FIRST_FOLLOW_UP_LATE = rule_table(
    Rule.FIRST_FOLLOW_UP_LATE,
    (CARE, "08/04/2026", "Aucun contact depuis l'évaluation initiale du 10/03/2026."),
    (CARE.then(held("2026-03-10")), "08/04/2026", "Aucun contact depuis l'évaluation initiale du 10/03/2026."),
    (CARE.then(held("2026-03-24")), *NEVER),
    (
        CARE.then(on("2026-03-24", ev.ContactMissed("c1"))),
        "08/04/2026",
        "Aucun contact depuis l'évaluation initiale du 10/03/2026.",
    ),
    (ASSESSMENT.then(held("2026-03-05")), *NEVER),
)
REVIEW_DUE = rule_table(
    Rule.REVIEW_DUE,
    (CARE, *NEVER),
    (reviewed(CARE, "2026-03-12"), "09/04/2026", "À revoir, comme demandé à la revue du 12/03/2026."),
    (reviewed(CARE, "2026-03-12", SERTRALINE), *NEVER),
    (reviewed(reviewed(CARE, "2026-03-12"), "2026-04-09", SERTRALINE), *NEVER),
)
ADVICE_WAITING = rule_table(
    Rule.ADVICE_WAITING,
    (reviewed(CARE, "2026-03-12", SERTRALINE), "12/03/2026", "Recommandations sans réponse du médecin : 1."),
    (
        reviewed(reviewed(CARE, "2026-03-12", SERTRALINE), "2026-03-19", THERAPY),
        "12/03/2026",
        "Recommandations sans réponse du médecin : 2.",
    ),
    (reviewed(CARE, "2026-03-12", SERTRALINE).then(on("2026-03-13", ACCEPT, GP)), *NEVER),
    (reviewed(CARE, "2026-03-12", SEE_AGAIN), *NEVER),
    (reviewed(CARE, "2026-03-12", SERTRALINE).then(on("2026-03-13", SUSPENDED)), *NEVER),
)
SEQUENCE_ENDING = rule_table(
    Rule.SEQUENCE_ENDING,
    (CARE, *NEVER),
    (SEQUENCE, "10/05/2026", "Séquence 1, fin le 09/06/2026 : décider de la suite."),
    (SEQUENCE.then(on("2026-05-10", AGAIN)), *NEVER),
    (SEQUENCE.then(on("2026-05-10", STOP)), *NEVER),
    (SEQUENCE_DONE, "10/05/2026", "Séquence 1, fin le 09/06/2026 : décider de la suite."),
    (LAST, "07/02/2027", "Séquence 4, fin le 09/03/2027 : décider de la suite."),
    (INTERRUPTED, *NEVER),
)


def _names(raised: Iterable[Flag]) -> str:
    return listed(RULES[flag.rule].name for flag in raised)


def _switched_off(pathway: Pathway) -> tuple[str, ...]:
    waits = "oui" if pathway.unacknowledged else "non"
    return (_names(flags(pathway, DEFAULT_POLICY)), _names(flags(pathway, RAW_VALUES)), waits)


def _in_state(label: str) -> tuple[str, ...]:
    state = next(s for s, text in labels.STATES.items() if text == label)
    return (listed(RULES[rule].name for rule, states in STATES.items() if state in states),)


_READY = Rule.READY_FOR_RELAPSE_PREVENTION
_ALWAYS = "Item 9"
_OPEN = "Item 9, Accord retiré"
_CARE_WORK = (
    "Contact en retard, Premier suivi en retard, À revoir en revue de cas, Réponse du médecin attendue, "
    "Fin de séquence, PHQ-9 à refaire"
)
WHERE = Table(
    "Quelle alerte à quelle étape",
    "Un suivi suspendu ou terminé ne lève que l'item 9 et, tant qu'il est ouvert, l'accord retiré.",
    ("étape", "alertes possibles"),
    _in_state,
    (
        ("dépisté", _ALWAYS),
        ("non adressé", _ALWAYS),
        ("adressé", f"{_OPEN}, Adressage à traiter"),
        ("adressage sans suite", _ALWAYS),
        ("évaluation initiale", f"{_OPEN}, Contact en retard, À revoir en revue de cas, Réponse du médecin attendue"),
        (
            "prise en charge",
            f"{_OPEN}, Aggravation, Pas d'amélioration, {_CARE_WORK}, {RULES[_READY].name}, Réponse, Rémission",
        ),
        ("prévention des rechutes", f"{_OPEN}, Aggravation, {_CARE_WORK}, Réponse, Rémission"),
        ("prise en charge suspendue", _OPEN),
        ("prévention des rechutes suspendue", _OPEN),
        ("sorti", _ALWAYS),
        ("réuni avec un autre parcours", "aucun"),
        ("rien n'est enregistré", "aucun"),
    ),
)
OFF = Table(
    "Le réglage « interpretation » coupé",
    "Aucune alerte ; la réponse à l'item 9 reste montrée et attend toujours une prise d'acte.",
    ("situation", "alertes", "alertes, réglage coupé", "item 9 attend"),
    _switched_off,
    (
        (REFERRED, "Adressage à traiter", "aucun", "non"),
        (RISK_SEEN, "Item 9", "aucun", "oui"),
        (LEFT_AT_RISK, "Item 9", "aucun", "oui"),
        (
            SEQUENCE,
            "Pas d'amélioration, Contact en retard, Premier suivi en retard, Fin de séquence, PHQ-9 à refaire",
            "aucun",
            "non",
        ),
    ),
)

PAGE = Page(
    "flags",
    "Alertes : rythme, décisions, sécurité",
    "« Depuis le » est le jour à partir duquel l'alerte est levée si rien ne se passe d'ici là. Chaque alerte dit "
    "pourquoi ; aucune ne décide.",
    (
        WHERE,
        SUICIDE_RISK,
        CONSENT_WITHDRAWN,
        REFERRAL_WAITING,
        CONTACT_OVERDUE,
        FIRST_FOLLOW_UP_LATE,
        REVIEW_DUE,
        ADVICE_WAITING,
        SEQUENCE_ENDING,
        OFF,
    ),
)
