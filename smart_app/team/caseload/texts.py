"""French texts of the caseload; templates translate them. A test keeps each table complete."""

from sesame_fhir.domain.events import ReferralEnd
from sesame_fhir.domain.transitions import State
from sesame_fhir.services.caseload import CaseloadSort
from smart_app.team.caseload.asked import Phase, When

STATES: dict[State, str] = {
    State.NEW: "Nouveau",
    State.SCREENED: "Dépisté",
    State.NOT_REFERRED: "Non adressé",
    State.REFERRED: "Adressé",
    State.NOT_STARTED: "Sans suite",
    State.ASSESSMENT: "Évaluation initiale",
    State.CARE: "Prise en charge",
    State.RELAPSE_PREVENTION: "Prévention des rechutes",
    State.CARE_INTERRUPTED: "Suspendu",
    State.RELAPSE_PREVENTION_INTERRUPTED: "Suspendu",
    State.EXITED: "Sorti",
    State.MERGED: "Réuni",
}
"""Where a patient stands, in a table's cell."""

PHASES: dict[Phase, str] = {
    Phase.ASSESSMENT: "Évaluation initiale",
    Phase.CARE: "Prise en charge",
    Phase.RELAPSE_PREVENTION: "Prévention des rechutes",
    Phase.SUSPENDED: "Suspendus",
    Phase.WAITING: "Adressages en attente",
    Phase.NOT_STARTED: "Adressages sans suite",
    Phase.LEFT: "Sortis du parcours",
}

WHENS: dict[When, str] = {When.TODAY: "Aujourd'hui ou en retard", When.WEEK: "Dans les 7 jours"}

SORTS: dict[CaseloadSort, str] = {
    CaseloadSort.ATTENTION: "Qui a besoin de moi",
    CaseloadSort.NEXT_CONTACT: "Prochain contact",
    CaseloadSort.NAME: "Nom",
    CaseloadSort.STARTED: "Semaine",
    CaseloadSort.SEQUENCE_END: "Fin de séquence",
    CaseloadSort.CHANGE: "Évolution du PHQ-9",
    CaseloadSort.REFERRED: "Adressage",
    CaseloadSort.SITE: "Site",
    CaseloadSort.UPDATED: "Dernière modification",
}

ENDS: dict[str, str] = {
    ReferralEnd.DECLINED_BY_PATIENT.value: "Refus du patient",
    ReferralEnd.UNREACHABLE.value: "Injoignable",
    ReferralEnd.NOT_ELIGIBLE.value: "Non éligible",
    ReferralEnd.OTHER.value: "Autre motif",
}
"""Why a referral did not become care; what the GP took back has the GP's own reasons (``WITHDRAWN``)."""

WITHDRAWN = "Retiré par le médecin"
