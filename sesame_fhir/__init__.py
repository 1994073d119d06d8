"""The SÉSAME service: domain, use cases, storage, FHIR engine, facade, exports, command line."""
