"""A month as people write it."""

from datetime import date

import pytest

from sesame_fhir.services.billing.month import Month

NOT_MONTHS = ("", "2025", "2025-3", "2025-13", "2025-00", "03/2025", "2025-03-01", "1925-03", "２０２５-03", " 2025-03")


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2025-03", date(2025, 3, 1), date(2025, 3, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2025-12", date(2025, 12, 1), date(2025, 12, 31)),
    ],
)
def test_a_month_has_its_days(text: str, first: date, last: date) -> None:
    month = Month.parse(text)
    assert (month.first, month.last, str(month)) == (first, last, text)
    assert Month.of(first) == Month.of(last) == month


@pytest.mark.parametrize("text", NOT_MONTHS)
def test_anything_else_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(ValueError, match="for example 2025-03"):
        Month.parse(text)


def test_months_follow_one_another() -> None:
    assert sorted(map(Month.parse, ("2025-03", "2024-12", "2025-01"))) == [
        Month(2024, 12),
        Month(2025, 1),
        Month(2025, 3),
    ]
