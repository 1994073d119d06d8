"""From a scheme file that has no mistake to the schemes that the rules decide by."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sesame_fhir.domain.billing.money import euros
from sesame_fhir.domain.billing.scheme import Biller, BillingScheme, DecidedBy, InterruptedEarns, Tariff
from sesame_fhir.domain.events.billing import BillerId
from sesame_fhir.domain.events.vocabulary import ConsentPurpose, ContactTask
from sesame_fhir.domain.identifiers import Finess, Siret
from sesame_fhir.domain.ids import SiteId
from sesame_fhir.fhir.canonical import FINESS, SIRENE
from sesame_fhir.server.billing.scheme_words import schema


def schemes_of(document: Mapping[str, Any]) -> tuple[BillingScheme, ...]:
    """Build the schemes of a checked document, in their order."""
    return tuple(_scheme(one, example=document.get("example", False)) for one in document["scheme"])


def _scheme(given: Mapping[str, Any], *, example: bool) -> BillingScheme:
    table = {**_defaults(), **given}
    start = date.fromisoformat(table["start"])
    return BillingScheme(
        scheme_id=table["id"],
        version=table["version"],
        label=table["label"],
        start=start,
        end=_end(table),
        decided_by=DecidedBy(table["decided_by"]),
        billers=tuple(_biller(one, start) for one in table["biller"]),
        tariffs=tuple(_tariff(one, start) for one in table["tariff"]),
        minimum_contacts=table["minimum_contacts"],
        minimum_contacts_interrupted=table["minimum_contacts_interrupted"],
        contact_tasks=tuple(map(ContactTask, table["contact_tasks"])),
        interrupted=InterruptedEarns(table["interrupted"]),
        share_percent=Decimal(table["share_percent"]),
        late_days=table.get("late_days"),
        consents=tuple(map(ConsentPurpose, table["consents"])),
        ins_required=table["ins_required"],
        coverage_required=table["coverage_required"],
        sites=frozenset(map(SiteId, table["sites"])),
        example=example,
    )


def _biller(table: Mapping[str, Any], scheme_start: date) -> Biller:
    if "finess" in table:
        system, value = FINESS, Finess.parse(table["finess"]).value
    else:
        system, value = SIRENE, Siret.parse(table["siret"]).value
    return Biller(BillerId(table["id"], table["name"], system, value), _start(table, scheme_start), _end(table))


def _tariff(table: Mapping[str, Any], scheme_start: date) -> Tariff:
    return Tariff(table["rank"], euros(table["amount"]), _start(table, scheme_start), _end(table))


def _start(table: Mapping[str, Any], scheme_start: date) -> date:
    return date.fromisoformat(table["start"]) if "start" in table else scheme_start


def _end(table: Mapping[str, Any]) -> date | None:
    return date.fromisoformat(table["end"]) if "end" in table else None


def _defaults() -> dict[str, Any]:
    known = schema()["$defs"]["scheme"]["properties"]
    return {name: one["default"] for name, one in known.items() if "default" in one}
