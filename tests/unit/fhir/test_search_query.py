from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sesame_fhir.fhir.errors import InvalidSearch
from sesame_fhir.fhir.outcomes import IssueType, Severity
from sesame_fhir.fhir.search_query import MAX_COUNT, MAX_PARAMETERS, ParsedSearch, parse_search
from sesame_fhir.services.search import (
    ChainClause,
    Clause,
    DateClause,
    DatePrefix,
    DateValue,
    HasClause,
    IdClause,
    MissingClause,
    ReferenceClause,
    ReferenceValue,
    SearchQuery,
    Simple,
    Sort,
    StringClause,
    TokenClause,
    TokenValue,
    UriClause,
)

NOW = datetime(2024, 7, 11, tzinfo=UTC)
BASE = "http://127.0.0.1:8000/fhir"
LOW, HIGH = datetime(2024, 6, 30, 22, tzinfo=UTC), datetime(2024, 7, 1, 22, tzinfo=UTC)


def parse(resource_type: str, *parameters: tuple[str, str], strict: bool = False) -> ParsedSearch:
    return parse_search(resource_type, parameters, now=NOW, strict=strict, base=BASE)


def refs(param: str, *values: tuple[str | None, str]) -> ReferenceClause:
    return ReferenceClause(param, tuple(ReferenceValue(*value) for value in values))


def tokens(param: str, *values: tuple[str | None, str | None]) -> TokenClause:
    return TokenClause(param, tuple(TokenValue(*value) for value in values))


def but(param: str, *values: tuple[str | None, str | None]) -> TokenClause:
    return replace(tokens(param, *values), negated=True)


def to_patient(param: str, clause: Simple) -> ChainClause:
    return ChainClause(param, "Patient", (clause,))


def to_encounter(clause: Simple) -> ChainClause:
    return ChainClause("encounter", "Encounter", (clause,))


