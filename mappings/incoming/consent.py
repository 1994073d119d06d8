"""Consent -> what the patient said for one purpose.

The purpose is one of our codes in ``category``. Which legal regime applies is the purpose's (opt-in, or information
with non-opposition) unless ``policyRule`` says another one, which the domain then refuses.
"""

from dataclasses import dataclass
from datetime import datetime

from mappings.code_systems import CONSENT_PURPOSES
from mappings.consent import RULES
from mappings.incoming.elements import absent, claims, coded, codings, contradictory, given_moment, names
from sesame_fhir.domain.events import ConsentPurpose, ConsentStatus
from sesame_fhir.fhir.canonical import identifier_system, own
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.walk import child, objects

PROFILE = own("StructureDefinition", "sesame-consent")
_REGIMES = frozenset({"OPTIN", "OPTOUT"})


@dataclass(frozen=True, slots=True)
class Said:
    """What the patient said; ``at`` None: now. ``notice`` None: with the notice in force."""

    purpose: ConsentPurpose
    status: ConsentStatus
    notice: str | None
    at: datetime | None


def is_ours(resource: Json) -> bool:
    """True for a consent to one of the pathway's purposes."""
    return names(CONSENT_PURPOSES, objects(resource, "category")) or claims(resource, PROFILE)


def said(resource: Json) -> Said:
    """The purpose and what was said.

    Raises:
        UnprocessableResource: no purpose of ours, a status that says nothing, a provision that contradicts it.
    """
    purpose = coded(CONSENT_PURPOSES, ConsentPurpose, objects(resource, "category"))
    if purpose is None:
        raise absent("Consent.category", "Dire l'objet : un code de sesame-consent-purpose.")
    regime = _regime(resource, purpose)
    wanted = (regime, _status(str(resource.get("status")), regime))
    status = next((s for s, (rule, code, _) in RULES.items() if (rule, code) == wanted), None)
    if status is None:
        raise contradictory("Ce statut ne dit pas ce que le patient a répondu.", "Consent.status")
    _check_provision(resource, status)
    return Said(purpose, status, _notice(resource), given_moment(resource, "dateTime"))


def _regime(resource: Json, purpose: ConsentPurpose) -> str:
    given = (str(coding.get("code")) for coding in codings(child(resource, "policyRule")))
    usual = "OPTOUT" if purpose is ConsentPurpose.EVALUATION else "OPTIN"
    return next((code for code in given if code in _REGIMES), usual)


def _status(status: str, regime: str) -> str:
    """R4's statuses say less than ours: who was informed and did not oppose may be written as active."""
    if regime == "OPTOUT":
        return {"active": "proposed", "inactive": "rejected"}.get(status, status)
    return status


def _check_provision(resource: Json, status: ConsentStatus) -> None:
    given = child(resource, "provision").get("type")
    if given is not None and given != RULES[status][2]:
        raise contradictory("Le statut et la disposition se contredisent.", "Consent.status", "Consent.provision.type")


def _notice(resource: Json) -> str | None:
    named = child(child(resource, "sourceReference"), "identifier")
    return str(named["value"]) if named.get("system") == identifier_system("notice") and "value" in named else None
