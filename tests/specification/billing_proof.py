"""Examples: what has to stand for a sequence to be billed (contacts, consents, identity, delay), and its centre."""

from dataclasses import replace
from datetime import date

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.billing.decision import decide
from sesame_fhir.domain.billing.facts import sequence_facts
from sesame_fhir.domain.pathway import Pathway
from tests.specification.billing_schemes import SCHEMES, A, answer, decision_on, facts_of, read_day
from tests.specification.claim_situations import CONTACTS, COVERED, INFORMED, READY
from tests.specification.course import OTHER_PATHWAY, OTHER_SITE, TRANSFER
from tests.specification.model import Situation, Step, Table, on
from tests.specification.sequences import SECOND
from tests.specification.situations import IDENTIFIED, SEQUENCE, consent, finished
from tests.specification.words import listed
from tests.support.story import GP, SITE, SYSTEM

_GIVEN, _OUT = ev.ConsentStatus.GIVEN, ev.ConsentStatus.WITHDRAWN
_EVALUATION, _RESEARCH = ev.ConsentPurpose.EVALUATION, ev.ConsentPurpose.RESEARCH
_DONE = on("2026-06-10", finished(1, "2026-06-09"), SYSTEM)


def _finished(*steps: Step, words: str = "Séquence 1 du 10/03/2026 au 09/06/2026, quatre contacts") -> Situation:
    """The sequence, what happened in it, its end, and what was written down after."""
    during = [step for step in steps if (step.recorded_at or step.at) < _DONE.at]
    after = [step for step in steps if step not in during]
    return SEQUENCE.then(*CONTACTS).named(words).then(*during, _DONE, *after)


def _answer(pathway: Pathway) -> tuple[str, ...]:
    return (answer(decision_on(pathway, 1)),)


_STOPPED = (
    SEQUENCE.then(INFORMED, *CONTACTS)
    .named("Séquence 1, quatre contacts, patiente informée de l'évaluation")
    .then(on("2026-05-12", consent(_OUT)), on("2026-05-12", finished(1, "2026-05-12", interrupted=True)))
)
_NO_INFORMATION = "pas encore : Pas d'accord ni d'information du patient (évaluation nationale)"
_NO_AGREEMENT = "pas encore : Pas d'accord ni d'information du patient (parcours et partage dans l'équipe de soins)"
CONSENTS = Table(
    "Les consentements, le dernier jour de la séquence",
    "Un accord vaut s'il tenait à un moment du dernier jour, selon le jour où le patient l'a dit, même noté plus tard. "
    "Un retrait ce jour-là (souvent il met fin à la séquence) ou après ne défait pas ce qui a été fait ; un "
    "accord donné après ne le rattrape pas. "
    "Exemple A : accord pour le parcours, information sans opposition sur l'évaluation.",
    ("situation", "facturable"),
    _answer,
    (
        (_finished(INFORMED), "oui"),
        (_finished(), _NO_INFORMATION),
        (_finished(INFORMED, on("2026-05-01", consent(ev.ConsentStatus.OPPOSED, _EVALUATION))), _NO_INFORMATION),
        (_finished(INFORMED, on("2026-05-01", consent(_OUT))), _NO_AGREEMENT),
        (_finished(INFORMED, on("2026-06-08", consent(_OUT))), _NO_AGREEMENT),
        (_finished(INFORMED, on("2026-06-09 23:30", consent(_OUT))), "oui"),
        (_STOPPED, "oui"),
        (_finished(INFORMED, on("2026-06-10 00:30", consent(_OUT))), "oui"),
        (_finished(INFORMED, on("2026-06-05", consent(_OUT), recorded="2026-06-20")), _NO_AGREEMENT),
        (_finished(INFORMED, on("2026-05-01", consent(_OUT)), on("2026-05-02", consent(_GIVEN))), "oui"),
        (_finished(INFORMED, on("2026-05-01", consent(_OUT)), on("2026-06-10", consent(_GIVEN))), _NO_AGREEMENT),
        (_finished(on("2026-06-10", consent(ev.ConsentStatus.INFORMED, _EVALUATION))), _NO_INFORMATION),
        (
            _finished(on("2026-06-09 18:00", consent(ev.ConsentStatus.INFORMED, _EVALUATION), recorded="2026-06-20")),
            "oui",
        ),
        (_finished(INFORMED, on("2026-05-01", consent(ev.ConsentStatus.REFUSED, _RESEARCH))), "oui"),
    ),
)


def _held(at: str, task: ev.ContactTask = ev.ContactTask.FOLLOW_UP) -> Step:
    return on(at, ev.ContactHeld("c4", ev.ContactMode.PHONE, 20, task=task))


def _three(*steps: Step) -> Situation:
    words = "Séquence 1 du 10/03/2026 au 09/06/2026, trois contacts, patiente informée de l'évaluation"
    base = SEQUENCE.then(INFORMED, *CONTACTS[:3]).named(words)
    early = [step for step in steps if (step.recorded_at or step.at) < _DONE.at]
    return base.then(*early, _DONE, *(step for step in steps if step not in early))


_CALLS = replace(A, contact_tasks=(ev.ContactTask.FOLLOW_UP,))


def _counted(pathway: Pathway) -> tuple[str, ...]:
    facts = facts_of(pathway)
    tasks = decide(facts, (_CALLS,), date(2026, 7, 1))
    return (answer(decision_on(pathway, 1)), answer(tasks))


