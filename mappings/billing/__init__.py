"""Files of billing that are not FHIR: their layouts are data (``layouts/``), read and written by one code each way."""
