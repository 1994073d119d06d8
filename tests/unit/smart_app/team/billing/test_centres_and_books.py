"""The centres' shares, the books, the schemes, and the two questions to the whole cohort."""

from pathlib import Path

import pytest

from tests.support.billing_pages import ROOT, Office, words
from tests.support.story import SITE

EXAMPLE = Path(__file__).parents[5] / "docs" / "how-to" / "example-scheme.toml"
CENTRES = f"{ROOT}/centres?month=2026-07"
PAID = f"{ROOT}/centres/{SITE}/paid"


def pay(desk: Office, **values: str) -> int:
    opened = desk.first.hidden(CENTRES, PAID)
    posted = {"month": "2026-07", "biller": "operator", "on": "2026-07-01", **values}
    return desk.first.post(PAID, posted, opened).status_code


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({"reference": "", "amount": "10"}, 422),
        ({"reference": "V1", "amount": ""}, 422),
        ({"reference": "V1", "amount": "dix"}, 422),
        ({"reference": "V1", "amount": "-10"}, 422),
        ({"reference": "V1", "amount": "9999999"}, 422),
        ({"reference": "V1", "amount": "10", "on": "2027-01-01"}, 422),
        ({"reference": "V1", "amount": "10", "biller": "nobody"}, 422),
        ({"reference": "V1", "amount": "10", "month": "2026-13"}, 404),
        ({"reference": "V1", "amount": "10", "month": "2026-12"}, 404),
    ],
)
def test_a_share_that_cannot_be_paid(looked_at: Office, values: dict[str, str], status: int) -> None:
    assert pay(looked_at, **values) == status
    assert looked_at.billing.stores.payments.shares_paid() == ()


def test_a_share_is_paid_once(desk: Office) -> None:
    desk.submitted()
    assert pay(desk, reference="VIR-1", amount="50,00") == 303
    assert pay(desk, reference="VIR-1", amount="50,00") == 303
    shown = words(desk.first.get(CENTRES))
    assert "−50,00 €" in shown
    assert "116,14 €" in shown
    statement = desk.first.get(f"{ROOT}/centres/{SITE}/statement?month=2026-07")
    assert statement.data.startswith(b"%PDF")


def test_the_books_prove_themselves_in_words(looked_at: Office) -> None:
    shown = words(looked_at.first.get(f"{ROOT}/books?start=2026-07-01&end=2026-07-31"))
    assert "Les comptes sont justes." in shown
    assert "Rien dans cette période." in words(looked_at.first.get(f"{ROOT}/books?start=2025-01-01&end=2025-01-31"))


@pytest.mark.parametrize("days", ["start=x", "start=2026-07-31&end=2026-07-01", "end=2026-02-30"])
def test_days_that_are_no_period(looked_at: Office, days: str) -> None:
    assert looked_at.first.get(f"{ROOT}/books?{days}").status_code == 422


def test_an_example_says_so_wherever_it_shows(looked_at: Office) -> None:
    batch = looked_at.billing.stores.batches.batches()[0].batch_id
    for path in ("/schemes", "/schemes/article-51/2026-1", f"/batches/{batch}", "/centres?month=2026-07", "/what-if"):
        assert "exemple" in words(looked_at.first.get(f"{ROOT}{path}")).split("<main")[1], path
    assert words(looked_at.first.get(f"{ROOT}/schemes/article-51/2026-1/file")) == "# exemple"


def test_what_was_billable_on_a_day(looked_at: Office) -> None:
    shown = words(looked_at.first.get(f"{ROOT}/past?day=2026-06-30"))
    assert "Au 30/06/2026" in shown
    assert "498,91" in shown
    assert looked_at.first.get(f"{ROOT}/past?day=2027-01-01").status_code == 422
    assert looked_at.first.get(f"{ROOT}/past?day=hier").status_code == 422
    nothing = words(looked_at.first.get(f"{ROOT}/past?day=2026-06-30&schemes=then"))
    assert "Hors des dates de tout barème" in nothing, "the scheme was given on 1 July"


def test_what_a_scheme_file_would_change(looked_at: Office) -> None:
    page = f"{ROOT}/what-if"
    shown = words(looked_at.send(page, EXAMPLE.read_bytes(), name="autre.toml"))
    assert "autre.toml" in shown
    assert "Séquences comparées" in shown
    assert len(looked_at.billing.stores.schemes.history()) == 1, "it is not kept"
    wrong = looked_at.send(page, EXAMPLE.read_bytes().replace(b"minimum_contacts", b"minimum_contact", 1))
    assert wrong.status_code == 422
    assert "n'est pas un barème valable" in words(wrong)
    assert "minimum_contact" in words(wrong), "each mistake with its line"
    assert "Ce fichier est vide" in words(looked_at.send(page, b""))
    wide = looked_at.send(page, EXAMPLE.read_text("utf-8").encode("utf-16"))
    assert wide.status_code == 422
    assert "n'est pas un barème valable" in words(wide)


def test_a_walk_without_time_says_that_it_is_partial(looked_at: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smart_app.team.billing.travel._SECONDS", -1.0)
    assert "Résultat partiel" in words(looked_at.first.get(f"{ROOT}/past?day=2026-06-30"))
    assert "Résultat partiel" in words(looked_at.first.get(f"{ROOT}/what-if?version=article-51/2026-1/1"))
