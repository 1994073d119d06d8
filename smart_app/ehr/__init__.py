"""The EHR over HTTP: a careful FHIR client, what the record says at launch, what the server can take."""
