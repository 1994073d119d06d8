"""Rules on billing: claims, the payer's answers, payments, insurance."""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.profiling.model import Holds
from sesame_fhir.fhir.profiling.rules.asking import codes
from sesame_fhir.fhir.profiling.rules.care import a_year_at_most
from sesame_fhir.fhir.walk import child, objects, text

_DIGITS = {"regime": 2, "fund": 3, "centre": 4}


def _total_is_the_line(node: Json) -> bool:
    nets = [child(item, "net") for item in objects(node, "item") if "net" in item]
    total = child(node, "total")
    told = {"value", "currency"} <= total.keys()
    return told and len(nets) == 1 and all(nets[0].get(key) == total[key] for key in ("value", "currency"))


def _numbers(nodes: Iterable[Json], key: str) -> Iterator[int]:
    for node in nodes:
        found = node.get(key)
        yield from (one for one in (found if isinstance(found, list) else [found]) if isinstance(one, int))


def _every_proof_is_used(node: Json) -> bool:
    there = set(_numbers(objects(node, "supportingInfo"), "sequence"))
    return there == set(_numbers(objects(node, "item"), "informationSequence"))


def _value(money: Json) -> Any:
    value = money.get("value")
    return value if isinstance(value, int | Decimal) else None


def _amount_is_the_sum(node: Json) -> bool:
    parts = [_value(child(one, "amount")) for one in objects(node, "detail")]
    return bool(sum(part for part in parts if part is not None) == _value(child(node, "paymentAmount")))


def _has_its_digits(described: Json) -> bool:
    value = text(described, "value")
    lengths = (digits for code, digits in _DIGITS.items() if codes(described, "type") == {code})
    return any(re.fullmatch(rf"[0-9]{{{digits}}}", value) for digits in lengths)


BILLING: dict[str, Holds] = {
    "ses-cla-1": lambda node: a_year_at_most(node, "billablePeriod"),
    "ses-cla-2": _total_is_the_line,
    "ses-cla-3": lambda node: all(one.keys() >= {"claim", "relationship"} for one in objects(node, "related")),
    "ses-cla-4": _every_proof_is_used,
    "ses-clr-1": lambda node: text(node, "outcome") != "error" or "error" in node or "disposition" in node,
    "ses-clr-2": lambda node: "payment" not in node or text(node, "outcome") == "complete",
    "ses-cov-1": lambda node: all(map(_has_its_digits, objects(node, "class"))),
    "ses-pay-1": _amount_is_the_sum,
}