CLAUSES: list[tuple[str, str, str, Clause]] = [
    ("Patient", "identifier", "urn:x|1", tokens("identifier", ("urn:x", "1"))),
    ("Patient", "identifier", "1", tokens("identifier", (None, "1"))),
    ("Patient", "identifier", "|1", tokens("identifier", ("", "1"))),
    ("Patient", "identifier", "urn:x|", tokens("identifier", ("urn:x", None))),
    ("Patient", "identifier", "a,urn:x|b", tokens("identifier", (None, "a"), ("urn:x", "b"))),
    ("Patient", "identifier", r"a\,b", tokens("identifier", (None, "a,b"))),
    ("Patient", "identifier", r"urn:x|a\|b", tokens("identifier", ("urn:x", "a|b"))),
    ("Patient", "identifier", r"a\\,b", tokens("identifier", (None, "a\\"), (None, "b"))),
    ("Patient", "family", "Lé", StringClause("family", ("le",))),
    ("Patient", "family:exact", "Lé,Du", StringClause("family", ("Lé", "Du"), "exact")),
    ("Patient", "name:contains", "ÉTO", StringClause("name", ("eto",), "contains")),
    ("Patient", "birthdate", "2024-07-01", DateClause("birthdate", (DateValue(DatePrefix.EQ, LOW, HIGH),))),
    ("Patient", "_id", "a,b-1", IdClause(("a", "b-1"))),
    ("Patient", "_lastUpdated", "gt2024-07-01", DateClause("_lastUpdated", (DateValue(DatePrefix.GT, LOW, HIGH),))),
    ("Patient", "_profile", "http://p.test", UriClause("_profile", ("http://p.test",))),
    ("Patient", "_tag", "urn:t|x", tokens("_tag", ("urn:t", "x"))),
    ("Observation", "patient", "p1", refs("patient", ("Patient", "p1"))),
    ("Observation", "patient", "Patient/p1", refs("patient", ("Patient", "p1"))),
    ("Observation", "patient", f"{BASE}/Patient/p1", refs("patient", ("Patient", "p1"))),
    ("Observation", "subject", "p1", refs("subject", (None, "p1"))),
    ("Observation", "subject:Patient", "p1", refs("subject", ("Patient", "p1"))),
    ("Observation", "subject", "https://x.test/Patient/p1", refs("subject", (None, "https://x.test/Patient/p1"))),
    (
        "Observation",
        "derived-from",
        "QuestionnaireResponse/1,2",
        refs("derived-from", ("QuestionnaireResponse", "1"), (None, "2")),
    ),
    ("Questionnaire", "url", "https://x.test/q", UriClause("url", ("https://x.test/q",))),
    (
        "QuestionnaireResponse",
        "questionnaire",
        "https://x.test/q|1",
        UriClause("questionnaire", ("https://x.test/q|1",)),
    ),
    ("Flag", "_id", "a", IdClause(("a",))),
    ("Patient", "identifier:not", "urn:x|1,2", but("identifier", ("urn:x", "1"), (None, "2"))),
    ("Patient", "gender:missing", "true", MissingClause("gender", "token", missing=True)),
    ("Observation", "subject:missing", "false", MissingClause("subject", "reference", missing=False)),
    ("Observation", "subject:identifier", "urn:x|1", tokens("subject", ("urn:x", "1"))),
    ("Observation", "value-quantity:missing", "true", MissingClause("value-quantity", "quantity", missing=True)),
    ("Observation", "patient.identifier", "urn:x|1", to_patient("patient", tokens("identifier", ("urn:x", "1")))),
    ("Observation", "subject:Patient.name:exact", "A", to_patient("subject", StringClause("name", ("A",), "exact"))),
    ("Observation", "patient._id", "a,b", to_patient("patient", IdClause(("a", "b")))),
    (
        "Observation",
        "patient._lastUpdated",
        "2024-07-01",
        to_patient("patient", DateClause("_lastUpdated", (DateValue(DatePrefix.EQ, LOW, HIGH),))),
    ),
    ("Observation", "encounter.status:not", "finished", to_encounter(but("status", (None, "finished")))),
    (
        "Patient",
        "_has:Observation:patient:code",
        "urn:l|1",
        HasClause("Observation", "patient", (tokens("code", ("urn:l", "1")),)),
    ),
    ("Patient", "_has:Provenance:target:_id", "a", HasClause("Provenance", "target", (IdClause(("a",)),))),
]


@pytest.mark.parametrize(("resource_type", "name", "value", "clause"), CLAUSES)
def test_clause(resource_type: str, name: str, value: str, clause: Clause) -> None:
    assert parse(resource_type, (name, value)) == ParsedSearch(SearchQuery(resource_type, (clause,)))


@pytest.mark.parametrize("prefix", [prefix for prefix in DatePrefix if prefix is not DatePrefix.AP])
def test_date_prefixes(prefix: DatePrefix) -> None:
    (clause,) = parse("Observation", ("date", f"{prefix}2024-07-01")).query.clauses
    assert clause == DateClause("date", (DateValue(prefix, LOW, HIGH),))


def test_approximately_widens_by_a_tenth_of_the_distance_to_now() -> None:
    (clause,) = parse("Observation", ("date", "ap2024-07-01T00:00:00Z")).query.clauses
    assert isinstance(clause, DateClause)
    (value,) = clause.values
    assert (value.low, value.high, value.margin) == (
        datetime(2024, 7, 1, tzinfo=UTC),
        datetime(2024, 7, 1, 0, 0, 1, tzinfo=UTC),
        timedelta(days=1),
    )


def test_a_plus_lost_in_the_url_is_a_time_zone() -> None:
    (clause,) = parse("Observation", ("date", "2024-07-01T10:00:00 02:00")).query.clauses
    assert isinstance(clause, DateClause)
    assert clause.values[0].low == datetime(2024, 7, 1, 8, tzinfo=UTC)


def test_repeated_parameters_are_all_required() -> None:
    query = parse("Observation", ("date", "ge2024"), ("date", "lt2025"), ("status", "final")).query
    assert [type(clause) for clause in query.clauses] == [DateClause, DateClause, TokenClause]


