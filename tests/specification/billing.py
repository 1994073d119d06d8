"""Examples: which finished sequence may be billed, for how much, and again after a rejection or a correction."""

from dataclasses import replace

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.billing.decision import Verdict
from sesame_fhir.domain.billing.facts import digest
from sesame_fhir.domain.billing.terms import stale
from sesame_fhir.domain.pathway import Pathway
from tests.specification.billing_amounts import AMOUNTS, STRADDLING
from tests.specification.billing_proof import CENTRES, CONSENTS, CONTACTS_COUNTED, IDENTITY, LATE
from tests.specification.billing_schemes import answer, decision_on, facts_of, read_day, terms_on
from tests.specification.claim_situations import (
    ACCEPTED,
    AGAIN,
    ALL_PAID,
    CANCELLED,
    CLAIM,
    CLAIMED,
    COVERED,
    READY,
    REJECTED,
    REJECTED_BY_PAYER,
    TAKEN_BACK,
)
from tests.specification.course import TRANSFER
from tests.specification.model import Page, Table, on
from tests.specification.situations import consent, held
from tests.support.story import COORDINATOR


def _again(pathway: Pathway, today: str) -> tuple[str, ...]:
    decision = decision_on(pathway, 1, today=read_day(today))
    if decision.verdict is not Verdict.BILLABLE:
        return (answer(decision), "–", "–")
    terms = terms_on(pathway, today=read_day(today))
    replaced = (terms.replaces or "–").removeprefix(f"{pathway.pathway_id}-")
    return (answer(decision), str(terms.attempt), replaced)


_BILLED = "non : Déjà facturée"
_SECOND = REJECTED.then(on("2026-07-20", AGAIN, COORDINATOR))
_REJECTED_AGAIN = replace(REJECTED_BY_PAYER, claim_id=AGAIN.claim_id, response_id="r2", on=read_day("01/08/2026"))
ONCE_MORE = Table(
    "Une fois, et à nouveau après un rejet ou une annulation",
    "Une facture debout tient sa séquence. Tombée, la séquence se facture à nouveau, sous le numéro suivant, qui "
    "remplace le précédent ; facturée une première fois dans le délai, elle n'est pas en retard.",
    ("situation", "jugée le", "facturable", "essai", "remplace"),
    _again,
    (
        (READY, "01/07/2026", "oui", "1", "–"),
        (CLAIMED, "01/08/2026", _BILLED, "–", "–"),
        (CLAIMED, "01/12/2026", _BILLED, "–", "–"),
        (ACCEPTED, "01/08/2026", _BILLED, "–", "–"),
        (ALL_PAID, "01/08/2026", _BILLED, "–", "–"),
        (REJECTED, "01/08/2026", "oui", "2", "claim-1"),
        (REJECTED, "01/12/2026", "oui", "2", "claim-1"),
        (CANCELLED, "01/08/2026", "oui", "2", "claim-1"),
        (_SECOND, "01/08/2026", _BILLED, "–", "–"),
        (_SECOND.then(on("2026-08-02", _REJECTED_AGAIN, COORDINATOR)), "03/08/2026", "oui", "3", "claim-1-2"),
    ),
    given=2,
)


def _to_correct(pathway: Pathway) -> tuple[str, ...]:
    claim = pathway.claim(CLAIM)
    assert claim is not None
    return ("oui" if stale(claim, facts_of(pathway)) else "non",)


_LATE_CONTACT = held("2026-06-02", "c5")
_FOUND = CLAIMED.then(_LATE_CONTACT)
_KEPT = on("2026-07-20", ev.ClaimConfirmed(CLAIM, digest(facts_of(_FOUND.pathway))), COORDINATOR)
_TASK = ev.ContactCorrected("c2", ev.ContactMode.PHONE, 20, task=ev.ContactTask.RELAPSE_PREVENTION)
_OUT = consent(ev.ConsentStatus.WITHDRAWN)
CORRECTIONS = Table(
    "Ce qui demande de revoir une facture",
    "Une facture se revoit quand les faits qui la prouvent ne sont plus ceux d'alors : séquence, centre, INS, "
    "contacts, questionnaires, revues, consentements au dernier jour. Elle attend sur la liste jusqu'à ce qu'elle soit "
    "annulée ou maintenue ; un nouveau changement la remet sur la liste.",
    ("situation", "à revoir"),
    _to_correct,
    (
        (CLAIMED, "non"),
        (_FOUND, "oui"),
        (_FOUND.then(_KEPT), "non"),
        (_FOUND.then(_KEPT, held("2026-06-03", "c6")), "oui"),
        (_FOUND.then(on("2026-07-20", TAKEN_BACK, COORDINATOR)), "non"),
        (REJECTED.then(_LATE_CONTACT), "non"),
        (CLAIMED.then(held("2026-06-12", "c5")), "non"),
        (CLAIMED.then(on("2026-07-02", replace(_TASK, task=ev.ContactTask.FOLLOW_UP, minutes=45))), "non"),
        (CLAIMED.then(on("2026-07-02", _TASK)), "oui"),
        (CLAIMED.then(on("2026-07-02", _OUT)), "non"),
        (CLAIMED.then(on("2026-06-05", _OUT, recorded="2026-07-02")), "oui"),
        (CLAIMED.then(on("2026-07-02", TRANSFER)), "non"),
        (CLAIMED.then(on("2026-07-02", COVERED)), "non"),
    ),
)
PAGE = Page(
    "billing",
    "Facturation des séquences",
    "Source : page de référence du domaine, « Billing » : seule une séquence finie se facture. Le montant, le nombre "
    "de contacts, ce que vaut une séquence interrompue et la part du centre n'ont pas de source publique : ce sont des "
    "réglages. **Les barèmes A, B et C et tous leurs montants sont des exemples inventés.**",
    (AMOUNTS, STRADDLING, CONTACTS_COUNTED, CONSENTS, IDENTITY, LATE, CENTRES, ONCE_MORE, CORRECTIONS),
)
