"""The month and its batches: one next step at each time, four eyes, each step once."""

import re
import zipfile
from dataclasses import replace
from datetime import date
from io import BytesIO

import pytest

from sesame_fhir.domain.indicators.objectives import Objective
from sesame_fhir.services.billing.records import BatchStatus
from tests.support.billing import MONTH, one_more_contact
from tests.support.billing_pages import LIVES, ROOT, Office, words

LINE = f"{LIVES[0].pathway_id}:1"


def test_each_step_leads_to_the_next(desk: Office) -> None:
    first, second = desk.first, desk.second
    assert "4 séquences peuvent être facturées" in words(first.get(ROOT))
    batch = desk.prepare()
    page = f"{ROOT}/batches/{batch.batch_id}"
    assert "Relire et figer le lot" in words(first.get(ROOT))
    desk.step(first, batch, "hold", line=LINE, why="Droits à vérifier")
    assert "retenue : Droits à vérifier" in words(first.get(page))
    desk.step(first, batch, "freeze")
    assert "attend l'approbation d'une autre personne que vous" in words(first.get(ROOT))
    assert "une autre personne doit l'approuver" in words(first.get(page))
    assert "Vérifier et approuver" in words(second.get(ROOT))
    desk.step(second, batch, "approve")
    assert "Soumettre le lot" in words(first.get(ROOT))
    desk.step(first, batch, "submit")
    assert "Tout ce qui pouvait l'être est facturé" not in words(first.get(ROOT)), "the held one can be billed"
    assert "1 séquence peut être facturée" in words(first.get(ROOT))
    assert desk.billing.stores.batches.totals(batch.batch_id).lines == 3


def test_who_froze_does_not_approve(desk: Office) -> None:
    batch = desk.prepare()
    page = f"{ROOT}/batches/{batch.batch_id}"
    desk.step(desk.first, batch, "freeze")
    assert f"{page}/approve" not in words(desk.first.get(page))
    refused = desk.first.post(f"{page}/approve", {}, desk.first.hidden(page, f"{page}/reopen"))
    assert refused.status_code == 422
    assert "Une autre personne que celle qui a figé le lot doit l'approuver" in words(refused)
    again = desk.billing.stores.batches.batch(batch.batch_id)
    assert again is not None
    assert again.status is BatchStatus.FROZEN


def test_a_line_held_comes_back_and_a_reason_is_needed(desk: Office) -> None:
    batch = desk.prepare()
    assert desk.step(desk.first, batch, "hold", line=LINE, why="  ").status_code == 422
    desk.step(desk.first, batch, "hold", line=LINE, why="Droits à vérifier")
    desk.step(desk.first, batch, "release", line=LINE)
    assert desk.billing.stores.batches.totals(batch.batch_id).lines == 4


def test_a_form_sent_twice_acts_once(desk: Office) -> None:
    batch = desk.prepare()
    page = f"{ROOT}/batches/{batch.batch_id}"
    opened = desk.first.hidden(page, f"{page}/freeze")
    assert [desk.first.post(f"{page}/freeze", {}, opened).status_code for _ in range(2)] == [303, 303]
    desk.step(desk.second, batch, "approve")
    opened = desk.first.hidden(page, f"{page}/submit")
    assert [desk.first.post(f"{page}/submit", {}, opened).status_code for _ in range(2)] == [303, 303]
    assert desk.billing.stores.claims.counts(None)["submitted"] == 4


def test_facts_that_changed_stop_the_submission_and_say_which(desk: Office) -> None:
    batch = desk.prepare()
    desk.step(desk.first, batch, "freeze")
    desk.step(desk.second, batch, "approve")
    one_more_contact(desk.billing, LIVES[0], LIVES[0].start)
    refused = desk.step(desk.first, batch, "submit")
    assert refused.status_code == 422
    assert "ce qui est noté a changé depuis que le lot a été figé" in words(refused)
    told = words(refused).split('role="alert"')[1].split("</div>")[0]
    assert ("FICTIVE1" in told, "FICTIVE2" in told) == (True, False)
    desk.step(desk.first, batch, "reopen")
    assert "à relire" in words(desk.first.get(f"{ROOT}/batches/{batch.batch_id}"))


