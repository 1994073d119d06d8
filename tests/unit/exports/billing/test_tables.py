"""Tables by layout: another format is a file, names cannot hurt, what does not fit is refused."""

import csv
import io
import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from mappings.billing.layout import Layout, layout_from, read_layout, shipped
from mappings.billing.vocabulary import OF_BATCH, OF_LINE
from sesame_fhir.exports.billing import values
from sesame_fhir.exports.billing.cells import CannotWrite
from sesame_fhir.exports.billing.table import Table
from sesame_fhir.exports.billing.values import Record
from sesame_fhir.services.billing.records import BatchLine
from tests.support.billed import line
from tests.support.exported import head, written

INVENTED = layout_from(Path(__file__).parent / "layouts" / "invented-fixed.json")
NEUTRAL = shipped("neutral-claims")


def named(family: str, given: str = "Jeanne", number: int = 1) -> BatchLine:
    one = line(number)
    return line(number, beneficiary=replace(one.terms.beneficiary, family=family, given=given))


def table(layout: Layout, *found: BatchLine) -> bytes:
    """The whole file."""
    made = Table(layout, head(found))
    lines = (made.line(Record(number, one, example=True)) for number, one in enumerate(found, start=1))
    return b"".join((made.begin(), *lines, made.end()))


def rows(*found: BatchLine, layout: Layout = NEUTRAL) -> list[dict[str, str]]:
    text = table(layout, *found).decode(layout.encoding)
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=layout.delimiter))


def changed(**more: Any) -> Layout:
    """Our neutral layout with changes."""
    described = json.loads(Path("mappings/billing/layouts/neutral-claims.json").read_text("utf-8"))
    return read_layout(json.dumps({**described, **more}))


def only(value: str, **how: Any) -> Layout:
    """A layout of a claim's id, its amount, and one more column."""
    needed = [{"name": name, "description": "d", "value": name, "required": True} for name in ("claim-id", "amount")]
    return changed(columns=[*needed, {"name": "x", "description": "d", "value": value, "required": False, **how}])


def test_another_format_is_a_file_and_no_code() -> None:
    found = [line(2), line(7), named("Łukasz-Müller de la Fontaine-aux-Bois", number=5)]
    records = table(INVENTED, *found).decode("iso-8859-15").split("\n")
    assert records.pop() == ""
    assert {len(record) for record in records} == {128}
    assert records[0].startswith("00950000364     OPERATEUR EXEMPLE             20260620260702")
    first, second, third = records[1:4]
    assert first == (
        "10000001" + f"{found[0].claim_id:46}" + "284127600000233" + f"{'FICTIVE 2':20}" + "071284"
        "20260602N900000300000000009990A51"
    )
    assert second[95:105] == "20260417O1"
    assert third[69:89] == "LUKASZ-MÜLLER DE LA "
    total = sum((one.terms.amount for one in found), Decimal(0))
    assert records[-1] == f"99000003{int(total * 100):012d}".ljust(128)


def test_our_neutral_table_is_read_back_whole() -> None:
    found = [line(1), line(7), line(22)]
    for row, one in zip(rows(*found), found, strict=True):
        terms = one.terms
        assert row["claim"] == one.claim_id
        assert Decimal(row["amount"].replace(",", ".")) == terms.amount
        assert Decimal(row["share"].replace(",", ".")) == terms.share
        assert date.fromisoformat(row["end"]) == terms.end
        assert row["interrupted"] == ("yes" if terms.interrupted else "no")
        assert row["ins"] == (terms.beneficiary.ins.value if terms.beneficiary.ins else "")
        assert int(row["contacts"]) == 3


@pytest.mark.parametrize(
    "name",
    [
        '=HYPERLINK("http://evil")',
        "+33199001234",
        "-2+3",
        "@SUM(A1)",
        "\t=1+1",
        "\r=1+1",
        " =1",
        "\x00=1",
        "\u200b=1",
        "\uff1d1+1",
    ],
)
def test_a_name_is_never_a_formula(name: str) -> None:
    row = rows(named(name, given=name))[0]
    for cell in (row["family"], row["given"]):
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\uff1d"))
        assert cell.startswith(("'", " ")) or not cell.lstrip().startswith(("=", "+", "-", "@"))


def test_a_layout_for_programs_alone_leaves_a_text_as_it_is() -> None:
    assert rows(named("-X"), layout=changed(formulas="as-is"))[0]["family"] == "-X"


@pytest.mark.parametrize("name", ['a";"b', "a;b", "a\nb", "a\r\nb", '"', ";;;", "a\u2028b", "a\x00b", "\x1b[31m"])
def test_a_name_stays_in_its_cell_and_on_its_line(name: str) -> None:
    for quotes in ("when-needed", "always"):
        found = rows(named(name), line(2), layout=changed(quotes=quotes))
        assert len(found) == 2
        assert found[0]["given"] == "Jeanne"
        assert found[0]["family"].isprintable()
        assert table(NEUTRAL, named(name)).count(b"\r\n") == 2


@pytest.mark.parametrize(
    ("layout", "wanted"),
    [
        (only("end", date_format="DD/MM/YYYY"), "01/06/2026"),
        (only("month", date_format="MM/YYYY"), "06/2026"),
        (only("month"), "2026-06"),
        (only("share", money="cents"), "9990"),
        (only("share"), "99,90"),
        (only("rank", width=3, align="right", fill="0"), "001"),
        (only("regime", words={"01": "RG"}), "RG"),
        (only("family", upper=True), "FICTIVE 1"),
        (only("biller-name", accents="drop"), "Operateur Exemple"),
        (only("biller-name", width=9, too_long="cut"), "Opérateur"),
        (only("replaces", empty="-"), "-"),
        (only("sex", words={"female": "2"}), "2"),
        (only("full"), "true"),
        (only("reasons"), "finished:2026-06-01 enough-contacts:3/2 consent-stands:care-team ins-known"),
        (only("days"), "92"),
        (only("planned-days"), "92"),
        (only("ins-matricule"), "2841276000001"),
        (only("ins-nature"), "INS-NIR-TEST"),
        (only("line-count"), "1"),
        (only("preview", words={"true": "P", "false": "D"}), "D"),
    ],
)
def test_each_transform(layout: Layout, wanted: str) -> None:
    assert rows(line(1), layout=layout)[0]["x"] == wanted


@pytest.mark.parametrize(
    ("layout", "found", "told"),
    [
        (only("replaces", required=True), line(1), "column x: is empty, and the layout asks for it"),
        (only("ins", width=13), line(1), "column x: 15 characters, the layout has 13"),
        (changed(encoding="ascii"), named("Élodie"), "column family: a letter is not in ascii"),
        (changed(encoding="iso-8859-15"), named("Łukasz"), "column family: a letter is not in iso-8859-15"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_claim_and_without_its_value(
    tmp_path: Path, layout: Layout, found: BatchLine, told: str
) -> None:
    if "biller_name" in {column.name for column in layout.columns} and layout.encoding == "ascii":
        layout = replace(layout, columns=tuple(one for one in layout.columns if one.name != "biller_name"))
    with pytest.raises(CannotWrite) as refused:
        written(tmp_path, [found], layout)
    assert str(refused.value) == f"claim {found.claim_id}, {told}"
    assert not [*tmp_path.iterdir()]


def test_every_word_of_the_vocabulary_is_written() -> None:
    assert values.OF_BATCH.keys() == OF_BATCH.keys()
    assert values.OF_LINE.keys() == OF_LINE.keys()
