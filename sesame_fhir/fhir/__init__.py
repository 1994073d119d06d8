"""The FHIR R4 engine: reading, checking, writing, indexing and searching resources as plain JSON, without any I/O."""
