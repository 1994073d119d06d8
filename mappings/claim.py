"""A claim for a finished sequence -> Claim: what is asked for, and the proof of it, as references.

A function of the claim's own terms, which hold what was decided as it was then; a cancellation changes the status and
nothing else. The proof names what took place (contacts, instruments, reviews, the consents that the decision rests on),
never what was said or scored; the diagnosis is a reference too, so that who bills reads no clinical text here.
"""

from collections.abc import Iterator
from decimal import Decimal

from mappings.care_team import member_reference, member_role
from mappings.code_systems import BILLING_REASONS, CLAIM_ITEMS, CLAIM_PROOFS, RANKS, SCHEMES
from mappings.condition import problem_id
from mappings.consent import consent_id
from mappings.coverage import INSURER, coverage_id
from mappings.datatypes import coding, compact, concept, head, identifier, patient_reference, reference
from mappings.fields import FieldMap
from mappings.sequence_plan import sequence_id
from sesame_fhir.domain.billing.claims import Claim
from sesame_fhir.domain.billing.decision import BillingCode
from sesame_fhir.domain.billing.money import CURRENCY, euros
from sesame_fhir.domain.calendar import local_day
from sesame_fhir.domain.events.billing import BillerId, ClaimTerms, Evidence, EvidenceKind
from sesame_fhir.domain.events.vocabulary import ConsentPurpose
from sesame_fhir.domain.ids import PathwayId
from sesame_fhir.fhir.json_types import Json

_TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"
CLAIM_TYPE = concept(coding(f"{_TERMINOLOGY}/claim-type", "professional", "Professional"))
_PRIOR = concept(coding(f"{_TERMINOLOGY}/ex-relatedclaimrelationship", "prior", "Prior Claim"))
_MILLIONTH = Decimal("0.000001")

FIELDS = (
    FieldMap(
        Claim,
        mapped={
            "claim_id": "Claim.identifier",
            "rank": "Claim.item.modifier, Claim.supportingInfo",
            "terms": "Claim",
            "billed_at": "Claim.created",
            "cancelled": "Claim.status",
        },
        omitted={
            "by": "The coordinator is the agent of the act's Provenance; the payer has no use for the name.",
            "answers": "Published as ClaimResponse (mappings.claim_response).",
            "payments": "Published as ClaimResponse and PaymentReconciliation.",
            "confirmed": "That a claim was kept after a correction is an act, with its Provenance.",
        },
    ),
    FieldMap(
        ClaimTerms,
        mapped={
            "scheme_id": "Claim.subType",
            "scheme_version": "Claim.subType.text",
            "biller": "Claim.provider",
            "site": "Claim.facility",
            "start": "Claim.billablePeriod",
            "end": "Claim.billablePeriod",
            "tariff": "Claim.item.unitPrice",
            "amount": "Claim.item.net, Claim.total",
            "reasons": "Claim.supportingInfo",
            "rule_version": "Claim.supportingInfo",
            "evidence": "Claim.supportingInfo",
            "team": "Claim.careTeam",
            "problem": "Claim.diagnosis",
            "replaces": "Claim.related",
        },
        omitted={
            "batch_id": "How claims are sent together is the exports' to say.",
            "attempt": "The identifier ends with it, and a second attempt names the claim that it replaces.",
            "planned_end": "The sequence's CarePlan; what is paid ended on the last day of the period.",
            "interrupted": "The sequence's CarePlan, and the reasons of the decision.",
            "share": "Between the biller and the hosting centre; the payer has no part in it.",
            "digest": "Compared inside, to see whether facts changed after the claim.",
            "beneficiary": "Published as Patient.",
            "coverage": "Published as Coverage; the claim refers to it.",
        },
    ),
)


def claim(pathway_id: PathwayId, made: Claim) -> Json:
    """Build the Claim. Raises ValueError for one without terms: it was made before this software made them."""
    terms = made.terms
    if terms is None:
        raise ValueError("the claim has no terms")
    proofs = [
        {"sequence": number, **proof} for number, proof in enumerate(_proofs(pathway_id, made.rank, terms), start=1)
    ]
    return compact(
        {
            **head("Claim", made.claim_id, "claim"),
            "status": "active" if made.cancelled is None else "cancelled",
            "type": CLAIM_TYPE,
            "subType": _scheme(terms),
            "use": "claim",
            "patient": patient_reference(pathway_id),
            "billablePeriod": _period(terms),
            "created": local_day(made.billed_at).isoformat(),
            "insurer": INSURER,
            "provider": biller_reference(terms.biller),
            "priority": concept(coding(f"{_TERMINOLOGY}/processpriority", "normal", "Normal")),
            "related": _related(terms),
            "facility": {"type": "Location", "identifier": identifier("site", terms.site)},
            "careTeam": list(_team(terms)),
            "supportingInfo": proofs,
            "diagnosis": _diagnosis(pathway_id, terms),
            "insurance": [
                {"sequence": 1, "focal": True, "coverage": reference("Coverage", coverage_id(pathway_id))},
            ],
            "item": [_item(made.rank, terms, len(proofs))],
            "total": euro(terms.amount),
        }
    )


