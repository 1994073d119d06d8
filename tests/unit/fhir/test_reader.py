import json
import time
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sesame_fhir.fhir.errors import BodyTooLarge, UnreadableBody
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.reader import read_json
from sesame_fhir.fhir.writer import write_json

BAD = {
    "empty": b"",
    "blank": b"  ",
    "not an object: array": b"[]",
    "not an object: string": b'"Patient"',
    "not an object: null": b"null",
    "cut": b'{"a":',
    "trailing comma": b'{"a":1,}',
    "two documents": b'{"a":1}{"b":2}',
    "comment": b'{"a":1/*x*/}',
    "single quotes": b"{'a':1}",
    "byte order mark": b'\xef\xbb\xbf{"a":1}',
    "UTF-16": '{"a":1}'.encode("utf-16"),
    "latin-1": '{"a":"é"}'.encode("latin-1"),
    "surrogate bytes": b'{"a":"\xed\xa0\x80"}',
    "lone surrogate escape": rb'{"a":"\uDC00"}',
    "lone surrogate in a key": rb'{"\ud83d":1}',
    "raw control character": b'{"a":"\x01"}',
    "NaN": b'{"a":NaN}',
    "Infinity": b'{"a":-Infinity}',
    "leading zero": b'{"a":01}',
    "plus sign": b'{"a":+1}',
    "huge exponent": b'{"a":1e999}',
    "tiny exponent": b'{"a":1e-999}',
    "exponent beyond Decimal": b'{"a":1e99999999999999999999}',
    "huge integer": b'{"a":' + b"9" * 5000 + b"}",
    "many digits": b'{"a":0.' + b"1" * 60 + b"}",
    "duplicate keys": b'{"a":1,"a":1}',
    "duplicate keys, spelled differently": rb'{"a":1,"\u0061":2}',
    "duplicate keys, deep": b'{"a":[{"b":{"c":1,"c":2}}]}',
    "too deep, objects": b'{"a":' * 65 + b"1" + b"}" * 65,
    "too deep, arrays": b'{"a":' + b"[" * 64 + b"]" * 64 + b"}",
    "bomb": b"[" * 1_000_000,
}


def test_a_null_character_is_refused_before_a_database_meets_it() -> None:
    for body in (rb'{"a":"b\u0000c"}', rb'{"a":"\\\u0000"}', rb'{"\u0000":1}'):
        with pytest.raises(UnreadableBody) as refused:
            read_json(body)
        assert "contrôle" in refused.value.issues[0].diagnostics
    assert read_json(rb'{"a":"\\u0000"}') == {"a": r"\u0000"}


@pytest.mark.parametrize("body", BAD.values(), ids=BAD.keys())
def test_refused(body: bytes) -> None:
    with pytest.raises(UnreadableBody) as refused:
        read_json(body)
    assert len(refused.value.issues) == 1
    assert refused.value.issues[0].blocking


def test_too_large_has_its_own_error() -> None:
    with pytest.raises(BodyTooLarge):
        read_json(b'{"a":"' + b"x" * 100 + b'"}', max_bytes=50)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"a":0.10}', {"a": Decimal("0.10")}),
        (b'{"a":-0.0}', {"a": Decimal("-0.0")}),
        (b'{"a":1E2}', {"a": Decimal("1E+2")}),
        (b'{"a":12}', {"a": 12}),
        (rb'{"a":"\ud83d\ude00"}', {"a": "😀"}),
        (rb'{"a":"\\ud800"}', {"a": "\\ud800"}),
        (b'{"a":"[{[{"}', {"a": "[{[{"}),
        (b'{"a":[{"b":1},{"b":1}]}', {"a": [{"b": 1}, {"b": 1}]}),
    ],
)
def test_read(body: bytes, expected: Json) -> None:
    found = read_json(body)
    assert found == expected
    assert str(found) == str(expected)


def test_brackets_inside_strings_are_not_depth() -> None:
    assert read_json(json.dumps({"a": '[{"\\' * 100}).encode())


def test_a_string_that_never_ends_costs_no_more_than_its_length() -> None:
    began = time.process_time()
    with pytest.raises(UnreadableBody):
        read_json(b"{}" * 70 + b'"' + b'\\"' * 500_000)
    assert time.process_time() - began < 2  # starting over at each quote took hours


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.text(st.characters(exclude_categories=["Cs", "Cc"]))
    | st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**9), max_value=10**9)
)
TREES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abcé_", max_size=4), inner, max_size=4),
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8), TREES, max_size=5))
def test_what_is_written_reads_back_the_same(resource: Json) -> None:
    written = write_json(resource)
    assert write_json(read_json(written)) == written


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200) | st.text(alphabet='{}[]",:\\ud8e10.-NaIf\n ', max_size=60).map(str.encode))
def test_any_bytes_give_an_object_or_a_refusal(body: bytes) -> None:
    try:
        assert isinstance(read_json(body), dict)
    except UnreadableBody as refused:
        assert refused.issues  # noqa: PT017  both ways out are right


@pytest.mark.parametrize("text", [r"\\b", r"\\\\f", r"\t\r\n", r"\\u0001", r"\u0020", r"\u007f", "é", "\ufffd"])
def test_what_only_looks_like_a_control_character_is_read(text: str) -> None:
    assert read_json(f'{{"a":"{text}"}}'.encode())
