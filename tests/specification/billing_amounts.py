"""Examples: what a sequence earns, by rank, contacts, end and scheme; which scheme, biller and tariff decide."""

from dataclasses import replace
from datetime import date, timedelta

from sesame_fhir.domain.billing.decision import decide
from sesame_fhir.domain.billing.facts import SequenceFacts
from sesame_fhir.domain.events import Evidence, EvidenceKind
from tests.specification.billing_schemes import SCHEMES, answer, earned, facts_of, read_day
from tests.specification.claim_situations import COVERED, READY
from tests.specification.course import OTHER_SITE
from tests.specification.model import Table
from tests.support.story import SITE

_FACTS = facts_of(READY.pathway)
_SITES = {"départ": SITE, "autre": OTHER_SITE}


def _with_contacts(facts: SequenceFacts, number: int) -> SequenceFacts:
    held = tuple(Evidence(EvidenceKind.CONTACT, f"c{n}", facts.start, "follow-up") for n in range(number))
    return replace(facts, evidence=held)


def _amount(schemes: str, rank: str, contacts: str, end: str) -> tuple[str, ...]:
    facts = _with_contacts(replace(_FACTS, rank=int(rank), coverage=COVERED), int(contacts))
    if end == "en cours":
        facts = replace(facts, end=None)
    elif end != "prévue":
        facts = replace(facts, end=read_day(end), interrupted=True)
    decision = decide(facts, SCHEMES[schemes], date(2026, 7, 1))
    return (answer(decision), *earned(decision))


_NONE = ("–", "–")
AMOUNTS = Table(
    "Combien, selon le rang, les contacts et la fin",
    "Séquence du 10/03/2026 au 09/06/2026 (92 jours), jugée le 01/07/2026. Exemple A : 300,00 € au rang 1, 250,00 € "
    "aux rangs 2 et 3, 199,99 € au rang 4 ; quatre contacts, deux si elle est interrompue ; interrompue, elle est "
    "payée au prorata des jours, du premier au dernier compris ; 15 % au centre ; 90 jours pour facturer. Exemple B : "
    "320,00 €. Un demi-centime s'arrondit au centime du dessus ; la part se calcule sur le montant arrondi.",
    ("exemple", "rang", "contacts", "fin", "facturable", "montant", "part du centre"),
    _amount,
    (
        ("A", "1", "4", "prévue", "oui", "300,00 €", "45,00 €"),
        ("A", "1", "9", "prévue", "oui", "300,00 €", "45,00 €"),
        ("A", "2", "4", "prévue", "oui", "250,00 €", "37,50 €"),
        ("A", "3", "4", "prévue", "oui", "250,00 €", "37,50 €"),
        ("A", "4", "4", "prévue", "oui", "199,99 €", "30,00 €"),
        ("A", "1", "3", "prévue", "pas encore : Trop peu de contacts (3/4)", *_NONE),
        ("A", "4", "0", "prévue", "pas encore : Trop peu de contacts (0/4)", *_NONE),
        ("A", "1", "4", "20/04/2026", "oui", "136,96 €", "20,54 €"),
        ("A", "2", "4", "20/04/2026", "oui", "114,13 €", "17,12 €"),
        ("A", "3", "2", "20/04/2026", "oui", "114,13 €", "17,12 €"),
        ("A", "4", "2", "20/04/2026", "oui", "91,30 €", "13,70 €"),
        ("A", "1", "1", "20/04/2026", "pas encore : Trop peu de contacts (1/2)", *_NONE),
        ("B", "1", "2", "10/03/2026", "oui", "3,48 €", "0,52 €"),
        ("A", "1", "2", "02/04/2026", "oui", "78,26 €", "11,74 €"),
        ("A", "1", "2", "01/04/2026", "non : Délai dépassé (30/06/2026)", *_NONE),
        ("A", "1", "4", "08/06/2026", "oui", "296,74 €", "44,51 €"),
        ("A, interrompue payée en entier", "1", "2", "20/04/2026", "oui", "300,00 €", "45,00 €"),
        ("A, interrompue payée en entier", "4", "2", "20/04/2026", "oui", "199,99 €", "30,00 €"),
        ("A, interrompue payée en entier", "1", "4", "prévue", "oui", "300,00 €", "45,00 €"),
        ("A, interrompue non payée", "1", "4", "20/04/2026", "non : Interrompue, sans paiement", *_NONE),
        (
            *("A, interrompue non payée", "1", "1", "20/04/2026"),
            "non : Trop peu de contacts (1/2), Interrompue, sans paiement",
            *_NONE,
        ),
        ("A, interrompue non payée", "1", "4", "prévue", "oui", "300,00 €", "45,00 €"),
        ("A", "1", "4", "en cours", "pas encore : Séquence en cours", *_NONE),
        ("A", "1", "1", "en cours", "pas encore : Séquence en cours, Trop peu de contacts (1/4)", *_NONE),
        ("B", "1", "4", "prévue", "oui", "320,00 €", "48,00 €"),
        ("B", "4", "4", "prévue", "oui", "320,00 €", "48,00 €"),
        ("B", "4", "2", "20/04/2026", "oui", "146,09 €", "21,91 €"),
        ("aucun", "1", "4", "prévue", "pas encore : Hors des dates de tout barème", *_NONE),
    ),
    given=4,
)


