"""Cases of the calendar: chains of sequences, days at the practice, contacts that are due."""

import re
from datetime import UTC, date, datetime

from sesame_fhir.domain.calendar import (
    PRACTICE_ZONE,
    Period,
    add_months,
    at_same_time,
    extended_end,
    local_day,
    next_contact_day,
    next_start,
    sequence_period,
)
from sesame_fhir.domain.course import Sequence
from sesame_fhir.domain.policy import DEFAULT_POLICY
from tests.specification.model import Page, Table
from tests.specification.words import day, time

_DATE = re.compile(r"\d{2}/\d{2}/\d{4}")


def _day(text: str) -> date:
    return datetime.strptime(text, "%d/%m/%Y").replace(tzinfo=PRACTICE_ZONE).date()


def chain(start: date, ranks: int) -> tuple[Period, ...]:
    """An unbroken chain of sequences, each started the day after the one before."""
    done: tuple[Sequence, ...] = ()
    for rank in range(1, ranks + 1):
        period = sequence_period(done, next_start(done, start), DEFAULT_POLICY)
        done = (*done, Sequence(rank, period.start, period.end, period.end))
    return tuple(Period(s.start, s.planned_end) for s in done)


def _year(start: str) -> tuple[str, ...]:
    return tuple(day(period.end) for period in chain(_day(start), DEFAULT_POLICY.maximum_sequences))


def _done(text: str) -> tuple[Sequence, ...]:
    days = [_day(found) for found in _DATE.findall(text)]
    pairs = zip(days[::2], days[1::2], strict=True)
    return tuple(Sequence(rank, start, end, end) for rank, (start, end) in enumerate(pairs, start=1))


def _next_end(before: str, start: str) -> tuple[str, ...]:
    return (day(sequence_period(_done(before), _day(start), DEFAULT_POLICY).end),)


def _next_start(before: str, today: str) -> tuple[str, ...]:
    return (day(next_start(_done(before), _day(today))),)


def _extended(end: str, interrupted: str, resumed: str) -> tuple[str, ...]:
    return (day(extended_end(_day(end), _day(interrupted), _day(resumed))),)


def _months_later(start: str, months: str) -> tuple[str, ...]:
    return (day(add_months(_day(start), int(months))),)


def _at_the_practice(utc: str) -> tuple[str, ...]:
    moment = datetime.strptime(utc, "%d/%m/%Y %H:%M").replace(tzinfo=UTC)
    return (time(moment), day(local_day(moment)))


def _same_time(planned: str, other: str) -> tuple[str, ...]:
    moment = datetime.strptime(planned, "%d/%m/%Y à %H:%M").replace(tzinfo=PRACTICE_ZONE)
    moved = at_same_time(moment, _day(other))
    return (time(moved), f"{moved.astimezone(UTC):%H:%M}")


def _contact_due(last: str, phase: str) -> tuple[str, ...]:
    return (day(next_contact_day(_day(last), monthly=phase == "prévention des rechutes", policy=DEFAULT_POLICY)),)


