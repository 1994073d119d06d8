"""Examples: three-month sequences, their start, renewal, end and claim."""

from dataclasses import replace

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.reasons import ReasonCode as Why
from tests.specification.care import REFUSES
from tests.specification.model import Chapter, Example, Page, Step, Table, moment, on
from tests.specification.situations import (
    ASSESSMENT,
    CARE,
    CLOSE,
    EXTEND,
    INTERRUPTED,
    SEQUENCE,
    SEQUENCE_DONE,
    SUSPENDED,
    finished,
    sequence,
)
from tests.specification.words import day
from tests.support.story import SYSTEM

FIRST = sequence(1, "2026-03-10", "2026-06-09")
SECOND = sequence(2, "2026-06-10", "2026-09-09")
BILLED = ev.SequenceBilled(1, "facture-1")
AGAIN = ev.RenewalDecided(2, renew=True)
STOP = ev.RenewalDecided(2, renew=False, reason="Fin concertée")


def _rank(start: str, data: ev.SequenceStarted, end: str) -> tuple[Step, Step]:
    return on(start, data), Step(moment(end), finished(data.rank, data.planned_end.isoformat()), SYSTEM)


LAST = SEQUENCE_DONE.then(
    *_rank("2026-06-10", SECOND, "2026-09-10"),
    *_rank("2026-09-10", sequence(3, "2026-09-10", "2026-12-09"), "2026-12-10"),
    on("2026-12-10", sequence(4, "2026-12-10", "2027-03-09")),
).named("En prise en charge, séquence 4 du 10/12/2026 au 09/03/2027")
YEAR = LAST.then(on("2027-03-10", finished(4, "2027-03-09"), SYSTEM)).named("Les quatre séquences sont finies")

STARTING = Chapter(
    "Commencer une séquence",
    "Trois mois, rangs 1 à 4 dans l'ordre, jamais deux le même jour ; les dates sont celles du calendrier.",
    (
        Example(CARE, FIRST),
        Example(CARE, replace(FIRST, rank=2), (Why.SEQUENCE_RANK_OUT_OF_ORDER,)),
        Example(CARE, replace(FIRST, rank=5), (Why.MAXIMUM_SEQUENCES_REACHED,)),
        Example(CARE, sequence(1, "2026-03-10", "2026-06-10"), (Why.SEQUENCE_PERIOD_WRONG,)),
        Example(CARE, sequence(1, "2026-03-11", "2026-06-10"), (Why.DATE_IN_FUTURE,)),
        Example(CARE, sequence(1, "2026-03-01", "2026-05-31"), (Why.BEFORE_REFERRAL,)),
        Example(CARE.then(on("2026-03-10", REFUSES)), FIRST, (Why.PATIENT_REFUSED,)),
        Example(SEQUENCE, SECOND, (Why.SEQUENCE_ALREADY_OPEN,)),
        Example(SEQUENCE_DONE, SECOND),
        Example(SEQUENCE_DONE, sequence(2, "2026-06-09", "2026-09-08"), (Why.SEQUENCE_RANK_OUT_OF_ORDER,)),
        Example(SEQUENCE_DONE, sequence(2, "2026-07-01", "2026-09-30"), at="2026-07-01"),
        Example(SEQUENCE_DONE, replace(SECOND, rank=1), (Why.SEQUENCE_RANK_OUT_OF_ORDER,)),
        Example(YEAR, sequence(5, "2027-03-10", "2027-06-09"), (Why.MAXIMUM_SEQUENCES_REACHED,)),
        Example(ASSESSMENT, sequence(1, "2026-03-05", "2026-06-04"), (Why.EVENT_NOT_ALLOWED,)),
        Example(INTERRUPTED, SECOND, (Why.EVENT_NOT_ALLOWED,)),
    ),
)
RENEWING = Chapter(
    "Décider de la suite",
    "L'équipe décide dans le dernier mois (réglage) ; arrêter demande un motif. La séquence suivante commence toute "
    "seule le lendemain de la fin.",
    (
        Example(SEQUENCE, AGAIN, (Why.RENEWAL_TOO_EARLY,), at="2026-05-09"),
        Example(SEQUENCE, AGAIN, at="2026-05-10"),
        Example(SEQUENCE, STOP, at="2026-05-10"),
        Example(SEQUENCE, replace(STOP, reason=" "), (Why.REASON_REQUIRED,), at="2026-05-10"),
        Example(SEQUENCE, replace(AGAIN, rank=3), (Why.NO_OPEN_SEQUENCE,), at="2026-05-10"),
        Example(CARE, AGAIN, (Why.NO_OPEN_SEQUENCE,)),
        Example(SEQUENCE_DONE, AGAIN, (Why.NO_OPEN_SEQUENCE,)),
        Example(SEQUENCE.then(on("2026-05-10", STOP)), AGAIN, at="2026-05-20"),
        Example(LAST, ev.RenewalDecided(5, renew=True), (Why.MAXIMUM_SEQUENCES_REACHED,), at="2027-02-20"),
        Example(LAST, ev.RenewalDecided(5, renew=False, reason="Un an"), at="2027-02-20"),
    ),
)
ENDING = Chapter(
    "Finir une séquence",
    "Au jour prévu ; avant, elle est « interrompue » ; jamais avant que son dernier jour soit venu.",
    (
        Example(SEQUENCE, finished(1, "2026-06-09"), by=SYSTEM, at="2026-06-10 00:05"),
        Example(SEQUENCE, finished(1, "2026-06-09"), by=SYSTEM, at="2026-06-09"),
        Example(SEQUENCE, finished(1, "2026-06-09"), (Why.SEQUENCE_STILL_RUNNING,), by=SYSTEM, at="2026-06-08"),
        Example(SEQUENCE, finished(1, "2026-05-04", interrupted=True), at="2026-05-04"),
        Example(SEQUENCE, finished(1, "2026-05-04"), (Why.SEQUENCE_PERIOD_WRONG,), at="2026-05-04"),
        Example(SEQUENCE, finished(1, "2026-06-10"), (Why.SEQUENCE_PERIOD_WRONG,), at="2026-06-11"),
        Example(SEQUENCE, finished(1, "2026-03-09", interrupted=True), (Why.SEQUENCE_PERIOD_WRONG,), at="2026-05-04"),
        Example(SEQUENCE, finished(2, "2026-06-09"), (Why.NO_OPEN_SEQUENCE,), by=SYSTEM, at="2026-06-10"),
        Example(SEQUENCE_DONE, finished(1, "2026-06-09"), (Why.NO_OPEN_SEQUENCE,), by=SYSTEM),
    ),
)
EXTENDING = Chapter(
    "Prolonger une séquence après une interruption",
    "Seulement quand le réglage le dit (« extend ») ; par défaut le calendrier continue.",
    (
        Example(INTERRUPTED.under(EXTEND), ev.SequenceExtended(1, finished(1, "2026-06-29").end)),
        Example(INTERRUPTED, ev.SequenceExtended(1, finished(1, "2026-06-29").end), (Why.SEQUENCE_PERIOD_WRONG,)),
        Example(
            INTERRUPTED.under(EXTEND),
            ev.SequenceExtended(1, finished(1, "2026-06-08").end),
            (Why.SEQUENCE_PERIOD_WRONG,),
        ),
        Example(CARE.under(EXTEND), ev.SequenceExtended(1, finished(1, "2026-06-29").end), (Why.NO_OPEN_SEQUENCE,)),
    ),
)
BILLING = Chapter(
    "Facturer une séquence",
    "Une séquence finie, une seule fois, aussi après la sortie.",
    (
        Example(SEQUENCE_DONE, BILLED, by=SYSTEM),
        Example(SEQUENCE, BILLED, (Why.SEQUENCE_NOT_FINISHED,), by=SYSTEM),
        Example(SEQUENCE_DONE, ev.SequenceBilled(2, "facture-2"), (Why.SEQUENCE_NOT_FINISHED,), by=SYSTEM),
        Example(
            SEQUENCE_DONE.then(on("2026-06-11", BILLED, SYSTEM)), BILLED, (Why.SEQUENCE_ALREADY_BILLED,), by=SYSTEM
        ),
        Example(SEQUENCE_DONE.then(on("2026-06-11", ev.PathwayExited(ev.ExitReason.REMISSION))), BILLED, by=SYSTEM),
    ),
)


