"""A batch as files: FHIR (NDJSON, transactions), tables by layout, a summary to read, a manifest that proves them.

Everything comes from the batch's lines, whose terms are a snapshot: exported twice, the files are the same bytes, and
nothing is kept of a line that was written.
"""