_FEW = "pas encore : Trop peu de contacts (3/4)"
_PLANNED = ev.ContactPlanned("c4", on("2026-06-08", COVERED).at, ev.ContactMode.PHONE)
CONTACTS_COUNTED = Table(
    "Les contacts qui comptent",
    "Un contact tenu, le jour où il a eu lieu (heure de Paris), du premier au dernier jour compris ; chacun une fois, "
    "dans une seule séquence. Un barème peut ne compter que certaines tâches : ici, le suivi.",
    ("situation", "facturable", "en ne comptant que le suivi"),
    _counted,
    (
        (_three(), _FEW, _FEW),
        (_three(_held("2026-05-12")), "oui", "oui"),
        (_three(_held("2026-03-10 00:01")), "oui", "oui"),
        (_three(_held("2026-03-09 23:59")), _FEW, _FEW),
        (_three(_held("2026-06-09 23:59")), "oui", "oui"),
        (_three(_held("2026-06-10 00:01")), _FEW, _FEW),
        (_three(on("2026-06-09", ev.ContactHeld("c4", ev.ContactMode.PHONE, 20), recorded="2026-06-12")), "oui", "oui"),
        (_three(_held("2026-05-12", ev.ContactTask.RELAPSE_PREVENTION)), "oui", _FEW),
        (
            _three(
                _held("2026-05-12"),
                on("2026-05-13", ev.ContactCorrected("c4", ev.ContactMode.PHONE, 25)),
            ),
            "oui",
            "oui",
        ),
        (_three(on("2026-05-12", _PLANNED)), _FEW, _FEW),
        (_three(on("2026-05-12", ev.ContactMissed("c4"))), _FEW, _FEW),
        (_three(on("2026-06-10", SECOND, SYSTEM), _held("2026-06-12")), _FEW, _FEW),
    ),
)
_WITHOUT_INS = ev.PatientIdentified(replace(IDENTIFIED.traits, ins=None))


def _known(pathway: Pathway) -> tuple[str, ...]:
    return (answer(decision_on(pathway, 1)), answer(decision_on(pathway, 1, "B")))


IDENTITY = Table(
    "L'identité et la couverture maladie",
    "L'INS et, si le barème la demande, la couverture (régime et caisse) : ce qui manque se complète à la source, "
    "aussi après la séquence. Exemple B : la couverture est demandée.",
    ("situation", "facturable, exemple A", "facturable, exemple B"),
    _known,
    (
        (READY, "oui", "pas encore : Assurance inconnue"),
        (READY.then(on("2026-06-20", COVERED)), "oui", "oui"),
        (READY.then(on("2026-06-20", replace(COVERED, centre=None, full=None))), "oui", "oui"),
        (READY.then(on("2026-06-20", replace(COVERED, fund=None))), "oui", "pas encore : Assurance inconnue"),
        (
            READY.then(on("2026-06-20", _WITHOUT_INS, GP)),
            "pas encore : INS inconnue",
            "pas encore : INS inconnue, Assurance inconnue",
        ),
        (
            READY.then(on("2026-06-20", _WITHOUT_INS, GP), on("2026-06-21", IDENTIFIED, GP)),
            "oui",
            "pas encore : Assurance inconnue",
        ),
    ),
)


def _late(pathway: Pathway, schemes: str, today: str) -> tuple[str, ...]:
    return (answer(decide(facts_of(pathway), SCHEMES[schemes], read_day(today))),)


_TO_PAY = READY.then(on("2026-06-20", COVERED))
LATE = Table(
    "Le délai pour facturer",
    "Exemple A : 90 jours après le dernier jour, le dernier compris. Exemple B : sans délai.",
    ("situation", "exemple", "jugée le", "facturable"),
    _late,
    (
        (_TO_PAY, "A", "10/06/2026", "oui"),
        (_TO_PAY, "A", "07/09/2026", "oui"),
        (_TO_PAY, "A", "08/09/2026", "non : Délai dépassé (07/09/2026)"),
        (_TO_PAY, "B", "01/01/2028", "oui"),
        (SEQUENCE.then(INFORMED, *CONTACTS), "A", "01/01/2028", "pas encore : Séquence en cours"),
    ),
    given=3,
)
_MOVED = replace(TRANSFER, nurse=None)
_NAMES = {SITE: "centre de départ", OTHER_SITE: "nouveau centre"}


def _centres(pathway: Pathway) -> tuple[str, ...]:
    return (listed(f"{f.rank} : {_NAMES[f.site]}{'' if f.end else ' (en cours)'}" for f in sequence_facts(pathway)),)


CENTRES = Table(
    "Le centre hébergeur de la séquence",
    "Celui où le parcours se trouvait à la fin du dernier jour de la séquence, même si sa fin est notée plus tard : le "
    "centre qui reprend un patient en cours de séquence l'a toute. Un parcours réuni avec un autre garde les siennes, "
    "facturables là où elles ont été faites.",
    ("situation", "centre par séquence"),
    _centres,
    (
        (SEQUENCE, "1 : centre de départ (en cours)"),
        (SEQUENCE.then(on("2026-04-20", _MOVED)), "1 : nouveau centre (en cours)"),
        (_finished(), "1 : centre de départ"),
        (_finished(on("2026-04-20", _MOVED)), "1 : nouveau centre"),
        (_finished(on("2026-06-09 17:00", _MOVED)), "1 : nouveau centre"),
        (SEQUENCE.then(on("2026-06-10 08:00", _MOVED), _DONE), "1 : centre de départ"),
        (_finished(on("2026-06-11", _MOVED)), "1 : centre de départ"),
        (
            _finished(on("2026-06-10", SECOND, SYSTEM), on("2026-06-11", _MOVED)),
            "1 : centre de départ, 2 : nouveau centre (en cours)",
        ),
        (_finished(on("2026-06-11", ev.MergedInto(OTHER_PATHWAY))), "1 : centre de départ"),
    ),
)