def test_too_many_parameters_are_refused_at_once() -> None:
    """PostgreSQL planned 300 criteria for 84 seconds."""
    assert len(parse("Patient", *[("identifier", f"a{n}") for n in range(MAX_PARAMETERS)]).query.clauses) == 30
    for name in ("identifier", "whatever"):
        with pytest.raises(InvalidSearch) as refused:
            parse("Patient", *[(name, f"a{n}") for n in range(MAX_PARAMETERS + 1)])
        assert [issue.code for issue in refused.value.issues] == [IssueType.TOO_COSTLY]


def test_controls() -> None:
    query = parse("Observation", ("_count", "5"), ("_sort", "-date,_id"), ("_cursor", "abc"), ("_format", "json")).query
    assert query == SearchQuery("Observation", (), (Sort("date", descending=True), Sort("_id")), 5, "abc")


@pytest.mark.parametrize(("written", "count"), [("0", 0), ("200", 200), ("100000", MAX_COUNT)])
def test_count(written: str, count: int) -> None:
    assert parse("Patient", ("_count", written)).query.count == count


def test_empty_value_is_no_criterion() -> None:
    assert parse("Patient", ("family", ""), ("whatever", "")) == ParsedSearch(SearchQuery("Patient"))


REFUSED = [
    ("Patient", "_count", "-1"),
    ("Patient", "_count", "x"),
    ("Patient", "_count", "²"),
    ("Patient", "_count", "9" * 30),
    ("Patient", "_count:exact", "1"),
    ("Patient", "_total", "all"),
    ("Patient", "_summary", "yes"),
    ("Patient", "_elements", "a b"),
    ("Patient", "_elements", "name,"),
    ("Patient", "_elements", ",".join(["name"] * 101)),
    ("Patient", "identifier", "x" * 16_001),
    ("Patient", "family", "x" * 201),
    ("Patient", "family:not", "a"),
    ("Patient", "gender:missing", "maybe"),
    ("Patient", "gender:in", "http://x.test/vs"),
    ("Patient", "_id:missing", "true"),
    ("Patient", "_lastUpdated:missing", "true"),
    ("Observation", "value-quantity", "abc"),
    ("Observation", "value-quantity", "5.4|mg"),
    ("Observation", "value-quantity", "5.4|a|b|c"),
    ("Observation", "value-quantity", "1e999"),
    ("Observation", "value-quantity", "9" * 41),
    ("Observation", "value-quantity", "NaN"),
    ("Observation", "value-quantity", "--5"),
    ("Observation", "value-quantity", "٣"),
    ("Observation", "value-quantity:not", "5"),
    ("Observation", "subject.name", "a"),
    ("Observation", "subject:Banana.name", "a"),
    ("Observation", "subject:Practitioner.name", "a"),
    ("Observation", "patient.general-practitioner.name", "a"),
    ("Observation", "code.text", "a"),
    ("Observation", "patient.birthdate", "hier"),
    ("Observation", "patient.gender:missing", "maybe"),
    ("Patient", "_has:Observation:patient", "a"),
    ("Patient", "_has:Observation:code:status", "final"),
    ("Patient", "_has:Observation:encounter:status", "final"),
    ("Patient", "_has:Observation:patient:encounter.status", "finished"),
    ("Patient", "_has:Observation:patient:_has:Provenance:target:_id", "a"),
    ("Observation", "_include", "subject"),
    ("Observation", "_include", "Patient:organization"),
    ("Observation", "_include", "Observation:code"),
    ("Observation", "_include", "Observation:colour"),
    ("Observation", "_include", "Observation:subject:Practitioner"),
    ("Observation", "_include", "Observation:*:Patient"),
    ("Observation", "_include", "Nothing:subject"),
    ("Observation", "_include:recurse", "Observation:subject"),
    ("Observation", "_revinclude", "*"),
    ("Observation", "_revinclude", "Provenance:*"),
    ("Observation", "_revinclude", "Provenance:agent"),
    ("Observation", "_revinclude", "Encounter:patient"),
    ("Patient", "_sort", "identity"),
    ("Patient", "_sort", "-"),
    ("Patient", "_sort", ",".join(["family"] * 6)),
    ("Patient", "_id", "a b"),
    ("Patient", "_id", "a/b"),
    ("Patient", "_id:not", "a"),
    ("Patient", "identifier", "|"),
    ("Patient", "identifier", "a|b|c"),
    ("Patient", "identifier", ","),
    ("Patient", "identifier", ",".join("a" * 201)),
    ("Patient", "family:text", "a"),
    ("Patient", "birthdate", "hier"),
    ("Patient", "birthdate", "xx2024"),
    ("Patient", "birthdate", "2024-02-30"),
    ("Patient", "birthdate", "ge"),
    ("Patient", "birthdate:exact", "2024"),
    ("Observation", "subject", "a/b/c"),
    ("Questionnaire", "url:below", "http://x.test"),
]


