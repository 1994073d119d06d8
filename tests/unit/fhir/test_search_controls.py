"""Quantities, what comes along, parts, and what a search is told to have understood."""

from datetime import timedelta
from decimal import Decimal

import pytest

from sesame_fhir.fhir.errors import InvalidSearch
from sesame_fhir.fhir.outcomes import IssueType
from sesame_fhir.fhir.search_links import includes_of
from sesame_fhir.fhir.search_query import MAX_COUNT, MAX_INCLUDES, parse_search
from sesame_fhir.fhir.subsetting import View
from sesame_fhir.services.search import DatePrefix, Include, QuantityClause, QuantityValue
from tests.unit.fhir.test_search_query import NOW, parse

ENCOUNTER_LINKS = tuple(text.partition(":")[2] for text in includes_of("Encounter"))


QUANTITIES = [
    ("5.4", "eq", "5.4", "5.35", "5.45", None, None),
    ("gt5.40||mg", "gt", "5.40", "5.395", "5.405", None, "mg"),
    ("ne100|urn:u|mg", "ne", "100", "99.5", "100.5", "urn:u", "mg"),
    ("le100.00", "le", "100.00", "99.995", "100.005", None, None),
    ("1e2|urn:u|", "eq", "1E+2", "50", "150", "urn:u", None),
    ("-5.40e-3", "eq", "-0.00540", "-0.005405", "-0.005395", None, None),
    ("ap20", "ap", "20", "18", "22", None, None),
    ("ap-20", "ap", "-20", "-22", "-18", None, None),
    ("0", "eq", "0", "-0.5", "0.5", None, None),
    (f"sa{'9' * 40}", "sa", "9" * 40, f"{'9' * 39}8.5", f"{'9' * 40}.5", None, None),
]


@pytest.mark.parametrize(("written", "prefix", "exact", "low", "high", "system", "code"), QUANTITIES)
def test_quantity(
    written: str, prefix: str, exact: str, low: str, high: str, system: str | None, code: str | None
) -> None:
    """https://hl7.org/fhir/R4/search.html#quantity: the precision asked for is that of the digits written."""
    value = QuantityValue(DatePrefix(prefix), Decimal(exact), Decimal(low), Decimal(high), system, code)
    query = parse("Observation", ("value-quantity", written)).query
    assert query.clauses == (QuantityClause("value-quantity", (value,)),)


INCLUDES = [
    ("_include", "Observation:subject", Include("Observation", "subject")),
    ("_include", "Observation:subject:Patient", Include("Observation", "subject", "Patient")),
    ("_include", "*", Include("Observation", None)),
    ("_include", "Observation:*", Include("Observation", None)),
    ("_include:iterate", "Encounter:location", Include("Encounter", "location", iterate=True)),
    ("_revinclude", "Provenance:target", Include("Provenance", "target", "Observation", reverse=True)),
    (
        "_revinclude:iterate",
        "Provenance:target",
        Include("Provenance", "target", reverse=True, iterate=True),
    ),
]


@pytest.mark.parametrize(("name", "value", "include"), INCLUDES)
def test_include(name: str, value: str, include: Include) -> None:
    assert parse("Observation", (name, value), (name, value)).includes == (include,)


@pytest.mark.parametrize(
    ("name", "value", "view"),
    [
        ("_summary", "true", View("true")),
        ("_summary", "text", View("text")),
        ("_summary", "data", View("data")),
        ("_summary", "false", None),
        ("_summary", "count", None),
        ("_elements", "code,value", View(elements=frozenset({"code", "value"}))),
    ],
)
def test_parts(name: str, value: str, view: View | None) -> None:
    parsed = parse("Observation", (name, value))
    assert parsed.view == view
    assert parsed.query.count == (0 if value == "count" else 20)


def test_what_was_understood_is_told() -> None:
    given = [("_count", "5000"), ("colour", "blue"), ("code", "x"), ("_cursor", "abc"), ("status", "")]
    assert parse("Observation", *given).used == (("_count", str(MAX_COUNT)), ("code", "x"))


def test_the_next_page_of_an_approximate_date_is_the_same_question() -> None:
    first = parse("Observation", ("date", "ap2024-07-01")).query
    later = parse_search("Observation", [("date", "ap2024-07-01")], now=NOW + timedelta(minutes=5)).query
    assert first != later
    assert repr(first) == repr(later)


@pytest.mark.parametrize(
    "given",
    [
        [("patient.name", f"a{n}") for n in range(6)],
        [("code", ",".join("a" * 200)), ("status", ",".join("a" * 200)), ("category", "a")],
        [("_include:iterate", f"Encounter:{name}") for name in ENCOUNTER_LINKS[: MAX_INCLUDES + 1]],
    ],
)
def test_many_links_are_refused(given: list[tuple[str, str]]) -> None:
    with pytest.raises(InvalidSearch) as refused:
        parse("Observation", *given)
    assert [issue.code for issue in refused.value.issues] == [IssueType.TOO_COSTLY]


@pytest.mark.parametrize(
    "given",
    [
        [("_summary", "text"), ("_include", "Observation:subject")],
        [("_summary", "true"), ("_elements", "code")],
        [("_summary", "true"), ("_summary", "data")],
    ],
)
def test_what_does_not_go_together(given: list[tuple[str, str]]) -> None:
    with pytest.raises(InvalidSearch):
        parse("Observation", *given)
