"""The resource types that are read, written and validated here, and HL7's code systems whose codes are checked."""

RESOURCE_TYPES = (
    *("ActivityDefinition", "Appointment", "AuditEvent", "Basic", "Binary", "Bundle", "CapabilityStatement"),
    *("CarePlan", "CareTeam", "Claim", "ClaimResponse", "CodeSystem", "Communication", "Composition", "ConceptMap"),
    *("Condition", "Consent", "Coverage", "Device", "DocumentReference", "Encounter", "EpisodeOfCare", "Flag"),
    *("Goal", "Group", "ImplementationGuide", "Library", "List", "Location", "Measure", "MeasureReport"),
    *("Medication", "MedicationRequest", "MedicationStatement", "NamingSystem", "Observation"),
    *("OperationDefinition", "OperationOutcome", "Organization", "Parameters", "Patient", "PaymentReconciliation"),
    "PlanDefinition",
    *("Practitioner", "PractitionerRole", "Procedure", "Provenance", "Questionnaire", "QuestionnaireResponse"),
    *("RelatedPerson", "SearchParameter", "ServiceRequest", "StructureDefinition", "Subscription", "Task"),
    "ValueSet",
)
"""The types the schema covers; their datatypes are pulled in as they are met."""

_TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"

HL7_SYSTEMS = (
    *("http://hl7.org/fhir/CodeSystem/task-code", "http://hl7.org/fhir/questionnaire-item-control"),
    *("http://hl7.org/fhir/resource-types", "http://hl7.org/fhir/restful-interaction"),
    *(
        f"{_TERMINOLOGY}/{name}"
        for name in (
            *("adjudication", "audit-event-type", "claim-type", "condition-category", "condition-clinical"),
            *("condition-ver-status", "coverage-class", "coverage-copay-type", "ex-paymenttype"),
            "ex-relatedclaimrelationship",
            *("consentaction", "consentcategorycodes", "consentpolicycodes", "consentscope", "flag-category"),
            *("goal-achievement", "goal-category", "measure-improvement-notation", "measure-population"),
            *("object-role", "observation-category", "observation-interpretation", "organization-type", "payment-type"),
            *("practitioner-role", "processpriority", "provenance-participant-type", "service-category"),
            *("v3-ActCode", "v3-ActReason", "v3-DataOperation", "v3-MaritalStatus", "v3-NullFlavor"),
            *("v3-ObservationInterpretation", "v3-ParticipationMode", "v3-ParticipationType", "v3-RoleCode"),
        )
    ),
)
"""A coding of one of these has one of its codes, wherever it stands: R4 publishes them whole."""
