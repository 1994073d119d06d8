"""The coordinator's pages of billing: the month, its batches, what the payer answers and pays, the centres, the proof.

Addresses are below ``/facturation``. No pathway is opened: a coordinator sees of a patient what billing needs.
"""

from smart_app.team.billing import (
    batches,
    books,
    candidates,
    centres,
    claims,
    exporting,
    files,
    month,
    payments,
    schemes,
    travel,
    work,
)
from smart_app.team.routing import TeamRoute

_ROOT = "/facturation"
_CASE = f"{_ROOT}/sequences/<case>/<rank>"
_BATCH = f"{_ROOT}/batches/<batch_id>"
_CLAIM = f"{_ROOT}/claims/<claim_id>"
_SCHEME = f"{_ROOT}/schemes/<scheme_id>/<version>"

ROUTES = (
    TeamRoute("GET", _ROOT, "view-billing", month.show_billing),
    TeamRoute("POST", f"{_ROOT}/prepare", "prepare-billing", month.post_prepare),
    TeamRoute("GET", f"{_ROOT}/sequences", "view-billing", candidates.show_candidates),
    TeamRoute("GET", _CASE, "view-billing", candidates.show_sequence),
    TeamRoute(
        "POST",
        f"{_CASE}/coverage",
        "prepare-billing",
        candidates.post_coverage,
        draft=candidates.COVERAGE,
        subject="{case}",
    ),
    TeamRoute("POST", f"{_CASE}/ins", "prepare-billing", candidates.post_ins, draft=candidates.INS, subject="{case}"),
    TeamRoute("GET", _BATCH, "view-billing", batches.show_batch),
    TeamRoute(
        "POST", f"{_BATCH}/hold", "prepare-billing", batches.post_hold, draft=batches.HOLDING, subject="{batch_id}"
    ),
    TeamRoute("POST", f"{_BATCH}/release", "prepare-billing", batches.post_release),
    TeamRoute("POST", f"{_BATCH}/freeze", "prepare-billing", batches.post_freeze),
    TeamRoute("POST", f"{_BATCH}/reopen", "prepare-billing", batches.post_reopen),
    TeamRoute("POST", f"{_BATCH}/drop", "prepare-billing", batches.post_drop),
    TeamRoute("POST", f"{_BATCH}/approve", "approve-billing", batches.post_approve),
    TeamRoute("POST", f"{_BATCH}/submit", "submit-billing", batches.post_submit),
    TeamRoute("GET", f"{_BATCH}/export", "view-billing", exporting.show_export),
    TeamRoute("GET", f"{_BATCH}/export.zip", "export-billing", exporting.export_archive),
    TeamRoute("GET", f"{_BATCH}/export/<name>", "export-billing", exporting.export_file),
    TeamRoute("GET", f"{_ROOT}/answers", "view-billing", files.show_answers),
    TeamRoute("POST", f"{_ROOT}/answers", "import-responses", files.post_answers),
    TeamRoute("GET", f"{_ROOT}/imports/<digest>", "view-billing", files.show_import),
    TeamRoute("GET", f"{_ROOT}/work", "view-billing", work.show_work),
    TeamRoute("GET", f"{_ROOT}/claims", "view-billing", claims.show_claims),
    TeamRoute("GET", _CLAIM, "view-billing", claims.show_claim),
    TeamRoute("GET", f"{_CLAIM}/proofs/<kind>/<reference>", "view-billing", claims.show_proof),
    TeamRoute("GET", f"{_CLAIM}/dossier", "export-billing", claims.export_dossier),
    TeamRoute(
        "POST", f"{_CLAIM}/cancel", "cancel-claim", claims.post_cancel, draft=claims.CHANGING, subject="{claim_id}"
    ),
    TeamRoute(
        "POST", f"{_CLAIM}/confirm", "confirm-claim", claims.post_confirm, draft=claims.CHANGING, subject="{claim_id}"
    ),
    TeamRoute("GET", f"{_ROOT}/payments", "view-billing", payments.show_payments),
    TeamRoute(
        "POST",
        f"{_ROOT}/payments",
        "reconcile-payments",
        payments.post_payment,
        draft=payments.PAYMENT,
        subject="payment",
    ),
    TeamRoute("POST", f"{_ROOT}/payments/file", "reconcile-payments", files.post_payment_file),
    TeamRoute("GET", f"{_ROOT}/centres", "view-billing", centres.show_centres),
    TeamRoute("GET", f"{_ROOT}/centres/<site>/statement", "export-billing", centres.export_statement),
    TeamRoute(
        "POST",
        f"{_ROOT}/centres/<site>/paid",
        "reconcile-payments",
        centres.post_share,
        draft=centres.PAYING,
        subject="{site}",
    ),
    TeamRoute("GET", f"{_ROOT}/books", "view-billing", books.show_books),
    TeamRoute("GET", f"{_ROOT}/schemes", "view-billing", schemes.show_schemes),
    TeamRoute("GET", _SCHEME, "view-billing", schemes.show_scheme),
    TeamRoute("GET", f"{_SCHEME}/file", "view-billing", schemes.export_scheme),
    TeamRoute("GET", f"{_ROOT}/past", "view-billing", travel.show_past),
    TeamRoute("GET", f"{_ROOT}/what-if", "view-billing", travel.show_what_if),
    TeamRoute("POST", f"{_ROOT}/what-if", "view-billing", travel.post_what_if),
)
