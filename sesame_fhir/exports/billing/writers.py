"""The files of an export, each written line by line: FHIR NDJSON, transactions in parts, tables, the summary."""

from collections.abc import Iterable, Sequence
from math import ceil
from typing import Protocol

from mappings.billing.layout import Layout
from mappings.datatypes import instant
from sesame_fhir.exports.billing.folder import Folder, Growing
from sesame_fhir.exports.billing.head import BatchHead
from sesame_fhir.exports.billing.resources import Outward, Rendered, organization, organization_entry
from sesame_fhir.exports.billing.seen import Seen
from sesame_fhir.exports.billing.table import Table
from sesame_fhir.exports.billing.values import Record
from sesame_fhir.fhir.writer import write_json

PART_CLAIMS = 200
"""Claims in one transaction: a receiver holds a transaction as a whole, and so does its database."""
_KINDS = ("Organization", "Patient", "Coverage", "Claim")


class BatchWriter(Protocol):
    """Writes one or more files of an export."""

    def line(self, record: Record, rendered: Rendered, *, new_patient: bool) -> None:
        """Write what it writes of one claim; ``new_patient``: no line before was of this patient."""
        ...

    def end(self) -> None:
        """Write what stands after the lines, and end its files."""
        ...


class Ndjson:
    """``Claim.ndjson`` and what its claims refer to, each resource once."""

    def __init__(self, folder: Folder, outward: Outward) -> None:
        self._folder, head = folder, outward.head
        self._files = {kind: folder.begin(head.file_name(_ndjson(kind))) for kind in _KINDS}
        self._put("Organization", write_json(organization(head.biller)))

    @staticmethod
    def names() -> tuple[str, ...]:
        """Names of its files."""
        return tuple(map(_ndjson, _KINDS))

    def line(self, record: Record, rendered: Rendered, *, new_patient: bool) -> None:  # noqa: ARG002
        """See ``BatchWriter``."""
        if new_patient:
            self._put("Patient", rendered.patient)
            self._put("Coverage", rendered.coverage)
        self._put("Claim", rendered.claim)

    def end(self) -> None:
        """See ``BatchWriter``."""
        for growing in self._files.values():
            self._folder.end(growing)

    def _put(self, kind: str, resource: bytes) -> None:
        self._files[kind].write(resource + b"\n", 1)


class Transactions:
    """``transaction-0001.json`` and so on: each one can be taken by itself, in any order, and again."""

    def __init__(self, folder: Folder, outward: Outward, claims: int = PART_CLAIMS) -> None:
        self._folder, self._outward, self._claims = folder, outward, claims
        self._part: Growing | None = None
        self._parts = 0
        self._patients: set[str] = set()

    @staticmethod
    def names(lines: int, claims: int = PART_CLAIMS) -> tuple[str, ...]:
        """Names of the files of so many lines."""
        return tuple(_part_name(number) for number in range(1, ceil(lines / claims) + 1))

    def line(self, record: Record, rendered: Rendered, *, new_patient: bool) -> None:  # noqa: ARG002  a part has its own patients
        """See ``BatchWriter``."""
        part = self._part or self._begin()
        pathway_id = record.line.pathway_id
        for entry in rendered.entries(with_patient=pathway_id not in self._patients):
            part.write(b",\n" + entry)
        self._patients.add(pathway_id)
        part.records += 1
        if part.records >= self._claims:
            self._end_part()

    def end(self) -> None:
        """See ``BatchWriter``."""
        if self._part is not None:
            self._end_part()

    def _begin(self) -> Growing:
        self._parts += 1
        head = self._outward.head
        name = head.file_name(_part_name(self._parts))
        self._part = self._folder.begin(name)
        self._patients = set()
        bundle = {
            "resourceType": "Bundle",
            "identifier": {"system": "urn:ietf:rfc:3986", "value": f"{self._outward.base}/{head.name}/{name}"},
            "type": "transaction",
            "timestamp": instant(head.dated),
        }
        opened = write_json(bundle)[:-1] + b',"entry":[\n'
        self._part.write(opened + organization_entry(self._outward))
        return self._part

    def _end_part(self) -> None:
        assert self._part is not None  # noqa: S101  whoever calls has asked
        self._part.write(b"\n]}\n")
        self._folder.end(self._part)
        self._part = None


class Tables:
    """One table per layout."""

    def __init__(self, folder: Folder, head: BatchHead, layouts: Sequence[Layout]) -> None:
        self._folder = folder
        self._files = [(Table(layout, head), folder.begin(head.file_name(layout.file_name))) for layout in layouts]
        for table, growing in self._files:
            growing.write(table.begin())

    def line(self, record: Record, rendered: Rendered, *, new_patient: bool) -> None:  # noqa: ARG002  a table has a line per claim
        """See ``BatchWriter``. Raises CannotWrite when the line does not fit a layout."""
        for table, growing in self._files:
            growing.write(table.line(record), 1)

    def end(self) -> None:
        """See ``BatchWriter``."""
        for table, growing in self._files:
            growing.write(table.end())
            self._folder.end(growing)


def write_lines(outward: Outward, writers: Sequence[BatchWriter], records: Iterable[Record]) -> None:
    """Give every line to every writer."""
    with Seen() as seen:
        for record in records:
            new_patient = seen.add(record.line.pathway_id)
            rendered = Rendered(outward, record.line)
            for writer in writers:
                writer.line(record, rendered, new_patient=new_patient)
    for writer in writers:
        writer.end()


def _ndjson(kind: str) -> str:
    return f"{kind}.ndjson"


def _part_name(number: int) -> str:
    return f"transaction-{number:04d}.json"