def _straddling(schemes: str, site: str, rank: str, start: str, end: str) -> tuple[str, ...]:
    facts = replace(
        _FACTS, rank=int(rank), site=_SITES[site], start=read_day(start), planned_end=read_day(end), end=read_day(end)
    )
    facts = replace(_with_contacts(facts, 4), coverage=COVERED)
    decision = decide(facts, SCHEMES[schemes], read_day(end) + timedelta(days=1))
    chosen = f"{decision.scheme.label}, version {decision.scheme.version}" if decision.scheme else "–"
    return (answer(decision), chosen, decision.biller.identity.name if decision.biller else "–", earned(decision)[0])


_V1, _V2, _B = "EXEMPLE A, version 1", "EXEMPLE A, version 2", "EXEMPLE B, version 1"
_OLD, _NEW = "Opérateur Exemple", "Établissement Exemple"
_OUT = ("pas encore : Hors des dates de tout barème", "–", "–", "–")
_TWO = ("pas encore : Plusieurs barèmes possibles", "–", "–", "–")
STRADDLING = Table(
    "Quel barème, quelle structure, quel tarif",
    "Le barème dit quel jour d'une séquence décide, le premier ou le dernier ; ce jour choisit la version, la "
    "structure qui facture et le tarif. Exemple A : le dernier jour, du 01/11/2023 au 31/12/2026 ; l'opérateur facture"
    " jusqu'au 31/05/2026, l'établissement ensuite ; sa version 2 le remplace dès le 01/06/2026 (330,00 € au rang 1, "
    "280,00 € au rang 2, rien au-delà). Exemple B : dès le 01/01/2026, à l'autre site. Deux barèmes possibles : "
    "personne ne choisit à leur place, la séquence n'est pas facturable. Deux barèmes qui se suivent doivent décider "
    "le même jour d'une séquence : sinon celle qui est à cheval n'est d'aucun, ou des deux.",
    ("exemple", "site", "rang", "début", "fin", "facturable", "barème", "structure", "montant"),
    _straddling,
    (
        ("A", "départ", "1", "01/03/2026", "31/05/2026", "oui", _V1, _OLD, "300,00 €"),
        ("A", "départ", "1", "02/03/2026", "01/06/2026", "oui", _V1, _NEW, "300,00 €"),
        ("A décidé au premier jour", "départ", "1", "31/05/2026", "30/08/2026", "oui", _V1, _OLD, "300,00 €"),
        ("A décidé au premier jour", "départ", "1", "01/06/2026", "31/08/2026", "oui", _V1, _NEW, "300,00 €"),
        ("A puis A version 2", "départ", "1", "01/03/2026", "31/05/2026", "oui", _V1, _OLD, "300,00 €"),
        ("A puis A version 2", "départ", "1", "02/03/2026", "01/06/2026", "oui", _V2, _NEW, "330,00 €"),
        ("A version 2 puis A", "départ", "1", "02/03/2026", "01/06/2026", "oui", _V2, _NEW, "330,00 €"),
        (
            *("A puis A version 2", "départ", "3", "02/03/2026", "01/06/2026"),
            *("pas encore : Pas de tarif à cette date", _V2, _NEW, "–"),
        ),
        ("A", "départ", "1", "02/08/2023", "01/11/2023", "oui", _V1, _OLD, "300,00 €"),
        ("A", "départ", "1", "01/08/2023", "31/10/2023", *_OUT),
        ("A", "départ", "1", "01/10/2026", "31/12/2026", "oui", _V1, _NEW, "300,00 €"),
        ("A", "départ", "1", "02/10/2026", "01/01/2027", *_OUT),
        ("A version 2 seulement à l'autre site", "départ", "1", "02/03/2026", "01/06/2026", *_OUT),
        ("A version 2 finie le 30/06/2026", "départ", "1", "02/04/2026", "01/07/2026", *_OUT),
        ("A au site de départ, B à l'autre", "départ", "1", "10/03/2026", "09/06/2026", "oui", _V1, _NEW, "300,00 €"),
        ("A au site de départ, B à l'autre", "autre", "1", "10/03/2026", "09/06/2026", "oui", _B, _NEW, "320,00 €"),
        ("A et B à l'autre site", "autre", "1", "10/03/2026", "09/06/2026", *_TWO),
        ("A et B à l'autre site", "départ", "1", "10/03/2026", "09/06/2026", "oui", _V1, _NEW, "300,00 €"),
        ("A au dernier jour, C au premier dès 2027", "départ", "1", "15/11/2026", "14/02/2027", *_OUT),
        ("A au premier jour, C au dernier dès 2027", "départ", "1", "15/11/2026", "14/02/2027", *_TWO),
        (
            *("A et C au dernier jour", "départ", "1", "15/11/2026", "14/02/2027"),
            *("oui", "EXEMPLE C, version 1", _NEW, "320,00 €"),
        ),
        (
            *("A sans structure en mai", "départ", "1", "10/02/2026", "09/05/2026"),
            *("pas encore : Pas de structure qui facture à cette date", _V1, "–", "–"),
        ),
    ),
    given=5,
)