@pytest.mark.parametrize(("resource_type", "name", "value"), REFUSED)
@pytest.mark.parametrize("strict", [True, False])
def test_not_understood_is_refused_whatever_the_handling(
    resource_type: str, name: str, value: str, *, strict: bool
) -> None:
    with pytest.raises(InvalidSearch) as refused:
        parse(resource_type, (name, value), strict=strict)
    (issue,) = refused.value.issues
    assert issue.severity is Severity.ERROR
    assert issue.diagnostics.startswith(name.partition(":")[0])


@pytest.mark.parametrize(
    "name",
    [
        *("nickname", "patient.nickname", "nickname.identifier", "subject:Patient.nickname", "_content", "_list"),
        *("_has:Provenance:target:nickname", "_has:Provenance:nickname:agent", "_has:Nothing:patient:code", "a.b.c"),
        *("_has:_has:_has:_has", "." * 40, "é.é", "_id2"),
    ],
)
def test_unknown_parameter(name: str) -> None:
    lenient = parse("Observation", (name, "x"), ("status", "final"))
    assert [issue.severity for issue in lenient.warnings] == [Severity.WARNING]
    assert len(lenient.query.clauses) == 1
    with pytest.raises(InvalidSearch) as refused:
        parse("Observation", (name, "x"), strict=True)
    assert [issue.severity for issue in refused.value.issues] == [Severity.ERROR]


def test_every_problem_is_reported_at_once() -> None:
    with pytest.raises(InvalidSearch) as refused:
        parse("Patient", ("birthdate", "x"), ("_count", "x"), ("nickname", "x"), strict=True)
    assert len(refused.value.issues) == 3


def test_a_refusal_does_not_repeat_the_value() -> None:
    with pytest.raises(InvalidSearch) as refused:
        parse("Patient", ("birthdate", "DUPONT"))
    assert "DUPONT" not in refused.value.issues[0].diagnostics


NAMES = st.sampled_from(
    [
        *("birthdate", "identifier", "name:contains", "_id", "_count", "_sort", "_lastUpdated", "subject"),
        *("general-practitioner:Practitioner.name", "_has:Observation:patient:value-quantity", "_include"),
        *("_revinclude", "_elements", "_summary", "identifier:not", "gender:missing", "organization.name"),
    ]
)
VALUES = st.text(alphabet="aA0129-:T+Z.|,\\/ é²$gelt", max_size=24) | st.text(max_size=12)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(NAMES | st.text(max_size=8), VALUES), max_size=4), st.booleans())
def test_any_text_is_a_query_or_a_refusal(parameters: list[tuple[str, str]], strict: bool) -> None:  # noqa: FBT001  hypothesis passes positionally
    try:
        parsed = parse("Patient", *parameters, strict=strict)
    except InvalidSearch as refused:
        assert refused.issues  # noqa: PT017  both ways out are right
    else:
        assert parsed.query.count <= MAX_COUNT
        for clause in parsed.query.clauses:
            if isinstance(clause, DateClause):
                assert all(value.low <= value.high for value in clause.values)
