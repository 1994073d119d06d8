"""Words and figures of billing's pages: money, months, reasons with their details, in the language of the page."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import TypeVar

from flask_babel import format_currency, format_date, format_percent, gettext  # type: ignore[import-untyped]  # ships no types

from mappings import french
from mappings.displays import display
from sesame_fhir.domain.billing.decision import BillingCode, BillingReason
from sesame_fhir.domain.billing.money import CURRENCY
from sesame_fhir.domain.events.billing import Evidence, EvidenceKind
from sesame_fhir.domain.events.vocabulary import ConsentPurpose, ConsentStatus, ContactTask
from sesame_fhir.domain.instruments import INSTRUMENTS
from sesame_fhir.domain.reasons import ReasonCode
from sesame_fhir.fhir.canonical import FINESS, SIRENE
from sesame_fhir.fhir.reason_texts import REASON_TEXTS
from sesame_fhir.services.billing.incoming import LineCode
from sesame_fhir.services.billing.month import Month
from smart_app.team.billing.line_texts import LINES

_REGISTERS = {FINESS: "FINESS", SIRENE: "SIRET"}
K = TypeVar("K", bound=str)

_DAYS = frozenset({BillingCode.FINISHED, BillingCode.NOT_FINISHED, BillingCode.IN_TIME, BillingCode.TOO_LATE})
_COUNTS = frozenset({BillingCode.ENOUGH_CONTACTS, BillingCode.TOO_FEW_CONTACTS})
_PARTS = frozenset({BillingCode.INTERRUPTED_IN_FULL, BillingCode.INTERRUPTED_PRO_RATA})
_PURPOSES = frozenset({BillingCode.CONSENT_STANDS, BillingCode.NO_CONSENT})


def said(table: Mapping[K, str], code: K) -> str:
    """A code in words; the code itself when the table does not have it (the payer's, or an older release's)."""
    text = table.get(code)
    return code if text is None else str(gettext(text))


def euros(amount: Decimal) -> str:
    """« 1 234,50 € », « −1 234,50 € » with the sign of a minus, which never stands alone at the end of a line."""
    return str(format_currency(amount, CURRENCY)).replace("-", french.MINUS)


def percent(number: Decimal) -> str:
    """« 33,3 % » of 33.3."""
    return str(format_percent(number / 100, "#,##0.##\u00a0%"))


def month_name(month: str) -> str:
    """« juin 2026 » of ``2026-06``; as it is when it is no month."""
    try:
        first = Month.parse(month).first
    except ValueError:
        return month
    return str(format_date(first, "LLLL yyyy"))


def register(system: str) -> str:
    """The register that an organisation's number is of; its address when we have no name for it."""
    return _REGISTERS.get(system, system)


def short(day: date) -> str:
    """« 01/06/2026 »."""
    return f"{day:%d/%m/%Y}"


def detail(reason: BillingReason) -> str:
    """The detail of a reason for or against, in words; empty when there is nothing to add."""
    code, given = reason.code, reason.detail
    if not given:
        return ""
    if code in _DAYS:
        return short(date.fromisoformat(given))
    if code in _COUNTS:
        held, _, least = given.partition("/")
        return str(gettext("%(held)s, il en faut %(least)s", held=held, least=least))
    if code in _PARTS:
        days, _, planned = given.partition("/")
        return str(gettext("%(days)s jours sur %(planned)s", days=days, planned=planned))
    if code in _PURPOSES:
        return _displayed(ConsentPurpose(given))
    return "" if code is BillingCode.ALREADY_BILLED else given


def kept_reason(text: str) -> tuple[str, str]:
    """A reason as a claim's terms hold it (``enough-contacts:6/4``): its words and its detail, as they can be told."""
    code, _, found = text.partition(":")
    try:
        reason = BillingReason(BillingCode(code), found or None)
        return reason_name(reason.code), detail(reason)
    except ValueError:
        return code, found


def reason_name(code: BillingCode) -> str:
    """A reason for or against, in words."""
    return _displayed(code)


def proof_name(evidence: Evidence) -> str:
    """What an evidence is, beside its kind: the contact's task, the instrument's name, the consent with its status."""
    match evidence.kind:
        case EvidenceKind.CONTACT | EvidenceKind.INSTRUMENT:
            return _coded(evidence.code or "")
        case EvidenceKind.CONSENT:
            purpose = _displayed(ConsentPurpose(evidence.reference))
            return purpose if evidence.code is None else f"{purpose}, {_displayed(ConsentStatus(evidence.code))}"
        case _:
            return ""


def held(why: str) -> str:
    """Why a line is held: what the coordinator wrote, or the rules that refused its claim."""
    codes = why.split(",")
    return " ".join(map(line_reason, codes)) if all(code in set(ReasonCode) for code in codes) else why


def changed(value: str | None) -> str:
    """One side of a difference (``services.billing.differences``): a day, a code, both, yes or no; a dash for none."""
    if value is None:
        return "–"
    if value in {"true", "false"}:
        return str(gettext("oui") if value == "true" else gettext("non"))
    first, _, code = value.partition(" ")
    try:
        day = short(date.fromisoformat(first))
    except ValueError:
        return value
    return f"{day} {_coded(code)}".strip()


def line_reason(code: str) -> str:
    """Why a line of a file was refused, in words: of the file, or of a rule of the pathway."""
    if code in set(LineCode):
        return said(LINES, LineCode(code))
    if code in set(ReasonCode):
        text = REASON_TEXTS[ReasonCode(code)]
        return str(gettext(text))
    return code


def _coded(code: str) -> str:
    for kind in (ContactTask, ConsentStatus):
        if code in set(kind):
            return _displayed(kind(code))
    return next((one.title for one in INSTRUMENTS.values() if one.id.value == code), code)


def _displayed(code: BillingCode | ConsentPurpose | ConsentStatus | ContactTask) -> str:
    return str(gettext(display(code)))
