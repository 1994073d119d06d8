"""The dossier of a claim as PDF/A, for an inspection: each proof with who did it and when it was written."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal

from mappings.datatypes import instant
from mappings.french import PARIS, ROLES, SEXES, day, euros, moment
from sesame_fhir.domain.actors import Actor
from sesame_fhir.domain.events.billing import ClaimAnswered, ClaimTerms
from sesame_fhir.domain.ids import SiteId
from sesame_fhir.exports.billing import words
from sesame_fhir.exports.documents import document_html, document_pdf
from sesame_fhir.services.billing.dossier import Dossier
from sesame_fhir.services.billing.proof import Deed, Proof


@dataclass(frozen=True, slots=True)
class DeedRow:
    """One event in words; ``later``: recorded after the claim."""

    name: str
    at: datetime
    recorded_at: datetime
    by: Actor
    role: str
    event_id: str
    later: bool = False
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ProofRow:
    """One proof in words; ``others``: further claims that it proves."""

    kind: str
    text: str
    on: date
    deeds: tuple[DeedRow, ...]
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PostingRow:
    """One posting in words."""

    on: date
    movement: str
    debit: str
    credit: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Names:
    """How a site and an account are called; the account's id itself when nobody knows it any more."""

    site: Callable[[SiteId], str]
    account: Callable[[str], str | None]

    def person(self, actor_id: str | None) -> str:
        """Who acted."""
        name = None if actor_id is None else self.account(actor_id)
        return name or f"compte {actor_id}"


def dossier_pdf(file: Dossier, names: Names, *, printed_on: date) -> bytes:
    """Render the document. Raises DocumentUnavailable where this machine cannot (see ``exports.documents``)."""
    return document_pdf(dossier_html(file, names, printed_on=printed_on))


def dossier_html(file: Dossier, names: Names, *, printed_on: date) -> str:
    """Write the page that is rendered."""
    terms = file.claim.terms
    return document_html(
        "billing_dossier",
        title=f"Dossier de facture {file.claim.claim_id}",
        running=file.claim.claim_id,
        created=instant(datetime.combine(printed_on, time(12), tzinfo=PARIS)),
        printed_on=printed_on,
        file=file,
        terms=terms,
        example=file.scheme is not None and file.scheme.scheme.example,
        status=words.STATUSES[file.claim.status],
        facts=[*_facts(file, terms, names)],
        patient=[] if terms is None else [*_patient(terms)],
        reasons=[] if terms is None else [words.reason_text(reason) for reason in terms.reasons],
        decision=[] if terms is None else [*_decision(file, terms)],
        proofs=[_proof(file, proof) for proof in file.proofs],
        sequence=[_deed(deed) for deed in file.sequence],
        steps=[*_steps(file)],
        corrections=[(_deed(c.deed), [*map(words.difference_text, c.differences)]) for c in file.corrections],
        attempts=[(claim, words.STATUSES[claim.status]) for claim in file.attempts],
        postings=_postings(file),
    )


def _facts(file: Dossier, terms: ClaimTerms | None, names: Names) -> Iterator[tuple[str, str]]:
    yield "Rang de la séquence", str(file.claim.rank)
    yield "Facturée le", moment(file.claim.billed_at)
    if terms is None:
        yield "Origine", "facturée avant que ce logiciel ne fasse les factures : ni conditions ni preuves connues"
        return
    yield "Facturant", f"{terms.biller.name} ({terms.biller.value})"
    yield "Centre hébergeur", names.site(terms.site)
    yield "Séquence", f"du {day(terms.start)} au {day(terms.end)}"
    if terms.interrupted:
        yield "Interrompue", f"fin prévue le {day(terms.planned_end)}"
    yield "Tarif d'une séquence entière", euros(terms.tariff)
    yield "Montant facturé", euros(terms.amount)
    yield "Dont part du centre", euros(terms.share)
    yield "Payé", euros(file.claim.paid)
    yield "Présentation", f"n° {terms.attempt}" + (f", remplace {terms.replaces}" if terms.replaces else "")
    yield "Lot", terms.batch_id
    yield from _batch(file, names)


