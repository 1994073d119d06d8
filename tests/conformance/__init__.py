"""Everything that is published, judged by the reference validator (HAPI FHIR): ``make conformance``."""
