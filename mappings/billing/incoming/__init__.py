"""What the payer sends -> lines that the use cases understand, or why a line cannot be: pure functions on bytes.

``table`` reads a CSV by a layout, ``bundle`` a FHIR Bundle; ``answers`` and ``payments`` give their values a meaning.
"""
