"""Examples: contacts planned, held, missed, cancelled, moved, corrected; messages within the team."""

from dataclasses import replace

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.actors import Role
from sesame_fhir.domain.guards.kept import LONGEST
from sesame_fhir.domain.ids import ScreeningId
from sesame_fhir.domain.reasons import ReasonCode as Why
from tests.specification.care import REFUSES
from tests.specification.model import Chapter, Example, Page, moment, on
from tests.specification.situations import ASSESSMENT, CARE, EXITED, INTERRUPTED, NOTHING, REFERRED, SCREENED, held
from tests.support.story import GP, screened

PLANNED = ev.ContactPlanned("c1", moment("2026-03-25 14:00"), ev.ContactMode.PHONE)
MOVED = ev.ContactMoved("c1", moment("2026-03-27 09:30"))
CANCELLED = ev.ContactCancelled("c1", ev.CancelledBy.PATIENT)
HELD = ev.ContactHeld("c1", ev.ContactMode.PHONE, 20)
CORRECTED = ev.ContactCorrected("c1", ev.ContactMode.PHONE, 25)
MISSED = ev.ContactMissed("c1")
TO_COME = CARE.then(on("2026-03-10", PLANNED)).named("En prise en charge, contact c1 planifié le 25/03/2026 à 14:00")
DONE = TO_COME.then(on("2026-03-25 14:00", HELD)).named("En prise en charge, contact c1 tenu le 25/03/2026")
SENT = CARE.then(on("2026-03-12", ev.MessageSent("m1", "Peut-on avancer la revue ?", Role.PSYCHIATRIST)))

