"""Which profile each kind of published resource claims in ``meta.profile``: one table, read by every builder.

A kind is that of the resource's business identifier (``datatypes.head``). Where our profile has a parent in FR Core the
resource claims both: a French receiver may know only that one.
"""

from sesame_fhir.fhir.canonical import fr_core_profile, own
from sesame_fhir.fhir.json_types import Json

CLAIMED: dict[tuple[str, str], str] = {
    ("Appointment", "contact"): "sesame-appointment",
    ("AuditEvent", "access"): "sesame-audit-event",
    ("CarePlan", "care-plan"): "sesame-care-plan",
    ("CarePlan", "sequence"): "sesame-sequence-plan",
    ("CareTeam", "care-team"): "sesame-care-team",
    ("Claim", "claim"): "sesame-claim",
    ("ClaimResponse", "claim-response"): "sesame-claim-response",
    ("Communication", "message"): "sesame-message",
    ("Communication", "review"): "sesame-review-communication",
    ("Composition", "summary"): "sesame-composition",
    ("Condition", "problem"): "sesame-condition",
    ("Consent", "consent"): "sesame-consent",
    ("Coverage", "coverage"): "sesame-coverage",
    ("DocumentReference", "document"): "sesame-document",
    ("Encounter", "contact"): "sesame-encounter",
    ("EpisodeOfCare", "pathway"): "sesame-episode",
    ("Flag", "progress"): "sesame-progress-flag",
    ("Flag", "screening"): "sesame-safety-flag",
    ("Goal", "goal"): "sesame-goal",
    ("MeasureReport", "indicator"): "sesame-measure-report",
    ("Observation", "exit"): "sesame-exit-observation",
    ("Observation", "screening"): "sesame-score-observation",
    ("Observation", "total"): "sesame-score-observation",
    ("Patient", "pathway"): "sesame-patient",
    ("PaymentReconciliation", "settlement"): "sesame-payment-reconciliation",
    ("Practitioner", "actor"): "sesame-practitioner",
    ("PractitionerRole", "staff-role"): "sesame-practitioner-role",
    ("Provenance", "act"): "sesame-provenance",
    ("Questionnaire", "instrument"): "sesame-questionnaire",
    ("QuestionnaireResponse", "screening"): "sesame-questionnaire-response",
    ("ServiceRequest", "referral"): "sesame-referral-request",
    ("Task", "recommendation"): "sesame-recommendation-task",
    ("Task", "referral"): "sesame-referral-task",
    ("Task", "safety-acknowledgement"): "sesame-safety-task",
}
"""Resource type and kind -> id of the profile."""

FR_CORE_PARENTS: dict[str, str] = {
    "sesame-appointment": "fr-core-appointment",
    "sesame-encounter": "fr-core-encounter",
    "sesame-organization": "fr-core-organization",
    "sesame-patient": "fr-core-patient",
    "sesame-practitioner": "fr-core-practitioner",
    "sesame-practitioner-role": "fr-core-practitioner-role",
}
"""Profile of ours -> its parent in FR Core."""


def claimed(resource_type: str, kind: str) -> Json:
    """``meta`` of a published resource. Raises KeyError for a kind without a profile."""
    profile = CLAIMED[resource_type, kind]
    parent = FR_CORE_PARENTS.get(profile)
    return {"profile": [own("StructureDefinition", profile), *([fr_core_profile(parent)] if parent else ())]}
