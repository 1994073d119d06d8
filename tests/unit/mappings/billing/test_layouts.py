"""Layouts are data: ours are right, and what is wrong with another is told, each mistake with its line."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mappings.billing.layout import LayoutError, layout_from, read_layout, shipped, shipped_names
from mappings.billing.layout_check import problems_of

Json = dict[str, Any]


def column(name: str, value: str, **more: Any) -> Json:
    return {"name": name, "description": "d", "value": value, "required": False, **more}


def fixed() -> Json:
    """A small fixed layout, right as it is."""
    return {
        "name": "small",
        "version": "1",
        "kind": "claims",
        "description": "For a test.",
        "encoding": "ascii",
        "record_length": 60,
        "decimal_sign": ".",
        "date_format": "YYYYMMDD",
        "line_end": "LF",
        "columns": [
            column("claim", "claim-id", width=40),
            column("amount", "amount", width=12, money="cents", align="right", fill="0"),
            column("end", "end", width=8),
        ],
    }


def delimited() -> Json:
    layout = {**fixed(), "delimiter": ";"}
    del layout["record_length"]
    return layout


def incoming() -> Json:
    described: Json = json.loads(Path("mappings/billing/layouts/neutral-answers.json").read_text("utf-8"))
    return described


Change = Callable[[Json], Any]

WRONG: list[tuple[str, Callable[[], Json], Change, str]] = [
    ("no column for the claim", fixed, lambda f: f["columns"][0].update(value="site"), "no column holds 'claim-id'"),
    ("unknown value", fixed, lambda f: f["columns"][2].update(value="last-day"), "'last-day' is not in the vocabulary"),
    ("value of another kind", fixed, lambda f: f["columns"][2].update(value="outcome"), "'outcome' is not in the"),
    ("unknown property", fixed, lambda f: f["columns"][2].update(colour="red"), "'colour' was unexpected"),
    ("unknown encoding", fixed, lambda f: f.update(encoding="utf-16"), "'utf-16' is none of"),
    ("unknown kind", fixed, lambda f: f.update(kind="bills"), "'bills' is none of"),
    ("unknown way of writing days", fixed, lambda f: f.update(date_format="D/M/Y"), "'D/M/Y' is none of"),
    ("delimiter and length", fixed, lambda f: f.update(delimiter=";"), "either 'delimiter' or 'record_length'"),
    ("neither", fixed, lambda f: f.pop("record_length"), "either 'delimiter' or 'record_length'"),
    ("value and constant", fixed, lambda f: f["columns"][2].update(constant="x"), "either 'value' or 'constant'"),
    ("neither of them", fixed, lambda f: f["columns"][2].pop("value"), "either 'value' or 'constant'"),
    ("widths do not add up", fixed, lambda f: f.update(record_length=61), "add up to 60, the record has 61"),
    ("a field without width", fixed, lambda f: f["columns"][2].pop("width"), "a field of a fixed record has a width"),
    ("the same name twice", fixed, lambda f: f["columns"][2].update(name="Claim"), "second column is called 'Claim'"),
    ("zeros on the right", fixed, lambda f: f["columns"][1].update(align="left"), "zeros fill from the left"),
    ("cut amount", fixed, lambda f: f["columns"][1].update(too_long="cut"), "only a text can be cut"),
    ("cut claim", fixed, lambda f: f["columns"][0].update(too_long="cut"), "only a text can be cut"),
    ("cents of a day", fixed, lambda f: f["columns"][2].update(money="cents"), "'end' is a day: 'money' is for"),
    ("day of an amount", fixed, lambda f: f["columns"][1].update(date_format="YYYYMMDD"), "'date_format' is for"),
    ("month of a day", fixed, lambda f: f["columns"][2].update(date_format="YYYY-MM"), "which YYYY-MM does not write"),
    ("capital day", fixed, lambda f: f["columns"][2].update(upper=True), "'upper' is for a code or a text"),
    ("words for maybe", fixed, lambda f: f["columns"][2].update(value="full", words={"maybe": "P"}), "never comes"),
    ("one word for two", fixed, lambda f: f["columns"][2].update(value="sex", words={"a": "1", "b": "1"}), "same word"),
    ("empty too wide", fixed, lambda f: f["columns"][2].update(empty="0" * 9), "longer than its width, 8"),
    (
        "fill without width",
        delimited,
        lambda f: f["columns"][2].update(width=None, align="left"),
        "None is not of type",
    ),
    (
        "align without width",
        delimited,
        lambda f: f["columns"].append(column("n", "rank", align="right")),
        "need a width",
    ),
    ("sign twice", delimited, lambda f: f.update(delimiter=",", decimal_sign=","), "is the decimal sign as well"),
    ("a line's value on top", fixed, lambda f: f.update(first=[column("c", "claim-id", width=60)]), "not in the vocab"),
    ("a short first record", fixed, lambda f: f.update(first=[column("b", "batch-id", width=50)]), "add up to 50"),
    (
        "path as file name",
        fixed,
        lambda f: f.update(file="../claims.csv"),
        "'../claims.csv' is not written as expected",
    ),
    ("no columns", fixed, lambda f: f.update(columns=[]), "[] should be non-empty"),
    ("not an object", fixed, lambda f: f.update(columns={}), "{} is not of type 'array'"),
    ("a name that computes", fixed, lambda f: f["columns"][0].update(name="=1+1"), "'=1+1' is not written as expected"),
    (
        "constant in capitals",
        fixed,
        lambda f: f["columns"].append({**column("k", "x", constant="A", upper=True)}),
        "has",
    ),
    ("read: records around", incoming, lambda f: f.update(first=[column("b", "batch-id")]), "is for claims"),
    ("read: fixed", incoming, lambda f: (f.pop("delimiter"), f.update(record_length=9)), "is for claims"),
    ("read: a width", incoming, lambda f: f["columns"][0].update(width=9), "is for claims"),
    ("read: value twice", incoming, lambda f: f["columns"][1].update(value="claim-id"), "which of them is to be read?"),
    ("read: no outcome", incoming, lambda f: f["columns"].pop(3), "no column holds 'outcome'"),
]


@pytest.mark.parametrize(("make", "change", "told"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
def test_what_is_wrong_is_told(make: Callable[[], Json], change: Change, told: str) -> None:
    layout = make()
    read_layout(json.dumps(layout))
    change(layout)
    with pytest.raises(LayoutError) as wrong:
        read_layout(json.dumps(layout))
    assert told in "\n".join(wrong.value.problems)


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("", 1, "not JSON"),
        ('{\n "name": 1,\n}', 3, "not JSON"),
        ("[]", 1, "is not of type 'object'"),
        ('{"a": {"b": 1,\n "b": 2}}', 2, "'b' is given twice"),
        ("[" * 100_000, 1, ""),
        ("\ufeff{}", 1, "not JSON"),
    ],
)
def test_what_is_no_layout_at_all(text: str, line: int, told: str) -> None:
    problem = problems_of(text)[0]
    assert problem.line == line
    assert told in problem.message


def test_each_mistake_has_the_line_where_it_stands() -> None:
    layout = fixed()
    layout["encoding"] = "ebcdic"
    layout["columns"][1]["money"] = "francs"
    del layout["columns"][2]["name"]
    text = json.dumps(layout, indent=1)
    lines = text.splitlines()
    told = {problem.where: lines[problem.line - 1] for problem in problems_of(text)}
    assert told.keys() == {"encoding", "columns/1/money", "columns/2"}
    assert "ebcdic" in told["encoding"]
    assert "francs" in told["columns/1/money"]
    assert told["columns/2"].strip() == "{"


def test_our_own_are_right_and_say_what_they_are_not() -> None:
    assert set(shipped_names()) == {"neutral-answers", "neutral-claims", "neutral-payments"}
    for name in shipped_names():
        assert shipped(name).name == name
        assert "not a national format" in shipped(name).description


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    broken = tmp_path / "layout.json"
    broken.write_bytes(b'{"name": "\xff"}')
    for path, told in ((broken, "is not UTF-8"), (tmp_path / "nothing.json", "cannot be read")):
        with pytest.raises(LayoutError) as wrong:
            layout_from(path)
        assert told in wrong.value.problems[0]
