"""THE table: every fault that the product promises to survive, and what the GP is told. Tests run each row.

``says`` are words of the page; ``kept`` is what the record holds for the patient once the fault is over, the app has
been opened again and delivery has run; ``then`` are words of the page which that opening leads to (None: no need to
open it again, nothing was begun).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.integration.faults import steps as gp
from tests.integration.faults.gp import HALF, POSITIVE
from tests.integration.faults.injector import DROP, HTML, SILENCE, Fault, refusal

RELAUNCH = "Revenez au dossier du patient dans votre logiciel et ouvrez de nouveau SÉSAME."
WAIT = "Patientez une minute."
NOTHING_RECORDED = "Rien n'a été enregistré."
RESTORED = "Vos réponses en cours ont été reprises."
FRESH = "Au cours des 2 dernières semaines"
RESULT = "Résultat PHQ-2"
WAITING = "En attente d'envoi"
SENT = {"QuestionnaireResponse": 1, "Observation": 1}
TWICE = {"QuestionnaireResponse": 2, "Observation": 2}
ALL_SENT = SENT | {"ServiceRequest": 1, "Task": 1}
FIRST, *_ = POSITIVE


@dataclass(frozen=True, slots=True)
class Row:
    """One fault of people, browsers and time."""

    fault: str
    step: gp.Step
    status: int
    says: tuple[str, ...]
    patient: str = "patient-01"
    kept: Mapping[str, int] = field(default_factory=dict)
    then: str | None = None


_INCOMPLETE = ("L'ouverture de SÉSAME est incomplète", RELAUNCH)
_UNKNOWN = ("Ce logiciel n'est pas connu de SÉSAME", "sesame ehr add")
_USED = ("Cette ouverture a déjà servi ou a expiré", RELAUNCH)
_OVER = ("Cette session SÉSAME est terminée", "Ce qui était enregistré est conservé.", RELAUNCH)
_OVER_BUT_KEPT = ("Cette session SÉSAME est terminée", "Vos réponses sont gardées", RELAUNCH)
_NOT_OURS = ("Cette demande ne vient pas de SÉSAME", "rien n'a été enregistré")
_TOO_LARGE = ("Cet envoi est trop volumineux", NOTHING_RECORDED, "raccourcissez le texte")
_NOT_FOR_THIS = ("Cette adresse ne s'ouvre pas ainsi", RELAUNCH)
_IMPOSSIBLE = "Ce n'est pas possible maintenant"
_RELOAD = "Recharger la page, puis recommencer."
_NO_REFERRAL = "Orienter autrement ; l'adressage SÉSAME n'est pas possible."

ROWS = (
    # The launch
    Row("unknown iss", gp.opens("https%3A%2F%2Fehr.invalid%2Ffhir"), 403, _UNKNOWN),
    Row("malformed iss: empty", gp.opens(""), 400, _INCOMPLETE),
    Row("malformed iss: control character", gp.opens("{iss}%0D%0A"), 400, _INCOMPLETE),
    Row("malformed iss: too long", gp.opens("https%3A%2F%2F" + "x" * 2000), 400, _INCOMPLETE),
    Row("malformed iss: not a URL", gp.opens("javascript%3Aalert(1)"), 403, _UNKNOWN),
    Row("malformed iss: broken address", gp.opens("http%3A%2F%2F%5B"), 403, _UNKNOWN),
    Row("no iss", gp.opens(), 400, _INCOMPLETE),
    Row("iss twice", gp.opens("{iss}", "https%3A%2F%2Fehr.invalid"), 400, _INCOMPLETE),
    Row("unknown launch", gp.opens("{iss}"), 502, ("Votre logiciel a refusé l'ouverture de SÉSAME", RELAUNCH)),
    Row("replayed state", gp.replays_the_answer, 400, _USED, then=FRESH),
    Row("foreign state", gp.comes_back("code=x&state=" + "y" * 43), 400, _USED),
    Row("missing state", gp.comes_back("code=x"), 400, ("Cette page ne s'ouvre pas directement", RELAUNCH)),
    Row("missing cookie", gp.answers_in_another_browser, 403, ("n'a pas gardé la trace", "dans un nouvel onglet")),
    Row(
        "cookie of another launch", gp.answers_with_the_cookie_of_another_launch, 403, ("un autre navigateur", RELAUNCH)
    ),
    Row("error=access_denied", gp.is_refused_by_the_ehr("access_denied"), 403, ("L'accès a été refusé", RELAUNCH)),
    Row("error=server_error", gp.is_refused_by_the_ehr("server_error"), 502, ("a refusé l'ouverture", RELAUNCH)),
    # The open launch
    Row("session cookie lost", gp.loses_the_session_cookie, 403, ("n'a pas gardé la trace", "dans un nouvel onglet")),
    Row(
        "session cookie of another launch", gp.uses_the_session_cookie_of_another_launch, 403, ("un autre navigateur",)
    ),
    Row("unknown launch id", gp.opens_an_unknown_launch, 401, _OVER),
    Row("expired launch", gp.comes_back_after_the_launch_expired, 401, _OVER, "patient-15", {}, RESTORED),
    Row(
        "expired launch, answers sent",
        gp.answers_after_the_launch_expired,
        401,
        _OVER_BUT_KEPT,
        "patient-02",
        {},
        RESTORED,
    ),
    Row(
        "closed launch, answers sent",
        gp.answers_after_the_launch_was_closed,
        401,
        _OVER_BUT_KEPT,
        "patient-03",
        {},
        RESTORED,
    ),
    Row("token expired, refreshed", gp.answers_after_the_token_expired, 200, ("Écrit",), "patient-04", SENT, RESULT),
    Row(
        "token expired, refresh refused: answers sent",
        gp.answers_when_the_refresh_is_refused,
        200,
        ("À la prochaine ouverture", "la session avec le logiciel a expiré", "rien n'est perdu"),
        "patient-05",
        SENT,
        RESULT,
    ),
    Row(
        "token expired, refresh refused: answers half given",
        gp.half_answers_when_the_refresh_is_refused,
        200,
        (RESTORED,),
        "patient-08",
        {},
        RESTORED,
    ),
    # Forms
    Row(
        "another patient's form",
        gp.posts_the_form_of_another_patient,
        409,
        ("Ce formulaire a été ouvert pour un autre patient", NOTHING_RECORDED, "Fermez cet onglet"),
    ),
    Row("partial questionnaire", gp.sends(HALF), 200, ("Il manque une réponse.",), "patient-09", {}, RESTORED),
    Row("wrong code", gp.sends({**POSITIVE, FIRST: "LA0-0"}), 422, (_IMPOSSIBLE, _RELOAD), "patient-11"),
    Row("unknown item", gp.sends({**POSITIVE, "q-/1-8": "LA6571-9"}), 422, (_IMPOSSIBLE, _RELOAD), "patient-11"),
    Row("no CSRF token", gp.sends(POSITIVE, csrf=""), 403, _NOT_OURS, "patient-11"),
    Row("forged version", gp.sends(POSITIVE, version="7"), 403, _NOT_OURS, "patient-11"),
    Row("body too large", gp.sends({**POSITIVE, "note": "x" * 9_000_000}), 413, _TOO_LARGE, "patient-11"),
    Row("GET of a POST page", gp.gets_an_address_of_a_post, 405, _NOT_FOR_THIS, "patient-11"),
    Row("wrong page", gp.opens_a_wrong_page, 404, ("Cette page n'existe pas", "Continuer"), "patient-11"),
    Row("the same form twice", gp.sends_twice, 200, (RESULT,), "patient-12", SENT, RESULT),
    Row(
        "two people at once",
        gp.sends_after_a_colleague,
        409,
        ("Le parcours a changé pendant votre saisie", "questionnaire enregistré", "votre saisie est gardée"),
        "patient-13",
        TWICE,
        RESULT,
    ),
    Row(
        "two people at once, first screening",
        gp.sends_the_first_screening_after_a_colleague,
        409,
        ("Le parcours a changé pendant votre saisie", "questionnaire enregistré", "votre saisie est gardée"),
        "patient-14",
        SENT,
        RESULT,
    ),
    # Patients
    Row("no INS", gp.refers, 200, ("Adressé à l'infirmière", "sans INS qualifiée"), "patient-10", ALL_SENT, "Adressé"),
    Row("a minor", gp.refers_a_minor_all_the_same, 422, (_IMPOSSIBLE, _NO_REFERRAL), "patient-06", SENT, RESULT),
)


@dataclass(frozen=True, slots=True)
class EhrRow:
    """One fault of the EHR, and the page it leads to by where it strikes. ``degraded``: the record gets a document."""

    fault: str
    answer: Fault
    discovery: tuple[int, str, str]
    token: tuple[int, str, str]
    write: tuple[str, str]
    degraded: bool = False


_UNDESCRIBED = (502, "Votre logiciel ne décrit pas correctement sa connexion", RELAUNCH)
_UNREACHABLE = (502, "Votre logiciel est injoignable", WAIT)
_SLOW = (504, "Votre logiciel tarde à répondre", WAIT)
_REFUSED = (502, "Votre logiciel a refusé la connexion", RELAUNCH)
_UNAVAILABLE = (502, "Votre logiciel n'a pas pu terminer la connexion", WAIT)
_UNUSABLE = (502, "La réponse de connexion est inutilisable", RELAUNCH)

PATIENT_UNREAD = (502, "L'identité du patient n'a pas pu être lue", WAIT)
"""Reading the Patient: every fault leads there."""
READS_MISSING = (
    "Le logiciel n'a pas donné toutes les informations du dossier.",
    "n'a pas dit qui vous êtes en détail.",
    "Le dossier ne le dit pas : à vérifier avec le patient.",
)
"""The other reads: the launch opens, and the eligibility page says so."""

_SENT_NEXT_TIME = ("À la prochaine ouverture", "la session avec le logiciel a expiré")
_REFUSES = ("Écrit (document)", "le logiciel refuse l'accès")
_TAKES_NONE = ("Écrit (document)", "le logiciel ne reçoit pas ce type de donnée")
_CONTENT = ("Écrit (document)", "le logiciel refuse le contenu")
_CONFLICT = (WAITING, "le logiciel signale un conflit")
_ASKS_TO_WAIT = (WAITING, "le logiciel demande d'attendre")
_BROKEN = (WAITING, "le logiciel est en panne")
_SILENT = (WAITING, "le logiciel ne répond pas")
_STRANGE = (WAITING, "le logiciel a répondu autre chose que prévu")

# fmt: off
EHR_ROWS = (
    #      fault        answer                          discovery     token endpoint  write-back
    EhrRow("401",       refusal(401),                   _UNDESCRIBED, _REFUSED,       _SENT_NEXT_TIME),
    EhrRow("403",       refusal(403),                   _UNDESCRIBED, _REFUSED,       _REFUSES, degraded=True),
    EhrRow("404",       refusal(404),                   _UNDESCRIBED, _REFUSED,       _TAKES_NONE, degraded=True),
    EhrRow("409",       refusal(409),                   _UNDESCRIBED, _REFUSED,       _CONFLICT),
    EhrRow("422",       refusal(422),                   _UNDESCRIBED, _REFUSED,       _CONTENT, degraded=True),
    EhrRow("429",       refusal(429, Retry_After="60"), _UNREACHABLE, _UNAVAILABLE,   _ASKS_TO_WAIT),
    EhrRow("500",       refusal(500),                   _UNREACHABLE, _UNAVAILABLE,   _BROKEN),
    EhrRow("times out", SILENCE,                        _SLOW,        _UNAVAILABLE,   _SILENT),
    EhrRow("HTML",      HTML,                           _UNDESCRIBED, _UNUSABLE,      _STRANGE),
    EhrRow("drops",     DROP,                           _UNREACHABLE, _UNAVAILABLE,   _SILENT),
)
# fmt: on

LOST_ANSWERS = (
    ("500 after the write", Fault(500, after=True), "le logiciel est en panne"),
    ("times out after the write", Fault(silent=True, after=True), "le logiciel ne répond pas"),
    ("drops after the write", Fault(drop=True, after=True), "le logiciel ne répond pas"),
)
"""The EHR has written, and SÉSAME does not know: nothing may be there twice."""
