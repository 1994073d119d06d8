"""Rules on persons and places: identifiers as France writes them, names that can be read."""

import re
from collections.abc import Iterable

from sesame_fhir.fhir.canonical import FINESS, RPPS, SIRENE, own
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.profiling.model import Holds
from sesame_fhir.fhir.profiling.rules.asking import codes, ended, status
from sesame_fhir.fhir.walk import child, objects, text

_INS = "urn:oid:1.2.250.1.213.1.4."
_ROLES = own("CodeSystem", "sesame-role")


def _all_match(values: Iterable[str], pattern: str) -> bool:
    return all(re.fullmatch(pattern, value) for value in values)


def _values(node: Json, system: str) -> Iterable[str]:
    return (text(one, "value") for one in objects(node, "identifier") if one.get("system") == system and "value" in one)


def _sirets(node: Json) -> Iterable[str]:
    for one in objects(node, "identifier"):
        if one.get("system") == SIRENE and "SIRET" in codes(one, "type") and "value" in one:
            yield text(one, "value")


def _matricules(node: Json) -> Iterable[str]:
    for one in objects(node, "identifier"):
        ins = any(code.startswith("INS-NI") for code in codes(one, "type"))
        if ins and text(one, "system").startswith(_INS) and "value" in one:
            yield text(one, "value")


def _replaced(node: Json) -> bool:
    return any(one.get("type") == "replaced-by" for one in objects(node, "link"))


PEOPLE: dict[str, Holds] = {
    "ses-org-1": lambda node: _all_match(_values(node, FINESS), r"([0-9]{2}|2[AB])[0-9]{7}"),
    "ses-org-2": lambda node: _all_match(_sirets(node), r"[0-9]{14}"),
    "ses-pat-1": lambda node: _all_match(_matricules(node), r"[0-9]{5}([0-9]{2}|2[AB])[0-9]{8}"),
    "ses-pat-2": lambda node: not _replaced(node) or node.get("active") is False,
    "ses-pra-1": lambda node: _all_match(_values(node, RPPS), r"[0-9]{11}"),
    "ses-pra-2": lambda node: all("text" in one or "family" in one for one in objects(node, "name")),
    "ses-rol-1": lambda node: "nurse" not in codes(node, "code", _ROLES) or "specialty" not in node,
    "ses-tea-1": lambda node: all(
        child(one, "member").keys() & {"identifier", "reference"}
        for one in objects(node, "participant")
        if "member" in one
    ),
    "ses-epi-1": lambda node: status(node) not in {"finished", "cancelled"} or ended(node),
    "ses-epi-2": lambda node: (
        [one.get("status") for one in objects(node, "statusHistory")][-1:] == [node.get("status")]
    ),
}
