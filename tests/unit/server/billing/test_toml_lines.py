"""Where each key of a TOML text is: the same tree as tomllib reads, and the line where each part of it is written."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sesame_fhir.server.billing.toml_lines import KeyPath, line_of, lines_of
from tests.unit.server.billing.wrong_schemes import GOOD

ROOT = Path(__file__).parents[4]

HARD = '''\
a = 1 # [no]
b.c."d # e".'f=g' = """x
 [[no]] k = 1
\\""" " ""\\\\"""
"k" = "# \\" no = 1" # m = 2
l = \'\'\'
[no]\'\'\'\'
[t] # [x]
empty = {}
none = []
long = [ # c
  1, "]", # ]
  {x = 1, y.z = [2,
    3]}, [[4], \'\'\'
# no
\'\'\', [5]],
]
when = 2024-01-01 10:00:00
[[s]]
[[s.b]]
v = """"quoted\"""""
[[s.b]]
v = 2
w.u = 1
[[s]]
  [[ s . b ]]
  v=3
[s.b.q.r]
z=1
[[s.b]]
'''
LINES: list[tuple[KeyPath, int]] = [
    (("a",), 1),
    (("b", "c", "d # e", "f=g"), 2),
    (("k",), 5),
    (("l",), 6),
    (("t",), 8),
    (("t", "long"), 11),
    (("t", "long", 1), 12),
    (("t", "long", 2), 13),
    (("t", "long", 2, "y", "z", 1), 14),
    (("t", "long", 3, 0, 0), 14),
    (("t", "long", 3, 1), 14),
    (("t", "long", 3, 2, 0), 16),
    (("t", "when"), 18),
    (("s",), 19),
    (("s", 0), 19),
    (("s", 0, "b", 0, "v"), 21),
    (("s", 0, "b", 1, "v"), 23),
    (("s", 0, "b", 1, "w", "u"), 24),
    (("s", 1), 25),
    (("s", 1, "b", 0), 26),
    (("s", 1, "b", 0, "q", "r", "z"), 29),
    (("s", 1, "b", 1), 30),
]


def paths(value: Any, path: KeyPath = ()) -> Iterator[KeyPath]:
    """Every path of what tomllib read."""
    if path:
        yield path
    if isinstance(value, dict):
        for key, one in value.items():
            yield from paths(one, (*path, key))
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from paths(one, (*path, number))


@pytest.mark.parametrize(("path", "line"), LINES, ids=str)
def test_each_part_has_its_line(path: KeyPath, line: int) -> None:
    assert lines_of(HARD)[path] == line


@pytest.mark.parametrize(
    "text",
    [HARD, GOOD, "", "\n\n# only\n", "a=1", (ROOT / "pyproject.toml").read_text(encoding="utf-8")],
    ids=["hard", "good", "empty", "comment", "no newline", "ours"],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_the_tree_is_the_one_that_tomllib_reads(text: str, newline: str) -> None:
    found = lines_of(text.replace("\n", newline))
    assert found.keys() == set(paths(tomllib.loads(text)))
    assert all(1 <= line <= text.count("\n") + 1 for line in found.values())


def test_what_is_not_there_is_told_where_it_would_be() -> None:
    lines = lines_of(HARD)
    assert line_of(lines, ("s", 1, "b", 1, "missing")) == 30
    assert line_of(lines, ("missing",)) == 1
