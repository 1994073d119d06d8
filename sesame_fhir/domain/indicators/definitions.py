"""Every indicator, with its definition and its source: domain page, "What has to be measured" and "Billing".

``published`` repeats the figure that the domain page gives, to compare with; it is neither a target nor a norm.
"""

from collections.abc import Mapping

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.indicators import measures as m
from sesame_fhir.domain.indicators.model import Indicator, Unit

_SEEDS = "Documents fondateurs de SÉSAME"
_MOSAIQUE = "MOSAIQUE"
_ARGENTEUIL = "Argenteuil"

_EXITS = {
    ev.ExitReason.CONCERTED_END: ("Fin concertée sans orientation", 0.39),
    ev.ExitReason.SPECIALISED_CARE: ("Orientation vers des soins spécialisés", 0.35),
    ev.ExitReason.REMISSION: ("Rémission", None),
    ev.ExitReason.PATIENT_WISH: ("Souhait du patient", None),
    ev.ExitReason.LOST_TO_FOLLOW_UP: ("Perdu de vue", None),
    ev.ExitReason.MAXIMUM_DURATION: ("Durée maximale atteinte", None),
    ev.ExitReason.MOVED_AWAY: ("Déménagement", None),
    ev.ExitReason.DEATH: ("Décès", None),
    ev.ExitReason.OTHER: ("Autre", None),
}
_TASKS = {
    ev.ContactTask.FIRST_CONTACT: "premier contact",
    ev.ContactTask.ASSESSMENT: "évaluation",
    ev.ContactTask.FOLLOW_UP: "suivi",
    ev.ContactTask.RELAPSE_PREVENTION: "prévention des rechutes",
    ev.ContactTask.CRISIS: "crise",
    ev.ContactTask.COORDINATION: "coordination",
}
_ENDS = {
    ev.ReferralEnd.DECLINED_BY_PATIENT: "Refus du patient",
    ev.ReferralEnd.UNREACHABLE: "Patient injoignable",
    ev.ReferralEnd.NOT_ELIGIBLE: "Patient non éligible",
}


def _settled(code: ev.ReferralEnd, name: str) -> Indicator:
    return Indicator(
        f"not-started-{code.value}",
        name,
        "Parmi les patients adressés pendant la période et dont l'issue est connue : ceux qui n'ont pas débuté pour ce "
        "motif.",
        _SEEDS,
        Unit.SHARE,
        m.not_started(code),
        "Adressage",
    )


def _exit(code: ev.ExitReason, name: str, published: float | None) -> Indicator:
    return Indicator(
        f"exit-{code.value}",
        f"Sortie : {name[0].lower()}{name[1:]}",
        "Parmi les sorties de la période : part de ce motif.",
        f"{_SEEDS} (331 sorties)" if published else _SEEDS,
        Unit.SHARE,
        m.exit_for(code),
        "Sorties",
        published,
    )


def _task(code: ev.ContactTask, name: str) -> Indicator:
    return Indicator(
        f"minutes-{code.value}",
        f"Temps infirmier : {name}",
        "Durée moyenne, en minutes, des contacts de la période pour cette tâche.",
        _SEEDS,
        Unit.MINUTES,
        m.minutes_for(code),
        "Temps",
    )