def biller_reference(biller: BillerId) -> Json:
    """Who claims, by the identifier that is configured."""
    return {
        "type": "Organization",
        "identifier": {"system": biller.system, "value": biller.value},
        "display": biller.name,
    }


def euro(amount: Decimal) -> Json:
    """An amount as R4's Money."""
    return {"value": euros(amount), "currency": CURRENCY}


def _scheme(terms: ClaimTerms) -> Json:
    """Our code where the configured id is one of them; the text gives id and version in any case."""
    code = terms.scheme_id if terms.scheme_id in SCHEMES.concepts else "other"
    return concept(SCHEMES.coding(code), text=f"{terms.scheme_id}, version {terms.scheme_version}")


def _period(terms: ClaimTerms) -> Json:
    return {"start": terms.start.isoformat(), "end": terms.end.isoformat()}


def _related(terms: ClaimTerms) -> list[Json]:
    if terms.replaces is None:
        return []
    return [{"claim": reference("Claim", terms.replaces), "relationship": _PRIOR}]


def _team(terms: ClaimTerms) -> Iterator[Json]:
    for number, member in enumerate(terms.team, start=1):
        yield compact({"sequence": number, "provider": member_reference(member), "role": member_role(member)})


def _diagnosis(pathway_id: PathwayId, terms: ClaimTerms) -> list[Json]:
    if terms.problem is None:
        return []
    return [{"sequence": 1, "diagnosisReference": reference("Condition", problem_id(pathway_id))}]


def _proofs(pathway_id: PathwayId, rank: int, terms: ClaimTerms) -> Iterator[Json]:
    """The sequence, what took place in it, and why it may be claimed."""
    plan = reference("CarePlan", sequence_id(pathway_id, rank))
    yield {**_kind("sequence"), "timingPeriod": _period(terms), "valueReference": plan}
    for evidence in terms.evidence:
        if evidence.kind is not EvidenceKind.CONSENT or _decided_on(evidence, terms):
            shown = _shown(pathway_id, evidence)
            yield {**_kind(evidence.kind.value), "timingDate": evidence.on.isoformat(), "valueReference": shown}
    for reason in terms.reasons:
        code, _, detail = reason.partition(":")
        yield compact({**_kind("decision"), "code": concept(BILLING_REASONS.coding(code)), "valueString": detail})
    yield {**_kind("rules"), "valueString": terms.rule_version}


def _kind(code: str) -> Json:
    return {"category": concept(CLAIM_PROOFS.coding(code))}


def _decided_on(consent: Evidence, terms: ClaimTerms) -> bool:
    """What the patient said for another purpose (research, survey) is not the payer's to know."""
    return f"{BillingCode.CONSENT_STANDS}:{consent.reference}" in terms.reasons


def _shown(pathway_id: PathwayId, evidence: Evidence) -> Json:
    match evidence.kind:
        case EvidenceKind.CONTACT:
            return reference("Encounter", evidence.reference)
        case EvidenceKind.INSTRUMENT:
            return reference("QuestionnaireResponse", evidence.reference)
        case EvidenceKind.REVIEW:
            return reference("Communication", evidence.reference)
        case EvidenceKind.CONSENT:
            return reference("Consent", consent_id(pathway_id, ConsentPurpose(evidence.reference)))


def _item(rank: int, terms: ClaimTerms, proofs: int) -> Json:
    """The one line: the sequence. ``factor`` is rounded for the reader; ``net`` is what is claimed, to the cent."""
    part = terms.tariff != terms.amount and terms.tariff
    return compact(
        {
            "sequence": 1,
            "careTeamSequence": list(range(1, len(terms.team) + 1)),
            "diagnosisSequence": [1] if terms.problem else None,
            "informationSequence": list(range(1, proofs + 1)),
            "productOrService": concept(CLAIM_ITEMS.coding("sequence")),
            "modifier": [concept(RANKS.coding(str(rank)))],
            "servicedPeriod": _period(terms),
            "unitPrice": euro(terms.tariff),
            "factor": (terms.amount / terms.tariff).quantize(_MILLIONTH) if part else None,
            "net": euro(terms.amount),
        }
    )