def _batch(file: Dossier, names: Names) -> Iterator[tuple[str, str]]:
    batch = file.batch
    if batch is None:
        return
    steps = (
        ("Lot figé", batch.frozen_at, batch.frozen_by),
        ("Lot approuvé", batch.approved_at, batch.approved_by),
        ("Lot envoyé", batch.submitted_at, batch.submitted_by),
    )
    yield from ((name, f"{moment(at)}, {names.person(by)}") for name, at, by in steps if at is not None)


def _patient(terms: ClaimTerms) -> Iterator[tuple[str, str]]:
    who, cover = terms.beneficiary, terms.coverage
    yield "Nom et prénom", f"{who.family} {who.given}"
    yield "Naissance", day(who.birth_date) if who.birth_date else "inconnue"
    yield "Sexe", SEXES[who.sex]
    yield "INS", f"{who.ins.value} ({who.ins.nature})" if who.ins else "inconnue"
    if cover is not None:
        codes = (("régime", cover.regime), ("caisse", cover.fund), ("centre", cover.centre))
        yield "Assurance maladie", ", ".join(f"{name} {code}" for name, code in codes if code) or "non précisée"


def _decision(file: Dossier, terms: ClaimTerms) -> Iterator[tuple[str, str]]:
    label = "" if file.scheme is None else f" – {file.scheme.scheme.label}"
    yield "Barème", f"{terms.scheme_id}, version {terms.scheme_version}{label}"
    if file.scheme is not None:
        yield "Empreinte du barème", file.scheme.digest
    yield "Version des règles", terms.rule_version
    team = ", ".join(f"{one.name} ({one.rpps.value})" if one.rpps else one.name for one in terms.team)
    yield "Équipe de soins", team or "non renseignée"


def _proof(file: Dossier, proof: Proof) -> ProofRow:
    later = {deed.number for deed in proof.later}
    return ProofRow(
        words.KINDS[proof.evidence.kind],
        words.evidence_text(proof.evidence),
        proof.evidence.on,
        tuple(_deed(deed, later=deed.number in later) for deed in proof.deeds),
        tuple(one for one in proof.claims if one != file.claim.claim_id),
    )


def _deed(deed: Deed, *, later: bool = False, detail: str = "") -> DeedRow:
    return DeedRow(
        words.DEEDS.get(deed.kind, deed.kind),
        deed.at,
        deed.recorded_at,
        deed.by,
        ROLES[deed.by.role],
        deed.event_id,
        later,
        detail,
    )


def _steps(file: Dossier) -> Iterator[DeedRow]:
    """The claim's own events; answers and payments are in their order in the claim too."""
    answers, payments = iter(file.claim.answers), iter(file.claim.payments)
    for deed in file.steps:
        detail = ""
        if deed.kind == "ClaimAnswered":
            detail = _answered(next(answers))
        elif deed.kind == "ClaimPaid":
            paid = next(payments)
            detail = f"{euros(paid.amount)} le {day(paid.on)}, paiement {paid.payment_id}"
        elif deed.kind == "ClaimCancelled" and (taken_back := file.claim.cancelled) is not None:
            detail = ", ".join(filter(None, (words.CANCELLED[taken_back.reason], taken_back.note)))
        yield _deed(deed, detail=detail)


def _answered(answer: ClaimAnswered) -> str:
    told = f"{words.OUTCOMES[answer.outcome]} le {day(answer.on)}, réponse {answer.response_id}"
    why = ", ".join(f"{one.code} {one.text or ''}".strip() for one in answer.reasons)
    return f"{told}, motif : {why}" if why else told


def _postings(file: Dossier) -> list[PostingRow]:
    return [
        PostingRow(
            one.on, words.MOVEMENTS[one.movement], words.ACCOUNTS[one.debit], words.ACCOUNTS[one.credit], one.amount
        )
        for one in file.postings
    ]
