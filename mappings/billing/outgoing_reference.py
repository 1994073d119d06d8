"""What docs/reference/billing-files.md says of the files that go out; how a column is written comes from the schema."""

import json
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any

_FILES = """## Files that go out
`sesame billing export BATCH --to DIR --by LOGIN`, or the page of a batch, which gives the same files as one ZIP. A
batch that is not submitted yet gives a preview: its folder is called `<batch>-preview`, its files `preview-…`, its
claims are drafts. A draft gives nothing.

| file | what |
|---|---|
| `Claim.ndjson`, `Patient.ndjson`, `Coverage.ndjson`, `Organization.ndjson` | FHIR R4, one resource a line, each once |
| `transaction-0001.json` … | The same as FHIR transactions of 200 claims at most, with their patients and coverages |
| `claims.csv` | Our neutral layout, or a table for each layout that was asked for |
| `summary.html` | Counts and sums by site, rank, scheme, interruption, tariff; a page that prints, nobody named |
| `manifest.json` | Counts, sums in cents, versions of scheme and rules, size and SHA-256 of each file; written last |

- **The same batch gives the same bytes**, whenever and by whomever it is exported, whatever became of its claims
  since: everything comes from its lines, which hold the decision as it was made. Only `server.public_url` must be the
  same, by which proofs and replaced claims are named. (The ZIP is the same where the same zlib packs it; the files in
  it always are.)
- Files are written under another name and renamed when all of them are whole. Stopped, the same command again writes
  them anew. `sesame billing verify DIR` checks them against the manifest.
- A transaction can be taken by itself, in any order, and again: patients, coverages and claims are written by their
  own ids (`PUT`), the biller is created where nobody has its identifier (`If-None-Exist`). Every link leads to what is
  in the same transaction. What proves a claim stays here: it is named by its address, as an identifier.
- A claim whose tariff is an example bears the tag `HTEST`; summary, manifest and table say so too.
- A patient is who the payer needs: INS, names, birth, sex; no phone number, nothing clinical. What the patient
  answered or was told is never in an export.
- Every export is in the audit log.

In a table, a line is a line: whatever cannot be printed in a name (line breaks, tabs, control characters) becomes a
blank. A text that a spreadsheet would compute (it begins with `=`, `+`, `-` or `@`) is preceded by an apostrophe,
unless the layout says `"formulas": "as-is"`. A value that is missing though required, is longer than its width, or has
a letter that the encoding lacks refuses the whole export, and says which claim and column.
"""

FIXED = """{
  "name": "fixed-example", "version": "1", "kind": "claims", "description": "Invented; no payer asks for it.",
  "encoding": "iso-8859-1", "decimal_sign": ",", "date_format": "YYYYMMDD", "line_end": "CRLF",
  "file": "CLAIMS.TXT", "record_length": 70,
  "first": [
    {"name": "type", "description": "Head", "constant": "000", "required": true, "width": 3},
    {"name": "month", "description": "Month", "value": "month", "required": true, "width": 67, "date_format": "MM/YYYY"}
  ],
  "columns": [
    {"name": "type", "description": "Line", "constant": "100", "required": true, "width": 3},
    {"name": "claim", "description": "Claim", "value": "claim-id", "required": true, "width": 57},
    {"name": "amount", "description": "Cents", "value": "amount", "required": true, "width": 10, "money": "cents",
     "align": "right", "fill": "0"}
  ]
}"""
"""Records of a fixed length after a record of its own; a test reads it."""


def outgoing() -> str:
    """The section on files that go out."""
    schema = json.loads((files("mappings.billing") / "layout.schema.json").read_text("utf-8"))
    column = schema["$defs"]["column"]
    either = [name for way in schema["oneOf"] for name in way["required"]]
    needed = dict.fromkeys(schema["required"], "yes") | dict.fromkeys(either, " or ".join(either))
    of_file = "\n".join(_rows(schema["properties"], needed))
    of_column = "\n".join(_rows(column["properties"], dict.fromkeys(column["required"], "yes")))
    head = "| key | needed | values | what |\n|---|---|---|---|\n"
    keys = f"### Keys of a layout\n{head}{of_file}\n\n### Keys of a column\n{head}{of_column}\n"
    return f"{_FILES}\n{keys}\nRecords of a fixed length, after a record of their own:\n\n```json\n{FIXED}\n```\n"


def _rows(properties: dict[str, Any], needed: Mapping[str, str]) -> Iterator[str]:
    for name, described in properties.items():
        if name != "$schema":
            about = described.get("description", "")
            yield f"| `{name}` | {needed.get(name, '')} | {_values(described)} | {about} |"


def _values(described: dict[str, Any]) -> str:
    if "enum" in described:
        return ", ".join(f"`{json.dumps(one)[1:-1]}`".replace("|", "\\|") for one in described["enum"])
    if described.get("type") == "integer":
        return f"{described['minimum']} to {described['maximum']}"
    if described.get("type") == "boolean":
        return "`true`, `false`"
    return {"object": "names and texts"}.get(described.get("type", ""), "columns" if "$ref" in described else "text")
