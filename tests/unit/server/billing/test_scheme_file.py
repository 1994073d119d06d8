"""A scheme file is read as it is written, and each mistake in it is told with its line and what to write."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from sesame_fhir.domain.billing.scheme import BillingScheme, DecidedBy, InterruptedEarns
from sesame_fhir.domain.events.vocabulary import ConsentPurpose, ContactTask
from sesame_fhir.domain.ids import SiteId
from sesame_fhir.server.billing.findings import Finding
from sesame_fhir.server.billing.scheme_file import (
    MAX_BYTES,
    MAX_LINE,
    MAX_TABLES,
    Deployment,
    Reading,
    read_scheme_file,
)
from sesame_fhir.server.billing.scheme_words import schema
from sesame_fhir.services.billing.records import StoredScheme
from tests.unit.server.billing.wrong_schemes import GOOD, WARNINGS, WRONG

HERE = Deployment(frozenset({SiteId("site-1"), SiteId("site-2")}), ranks=2)
EXAMPLE = Path(__file__).parents[4] / "docs" / "how-to" / "example-scheme.toml"


def read(text: str, here: Deployment = HERE) -> Reading:
    return read_scheme_file(text.encode(), here)


def stored(scheme: BillingScheme, *, used: bool = False) -> StoredScheme:
    return StoredScheme(scheme, GOOD, "digest", 1, datetime(2026, 1, 2, tzinfo=UTC), "coord-1", used=used)


def test_a_good_file_is_read_as_it_is_written() -> None:
    reading = read(GOOD)
    first, second = reading.schemes
    assert (reading.findings, reading.text) == ((), GOOD)
    assert (first.scheme_id, first.version, first.start, first.end) == (
        "article-51",
        "1",
        date(2023, 11, 1),
        date(2024, 12, 31),
    )
    assert (first.decided_by, first.interrupted) == (DecidedBy.START, InterruptedEarns.PRO_RATA)
    assert (first.share_percent, second.share_percent) == (Decimal(30), Decimal("12.5"))
    assert (first.late_days, second.late_days) == (365, None)
    assert first.contact_tasks == (ContactTask.FIRST_CONTACT, ContactTask.FOLLOW_UP)
    assert first.consents == (ConsentPurpose.CARE_TEAM,)
    assert (first.sites, second.sites) == (HERE.sites, frozenset())
    assert (first.example, second.example, first.ins_required, first.coverage_required) == (True, True, True, False)
    assert [(t.rank, t.amount, t.start, t.end) for t in first.tariffs] == [
        (1, Decimal("100.00"), date(2023, 11, 1), date(2024, 3, 31)),
        (1, Decimal("110.50"), date(2024, 4, 1), None),
        (2, Decimal("0.00"), date(2023, 11, 1), None),
    ]
    assert [(b.identity.biller_id, b.identity.system, b.start) for b in first.billers] == [
        ("operator", "https://finess.esante.gouv.fr", date(2023, 11, 1)),
        ("second", "https://sirene.fr", date(2024, 7, 1)),
    ]


def changed(old: str, new: str) -> str:
    assert GOOD.count(old) == 1, f"{old!r} must be in the good file once"
    return GOOD.replace(old, new)


def ids(row: tuple[str, str, int, str, str]) -> str:
    return row[1][-40:] or f"without {row[0][:40]}"


@pytest.mark.parametrize("row", WRONG, ids=ids)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_mistake_is_told_with_its_line_and_key(row: tuple[str, str, int, str, str], newline: str) -> None:
    old, new, line, key, said = row
    reading = read(changed(old, new).replace("\n", newline))
    mistakes = [one for one in reading.findings if not one.warning]
    assert any((one.line, one.key) == (line, key) and said in one.text for one in mistakes), mistakes
    assert len(mistakes) <= 2, "one mistake is not told as many"
    assert not reading.schemes


@pytest.mark.parametrize("row", WARNINGS, ids=ids)
def test_a_warning_is_told_and_the_file_can_be_used(row: tuple[str, str, int, str, str]) -> None:
    old, new, line, key, said = row
    reading = read(changed(old, new))
    assert [one for one in reading.findings if said in one.text and (one.line, one.key) == (line, key)], (
        reading.findings
    )
    assert (reading.mistakes, len(reading.schemes)) == (0, 2)


def test_every_mistake_is_told_at_once() -> None:
    text = GOOD
    rows = [row for row in WRONG if row[3] in {"exemple", "scheme[1].late_days", "scheme[2].share_percent"}][:3]
    for old, new, *_ in rows:
        text = text.replace(old, new)
    found = {one.key for one in read(text.replace("end = 2024-03-31", "end = 2023-03-31")).findings}
    assert found >= {row[3] for row in rows} | {"scheme[1].tariff[1].end"}


@pytest.mark.parametrize(
    ("content", "line", "said"),
    [
        (b"", 1, "missing; add a table [[scheme]]"),
        (b"scheme = []", 1, "at least one is needed"),
        (b"scheme = [1]", 1, "expected a table"),
        (b'# \xc3\xa9\nlabel = "\xe9"', 2, "not in UTF-8"),
        (GOOD.encode("utf-16"), 1, "not in UTF-8"),
        (b"x" * (MAX_BYTES + 1), 1, "more than"),
        (b"\nx = " + b"9" * MAX_LINE, 2, "write it on several lines"),
        (b"x = " + b"[\n" * 20_000, 1, "nested too deeply"),
        (b"scheme = [\n" + b"{},\n" * MAX_TABLES + b"]", 1, "more than 500 tables"),
    ],
    ids=["empty", "no scheme", "a number", "latin-1", "utf-16", "too large", "long line", "too deep", "many tables"],
)
def test_what_is_no_scheme_file_is_said(content: bytes, line: int, said: str) -> None:
    (found,) = read_scheme_file(content, HERE).findings
    assert found.line == line
    assert said in found.text


def test_a_byte_order_mark_is_no_mistake() -> None:
    assert len(read_scheme_file(GOOD.encode("utf-8-sig"), HERE).schemes) == 2


def test_the_example_is_a_good_file_that_says_it_is_one() -> None:
    reading = read(EXAMPLE.read_text(encoding="utf-8"), replace(HERE, ranks=4))
    assert reading.findings == ()
    assert [(one.scheme_id, one.end, one.example) for one in reading.schemes] == [
        ("article-51", date(2026, 12, 31), True),
        ("parcours-coordonne-renforce", None, True),
    ]
    assert "INVENTED FOR\n# ILLUSTRATION" in reading.text[:300]


def test_what_stands_as_it_is_written_is_no_news() -> None:
    standing = tuple(stored(scheme, used=True) for scheme in read(GOOD).schemes)
    assert read(GOOD, replace(HERE, standing=standing)).findings == ()


def test_a_version_that_is_used_cannot_be_changed_another_one_is_replaced() -> None:
    first, second = read(GOOD).schemes
    text = changed('amount = "100.00"', 'amount = "101.00"')
    standing = (stored(first, used=True), stored(second))
    (found,) = read(text, replace(HERE, standing=standing)).findings
    assert found == Finding(6, "scheme[1].version", found.text)
    assert "is used by claims and cannot be changed; give it another name and its own start" in found.text
    (found,) = read(text, replace(HERE, standing=(stored(first),))).findings
    assert (found.warning, "given on 2026-01-02" in found.text) == (True, True)


@pytest.mark.parametrize(
    ("sites", "start", "end", "said"),
    [
        (
            frozenset(),
            date(2024, 12, 1),
            None,
            'article-51 "1" and other "1" would both decide on a sequence at site-1',
        ),
        (frozenset({SiteId("site-2")}), date(2020, 1, 1), date(2023, 11, 1), "at site-2 from 2023-11-01 to 2023-11-01"),
        (frozenset({SiteId("site-9")}), date(2020, 1, 1), None, "at site-9"),
        (frozenset(), date(2020, 1, 1), date(2023, 10, 31), None),
    ],
)
def test_a_scheme_in_force_at_the_same_site_is_told(
    sites: frozenset[SiteId], start: date, end: date | None, said: str | None
) -> None:
    other = replace(read(GOOD).schemes[0], scheme_id="other", sites=sites, start=start, end=end)
    findings = read(GOOD, replace(HERE, standing=(stored(other),))).findings
    assert bool(findings) == (said is not None)
    assert said is None or any(said in one.text for one in findings), findings


def test_a_biller_of_a_scheme_in_force_keeps_its_code() -> None:
    first, second = read(GOOD).schemes
    other = replace(
        second,
        version="0",
        billers=(replace(first.billers[1], identity=replace(first.billers[1].identity, biller_id="operator")),),
    )
    findings = read(GOOD, replace(HERE, standing=(stored(other),))).findings
    assert ("scheme[1].biller[1].id", 26) in {
        (one.key, one.line) for one in findings if "in a scheme in force" in one.text
    }


def test_the_schema_describes_every_key_and_knows_the_codes_of_the_domain() -> None:
    tables = [schema(), *(schema()["$defs"][name] for name in ("scheme", "biller", "tariff"))]
    assert [name for table in tables for name, one in table["properties"].items() if not one.get("description")] == []
    keys = schema()["$defs"]["scheme"]["properties"]
    assert set(keys["decided_by"]["enum"]) == set(DecidedBy)
    assert set(keys["interrupted"]["enum"]) == set(InterruptedEarns)
    assert set(keys["consents"]["items"]["enum"]) == set(ConsentPurpose)
    assert set(keys["contact_tasks"]["items"]["enum"]) == set(ContactTask)
