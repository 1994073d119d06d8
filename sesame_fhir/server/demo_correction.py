"""One contact of the demo that its nurse wrote again after the sequence had been billed: a correction to decide on."""

from sesame_fhir.domain.access import Scope
from sesame_fhir.domain.billing.claims import ClaimStatus
from sesame_fhir.domain.care import Contact
from sesame_fhir.domain.events import ContactCorrected, ContactTask
from sesame_fhir.domain.events.billing import EvidenceKind
from sesame_fhir.domain.ids import CommandId
from sesame_fhir.domain.reasons import Refused
from sesame_fhir.services.billing.open_items import claims_of
from sesame_fhir.services.billing.records import ClaimQuery, ClaimRow
from sesame_fhir.services.billing.setting import Billing
from sesame_fhir.services.contacts import correct_contact
from sesame_fhir.services.engine import Command

_COMMAND = CommandId("demo-billing-corrected-contact")


def has_corrected(billing: Billing) -> bool:
    """True once a contact was written again."""
    return billing.engine.pathways.applied(_COMMAND) is not None


def correct_a_contact(billing: Billing) -> None:
    """Give a contact another task, in a sequence that was paid of late; in another one that was billed, if need be."""
    rows = sorted(claims_of(billing, ClaimQuery(superseded=False)), key=lambda row: row.claim.billed_at, reverse=True)
    for row in sorted(rows, key=lambda row: row.status is not ClaimStatus.PAID):
        if (contact := _contact(billing, row)) is not None and _written_again(billing, row, contact):
            return


def _contact(billing: Billing, row: ClaimRow) -> Contact | None:
    """A contact in the middle of the sequence, as it is in the pathway."""
    evidence = () if row.claim.terms is None else row.claim.terms.evidence
    held = [one.reference for one in evidence if one.kind is EvidenceKind.CONTACT]
    return billing.engine.load(row.pathway_id).contact(held[len(held) // 2]) if held else None


def _written_again(billing: Billing, row: ClaimRow, contact: Contact) -> bool:
    """False when a rule stands against it: another contact will do."""
    site = None if row.claim.terms is None else row.claim.terms.site
    if contact.by is None or contact.minutes is None or site is None:
        return False
    task = ContactTask.FOLLOW_UP if contact.task is ContactTask.COORDINATION else ContactTask.COORDINATION
    again = ContactCorrected(
        contact.contact_id, contact.mode, contact.minutes, contact.note, task, contact.private_note
    )
    scope = Scope(opened=frozenset({row.pathway_id}))
    command = Command(_COMMAND, contact.by, site, billing.engine.clock.now(), scope=scope)
    try:
        correct_contact(billing.engine, command, row.pathway_id, again)
    except Refused:
        return False
    return True
