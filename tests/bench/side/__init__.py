"""The facade and a HAPI FHIR JPA server side by side: the same resources, the same requests, rounds in turn."""
