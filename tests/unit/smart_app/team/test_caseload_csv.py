"""The caseload as CSV: what Excel reads, every row, nothing that a spreadsheet would run, no free text."""

import csv
import io
from collections.abc import Iterator

import pytest

from sesame_fhir.domain.actors import Role
from smart_app.team.caseload import export
from tests.support.team_cases import Case, followed_case
from tests.support.team_pages import Team
from tests.unit.smart_app.team.worlds import a_caseload

World = tuple[Team, dict[str, Case]]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    team, cases = a_caseload(tmp_path_factory.mktemp("csv"))
    yield team, cases
    team.pages.store.close()


def rows(team: Team, query: str = "", role: Role = Role.NURSE) -> list[dict[str, str]]:
    text = team.browser(role).get(f"/caseload.csv{query}").data.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


INJECTIONS = [
    # typed -> in the file
    ("=1+1", "'=1+1"),
    ("+33199001234", "'+33199001234"),
    ("-1", "'-1"),
    ("@SUM(A1)", "'@SUM(A1)"),
    ("\tDUPONT", "'\tDUPONT"),
    ("\rDUPONT", '"\'\rDUPONT"'),
    ("  =cmd|' /C calc'!A0", "'  =cmd|' /C calc'!A0"),
    ("\u00a0=1", "'\u00a0=1"),
    ("＝1+1", "'＝1+1"),
    ('=HYPERLINK("http://x")', '"\'=HYPERLINK(""http://x"")"'),
    ("DUPONT", "DUPONT"),
    ("d'Artificiel", "d'Artificiel"),
    ("a,b", '"a,b"'),
    ("ligne\nsuivante", '"ligne\nsuivante"'),
    ('dit "le fictif"', '"dit ""le fictif"""'),
    ("", ""),
]


@pytest.mark.parametrize(("typed", "written"), INJECTIONS)
def test_a_cell_is_never_a_formula(typed: str, written: str) -> None:
    assert export.line([typed, 1]) == f"{written},1\r\n"


@pytest.mark.parametrize("number", [-9, 0, 27])
def test_numbers_stay_numbers(number: int) -> None:
    assert export.line([number, None]) == f"{number},\r\n"


def test_the_file_is_what_excel_and_the_standard_read(world: World) -> None:
    answer = world[0].browser(Role.NURSE).get("/caseload.csv")
    assert answer.headers["Content-Type"].startswith("text/csv; charset=utf-8")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="file-active-2026-03-23.csv"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.data.startswith(b"\xef\xbb\xbfNom,")
    lines = answer.data.decode("utf-8-sig").split("\r\n")
    assert lines[-1] == ""
    assert {len(line) for line in csv.reader(lines[:-1])} == {len(export.COLUMNS)}


def test_it_holds_the_rows_of_the_list_that_is_asked_for(world: World) -> None:
    found = rows(world[0], "?sort=name")
    assert [row["Nom"] for row in found] == ["BIDON", "CHIMERE", "DUMMY", "ESSAI"]
    worse = found[1]
    assert (worse["Premier PHQ-9"], worse["Dernier PHQ-9"], worse["Évolution"]) == ("18", "24", "6")
    assert (worse["Semaine"], worse["À discuter"], worse["Alertes"]) == ("4", "oui", "Aggravation")
    assert worse["Site"] == "Maison de santé fictive de Bezons"
    assert [row["Nom"] for row in rows(world[0], "?phase=left")] == ["FACTICE"]
    assert [row["Nom"] for row in rows(world[0], "", Role.PSYCHIATRIST)] == ["CHIMERE"]


def test_no_free_text_leaves(world: World) -> None:
    text = world[0].browser(Role.NURSE).get("/caseload.csv").text
    for word in ("Dort mieux", "frère", "trois mois"):
        assert word not in text


def test_every_row_is_sent_page_by_page(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(1, 6):
        followed_case(team, number)
    monkeypatch.setattr(export, "_PAGE_ROWS", 2)
    assert [row["Nom"] for row in rows(team, "?sort=name")] == ["BIDON", "CHIMERE", "DUMMY", "ESSAI", "FACTICE"]
