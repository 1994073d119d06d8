"""The relapse-prevention plan: written with the patient, one printed page, 3114 and 15 always."""

import io
from types import ModuleType

import pytest
from pypdf import PdfReader

from sesame_fhir.domain.actors import Role
from sesame_fhir.exports import documents
from tests.support.team_cases import Case, followed_case
from tests.support.team_pages import Team, TeamBrowser

WHOLE = {
    "helps": "Marcher le matin\n- Chanter avec la chorale",
    "warning-signs": "Je me réveille à 4 h\nJe ne réponds plus au téléphone",
    "first-steps": "J'en parle à ma sœur",
    "name.0": "Noé, infirmier SÉSAME",
    "phone.0": "01 99 00 56 78",
    "name.1": "Ma sœur",
}


@pytest.fixture
def nurse(team: Team) -> TeamBrowser:
    return team.browser(Role.NURSE)


@pytest.fixture
def case(team: Team) -> Case:
    return followed_case(team).prevent_relapse()


@pytest.fixture(scope="module")
def refusing(still: Team) -> tuple[TeamBrowser, Case]:
    """The same for all that is refused."""
    return still.browser(Role.NURSE), followed_case(still).prevent_relapse()


def path(case: Case, rest: str = "") -> str:
    return f"/p/{case.pathway_id}/relapse-plan{rest}"


def test_the_plan_and_its_page(nurse: TeamBrowser, case: Case) -> None:
    assert nurse.get(path(case, "/document")).status_code == 404
    assert nurse.post(path(case), WHOLE).status_code == 303
    plan = case.pathway.relapse_plan
    assert plan is not None
    assert plan.data.helps == ("Marcher le matin", "Chanter avec la chorale")
    assert [(h.name, h.phone) for h in plan.data.who_to_call][1] == ("Ma sœur", None)
    answer = nurse.get(path(case, "/document"))
    assert answer.mimetype == "application/pdf"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert "FICTIVE" not in answer.headers["Content-Disposition"]
    reader = PdfReader(io.BytesIO(answer.data))
    assert len(reader.pages) == 1
    text = " ".join(reader.pages[0].extract_text().split())
    for wanted in ("Mon plan pour rester bien", "Chanter avec la chorale", "3114", "15", "01 99 00 56 78", "Jeanne"):
        assert wanted in text


def test_a_machine_that_makes_no_documents_gives_text(
    nurse: TeamBrowser, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    def without_pango(_name: str) -> ModuleType:
        raise OSError("cannot load library")

    nurse.post(path(case), WHOLE)
    monkeypatch.setattr(documents, "import_module", without_pango)
    documents._engine.cache_clear()
    answer = nurse.get(path(case, "/document"))
    documents._engine.cache_clear()
    assert answer.mimetype == "text/plain"
    assert "3114" in answer.text
    assert "Je ne réponds plus au téléphone" in answer.text


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"helps": ""}, "Ce qui m'aide : "),
        ({"warning-signs": " \n - \n"}, "Mes signes d'alerte : "),
        ({"name.0": "", "phone.0": "", "name.1": ""}, "Qui appeler : "),
        ({"name.0": ""}, "Nom : "),
        ({"helps": "\n".join("abcdefghi")}, "trop long"),
        ({"first-steps": "x" * 601}, "trop long"),
        ({"phone.0": "0" * 21}, "Téléphone : "),
    ],
)
def test_bad_input_is_refused_in_french_and_kept(
    refusing: tuple[TeamBrowser, Case], changes: dict[str, str], says: str
) -> None:
    nurse, case = refusing
    answer = nurse.post(path(case), WHOLE | changes)
    assert answer.status_code == 422
    assert says in answer.text
    assert case.pathway.relapse_plan is None
    assert ("Ma sœur" in nurse.get(path(case)).text) or "name.1" in changes


def test_a_draft_survives(nurse: TeamBrowser, case: Case) -> None:
    opened = nurse.hidden(path(case))
    assert nurse.post(path(case, "/draft"), {"helps": "Le jardin"}, opened).status_code == 204
    assert "Le jardin" in nurse.get(path(case)).text
