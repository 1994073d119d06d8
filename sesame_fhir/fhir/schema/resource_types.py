"""The resource types that are read, written and validated here."""

RESOURCE_TYPES = (
    *("ActivityDefinition", "Appointment", "AuditEvent", "Basic", "Binary", "Bundle", "CapabilityStatement"),
    *("CarePlan", "CareTeam", "Claim", "ClaimResponse", "CodeSystem", "Communication", "Composition", "ConceptMap"),
    *("Condition", "Consent", "Coverage", "Device", "DocumentReference", "Encounter", "EpisodeOfCare", "Flag"),
    *("Goal", "Group", "ImplementationGuide", "Library", "List", "Location", "Measure", "MeasureReport"),
    *("Medication", "MedicationRequest", "MedicationStatement", "NamingSystem", "Observation"),
    *("OperationDefinition", "OperationOutcome", "Organization", "Parameters", "Patient", "PlanDefinition"),
    *("Practitioner", "PractitionerRole", "Procedure", "Provenance", "Questionnaire", "QuestionnaireResponse"),
    *("RelatedPerson", "SearchParameter", "ServiceRequest", "StructureDefinition", "Subscription", "Task"),
    "ValueSet",
)
"""The types the schema covers; their datatypes are pulled in as they are met."""
