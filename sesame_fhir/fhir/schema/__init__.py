"""The strict JSON Schema of FHIR R4 4.0.1.

How it is generated from the definitions that HL7 publishes, and the result (r4.schema.json).
"""