INDICATORS: tuple[Indicator, ...] = (
    Indicator(
        "screened",
        "Patients dépistés",
        "Patients avec un PHQ-2 ou un PHQ-9 rempli pendant la période.",
        _SEEDS,
        Unit.COUNT,
        m.screened,
        "Dépistage",
    ),
    Indicator(
        "screened-positive",
        "Dépistages positifs",
        "Parmi les patients avec un PHQ-2 pendant la période : ceux qui atteignent le seuil.",
        _SEEDS,
        Unit.SHARE,
        m.screened_positive,
        "Dépistage",
    ),
    Indicator(
        "referred",
        "Patients adressés",
        "Patients adressés à l'infirmier·ère pendant la période.",
        _SEEDS,
        Unit.COUNT,
        m.referred,
        "Adressage",
    ),
    Indicator(
        "started",
        "Suivis débutés",
        "Parmi les patients adressés pendant la période et dont l'issue est connue : ceux dont le suivi a débuté.",
        f"{_ARGENTEUIL} : 256 suivis pour 328 adressés",
        Unit.SHARE,
        m.started,
        "Adressage",
        256 / 328,
    ),
    *(_settled(code, name) for code, name in _ENDS.items()),
    Indicator(
        "first-contact-days",
        "Délai avant le premier contact",
        "Médiane, en jours, entre l'adressage et le premier contact (ou l'évaluation) de la période.",
        _SEEDS,
        Unit.DAYS,
        m.first_contact_days,
        "Adressage",
    ),
    Indicator(
        "followed",
        "Patients suivis",
        "Patients en suivi au moins un jour de la période.",
        _SEEDS,
        Unit.COUNT,
        m.followed,
        "Suivi",
    ),
    Indicator(
        "contacts-per-sequence",
        "Contacts par séquence",
        "Nombre moyen de contacts qui ont eu lieu dans chaque séquence terminée pendant la période.",
        _SEEDS,
        Unit.MEAN,
        m.contacts_per_sequence,
        "Suivi",
    ),
    Indicator(
        "four-contacts-at-12-weeks",
        "Au moins 4 contacts à 12 semaines",
        "Parmi les patients dont la 12e semaine de suivi s'achève pendant la période : ceux qui ont eu au moins quatre "
        "contacts infirmiers.",
        _SEEDS,
        Unit.SHARE,
        m.four_contacts,
        "Suivi",
    ),
    Indicator(
        "reviews-per-patient",
        "Revues de cas par patient",
        "Nombre de revues de cas de la période par patient suivi pendant la période.",
        _SEEDS,
        Unit.MEAN,
        m.reviews_per_patient,
        "Suivi",
    ),
    Indicator(
        "severity-at-inclusion",
        "Modéré à sévère à l'inclusion",
        "Parmi les patients entrés en suivi pendant la période avec un PHQ-9 : total d'au moins 10 à l'inclusion.",
        _MOSAIQUE,
        Unit.SHARE,
        m.severity,
        "Inclusion",
        0.82,
    ),
    Indicator(
        "ideation-at-inclusion",
        "Idées suicidaires à l'inclusion",
        "Parmi les patients entrés en suivi pendant la période avec un PHQ-9 : question 9 d'au moins 1 à l'inclusion.",
        _MOSAIQUE,
        Unit.SHARE,
        m.ideation,
        "Inclusion",
        0.30,
    ),
    Indicator(
        "research-consent",
        "Accord pour la recherche",
        "Parmi les patients entrés en suivi pendant la période : ceux qui consentent à la recherche.",
        f"{_MOSAIQUE} : 262 sur 608",
        Unit.SHARE,
        m.research,
        "Inclusion",
        262 / 608,
    ),
    Indicator(
        "response",
        "Réponse",
        "Parmi les patients entrés en suivi pendant la période et mesurés à nouveau : PHQ-9 diminué de moitié ou plus.",
        f"{_MOSAIQUE} ; psychiatryonline ps.201900295",
        Unit.SHARE,
        m.response,
        "Résultats",
        0.54,
    ),
    Indicator(
        "remission",
        "Rémission",
        "Parmi les patients entrés en suivi pendant la période et mesurés à nouveau : dernier PHQ-9 inférieur à 5.",
        f"{_MOSAIQUE} ; psychiatryonline ps.201900295",
        Unit.SHARE,
        m.remission,
        "Résultats",
        0.40,
    ),
    Indicator("exits", "Sorties", "Patients sortis pendant la période.", _SEEDS, Unit.COUNT, m.exits, "Sorties"),
    *(_exit(code, name, published) for code, (name, published) in _EXITS.items()),
    Indicator(
        "sequences-finished",
        "Séquences terminées",
        "Séquences dont le dernier jour est dans la période.",
        _SEEDS,
        Unit.COUNT,
        m.sequences_finished,
        "Séquences",
    ),
    Indicator(
        "sequences-billed",
        "Séquences facturées",
        "Séquences facturées pendant la période.",
        _SEEDS,
        Unit.COUNT,
        m.sequences_billed,
        "Séquences",
    ),
    Indicator(
        "survey-answered",
        "Enquêtes de satisfaction reçues",
        "Parmi les enquêtes remises aux sorties de la période : celles qui sont revenues.",
        _SEEDS,
        Unit.SHARE,
        m.survey_answered,
        "Satisfaction",
        0.46,
    ),
    Indicator(
        "satisfaction",
        "Note de satisfaction",
        "Note moyenne, de 0 à 10, des enquêtes revenues après les sorties de la période.",
        _SEEDS,
        Unit.MEAN,
        m.satisfaction,
        "Satisfaction",
    ),
    *(_task(code, name) for code, name in _TASKS.items()),
    Indicator(
        "minutes-review",
        "Temps de revue de cas",
        "Durée moyenne, en minutes, des revues de cas de la période.",
        _SEEDS,
        Unit.MINUTES,
        m.review_minutes,
        "Temps",
    ),
)
"""In the order in which they are shown."""

BY_CODE: Mapping[str, Indicator] = {indicator.code: indicator for indicator in INDICATORS}
"""Code -> indicator."""

PARTITIONS: tuple[tuple[str, ...], ...] = (
    tuple(f"exit-{reason.value}" for reason in _EXITS),
    ("started", *(f"not-started-{end.value}" for end in _ENDS)),
)
"""Codes of the shares that are parts of one whole: one that is hidden must not be what the others leave."""
