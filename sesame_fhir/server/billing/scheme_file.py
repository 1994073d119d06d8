"""Reading a scheme file: TOML, the schema, the rules that a schema cannot say, the schemes in force; all of it told."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from sesame_fhir.domain.billing.scheme import BillingScheme
from sesame_fhir.domain.ids import SiteId
from sesame_fhir.server.billing.findings import Finding, Remark, key_of
from sesame_fhir.server.billing.scheme_made import schemes_of
from sesame_fhir.server.billing.scheme_neighbours import neighbour_remarks
from sesame_fhir.server.billing.scheme_rules import rule_remarks
from sesame_fhir.server.billing.scheme_words import structure_remarks
from sesame_fhir.server.billing.toml_lines import KeyPath, line_of, lines_of
from sesame_fhir.services.billing.records import StoredScheme

MAX_BYTES = 100_000
MAX_LINE = 2000
"""Characters: a key of thousands of parts would be read for minutes."""
MAX_TABLES = 500
"""Tables and lists of a file: each one that is empty has a dozen mistakes to be told."""
_PLACE = re.compile(r" \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)$")


@dataclass(frozen=True, slots=True)
class Deployment:
    """What a file is checked against: the sites, the highest rank of a sequence, the schemes in force, if known."""

    sites: frozenset[SiteId]
    ranks: int
    standing: tuple[StoredScheme, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """A file as read. ``schemes`` is empty when there is a mistake; ``text`` is kept with them as their source."""

    text: str
    schemes: tuple[BillingScheme, ...]
    findings: tuple[Finding, ...]

    @property
    def mistakes(self) -> int:
        """How many findings keep the file from being used."""
        return sum(1 for finding in self.findings if not finding.warning)


def read_scheme_file(content: bytes, deployment: Deployment) -> Reading:
    """Read and check a scheme file; every mistake found is told with its line, none stops the others."""
    try:
        text = _text(content)
        document = _document(text)
    except _Unreadable as unreadable:
        return Reading("", (), (unreadable.finding,))
    remarks = tuple(structure_remarks(document))
    remarks += tuple(rule_remarks(document, remarks, deployment.sites, deployment.ranks))
    schemes: tuple[BillingScheme, ...] = ()
    if all(remark.warning for remark in remarks):
        schemes = schemes_of(document)
        remarks += tuple(neighbour_remarks(schemes, deployment.standing, deployment.sites))
    reading = Reading(text, schemes, tuple(sorted(_findings(text, remarks))))
    return Reading(text, (), reading.findings) if reading.mistakes else reading


class _Unreadable(Exception):  # noqa: N818  named as the fact it reports
    def __init__(self, line: int, text: str) -> None:
        super().__init__(text)
        self.finding = Finding(line, "", text)


def _text(content: bytes) -> str:
    if len(content) > MAX_BYTES:
        raise _Unreadable(1, f"the file has more than {MAX_BYTES} bytes; a scheme file has some pages at most")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _Unreadable(line, "a character is not in UTF-8; save the file with the encoding UTF-8") from error
    for number, one in enumerate(text.split("\n"), start=1):
        if len(one) > MAX_LINE:
            raise _Unreadable(number, f"the line has more than {MAX_LINE} characters; write it on several lines")
    return text


def _document(text: str) -> dict[str, Any]:
    try:
        found = tomllib.loads(text, parse_float=Decimal)
        if _tables(found) > MAX_TABLES:
            raise _Unreadable(1, f"the file has more than {MAX_TABLES} tables; a scheme file has some pages at most")
        return {name: _plain(value) for name, value in found.items()}
    except tomllib.TOMLDecodeError as error:
        place = _PLACE.search(str(error))
        line = int(place["line"]) if place and place["line"] else text.rstrip("\n").count("\n") + 1
        column = f" (column {place['column']})" if place and place["column"] else ""
        raise _Unreadable(line, f"not TOML: {_PLACE.sub('', str(error))}{column}") from error
    except (RecursionError, ValueError) as error:
        raise _Unreadable(1, "not a scheme file: nested too deeply, or a number of thousands of digits") from error


def _tables(value: Any) -> int:
    """How many tables and lists there are, this one among them."""
    if isinstance(value, Mapping):
        return 1 + sum(map(_tables, value.values()))
    return 1 + sum(map(_tables, value)) if isinstance(value, list) else 0


def _plain(value: Any) -> Any:
    """A day without quotes is a text, as one with quotes is."""
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value.isoformat() if isinstance(value, date | datetime | time) else value


def _findings(text: str, remarks: tuple[Remark, ...]) -> Iterator[Finding]:
    lines: Mapping[KeyPath, int] = lines_of(text)
    for remark in remarks:
        yield Finding(line_of(lines, remark.path), key_of(remark.path), remark.text, remark.warning)
