"""Examples: the initial assessment, the plan of care, the care team, the relapse-prevention plan."""

from dataclasses import replace
from datetime import date

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.evolution.referral import member_of
from sesame_fhir.domain.instruments import InstrumentId
from sesame_fhir.domain.reasons import ReasonCode as Why
from tests.specification.model import Chapter, Example, Page, on
from tests.specification.situations import ASSESSMENT, CARE, EXITED, INTERRUPTED, REFERRED, RELAPSE, TEAM, consent
from tests.support.story import GP, NURSE

REFUSES = consent(ev.ConsentStatus.WITHDRAWN)
GOAL = ev.Goal("g1", "Retourner à la chorale", InstrumentId.PHQ_9, target=4, due=date(2026, 9, 1))
PLAN = ev.PlanRecorded(
    "p1", (GOAL,), (ev.Activity(ev.ActivityKind.CONTACTS, every_days=15), ev.Activity(ev.ActivityKind.INSTRUMENTS))
)
RELAPSE_PLAN = ev.RelapsePlanWritten(
    helps=("Marcher le matin",), warning_signs=("Ne plus répondre au téléphone",), who_to_call=(ev.Helper("Ma sœur"),)
)
ANXIETY = ev.Problem("Trouble anxieux", ev.ProblemSystem.ICPC_2, "P74")


def assessed(problem: ev.Problem) -> ev.AssessmentRecorded:
    """An assessment with a provisional problem."""
    return ev.AssessmentRecorded(problem=problem)


ASSESSING = Chapter(
    "Terminer l'évaluation initiale",
    "Le problème provisoire est celui du clinicien, en mots ; un code CISP-2 ou CIM-10 est facultatif. Un score ne "
    "devient jamais un diagnostic.",
    (
        Example(ASSESSMENT, ev.AssessmentRecorded()),
        Example(ASSESSMENT, assessed(ANXIETY)),
        Example(ASSESSMENT, assessed(ev.Problem("Épisode dépressif", ev.ProblemSystem.ICD_10, "F32.1"))),
        Example(ASSESSMENT, assessed(ev.Problem("Épuisement professionnel"))),
        Example(ASSESSMENT, assessed(replace(ANXIETY, text=" ")), (Why.TEXT_REQUIRED,)),
        Example(ASSESSMENT, assessed(replace(ANXIETY, code="p74")), (Why.VALUE_OUT_OF_RANGE,)),
        Example(ASSESSMENT, assessed(replace(ANXIETY, system=None)), (Why.VALUE_OUT_OF_RANGE,)),
        Example(ASSESSMENT.then(on("2026-03-06", REFUSES)), ev.AssessmentRecorded(), (Why.PATIENT_REFUSED,)),
        Example(REFERRED, ev.AssessmentRecorded(), (Why.EVENT_NOT_ALLOWED,)),
    ),
)
PLANNING = Chapter(
    "Écrire le plan de soins",
    "Au moins un objectif et une action. Une cible est un total possible du questionnaire ; une échéance est à venir.",
    (
        Example(CARE, PLAN),
        Example(RELAPSE, PLAN),
        Example(CARE, replace(PLAN, goals=(ev.Goal("g1", "Reprendre le travail à mi-temps"),))),
        Example(CARE, replace(PLAN, goals=()), (Why.GOAL_REQUIRED,)),
        Example(CARE, replace(PLAN, goals=(replace(GOAL, text=" "),)), (Why.GOAL_REQUIRED,)),
        Example(CARE, replace(PLAN, activities=()), (Why.ACTIVITY_REQUIRED,)),
        Example(CARE, replace(PLAN, goals=(), activities=()), (Why.GOAL_REQUIRED, Why.ACTIVITY_REQUIRED)),
        Example(CARE, replace(PLAN, goals=(replace(GOAL, target=28),)), (Why.VALUE_OUT_OF_RANGE,)),
        Example(CARE, replace(PLAN, goals=(replace(GOAL, instrument=None),)), (Why.VALUE_OUT_OF_RANGE,)),
        Example(CARE, replace(PLAN, goals=(replace(GOAL, due=date(2026, 3, 9)),)), (Why.PLANNED_IN_PAST,)),
        Example(
            CARE,
            replace(PLAN, activities=(ev.Activity(ev.ActivityKind.CONTACTS, every_days=0),)),
            (Why.VALUE_OUT_OF_RANGE,),
        ),
        Example(CARE.then(on("2026-03-11", REFUSES)), PLAN, (Why.PATIENT_REFUSED,)),
        Example(ASSESSMENT, PLAN, (Why.EVENT_NOT_ALLOWED,)),
        Example(INTERRUPTED, PLAN, (Why.EVENT_NOT_ALLOWED,)),
    ),
)
TEAMS = Chapter(
    "Composer l'équipe de soins",
    "Au moins l'infirmière et le médecin ; chaque personne a un nom.",
    (
        Example(CARE, TEAM),
        Example(
            CARE, ev.CareTeamChanged((*TEAM.members, ev.TeamMember("x", "Psy Fictif", None, function="psychologue")))
        ),
        Example(CARE, ev.CareTeamChanged((member_of(NURSE),)), (Why.CARE_TEAM_INCOMPLETE,)),
        Example(CARE, ev.CareTeamChanged(()), (Why.CARE_TEAM_INCOMPLETE, Why.CARE_TEAM_INCOMPLETE)),
        Example(CARE, ev.CareTeamChanged((member_of(NURSE), replace(member_of(GP), name=" "))), (Why.TEXT_REQUIRED,)),
    ),
)
RELAPSES = Chapter(
    "Écrire le plan de prévention des rechutes",
    "Ce qui aide, les signes d'alerte, qui appeler : les trois parties que le patient emporte.",
    (
        Example(RELAPSE, RELAPSE_PLAN),
        Example(CARE, RELAPSE_PLAN),
        Example(RELAPSE, replace(RELAPSE_PLAN, helps=("",)), (Why.TEXT_REQUIRED,)),
        Example(RELAPSE, replace(RELAPSE_PLAN, warning_signs=()), (Why.TEXT_REQUIRED,)),
        Example(RELAPSE, replace(RELAPSE_PLAN, who_to_call=()), (Why.TEXT_REQUIRED,)),
        Example(EXITED, RELAPSE_PLAN, (Why.EVENT_NOT_ALLOWED,)),
    ),
)

PAGE = Page(
    "care",
    "Évaluation, plan de soins, équipe",
    "Sources : page de référence du domaine, étapes 4, 5 et 7.",
    (ASSESSING, PLANNING, TEAMS, RELAPSES),
)
