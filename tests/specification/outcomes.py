"""Cases of the flags that read the PHQ-9: from which day a rule speaks, and what it says."""

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.instruments import InstrumentId
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.progress.model import Rule
from sesame_fhir.domain.progress.trajectory import Trajectory, trajectory
from tests.specification.model import Page, Table, on
from tests.specification.situations import (
    ASSESSMENT,
    CARE,
    INTERRUPTED,
    RELAPSE,
    RELAPSE_PREVENTION,
    SCREENED,
    measured,
    phq9,
)
from tests.specification.speaking import NEVER, phq9s, reviewed, rule_table
from tests.specification.words import day


def course(pathway: Pathway) -> tuple[str, ...]:
    """Start, last total, changes."""
    found = trajectory(pathway, InstrumentId.PHQ_9)
    if found is None:
        return ("—",) * 4
    return (
        _start(found),
        f"{found.last.total} le {day(found.last.on)}",
        _signed(found.change),
        _signed(found.previous_change),
    )


def _start(found: Trajectory) -> str:
    return "—" if found.baseline is None else f"{found.baseline.total} le {day(found.baseline.on)}"


def _signed(change: int | None) -> str:
    return "—" if change is None else f"{change:+d}"


COURSE = Table(
    "Début, dernier score, évolution",
    "Valeurs brutes. Le début est le dernier PHQ-9 jusqu'au jour où les soins commencent, sinon le premier après ; "
    "jamais un score d'avant le dépistage de l'adressage. Deux PHQ-9 le même jour : le second compte.",
    ("situation", "début", "dernier", "depuis le début", "depuis le précédent"),
    course,
    (
        (SCREENED, "—", "—", "—", "—"),
        (SCREENED.then(measured("2026-03-02", 15)), "15 le 02/03/2026", "15 le 02/03/2026", "—", "—"),
        (
            ASSESSMENT.then(measured("2026-03-06", 15), measured("2026-03-09", 17)),
            "17 le 09/03/2026",
            "17 le 09/03/2026",
            "—",
            "+2",
        ),
        (CARE, "18 le 10/03/2026", "18 le 10/03/2026", "—", "—"),
        (phq9s(("2026-03-10 18:00", 20)), "20 le 10/03/2026", "20 le 10/03/2026", "—", "—"),
        (phq9s(("2026-04-07", 12), ("2026-04-21", 14)), "18 le 10/03/2026", "14 le 21/04/2026", "-4", "+2"),
        (
            ASSESSMENT.then(
                on("2026-03-10", ev.AssessmentRecorded()), measured("2026-03-24", 16), measured("2026-04-07", 11)
            ),
            "16 le 24/03/2026",
            "11 le 07/04/2026",
            "-5",
            "-5",
        ),
        (
            ASSESSMENT.then(
                on("2026-01-12", phq9(21, n=7), recorded="2026-03-06"),
                on("2026-03-10", ev.AssessmentRecorded()),
                measured("2026-03-24", 16),
            ),
            "16 le 24/03/2026",
            "16 le 24/03/2026",
            "—",
            "-5",
        ),
        (
            CARE.then(on("2026-03-06", phq9(19, n=7), recorded="2026-03-12")),
            "18 le 10/03/2026",
            "18 le 10/03/2026",
            "—",
            "-1",
        ),
    ),
)
WORSENING = rule_table(
    Rule.WORSENING,
    (phq9s(("2026-04-07", 22)), *NEVER),
    (
        phq9s(("2026-04-07", 23)),
        "07/04/2026",
        "PHQ-9 remonté de 18 (le meilleur) à 23, pas encore vu en revue de cas.",
    ),
    (
        phq9s(("2026-04-07", 8), ("2026-04-21", 11), ("2026-05-05", 13)),
        "05/05/2026",
        "PHQ-9 remonté de 8 (le meilleur) à 13, pas encore vu en revue de cas.",
    ),
    (
        phq9s(("2026-04-07", 8), ("2026-04-21", 14), ("2026-05-05", 16)),
        "21/04/2026",
        "PHQ-9 remonté de 8 (le meilleur) à 16, pas encore vu en revue de cas.",
    ),
    (
        phq9s(("2026-04-07", 8), ("2026-04-21", 14), ("2026-05-05", 14)),
        "21/04/2026",
        "PHQ-9 remonté de 8 (le meilleur) à 14, pas encore vu en revue de cas.",
    ),
    (phq9s(("2026-04-07", 5), ("2026-04-21", 16), ("2026-05-05", 12)), *NEVER),
    (reviewed(phq9s(("2026-04-07", 8), ("2026-04-21", 14)), "2026-04-23"), *NEVER),
    (
        phq9s(("2026-05-05", 15), given=reviewed(phq9s(("2026-04-07", 8), ("2026-04-21", 14)), "2026-04-23")),
        "05/05/2026",
        "PHQ-9 remonté de 8 (le meilleur) à 15, pas encore vu en revue de cas.",
    ),
    (
        phq9s(("2026-06-15", 24), given=RELAPSE),
        "15/06/2026",
        "PHQ-9 remonté de 18 (le meilleur) à 24, pas encore vu en revue de cas.",
    ),
    (phq9s(("2026-05-01", 24), given=INTERRUPTED), *NEVER),
)
NO_IMPROVEMENT = rule_table(
    Rule.NO_IMPROVEMENT,
    (
        CARE,
        "05/05/2026",
        "PHQ-9 à 18 au début, 18 au dernier : revue de cas à tenir avant le 02/06/2026.",
    ),
    (
        phq9s(("2026-04-07", 16), ("2026-04-28", 10)),
        "05/05/2026",
        "PHQ-9 à 18 au début, 10 au dernier : revue de cas à tenir avant le 02/06/2026.",
    ),
    (phq9s(("2026-04-28", 9)), *NEVER),
    (
        phq9s(("2026-04-28", 9), ("2026-05-12", 12)),
        "12/05/2026",
        "PHQ-9 à 18 au début, 12 au dernier : revue de cas à tenir avant le 02/06/2026.",
    ),
    (reviewed(phq9s(("2026-04-28", 15)), "2026-05-07"), *NEVER),
    (
        reviewed(phq9s(("2026-04-28", 15)), "2026-04-30"),
        "05/05/2026",
        "PHQ-9 à 18 au début, 15 au dernier : revue de cas à tenir avant le 02/06/2026.",
    ),
    (
        phq9s(("2026-07-01", 17)),
        "05/05/2026",
        "PHQ-9 à 18 au début, 17 au dernier : revue de cas à tenir avant le 02/06/2026.",
    ),
    (RELAPSE, *NEVER),
    (INTERRUPTED, *NEVER),
)
MEASURE_DUE = rule_table(
    Rule.MEASURE_DUE,
    (CARE, "15/04/2026", "Dernier PHQ-9 le 10/03/2026."),
    (phq9s(("2026-04-07", 12)), "13/05/2026", "Dernier PHQ-9 le 07/04/2026."),
    (
        ASSESSMENT.then(on("2026-03-10", ev.AssessmentRecorded())),
        "10/03/2026",
        "Aucun PHQ-9 enregistré.",
    ),
    (ASSESSMENT, *NEVER),
    (INTERRUPTED, *NEVER),
)
READY = rule_table(
    Rule.READY_FOR_RELAPSE_PREVENTION,
    (phq9s(("2026-04-07", 9)), *NEVER),
    (
        phq9s(("2026-04-07", 9), ("2026-04-21", 7)),
        "21/04/2026",
        "Amélioration confirmée : PHQ-9 à 18 au début, 9 puis 7.",
    ),
    (
        phq9s(("2026-04-07", 9), ("2026-04-21", 7), ("2026-05-05", 4)),
        "21/04/2026",
        "Amélioration confirmée : PHQ-9 à 18 au début, 7 puis 4.",
    ),
    (phq9s(("2026-04-07", 9), ("2026-04-07 15:00", 8)), *NEVER),
    (phq9s(("2026-04-07", 9), ("2026-04-21", 12), ("2026-05-05", 8)), *NEVER),
    (phq9s(("2026-04-07", 9), ("2026-04-21", 7)).then(on("2026-04-22", RELAPSE_PREVENTION)), *NEVER),
)
RESPONSE = rule_table(
    Rule.RESPONSE,
    (CARE, *NEVER),
    (phq9s(("2026-04-07", 10)), *NEVER),
    (phq9s(("2026-04-07", 9)), "07/04/2026", "PHQ-9 passé de 18 à 9."),
    (phq9s(("2026-04-07", 9), ("2026-04-21", 4)), "07/04/2026", "PHQ-9 passé de 18 à 4."),
    (phq9s(("2026-04-07", 9), ("2026-04-21", 13)), *NEVER),
    (phq9s(("2026-04-07", 9), ("2026-04-21", 13), ("2026-05-05", 8)), "05/05/2026", "PHQ-9 passé de 18 à 8."),
)
REMISSIONS = rule_table(
    Rule.REMISSION,
    (phq9s(("2026-04-07", 5)), *NEVER),
    (phq9s(("2026-04-07", 4)), "07/04/2026", "PHQ-9 à 4, 18 au début."),
    (phq9s(("2026-04-07", 4), ("2026-04-21", 6)), *NEVER),
    (
        ASSESSMENT.then(
            measured("2026-03-10", 4), on("2026-03-10", ev.AssessmentRecorded()), measured("2026-04-07", 2)
        ),
        *NEVER,
    ),
)

PAGE = Page(
    "outcomes",
    "Alertes : évolution du PHQ-9",
    "Ces règles se coupent d'un bloc (réglage `interpretation`) : restent alors les valeurs brutes, et le panneau de "
    "l'item 9.",
    (COURSE, WORSENING, NO_IMPROVEMENT, READY, RESPONSE, REMISSIONS, MEASURE_DUE),
)
