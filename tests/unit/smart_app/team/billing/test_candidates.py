"""Candidates with their reasons; what is missing is completed where it can be."""

import pytest

from sesame_fhir.domain.billing.decision import AGAINST, BillingCode
from sesame_fhir.domain.ids import PathwayId
from smart_app.team.billing.candidates import SOURCES
from smart_app.team.billing.texts import TO_DO
from tests.support.billing_pages import LIVES, ROOT, Office, words
from tests.support.team_pages import COOKIE

LIST = f"{ROOT}/sequences?month=2026-06"


def page_of(number: int) -> str:
    return f"{ROOT}/sequences/{LIVES[number - 1].pathway_id}/1"


@pytest.mark.parametrize(
    ("asked", "listed"),
    [
        ("", {1, 2, 3, 4, 5, 6, 7}),
        ("&unfinished=1", {1, 2, 3, 4, 5, 6, 7, 8}),
        ("&verdict=billable", {1, 2, 3, 7}),
        ("&verdict=not-yet", {4, 5, 6}),
        ("&reason=no-ins", {5}),
        ("&reason=interrupted-pro-rata", {3}),
        ("&site=site-bezons", {2, 7}),
        ("&site=site-nowhere&verdict=nonsense", {1, 2, 3, 4, 5, 6, 7}),
        ("&scheme=article-51&verdict=never", set()),
        ("&after=a:99999999999999999999999", {1, 2, 3, 4, 5, 6, 7}),
    ],
)
def test_candidates_by_what_is_asked(desk_still: Office, asked: str, listed: set[int]) -> None:
    shown = words(desk_still.first.get(f"{LIST}{asked}"))
    assert {number for number in range(1, 9) if f"FICTIVE{number} " in shown} == listed


@pytest.mark.parametrize(
    ("number", "why", "what"),
    [
        (4, "Trop peu de contacts", "l'infirmière le note"),
        (4, "Trop peu de contacts", "À demander à Noé Fictif (infirmière SÉSAME)."),
        (5, "INS inconnue", "Compléter ici"),
        (6, "Pas d'accord ni d'information du patient", "/consents"),
        (6, "Pas d'accord ni d'information du patient", "À demander à Noé Fictif (infirmière SÉSAME)."),
        (8, "Séquence en cours", "Attendre son dernier jour."),
    ],
)
def test_a_reason_against_says_what_to_do(desk_still: Office, number: int, why: str, what: str) -> None:
    shown = words(desk_still.first.get(page_of(number)))
    assert why in shown
    assert what in shown


def test_every_reason_against_has_its_remedy() -> None:
    assert set(TO_DO) == AGAINST
    assert set(SOURCES) <= AGAINST
    assert BillingCode.NO_COVERAGE in SOURCES


@pytest.mark.parametrize(
    "values",
    [{"regime": "1"}, {"regime": "01", "fund": "75"}, {"regime": "01", "centre": "a"}],
)
def test_codes_with_the_wrong_digits_are_refused_and_kept(desk: Office, values: dict[str, str]) -> None:
    page = page_of(7)
    opened = desk.first.hidden(page, f"{page}/coverage")
    refused = desk.first.post(f"{page}/coverage", values, opened)
    assert refused.status_code == 422
    assert "Un code de régime a 2 chiffres" in words(refused)
    for name, value in values.items():
        assert f'name="{name}" value="{value}"' in words(desk.first.get(page))


def test_the_insurance_is_completed(desk: Office) -> None:
    page = page_of(7)
    posted = {"regime": "01", "fund": "751", "centre": "0000", "full": "yes"}
    answer = desk.first.post(f"{page}/coverage", posted, desk.first.hidden(page, f"{page}/coverage"))
    assert desk.first.follow(answer) == page
    facts = desk.billing.stores.sequences.sequence(LIVES[6].pathway_id, 1)
    assert facts is not None
    assert facts.coverage is not None
    assert (facts.coverage.regime, facts.coverage.fund, facts.coverage.full) == ("01", "751", True)


def test_an_ins_that_is_none_is_refused_and_a_right_one_makes_it_billable(desk: Office) -> None:
    page = page_of(5)
    opened = desk.first.hidden(page, f"{page}/ins")
    refused = desk.first.post(f"{page}/ins", {"matricule": "123"}, opened)
    assert refused.status_code == 422
    assert 'value="123"' in words(refused)
    right = desk.ins_of(LIVES[4])
    done = desk.first.post(f"{page}/ins", {"matricule": right}, desk.first.hidden(page, f"{page}/ins"))
    assert desk.first.follow(done) == page
    assert "INS connue" in words(desk.first.get(page))


def test_what_is_typed_survives_the_end_of_the_session(desk: Office) -> None:
    page = page_of(7)
    opened = desk.first.hidden(page, f"{page}/coverage")
    desk.team.pages.clock.move(minutes=40)
    answer = desk.first.post(f"{page}/coverage", {"regime": "02", "fund": "999"}, opened)
    assert "kept=1" in answer.headers["Location"]
    again = desk.team.browser(desk.first.member)
    assert again.client.get_cookie(COOKIE, domain="localhost") is not None
    assert 'value="999"' in words(again.get(page))


def test_a_form_of_another_patient_is_refused(desk: Office) -> None:
    one, other = page_of(7), page_of(5)
    opened = desk.first.hidden(one, f"{one}/coverage")
    assert desk.first.post(f"{other}/coverage", {"regime": "01"}, opened).status_code == 403
    assert desk.billing.engine.load(PathwayId(LIVES[4].pathway_id)).version > 0