YEARS = Table(
    "Une année de quatre séquences",
    "Chaque fin se compte en mois depuis le premier jour de la première : une chaîne née un 30 ou un 31 ne dérive pas, "
    "et l'année finit la veille de l'anniversaire.",
    ("début", "fin du rang 1", "rang 2", "rang 3", "rang 4"),
    _year,
    (
        ("10/03/2026", "09/06/2026", "09/09/2026", "09/12/2026", "09/03/2027"),
        ("01/01/2026", "31/03/2026", "30/06/2026", "30/09/2026", "31/12/2026"),
        ("31/01/2026", "29/04/2026", "30/07/2026", "30/10/2026", "30/01/2027"),
        ("30/11/2025", "27/02/2026", "29/05/2026", "29/08/2026", "29/11/2026"),
        ("30/11/2027", "28/02/2028", "29/05/2028", "29/08/2028", "29/11/2028"),
        ("29/02/2028", "28/05/2028", "28/08/2028", "28/11/2028", "27/02/2029"),
        ("28/02/2027", "27/05/2027", "27/08/2027", "27/11/2027", "27/02/2028"),
        ("31/12/2026", "30/03/2027", "29/06/2027", "29/09/2027", "30/12/2027"),
        ("31/08/2026", "29/11/2026", "27/02/2027", "30/05/2027", "30/08/2027"),
    ),
)
AFTER = Table(
    "La fin d'une séquence selon celles d'avant",
    "La chaîne continue quand chaque séquence commence le lendemain de la précédente, comme prévu ; après un trou, "
    "une fin anticipée ou une prolongation, une nouvelle chaîne commence.",
    ("séquences d'avant", "début", "fin"),
    _next_end,
    (
        ("aucune", "31/01/2026", "29/04/2026"),
        ("31/01/2026 au 29/04/2026", "30/04/2026", "30/07/2026"),
        ("31/01/2026 au 29/04/2026", "02/05/2026", "01/08/2026"),
        ("31/01/2026 au 10/02/2026 (interrompue)", "30/04/2026", "29/07/2026"),
        ("30/11/2025 au 27/02/2026, 28/02/2026 au 29/05/2026", "30/05/2026", "29/08/2026"),
        ("10/03/2026 au 29/06/2026 (prolongée)", "30/06/2026", "29/09/2026"),
    ),
    given=2,
)
STARTS = Table(
    "Le premier jour de la séquence suivante",
    "Aujourd'hui, ou le lendemain de la fin si elle est à venir : deux séquences ne partagent jamais un jour.",
    ("séquences d'avant", "aujourd'hui", "début"),
    _next_start,
    (
        ("aucune", "10/03/2026", "10/03/2026"),
        ("10/03/2026 au 09/06/2026", "09/06/2026", "10/06/2026"),
        ("10/03/2026 au 09/06/2026", "20/05/2026", "10/06/2026"),
        ("10/03/2026 au 09/06/2026", "01/07/2026", "01/07/2026"),
    ),
    given=2,
)
EXTENSIONS = Table(
    "La fin d'une séquence prolongée",
    "Réglage « extend » : la fin recule du nombre de jours entre la suspension et la reprise.",
    ("fin prévue", "suspendu le", "repris le", "nouvelle fin"),
    _extended,
    (
        ("09/06/2026", "20/04/2026", "10/05/2026", "29/06/2026"),
        ("09/06/2026", "20/04/2026", "20/04/2026", "09/06/2026"),
        ("31/03/2027", "20/02/2027", "02/03/2027", "10/04/2027"),
        ("09/04/2026", "28/03/2026", "30/03/2026", "11/04/2026"),
    ),
    given=3,
)
MONTHS = Table(
    "Un mois plus tard",
    "Le même quantième, ou le dernier jour du mois qui ne l'a pas.",
    ("jour", "mois", "résultat"),
    _months_later,
    (
        ("31/01/2026", "1", "28/02/2026"),
        ("31/01/2028", "1", "29/02/2028"),
        ("29/02/2028", "12", "28/02/2029"),
        ("29/02/2028", "48", "29/02/2032"),
        ("31/12/2026", "2", "28/02/2027"),
        ("31/10/2026", "1", "30/11/2026"),
        ("15/11/2026", "3", "15/02/2027"),
    ),
    given=2,
)
DAYS = Table(
    "Le jour au cabinet",
    "Les jours sont ceux de Paris, l'heure des serveurs est en temps universel.",
    ("temps universel", "heure de Paris", "jour"),
    _at_the_practice,
    (
        ("31/01/2026 23:30", "01/02/2026 à 00:30", "01/02/2026"),
        ("31/01/2026 22:30", "31/01/2026 à 23:30", "31/01/2026"),
        ("31/03/2026 21:59", "31/03/2026 à 23:59", "31/03/2026"),
        ("31/03/2026 22:00", "01/04/2026 à 00:00", "01/04/2026"),
        ("31/03/2026 23:30", "01/04/2026 à 01:30", "01/04/2026"),
        ("29/03/2026 01:30", "29/03/2026 à 03:30", "29/03/2026"),
        ("24/10/2026 22:30", "25/10/2026 à 00:30", "25/10/2026"),
        ("25/10/2026 22:30", "25/10/2026 à 23:30", "25/10/2026"),
        ("28/02/2028 23:30", "29/02/2028 à 00:30", "29/02/2028"),
        ("31/12/2026 23:30", "01/01/2027 à 00:30", "01/01/2027"),
    ),
)
CLOCKS = Table(
    "Le même rendez-vous un autre jour",
    "À la même heure d'horloge, à travers les changements d'heure du 29 mars et du 25 octobre 2026.",
    ("rendez-vous", "autre jour", "nouveau rendez-vous", "temps universel"),
    _same_time,
    (
        ("24/03/2026 à 14:00", "26/03/2026", "26/03/2026 à 14:00", "13:00"),
        ("24/03/2026 à 14:00", "07/04/2026", "07/04/2026 à 14:00", "12:00"),
        ("13/10/2026 à 09:15", "27/10/2026", "27/10/2026 à 09:15", "08:15"),
        ("24/03/2026 à 00:30", "07/04/2026", "07/04/2026 à 00:30", "22:30"),
    ),
    given=2,
)
CONTACTS = Table(
    "Le jour où un contact est attendu",
    "15 jours après le précédent en prise en charge, un mois après en prévention des rechutes.",
    ("dernier contact", "phase", "attendu le"),
    _contact_due,
    (
        ("10/03/2026", "prise en charge", "25/03/2026"),
        ("20/03/2026", "prise en charge", "04/04/2026"),
        ("20/02/2028", "prise en charge", "06/03/2028"),
        ("20/02/2027", "prise en charge", "07/03/2027"),
        ("15/06/2026", "prévention des rechutes", "15/07/2026"),
        ("31/01/2026", "prévention des rechutes", "28/02/2026"),
        ("30/01/2028", "prévention des rechutes", "29/02/2028"),
        ("31/12/2026", "prévention des rechutes", "31/01/2027"),
    ),
    given=2,
)

PAGE = Page(
    "calendar",
    "Calendrier",
    "Source : page de référence du domaine, « Séquence » et étapes 5 et 7. Une séquence comprend son premier et son "
    "dernier jour.",
    (YEARS, AFTER, STARTS, EXTENSIONS, MONTHS, DAYS, CLOCKS, CONTACTS),
)
