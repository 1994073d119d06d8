"""The part of FHIRPath that forms are populated with: what it yields, what it refuses, and never a guess."""

from datetime import UTC, datetime
from typing import Any

import pytest

from sesame_fhir.fhir.small_fhirpath import UnknownExpressionError, evaluate

NOW = datetime(2026, 3, 31, 23, 30, tzinfo=UTC)
PATIENT: dict[str, Any] = {
    "name": [{"use": "official", "family": "A", "given": ["X", "Y"]}, {"use": "usual", "family": "B"}],
    "deceasedBoolean": False,
    "valueOf": "not a choice",
}
VARIABLES: dict[str, Any] = {"patient": PATIENT, "none": None, "list": [{"a": 1}, {"a": 2}], "my name": {"a": 3}}


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("%patient.name.family", ["A", "B"]),
        ("%patient.name.given.first()", ["X"]),
        ("%patient.name.given.last()", ["Y"]),
        ("%patient.name[1].family", ["B"]),
        ("%patient.name[9].family", []),
        ("%patient.name.where(use='usual').family", ["B"]),
        ("%patient.name.where(use = 'nobody').family", []),
        ("%patient.deceased", [False]),
        ("%patient.nothing.at.all", []),
        ("%none.name", []),
        ("%list.a", [1, 2]),
        ("%`my name`.a", [3]),
        ("'x'", ["x"]),
        ("%patient.name.first().family & ' ' & %patient.nothing & 'z'", ["A z"]),
        ("%patient.name.family | 'A' | 'C'", ["A", "B", "C"]),
        ("today()", ["2026-04-01"]),
        ("now()", ["2026-03-31T23:30:00+00:00"]),
        ("  %list.a  ", [1, 2]),
    ],
)
def test_values(expression: str, found: list[Any]) -> None:
    assert evaluate(expression, VARIABLES, NOW) == found


@pytest.mark.parametrize(
    "expression",
    [
        "",
        " ",
        "&",
        "%patient &",
        "& %patient",
        "%nobody.name",
        "%patient.name.select(family)",
        "%patient.name.where(use != 'x')",
        "%patient.name.where(use = 'x' and family = 'A')",
        "Patient.name",
        ".name",
        "%patient.name first()",
        "'unclosed",
        "%patient + 1",
        "today().name()",
        "%patient." + "a." * 2000,
        "first()",
    ],
)
def test_what_is_not_understood(expression: str) -> None:
    with pytest.raises(UnknownExpressionError):
        evaluate(expression, VARIABLES, NOW)
