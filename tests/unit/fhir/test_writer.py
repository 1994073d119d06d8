from decimal import Decimal

import pytest

from sesame_fhir.fhir.writer import write_json


def test_keys_are_sorted_and_decimals_kept() -> None:
    assert write_json({"b": Decimal("0.10"), "a": {"d": 1, "c": "é"}}) == '{"a":{"c":"é","d":1},"b":0.10}'.encode()


def test_order_of_insertion_does_not_matter() -> None:
    assert write_json({"a": 1, "b": [{"c": 1, "d": 2}]}) == write_json({"b": [{"d": 2, "c": 1}], "a": 1})


@pytest.mark.parametrize("number", [float("nan"), float("inf"), Decimal("NaN"), Decimal("-Infinity")])
def test_not_a_number_is_refused(number: object) -> None:
    with pytest.raises(ValueError, match="not JSON"):
        write_json({"a": [{"b": number}]})


@pytest.mark.parametrize("value", [None, "null", "NaN", "Infinity"])
def test_the_words_themselves_are_fine(value: object) -> None:
    assert b"a" in write_json({"a": [value]})


def test_lone_surrogate_is_refused() -> None:
    with pytest.raises(UnicodeEncodeError):
        write_json({"a": "\ud800"})
