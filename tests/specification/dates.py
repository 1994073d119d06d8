"""Examples: what cannot be true of a date."""

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.reasons import ReasonCode as Why
from tests.specification.contacts import HELD
from tests.specification.model import Chapter, Example, Page, on
from tests.specification.situations import CARE, NOT_REFERRED, R1, REFERRED, SCREENED
from tests.support.story import GP, eligible, screened

LATE_NOTE = CARE.then(on("2026-03-16", ev.MessageSent("m1", "Bonjour")))

PLAUSIBLE = Chapter(
    "Rien du futur, rien avant l'adressage, pas d'horloge qui recule",
    "Un contact peut s'écrire des jours plus tard. Cinq minutes d'écart entre deux horloges sont admises (réglage).",
    (
        Example(CARE, HELD, at="2026-03-11", recorded="2026-03-16"),
        Example(CARE, HELD, at="2026-03-11 10:05", recorded="2026-03-11 10:00"),
        Example(CARE, HELD, (Why.DATE_IN_FUTURE,), at="2026-03-11 10:06", recorded="2026-03-11 10:00"),
        Example(CARE, HELD, at="2026-03-02 08:00", recorded="2026-03-11"),
        Example(CARE, HELD, (Why.BEFORE_REFERRAL,), at="2026-03-01 23:59", recorded="2026-03-11"),
        Example(LATE_NOTE, HELD, at="2026-03-16 09:56", recorded="2026-03-16 09:56"),
        Example(LATE_NOTE, HELD, (Why.CLOCK_WENT_BACK,), at="2026-03-16 09:54", recorded="2026-03-16 09:54"),
        Example(SCREENED, eligible(), (Why.BEFORE_OPENING,), by=GP, at="2026-03-01", recorded="2026-03-02"),
        Example(SCREENED, screened(n=3), by=GP, at="2026-02-20", recorded="2026-03-02"),
        Example(NOT_REFERRED, screened(n=3), by=GP, at="2026-02-20", recorded="2026-03-05"),
    ),
)
STEPS = Chapter(
    "Une étape ne précède pas celle qu'elle suit",
    "Accepter, terminer l'évaluation, suspendre, reprendre, sortir : jamais avant le début de l'étape en cours.",
    (
        Example(CARE, ev.PathwayInterrupted(), (Why.BEFORE_LAST_STEP,), at="2026-03-09", recorded="2026-03-16"),
        Example(CARE, ev.PathwayInterrupted(), at="2026-03-12", recorded="2026-03-16"),
        Example(REFERRED, ev.CallAttempted(), (Why.BEFORE_REFERRAL,), at="2026-03-01", recorded="2026-03-03"),
        Example(REFERRED, ev.ReferralAccepted(R1), at="2026-03-02 18:00", recorded="2026-03-03"),
    ),
)

PAGE = Page(
    "dates",
    "Dates et horloges",
    "Choix du logiciel : ce qui ne peut pas être vrai est refusé, ce qui est seulement noté en retard est gardé.",
    (PLAUSIBLE, STEPS),
)
