"""What comes with the token: patient, encounter, forms to open, intent, banner. All of it is the EHR's word, checked.

``LaunchSession.context`` is JSON with the keys: ``need_patient_banner`` (bool), ``intent`` (str or None), ``form``
(an ``InstrumentId`` value or None), ``style`` (see ``launch.style``), ``fhir_context`` (list), ``standalone`` (bool),
``snapshot`` (see ``services.snapshot``).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sesame_fhir.domain.instruments import InstrumentId
from smart_app.ehr.client import EhrClient, EhrError
from smart_app.errors import AppError, LaunchExpired

KNOWN_INTENTS = frozenset({"screening", "referral"})
"""Intents that open a page of ours; another one opens the default view (SMART 2.2.0, requirement 193)."""

_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_REFERENCE = re.compile(r"[A-Z][A-Za-z]{1,39}/[A-Za-z0-9\-.]{1,64}")
_CANONICAL = re.compile(r"https?://[^\s<>\"']{1,400}")
_MOST_CONTEXTS = 20


@dataclass(frozen=True, slots=True)
class LaunchContext:
    """``patient`` and ``encounter`` are references; ``fhir_context`` holds only checked references and canonicals."""

    patient: str
    encounter: str | None
    need_patient_banner: bool
    intent: str | None
    style_url: object
    fhir_context: tuple[Mapping[str, str], ...]


def read_context(answer: Mapping[str, Any]) -> LaunchContext:
    """Read the context parameters of a token response. Raises AppError(no-patient)."""
    patient = _reference("Patient", answer.get("patient"))
    if patient is None:
        raise AppError("no-patient")
    intent = answer.get("intent")
    return LaunchContext(
        patient=patient,
        encounter=_reference("Encounter", answer.get("encounter")),
        # Absent means "show it": a page without a patient's name is the more dangerous mistake.
        need_patient_banner=answer.get("need_patient_banner") is not False,
        intent=intent if isinstance(intent, str) and intent in KNOWN_INTENTS else None,
        style_url=answer.get("smart_style_url"),
        fhir_context=tuple(_fhir_context(answer.get("fhirContext"))),
    )


def form_to_open(
    context: LaunchContext, known_forms: Mapping[str, InstrumentId], client: EhrClient
) -> InstrumentId | None:
    """The instrument that a Questionnaire in the context names, by canonical or by a resource of the EHR."""
    for entry in context.fhir_context:
        if entry["role"] != "launch":
            continue
        canonical = entry.get("canonical") or _canonical_of(entry.get("reference", ""), client)
        if canonical and (form := known_forms.get(canonical.partition("|")[0])):
            return form
    return None


def _canonical_of(reference: str, client: EhrClient) -> str | None:
    if not reference.startswith("Questionnaire/"):
        return None
    try:
        url = (client.get(reference).body or {}).get("url")
    except (EhrError, LaunchExpired):
        return None
    return url if isinstance(url, str) else None


def _reference(kind: str, value: object) -> str | None:
    if not isinstance(value, str):
        return None
    identifier = value.removeprefix(f"{kind}/")
    return f"{kind}/{identifier}" if _ID.fullmatch(identifier) else None


def _fhir_context(value: object) -> list[dict[str, str]]:
    entries = value if isinstance(value, list) else []
    found = []
    for entry in entries[:_MOST_CONTEXTS]:
        if not isinstance(entry, dict):
            continue
        kept = {
            name: entry[name]
            for name, pattern in (("reference", _REFERENCE), ("canonical", _CANONICAL))
            if isinstance(entry.get(name), str) and pattern.fullmatch(entry[name])
        }
        if kept:
            role = entry.get("role", "launch")
            found.append({**kept, "role": role if isinstance(role, str) and len(role) <= 200 else "other"})  # noqa: PLR2004
    return found
