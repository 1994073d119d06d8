"""A claim: its life, what decided it, its proofs one click away and back; what changed since; its dossier as PDF."""

from functools import partial

from flask import Response, redirect, request
from flask.typing import ResponseReturnValue

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.billing.claims import ClaimStatus
from sesame_fhir.domain.events.billing import EvidenceKind
from sesame_fhir.domain.reasons import Refused
from sesame_fhir.exports.billing.dossier_pdf import Names, dossier_pdf
from sesame_fhir.services.billing.corrections import MAX_NOTE, ToCorrect, cancel_claim, confirm_claim, correction_of
from sesame_fhir.services.billing.dossier import Dossier, dossier, proved
from sesame_fhir.services.billing.exporting import trace_export
from sesame_fhir.services.billing.records import ClaimQuery
from sesame_fhir.services.errors import NotFound
from smart_app.team.attempts import Trouble
from smart_app.team.billing.desk import Desk, desk_of, name_of, show
from smart_app.team.billing.texts import FIELDS
from smart_app.team.billing.told import kept_reason
from smart_app.team.billing.tried import tried
from smart_app.team.context import TeamContext
from smart_app.team.drafts import load_draft
from smart_app.team.fields import Fields
from smart_app.team.posted import read_posted

CHANGING = "billing-claim:{claim_id}"
"""Draft of the note with which a claim is cancelled or kept."""

_ROWS = 50
_SEE_OTHER = 303


def show_claims(page: TeamContext) -> str:
    """Claims of the coordinator's sites; with ``status``, ``batch`` or ``payment``, some of them."""
    desk = desk_of(page)
    status = next((one for one in ClaimStatus if one.value == request.args.get("status")), None)
    batch_id, payment_id = request.args.get("batch") or None, request.args.get("payment") or None
    query = ClaimQuery(
        sites=desk.who.sites,
        statuses=frozenset() if status is None else frozenset({status}),
        batch_id=batch_id,
        payment_id=payment_id,
        after=request.args.get("after") or None,
        limit=_ROWS,
    )
    rows = desk.billing.stores.claims.claims(query)
    asked = {"status": status, "batch": batch_id, "payment": payment_id}
    return show(
        desk,
        "claims.html",
        rows=rows,
        status=status,
        parameters={name: str(value) for name, value in asked.items() if value},
        counts=desk.billing.stores.claims.counts(desk.who.sites),
        following=rows[-1].claim.claim_id if len(rows) == _ROWS else None,
    )


def show_claim(page: TeamContext, claim_id: str) -> str:
    """One claim with everything it rests on. Raises NotFound."""
    return _claim(page, claim_id, None)


def show_proof(page: TeamContext, claim_id: str, kind: str, reference: str) -> str:
    """One proof of a claim: what it is, who recorded it and when, the claims it stands for. Raises NotFound."""
    desk = desk_of(page)
    found = _dossier(desk, claim_id)
    known = next((one for one in EvidenceKind if one.value == kind), None)
    if known is None:
        raise NotFound("proof")
    seen = proved(desk.billing, desk.who, found.pathway_id, (known, reference))
    page.trace("view-billing", "proof", found.pathway_id)
    proof = next((p for p in found.proofs if (p.evidence.kind, p.evidence.reference) == (known, reference)), None)
    return show(desk, "proof.html", found=found, seen=seen, proof=proof, kind=known)


def export_dossier(page: TeamContext, claim_id: str) -> Response:
    """The dossier as a file to print. Raises NotFound."""
    desk = desk_of(page)
    found = _dossier(desk, claim_id)
    names = Names(page.deps.team.site_name, partial(name_of, desk))
    answer = Response(dossier_pdf(found, names, printed_on=desk.today), mimetype="application/pdf")
    trace_export(desk.billing, desk.who, "dossier", {"claim": claim_id}, found.pathway_id)
    answer.headers["Content-Disposition"] = f'attachment; filename="dossier-{claim_id}.pdf"'
    return answer


def post_cancel(page: TeamContext, claim_id: str) -> ResponseReturnValue:
    """Take a claim back, so that its sequence is billed anew. Raises NotFound."""
    desk = desk_of(page)
    _dossier(desk, claim_id)
    posted = read_posted(page, claim_id)

    def act() -> ResponseReturnValue:
        fields = Fields(posted.values, desk.today)
        reason = fields.choice("reason", ev.CancelReason)
        note = fields.text("note", MAX_NOTE)
        fields.check()
        seen = posted.values.get("seen") or None
        cancel_claim(desk.billing, desk.who, claim_id, reason, note, seen=seen)
        return redirect(page.url("show_claim", claim_id=claim_id), _SEE_OTHER)

    return tried(page, CHANGING.format(claim_id=claim_id), act, lambda trouble: _claim(page, claim_id, trouble))


def post_confirm(page: TeamContext, claim_id: str) -> ResponseReturnValue:
    """Keep a claim as it is although facts changed: those that the form showed. Raises NotFound."""
    desk = desk_of(page)
    _dossier(desk, claim_id)
    posted = read_posted(page, claim_id)

    def act() -> ResponseReturnValue:
        fields = Fields(posted.values, desk.today)
        note = fields.text("note", MAX_NOTE) or ""
        fields.check()
        confirm_claim(desk.billing, desk.who, claim_id, posted.values.get("seen", ""), note)
        return redirect(page.url("show_claim", claim_id=claim_id), _SEE_OTHER)

    return tried(page, CHANGING.format(claim_id=claim_id), act, lambda trouble: _claim(page, claim_id, trouble))


def _claim(page: TeamContext, claim_id: str, trouble: Trouble | None) -> str:
    desk = desk_of(page)
    found = _dossier(desk, claim_id)
    page.trace("view-billing", "claim", found.pathway_id)
    terms = found.claim.terms
    changed: ToCorrect | None = correction_of(desk.billing, desk.who, claim_id) if found.stale else None
    return show(
        desk,
        "claim.html",
        found=found,
        changed=changed,
        trouble=trouble,
        typed=load_draft(page, CHANGING.format(claim_id=claim_id)),
        field_text=FIELDS,
        longest=MAX_NOTE,
        kept=[] if terms is None else [kept_reason(one) for one in terms.reasons],
        reasons=tuple(ev.CancelReason),
    )


def _dossier(desk: Desk, claim_id: str) -> Dossier:
    """The dossier of a claim in reach; of another one, nothing is told. Raises NotFound."""
    try:
        return dossier(desk.billing, desk.who, claim_id)
    except Refused:
        raise NotFound(claim_id) from None