PLANNING = Chapter(
    "Planifier, déplacer, annuler",
    "Un contact se planifie pour aujourd'hui ou plus tard, à un an au plus. Un contact déjà noté ne bouge plus.",
    (
        Example(CARE, PLANNED),
        Example(ASSESSMENT, PLANNED),
        Example(CARE, PLANNED, (Why.PLANNED_IN_PAST,), at="2026-03-26"),
        Example(CARE, PLANNED, at="2026-03-25 18:00"),
        Example(CARE, replace(PLANNED, planned_at=moment("2027-03-15")), (Why.VALUE_OUT_OF_RANGE,)),
        Example(TO_COME, PLANNED, (Why.CONTACT_ID_TAKEN,)),
        Example(CARE.then(on("2026-03-11", REFUSES)), PLANNED, (Why.PATIENT_REFUSED,)),
        Example(TO_COME, MOVED),
        Example(TO_COME, CANCELLED),
        Example(CARE, MOVED, (Why.NO_SUCH_CONTACT,)),
        Example(DONE, MOVED, (Why.CONTACT_ALREADY_CLOSED, Why.PLANNED_IN_PAST), at="2026-03-28"),
        Example(DONE, CANCELLED, (Why.CONTACT_ALREADY_CLOSED,)),
        Example(INTERRUPTED, PLANNED, (Why.EVENT_NOT_ALLOWED,)),
        Example(EXITED, PLANNED, (Why.EVENT_NOT_ALLOWED,)),
    ),
)
HOLDING = Chapter(
    "Noter un contact",
    "Tenu ou manqué, planifié ou non, même noté après coup ; jamais avant d'avoir eu lieu, jamais avant l'adressage. "
    "Un contact d'avant la suspension ou la sortie se note encore après elle ; il n'y en a pas de plus tardif. "
    "La durée est de 1 à 480 minutes.",
    (
        Example(TO_COME, HELD, at="2026-03-25 14:00"),
        Example(CARE, HELD, at="2026-03-20"),
        Example(ASSESSMENT, HELD),
        Example(CARE, HELD, at="2026-03-09", recorded="2026-03-12"),
        Example(CARE, HELD, (Why.DATE_IN_FUTURE,), at="2026-03-13", recorded="2026-03-12"),
        Example(CARE, HELD, (Why.BEFORE_REFERRAL,), at="2026-03-01", recorded="2026-03-12"),
        Example(DONE, HELD, (Why.CONTACT_ALREADY_CLOSED,)),
        Example(CARE, replace(HELD, minutes=0), (Why.DURATION_OUT_OF_RANGE,)),
        Example(CARE, replace(HELD, minutes=481), (Why.DURATION_OUT_OF_RANGE,)),
        Example(
            CARE,
            replace(HELD, screenings=(ScreeningId("inconnu"),)),
            (Why.NO_SUCH_SCREENING,),
            note="avec un questionnaire inconnu",
        ),
        Example(TO_COME, MISSED, at="2026-03-25 14:30"),
        Example(TO_COME, MISSED, (Why.DATE_IN_FUTURE,), at="2026-03-24"),
        Example(CARE, MISSED),
        Example(DONE, MISSED, (Why.CONTACT_ALREADY_CLOSED,)),
        Example(INTERRUPTED, HELD, at="2026-04-20", recorded="2026-04-27"),
        Example(INTERRUPTED, MISSED, at="2026-04-13", recorded="2026-04-27"),
        Example(INTERRUPTED, HELD, (Why.EVENT_NOT_ALLOWED,), at="2026-04-21"),
        Example(INTERRUPTED, MISSED, (Why.EVENT_NOT_ALLOWED,), at="2026-04-21"),
        Example(EXITED, HELD, at="2026-04-27", recorded="2026-05-06"),
        Example(EXITED, MISSED, at="2026-05-04", recorded="2026-05-06"),
        Example(EXITED, HELD, (Why.EVENT_NOT_ALLOWED,), at="2026-05-05"),
        Example(EXITED, MISSED, (Why.EVENT_NOT_ALLOWED,), at="2026-05-05"),
        Example(EXITED, HELD, (Why.BEFORE_REFERRAL,), at="2026-03-01", recorded="2026-05-06"),
    ),
)
CORRECTING = Chapter(
    "Corriger un contact",
    "Seul un contact qui a eu lieu se corrige, aussi après la sortie ; la première version reste dans l'historique.",
    (
        Example(DONE, CORRECTED),
        Example(EXITED, CORRECTED, (Why.NO_SUCH_CONTACT,)),
        Example(CARE.then(held("2026-03-25"), on("2026-05-04", ev.PathwayExited(ev.ExitReason.REMISSION))), CORRECTED),
        Example(TO_COME, CORRECTED, (Why.CONTACT_NOT_HELD,)),
        Example(DONE, replace(CORRECTED, minutes=600), (Why.DURATION_OUT_OF_RANGE,)),
    ),
)
MESSAGES = Chapter(
    "Écrire à l'équipe",
    "Entre médecin, infirmière et psychiatre, du jour de l'adressage jusqu'après la sortie ; plus rien de nouveau "
    "quand le patient refuse le partage.",
    (
        Example(CARE, ev.MessageSent("m1", "Bonjour", Role.NURSE), by=GP),
        Example(REFERRED, ev.MessageSent("m1", "Bonjour"), by=GP),
        Example(EXITED, ev.MessageSent("m1", "Bonjour", Role.GP)),
        Example(CARE.then(on("2026-03-11", REFUSES)), ev.MessageSent("m1", "Bonjour"), (Why.PATIENT_REFUSED,)),
        Example(CARE, ev.MessageSent("m1", "  "), (Why.TEXT_REQUIRED,)),
        Example(CARE, ev.MessageSent("m1", "Bonjour", Role.COORDINATOR), (Why.ROLE_NOT_ALLOWED,)),
        Example(SENT, ev.MessageRead("m1"), by=GP),
        Example(SENT, ev.MessageRead("m2"), (Why.NO_SUCH_MESSAGE,), by=GP),
        Example(SCREENED, ev.MessageSent("m1", "Bonjour"), (Why.EVENT_NOT_ALLOWED,), by=GP),
    ),
)

ANSWERS = Chapter(
    "Un questionnaire reçu après le contact",
    "Un autre logiciel peut envoyer les réponses après le contact où elles ont été données : il désigne ce contact.",
    (
        Example(DONE, replace(screened("21", n=5), contact_id="c1")),
        Example(TO_COME, replace(screened("21", n=5), contact_id="c1"), (Why.CONTACT_NOT_HELD,)),
        Example(CARE, replace(screened("21", n=5), contact_id="c9"), (Why.NO_SUCH_CONTACT,)),
    ),
)
KEPT = Chapter(
    "Garder ce qu'un autre logiciel a écrit en plus",
    "Un logiciel qui écrit par la façade peut joindre des éléments qu'aucune règle ne lit : ils restent.",
    (
        Example(CARE, ev.ElementsKept("Appointment/c1", '{"priority":1}')),
        Example(EXITED, ev.ElementsKept("Encounter/c1", "{}")),
        Example(CARE, ev.ElementsKept("Appointment/c1", "x" * (LONGEST + 1)), (Why.TEXT_TOO_LONG,)),
        Example(NOTHING, ev.ElementsKept("Appointment/c1", "{}"), (Why.EVENT_NOT_ALLOWED,)),
    ),
)

PAGE = Page(
    "contacts",
    "Contacts et messages",
    "Sources : page de référence du domaine, étapes 5 et 7, et les temps par tâche de l'évaluation.",
    (PLANNING, HOLDING, CORRECTING, ANSWERS, MESSAGES, KEPT),
)
