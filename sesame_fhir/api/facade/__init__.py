"""The FHIR R4 REST interface over a resource store."""