def sequences(pathway: Pathway) -> tuple[str, ...]:
    """Every sequence in one line."""
    lines = (
        f"{s.rank} : {day(s.start)} au {day(s.end or s.planned_end)}"
        + (" (interrompue)" if s.interrupted else "" if s.end else " (en cours)")
        for s in pathway.sequences
    )
    return (" ; ".join(lines) or "aucune",)


RESUMED = on("2026-05-10", ev.PathwayResumed())
AFTER_INTERRUPTION = Table(
    "Ce que devient la séquence d'un suivi suspendu",
    "Réglage « keep » : le calendrier continue ; « extend » : la fin recule d'autant de jours ; « close » : la "
    "séquence s'arrête, la suivante commence à la reprise.",
    ("situation", "séquences"),
    sequences,
    (
        (INTERRUPTED, "1 : 10/03/2026 au 09/06/2026 (en cours)"),
        (INTERRUPTED.then(RESUMED), "1 : 10/03/2026 au 09/06/2026 (en cours)"),
        (
            INTERRUPTED.under(EXTEND).then(
                RESUMED, on("2026-05-10", ev.SequenceExtended(1, finished(1, "2026-06-29").end))
            ),
            "1 : 10/03/2026 au 29/06/2026 (en cours)",
        ),
        (
            SEQUENCE.under(CLOSE).then(
                on("2026-04-20", finished(1, "2026-04-20", interrupted=True)),
                on("2026-04-20", SUSPENDED),
                RESUMED,
                on("2026-05-10", sequence(2, "2026-05-10", "2026-08-09")),
            ),
            "1 : 10/03/2026 au 20/04/2026 (interrompue) ; 2 : 10/05/2026 au 09/08/2026 (en cours)",
        ),
        (
            YEAR,
            (
                "1 : 10/03/2026 au 09/06/2026 ; 2 : 10/06/2026 au 09/09/2026 ; 3 : 10/09/2026 au 09/12/2026 ; "
                "4 : 10/12/2026 au 09/03/2027"
            ),
        ),
    ),
)

PAGE = Page(
    "sequences",
    "Séquences",
    "Source : page de référence du domaine, « Séquence » : trois mois, rangs 1 à 4, un an au plus. Ce que devient une "
    "séquence interrompue n'a pas de source publique : c'est un réglage.",
    (STARTING, RENEWING, ENDING, EXTENDING, AFTER_INTERRUPTION, BILLING),
)
