"""Rules on requests and their answers, messages, documents, consents, and on who did what."""

import re

from sesame_fhir.fhir.canonical import ROOT, own
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.profiling.model import Holds
from sesame_fhir.fhir.profiling.rules.asking import codes, points_at_patient, starts, status
from sesame_fhir.fhir.walk import child, objects, text

_PURPOSES = own("CodeSystem", "sesame-consent-purpose")
_MEASURE = re.compile(re.escape(f"{ROOT}/Measure/") + r"[a-z0-9-]+[|].+")
_HELD = {"contentType", "data", "size", "hash"}


def _read_after_sent(node: Json) -> bool:
    if "received" not in node:
        return True
    sent, received = starts(node, "sent"), starts(node, "received")
    return sent is not None and received is not None and received >= sent


def _attachments(node: Json) -> list[Json]:
    return [child(one, "attachment") for one in objects(node, "content") if "attachment" in one]


def _policy(node: Json, purpose: str, code: str) -> bool:
    return purpose not in codes(node, "category", _PURPOSES) or code in codes(node, "policyRule")


MESSAGES: dict[str, Holds] = {
    "ses-aud-1": lambda node: sum(one.get("requestor") is True for one in objects(node, "agent")) == 1,
    "ses-cst-1": lambda node: (
        status(node) not in {"rejected", "inactive"} or child(node, "provision").get("type") == "deny"
    ),
    "ses-cst-2": lambda node: _policy(node, "research", "OPTIN"),
    "ses-cst-3": lambda node: _policy(node, "evaluation", "OPTOUT"),
    "ses-doc-1": lambda node: status(node) != "current" or all(one.keys() >= _HELD for one in _attachments(node)),
    "ses-doc-2": lambda node: (
        status(node) != "entered-in-error" or not any("data" in one for one in _attachments(node))
    ),
    "ses-mea-1": lambda node: _MEASURE.fullmatch(text(node, "measure")) is not None,
    "ses-msg-1": _read_after_sent,
    "ses-prv-1": lambda node: any(points_at_patient(one) for one in objects(node, "target")),
    "ses-rec-1": lambda node: (status(node) == "rejected") is ("declined" in codes(node, "businessStatus")),
    "ses-rec-2": lambda node: "businessStatus" not in node or "owner" in node,
    "ses-rec-3": lambda node: not codes(node, "businessStatus") & {"declined", "adapted"} or "statusReason" in node,
    "ses-ref-1": lambda node: bool(node.keys() & {"reasonReference", "supportingInfo", "note"}),
    "ses-tas-1": lambda node: status(node) not in {"rejected", "failed", "cancelled"} or "statusReason" in node,
    "ses-tas-2": lambda node: (status(node) == "requested") is ("sent" in codes(node, "businessStatus")),
    "ses-ack-1": lambda node: status(node) != "completed" or ("owner" in node and "output" in node),
}
