"""Pathway <-> FHIR, one module per entity: pure functions, no I/O."""
