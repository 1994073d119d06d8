"""Examples: eligibility, the referral, what the nurse makes of it."""

from dataclasses import replace

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.reasons import ReasonCode as Why
from tests.specification.model import Chapter, Example, Page, Situation, on
from tests.specification.screening import ACKNOWLEDGED, RISK_SEEN
from tests.specification.situations import (
    ASSESSMENT,
    CARE,
    IDENTIFIED,
    NOT_REFERRED,
    NOT_STARTED,
    NOTHING,
    R1,
    READY,
    REFERRED,
    SCREENED,
    consent,
)
from tests.support.story import AGREED, COORDINATOR, GP, eligible, referred, screened

REFER = referred()
BELOW = NOTHING.then(
    *(
        on("2026-03-02", data, GP)
        for data in (IDENTIFIED, screened("10"), eligible(Why.BELOW_THRESHOLD, total=1), AGREED)
    )
).named("PHQ-2 à 1, sous le seuil, accord donné")
OVERRIDE = replace(REFER, overridden=(Why.BELOW_THRESHOLD,), override_reason="Deuil récent")
CALL = ev.CallAttempted()


def _checked(*reasons: Why) -> Situation:
    return SCREENED.then(on("2026-03-02", eligible(*reasons), GP), on("2026-03-02", AGREED, GP))


def _called(times: int, given: Situation = REFERRED) -> Situation:
    return given.then(*(on(f"2026-03-{6 + n:02}", CALL) for n in range(times)))


def _ended(reason: ev.ReferralEnd, note: str | None = None) -> ev.ReferralNotStarted:
    return ev.ReferralNotStarted(R1, reason, note)


REFERRING = Chapter(
    "Adresser",
    "Un clinicien adresse quand le patient est d'accord, que les critères ont été vérifiés sur le dernier dépistage et "
    "que rien n'attend pour l'item 9. Certains critères peuvent être levés avec un motif, jamais l'âge.",
    (
        Example(READY, REFER, by=GP),
        Example(READY, REFER, (Why.CLINICIAN_REQUIRED,), by=COORDINATOR),
        Example(SCREENED.then(on("2026-03-02", eligible(), GP)), REFER, (Why.PATIENT_NOT_INFORMED,), by=GP),
        Example(
            READY.then(on("2026-03-02", consent(ev.ConsentStatus.REFUSED), GP)), REFER, (Why.PATIENT_REFUSED,), by=GP
        ),
        Example(SCREENED.then(on("2026-03-02", AGREED, GP)), REFER, (Why.ELIGIBILITY_NOT_CHECKED,), by=GP),
        Example(READY.then(on("2026-03-02", screened("10", n=3), GP)), REFER, (Why.ELIGIBILITY_NOT_CHECKED,), by=GP),
        Example(BELOW, REFER, (Why.OVERRIDE_REASON_REQUIRED,), by=GP),
        Example(BELOW, replace(OVERRIDE, override_reason="  "), (Why.OVERRIDE_REASON_REQUIRED,), by=GP),
        Example(BELOW, OVERRIDE, by=GP),
        Example(_checked(Why.MINOR), OVERRIDE, (Why.OVERRIDE_NOT_ALLOWED,), by=GP),
        Example(_checked(Why.PSYCHIATRIC_FOLLOW_UP), OVERRIDE, (Why.OVERRIDE_NOT_ALLOWED,), by=GP),
        Example(
            RISK_SEEN.then(on("2026-03-02", eligible(), GP), on("2026-03-02", AGREED, GP)),
            REFER,
            (Why.SAFETY_NOT_ACKNOWLEDGED,),
            by=GP,
        ),
        Example(
            RISK_SEEN.then(
                on("2026-03-02", ACKNOWLEDGED, GP), on("2026-03-02", eligible(), GP), on("2026-03-02", AGREED, GP)
            ),
            REFER,
            by=GP,
        ),
        Example(
            SCREENED,
            replace(REFER, screening_id=screened(n=8).screening_id),
            (Why.NO_SUCH_SCREENING, Why.PATIENT_NOT_INFORMED, Why.ELIGIBILITY_NOT_CHECKED),
            by=GP,
            note="sur un dépistage inconnu",
        ),
        Example(REFERRED, referred(n=2), (Why.EVENT_NOT_ALLOWED,), by=GP),
        Example(NOT_STARTED, referred(n=2), by=GP),
    ),
)
NOT_REFERRING = Chapter(
    "Ne pas adresser, retirer un adressage",
    "Le médecin dit pourquoi ; tant que l'infirmière n'a pas pris le patient, il peut retirer son adressage.",
    (
        Example(SCREENED, ev.ReferralDeclined(ev.DeclineReason.PATIENT_REFUSED), by=GP),
        Example(NOT_REFERRED, ev.ReferralDeclined(ev.DeclineReason.LATER), (Why.EVENT_NOT_ALLOWED,), by=GP),
        Example(REFERRED, ev.ReferralWithdrawn(R1, ev.WithdrawReason.PATIENT_CHANGED_MIND), by=GP),
        Example(
            ASSESSMENT, ev.ReferralWithdrawn(R1, ev.WithdrawReason.ENTERED_IN_ERROR), (Why.EVENT_NOT_ALLOWED,), by=GP
        ),
    ),
)
OUTCOMES = Chapter(
    "Ce que l'infirmière fait d'un adressage",
    "Elle l'accepte, ou y met fin avec un motif qui revient au médecin. « Injoignable » demande trois appels notés "
    "(réglage) ; « non éligible » et « autre motif » demandent un mot d'explication.",
    (
        Example(REFERRED, ev.ReferralAccepted(R1)),
        Example(
            REFERRED.then(on("2026-03-03", consent(ev.ConsentStatus.WITHDRAWN))),
            ev.ReferralAccepted(R1),
            (Why.PATIENT_REFUSED,),
        ),
        Example(REFERRED, CALL),
        Example(REFERRED, _ended(ev.ReferralEnd.DECLINED_BY_PATIENT)),
        Example(REFERRED, _ended(ev.ReferralEnd.UNREACHABLE), (Why.ATTEMPTS_MISSING,)),
        Example(_called(2), _ended(ev.ReferralEnd.UNREACHABLE), (Why.ATTEMPTS_MISSING,)),
        Example(_called(3), _ended(ev.ReferralEnd.UNREACHABLE)),
        Example(_called(3, ASSESSMENT), _ended(ev.ReferralEnd.UNREACHABLE)),
        Example(REFERRED, _ended(ev.ReferralEnd.NOT_ELIGIBLE), (Why.TEXT_REQUIRED,)),
        Example(REFERRED, _ended(ev.ReferralEnd.NOT_ELIGIBLE, "Suivi en CMP depuis janvier")),
        Example(REFERRED, _ended(ev.ReferralEnd.OTHER, "  "), (Why.TEXT_REQUIRED,)),
        Example(ASSESSMENT, _ended(ev.ReferralEnd.DECLINED_BY_PATIENT)),
        Example(CARE, _ended(ev.ReferralEnd.DECLINED_BY_PATIENT), (Why.EVENT_NOT_ALLOWED,)),
    ),
)

PAGE = Page(
    "referral",
    "Adressage",
    "Sources : page de référence du domaine, étapes 1 à 3. Le nombre d'appels avant « injoignable » n'a pas de source "
    "publique : c'est un réglage.",
    (REFERRING, NOT_REFERRING, OUTCOMES),
)
