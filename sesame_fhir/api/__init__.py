"""FHIR R4 facade and authorization server over HTTP."""
