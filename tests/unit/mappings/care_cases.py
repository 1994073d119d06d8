"""What nurse, psychiatrist and GP record once care has begun, for the stories of ``cases``. Synthetic texts only."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.actors import Actor, Role
from sesame_fhir.domain.identifiers import Rpps
from sesame_fhir.domain.ids import PathwayId, SiteId
from sesame_fhir.domain.instruments import InstrumentId
from tests.support.story import GP, NURSE, START

PSYCHIATRIST = Actor("10000000025", Role.PSYCHIATRIST, "Dr Inès Fictive", Rpps("10000000025"))
SECRET = "Pense que le patient cache quelque chose."
"""The private note of every story: no published byte may hold it."""


@dataclass(frozen=True, slots=True)
class Told:
    """An event of a story with its actor, some days after its place in the story."""

    data: ev.Payload
    by: Actor
    days: int = 0


def uuid(last: str) -> str:
    """An id of the story that no other kind of thing has."""
    return f"01900000-0000-7000-8000-0000000000{last}"


MEMBERS = (
    ev.TeamMember(GP.actor_id, GP.name, Role.GP, GP.rpps),
    ev.TeamMember(NURSE.actor_id, NURSE.name, Role.NURSE, NURSE.rpps),
    ev.TeamMember(PSYCHIATRIST.actor_id, PSYCHIATRIST.name, Role.PSYCHIATRIST, PSYCHIATRIST.rpps),
    ev.TeamMember("psy-1", "Paul Fictif", None, None, "psychologue"),
)
TEAM = ev.CareTeamChanged(MEMBERS)
ASSESSED = ev.AssessmentRecorded(
    summary="Tristesse depuis trois mois, sommeil court.",
    history="Un épisode en 2019.",
    treatments=(ev.Treatment("Sertraline 50 mg, une par jour", from_record=True), ev.Treatment("Tisane le soir")),
    social_situation="Vit seule, travaille à mi-temps.",
    resources="Sa sœur, la chorale.",
    preferences="Être appelée le soir.",
    patient_goals=("Dormir toute la nuit", "Reprendre la chorale"),
    problem=ev.Problem("Épisode dépressif", ev.ProblemSystem.ICPC_2, "P76"),
)
ICD_10 = ev.Problem("Épisode dépressif", ev.ProblemSystem.ICD_10, "F32.1")
IN_WORDS = ev.AssessmentRecorded(problem=ev.Problem("Épuisement professionnel"))
GOAL = ev.Goal(uuid("61"), "Dormir toute la nuit", InstrumentId.PHQ_9, 4, date(2026, 6, 1))
OTHER_GOAL = ev.Goal(uuid("62"), "Reprendre la chorale")
PLAN = ev.PlanRecorded(
    uuid("60"),
    (GOAL, OTHER_GOAL),
    (
        ev.Activity(ev.ActivityKind.CONTACTS, None, 15),
        ev.Activity(ev.ActivityKind.INSTRUMENTS, "PHQ-9 à chaque contact"),
        ev.Activity(ev.ActivityKind.BEHAVIOURAL_ACTIVATION, "Deux sorties par semaine"),
    ),
    "Appeler après 18 h.",
)
PLAN_2 = ev.PlanRecorded(
    uuid("60"),
    (ev.Goal(GOAL.goal_id, GOAL.text, GOAL.instrument, GOAL.target, GOAL.due, ev.GoalStatus.COMPLETED),),
    (ev.Activity(ev.ActivityKind.CONTACTS, None, 30),),
)
RELAPSE_PLAN = ev.RelapsePlanWritten(
    helps=("Marcher", "Chanter"),
    warning_signs=("Je ne réponds plus au téléphone",),
    who_to_call=(ev.Helper("Ma sœur", "0199000001"), ev.Helper("Mon infirmier")),
    first_steps=("Appeler ma sœur",),
)

PLANNED = ev.ContactPlanned(uuid("c1"), START + timedelta(days=3), ev.ContactMode.PHONE)
MOVED = ev.ContactMoved(PLANNED.contact_id, START + timedelta(days=4))
HELD = ev.ContactHeld(
    PLANNED.contact_id, ev.ContactMode.PHONE, 25, "Dort mieux.", ev.ContactTask.FOLLOW_UP, private_note=SECRET
)
ON_SITE = ev.ContactHeld(uuid("c2"), ev.ContactMode.ON_SITE, 45, None, ev.ContactTask.CRISIS)
CORRECTED = ev.ContactCorrected(
    HELD.contact_id, ev.ContactMode.VIDEO, 30, "Dort mieux depuis lundi.", private_note=SECRET
)
PLANNED_2 = ev.ContactPlanned(uuid("c3"), START + timedelta(days=20), ev.ContactMode.ON_SITE)
MISSED = ev.ContactMissed(PLANNED_2.contact_id, "Ne répond pas.")
PLANNED_3 = ev.ContactPlanned(uuid("c4"), START + timedelta(days=35), ev.ContactMode.PHONE)
CANCELLED = ev.ContactCancelled(PLANNED_3.contact_id, ev.CancelledBy.PATIENT, "En voyage.")
PLANNED_4 = ev.ContactPlanned(uuid("c5"), START + timedelta(days=50), ev.ContactMode.VIDEO)

TOTAL = ev.TotalRecorded(uuid("71"), ev.LicensedInstrument.ISI, 17, date(2026, 3, 2))
MEDICATION = ev.Recommendation(
    uuid("81"), ev.RecommendationKind.MEDICATION, "Réévaluer à trois semaines.", "Sertraline", "100 mg", 3
)
THERAPY = ev.Recommendation(uuid("82"), ev.RecommendationKind.THERAPY, "Activation comportementale.")
SEE_AGAIN = ev.Recommendation(uuid("83"), ev.RecommendationKind.SEE_AGAIN, weeks=4)
REVIEWED = ev.CaseReviewed(uuid("80"), (MEDICATION, THERAPY, SEE_AGAIN), "Amélioration partielle.", uuid("89"), 8)
ACCEPTED = ev.RecommendationDecided(MEDICATION.recommendation_id, ev.RecommendationFate.ACCEPTED)
ADAPTED = ev.RecommendationDecided(MEDICATION.recommendation_id, ev.RecommendationFate.ADAPTED, "75 mg d'abord.")
REFUSED = ev.RecommendationDecided(
    THERAPY.recommendation_id, ev.RecommendationFate.DECLINED, "La patiente préfère non."
)
MESSAGE = ev.MessageSent(uuid("91"), "Pouvez-vous renouveler l'ordonnance ?", Role.GP)
TO_ALL = ev.MessageSent(uuid("92"), "Bilan vendredi.")
SEQUENCE = ev.SequenceStarted(1, date(2026, 3, 2), date(2026, 6, 1))
FINISHED = ev.SequenceFinished(1, date(2026, 6, 1))
EXITED = ev.PathwayExited(ev.ExitReason.SPECIALISED_CARE, "Adressée au CMP.", ev.Orientation.PSYCHIATRY)
ABSORBED = PathwayId(uuid("f1"))

WHOLE: tuple[ev.Payload, ...] = (
    TEAM,
    ASSESSED,
    SEQUENCE,
    TOTAL,
    PLAN,
    PLANNED,
    MOVED,
    HELD,
    ON_SITE,
    CORRECTED,
    PLANNED_2,
    MISSED,
    PLANNED_3,
    CANCELLED,
    PLANNED_4,
    ev.MarkedForReview("Pas mieux."),
    REVIEWED,
    ADAPTED,
    REFUSED,
    MESSAGE,
    ev.MessageRead(MESSAGE.message_id),
    TO_ALL,
    PLAN_2,
    ev.PhaseChanged(ev.Phase.RELAPSE_PREVENTION),
    RELAPSE_PLAN,
)
"""From the acceptance to relapse prevention: one of everything."""

ACTORS: Mapping[type[ev.Payload], Actor] = {
    ev.CaseReviewed: PSYCHIATRIST,
    **dict.fromkeys(
        (
            *(ev.ReferralAccepted, ev.ReferralNotStarted, ev.CallAttempted, ev.CareTeamChanged, ev.AssessmentRecorded),
            *(ev.PlanRecorded, ev.RelapsePlanWritten, ev.TotalRecorded, ev.PhaseChanged, ev.PathwayExited),
            *(ev.ContactPlanned, ev.ContactMoved, ev.ContactHeld, ev.ContactCorrected, ev.ContactMissed),
            *(ev.ContactCancelled, ev.MessageSent, ev.MarkedForReview, ev.SequenceStarted, ev.SequenceFinished),
        ),
        NURSE,
    ),
}
"""Who records what; everything else is the GP's."""

ELSEWHERE = SiteId("site-bezons")