def test_submission_goes_on_where_it_stopped(desk: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = desk.prepare()
    desk.step(desk.first, batch, "freeze")
    desk.step(desk.second, batch, "approve")
    monkeypatch.setattr("sesame_fhir.services.billing.submitting._AT_ONCE", 1)
    monkeypatch.setattr("smart_app.team.billing.batches._SECONDS", -1.0)
    desk.step(desk.first, batch, "submit")
    page = f"{ROOT}/batches/{batch.batch_id}"
    assert "Factures créées : 1 sur 4" in words(desk.first.get(page))
    assert "La soumission d'un lot n'est pas finie" in words(desk.second.get(ROOT))
    monkeypatch.setattr("smart_app.team.billing.batches._SECONDS", 60.0)
    desk.step(desk.second, batch, "submit")
    assert "Soumis le 01/07/2026" in words(desk.first.get(page))


def test_a_draft_is_dropped(desk: Office) -> None:
    batch = desk.prepare()
    desk.step(desk.first, batch, "drop")
    assert desk.billing.stores.batches.batches(MONTH) == ()


def test_the_export_is_the_same_twice(desk: Office) -> None:
    batch = desk.submitted()
    page = f"{ROOT}/batches/{batch.batch_id}/export"
    listed = words(desk.first.get(page))
    one, two = (desk.first.get(f"{page}.zip").data for _ in range(2))
    assert one == two
    names = [name.rpartition("/")[2] for name in zipfile.ZipFile(BytesIO(one)).namelist()]
    for name in names:
        assert name in listed
        single = desk.first.get(f"{page}/{name}")
        assert single.data == zipfile.ZipFile(BytesIO(one)).read(f"{batch.batch_id}/{name}")
    assert desk.first.get(f"{page}/passwd").status_code == 404


def test_what_is_offered_is_not_written_and_only_what_is_taken_is_in_the_audit_log(
    desk: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = desk.prepare()
    desk.step(desk.first, batch, "freeze")
    page = f"{ROOT}/batches/{batch.batch_id}/export"
    with monkeypatch.context() as patched:
        patched.setattr("sesame_fhir.exports.billing.taking_out.write_batch", None)
        shown = words(desk.first.get(page))
    assert "4 factures" in shown
    assert "Aperçu" in shown
    assert f"{page}/preview-manifest.json" in shown
    assert desk.first.get(f"{page}/preview-claims.csv").status_code == 200
    assert desk.first.get(f"{page}/claims.csv").status_code == 404
    seen = [one for one in desk.team.deps.audit.entries(20) if one.action == "export-billing"]
    assert {one.detail for one in seen} == {"batch", "export_file"}, "the page was looked at, no more"
    taken = {"batch": f"{batch.batch_id}-preview", "file": "preview-claims.csv"}
    assert [one.extra for one in seen if one.detail == "batch"] == [taken]


@pytest.mark.parametrize("month", ["2026-13", "juin", "2026-08", "2026-6", "999999-01"])
def test_a_month_that_is_none_or_to_come(looked_at: Office, month: str) -> None:
    assert looked_at.first.get(f"{ROOT}?month={month}").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/batches/2026-06-article-51-operator-9",
        "/batches/2026-06-article-51-operator-9/export",
        "/sequences/nobody/1",
        f"/sequences/{LIVES[0].pathway_id}/9",
        f"/sequences/{LIVES[0].pathway_id}/x",
        "/claims/nobody-claim-1",
        "/imports/0000",
        "/schemes/article-51/1999",
        "/what-if?version=article-51/1999/1",
        "/centres/site-nowhere/statement",
    ],
)
def test_what_is_not_there(looked_at: Office, path: str) -> None:
    assert looked_at.first.get(f"{ROOT}{path}").status_code in {404, 422}


def test_what_an_older_draft_holds_is_not_forgotten(desk: Office) -> None:
    june = desk.prepare()
    month = words(desk.first.get(f"{ROOT}?month=2026-07"))
    assert "Relire et figer le lot" in month
    assert f"/batches/{june.batch_id}" in month
    assert "juin 2026" in month.partition("Lots du mois")[2].partition("</ul>")[0]
    assert june.batch_id not in words(desk.first.get(f"{ROOT}?month=2026-05"))
    for line in desk.billing.stores.batches.lines(june.batch_id):
        desk.billing.stores.batches.hold(june.batch_id, line.pathway_id, line.rank, "litige")
    held = words(desk.first.get(f"{ROOT}?month=2026-07"))
    assert f"/batches/{june.batch_id}" in held
    assert "Relire et figer le lot" not in held


def test_a_coordinator_of_one_site_sees_that_site(looked_at: Office) -> None:
    colombe = looked_at.third
    batch = looked_at.billing.stores.batches.batches(MONTH)[0]
    shown = words(colombe.get(f"{ROOT}/batches/{batch.batch_id}"))
    assert ("FICTIVE2" in shown, "FICTIVE1" in shown) == (True, False)
    assert "2 lignes de sites hors de votre périmètre ne sont pas montrées" in shown
    assert "600,00 € 2 séquences dont" in " ".join(re.sub(r"<[^>]+>", " ", shown).split())
    assert "2 lignes · 600,00 €" in words(colombe.get(f"{ROOT}?month={MONTH}"))
    for name in ("export", "export.zip", "export/manifest.json"):
        assert colombe.get(f"{ROOT}/batches/{batch.batch_id}/{name}").status_code == 422
    claims = words(colombe.get(f"{ROOT}/claims"))
    assert ("FICTIVE2" in claims, "FICTIVE1" in claims) == (True, False)
    claim = f"{ROOT}/claims/{LIVES[0].pathway_id}-claim-1"
    assert colombe.get(claim).status_code == 404
    assert colombe.get(f"{claim}/dossier").status_code == 404
    assert colombe.get(f"{claim}/proofs/consent/care-team").status_code == 404
    assert colombe.get(f"{ROOT}/sequences/{LIVES[0].pathway_id}/1").status_code == 404
    assert colombe.get(f"{ROOT}/centres/site-argenteuil/statement?month=2026-07").status_code == 404
    assert "Argenteuil" not in words(colombe.get(f"{ROOT}/centres?month=2026-07")).split("<main")[1]


def test_what_was_planned_stands_beside_what_is_billed(desk: Office) -> None:
    objective = Objective(date(2026, 1, 1), date(2026, 12, 31), patients=10, sequences=8)
    team = desk.team.deps.team
    desk.team.pages.app.extensions["sesame-app"] = replace(desk.team.deps, team=replace(team, objectives=(objective,)))
    assert "sur 8 prévus" in words(desk.first.get(f"{ROOT}?month=2026-06"))


def test_nothing_is_billed_where_nothing_was_configured(looked_at: Office) -> None:
    empty = words(looked_at.first.get(f"{ROOT}?month=2024-01"))
    assert "Rien à facturer pour ce mois." in empty
