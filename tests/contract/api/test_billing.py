"""Billing on the facade: who reads claims, answers, payments and insurance, by what they are found, who writes them."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from mappings.coverage import coverage
from mappings.payment_reconciliation import payment_publisher
from sesame_fhir.domain.actors import STAFF, Role
from sesame_fhir.domain.events.billing import ClaimOutcome, CoverageRecorded, RejectionReason
from sesame_fhir.domain.ids import PathwayId, SiteId
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.search_index import index
from sesame_fhir.services.billing.answers import import_answers
from sesame_fhir.services.billing.incoming import AnswerFile, AnswerLine, PaymentFile, PaymentLine
from sesame_fhir.services.billing.payments import reconcile
from sesame_fhir.services.reach import BILLING_TYPES
from tests.support.app_pages import migrated_database
from tests.support.billed import BILLER
from tests.support.billing import FIRST_COORDINATOR, NOW, OTHER_SITE, Lived, billing_over, submitted_month, write_lives
from tests.support.facade import Facade
from tests.support.fakes import HandClock
from tests.support.story import SITE
from tests.support.team_pages import MEMBERS, build_team

NEAR, FAR, BARE = Lived(1), Lived(2, OTHER_SITE), Lived(3, covered=False)
LIVES = (NEAR, FAR, BARE)
UNCOVERED = Lived(4, covered=False)
DAY = date(2026, 7, 1)
HERE = replace(MEMBERS[Role.COORDINATOR], staff_id="staff-here", login="here", sites=(SITE,))
EVERYTHING = "system/*.cruds"


def claim_of(life: Lived) -> str:
    return f"{life.pathway_id}-claim-1"


@dataclass
class Month:
    """A month billed at two sites: paid, rejected, paid."""

    facade: Facade
    reconciled: Callable[[], object]

    def get(self, path: str, who: Role | None = None, status: int = 200) -> Json:
        token = self.facade.token(who, EVERYTHING if who is None else "user/*.cruds")
        answer = self.facade.call("GET", path, token)
        assert answer.status_code == status, answer.get_data(as_text=True)
        body: Json = json.loads(answer.data)
        return body

    def found(self, path: str) -> set[str]:
        return self.facade.found(path, self.facade.token(None, EVERYTHING))


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Month]:
    team = build_team(migrated_database(Path(tmp_path_factory.mktemp("billing"))))
    facade, store = Facade(team), team.pages.store
    facade.staff.save(HERE)
    write_lives(store, LIVES)
    shown = payment_publisher(store.resources, index)
    billing = replace(billing_over(store, HandClock(NOW)), publisher=shown)
    submitted_month(billing)
    accepted = [
        AnswerLine(2 + n, claim_of(life), f"R-{n}", ClaimOutcome.ACCEPTED, DAY, Decimal("300.00"))
        for n, life in enumerate((NEAR, FAR))
    ]
    rejected = AnswerLine(4, claim_of(BARE), "R-9", ClaimOutcome.REJECTED, DAY, reasons=(RejectionReason("D07"),))
    file = AnswerFile("réponses.csv", "0" * 64, "csv", (*accepted, rejected))
    answered = import_answers(billing, FIRST_COORDINATOR, file, all_or_nothing=True)
    assert [result.reasons for result in answered.results] == [(), (), ()]
    lines = tuple(
        PaymentLine(2 + n, "VIR 1", BILLER.biller_id, DAY, Decimal("600.00"), claim_of(life), Decimal("300.00"))
        for n, life in enumerate((NEAR, FAR))
    )
    payments = PaymentFile("p.csv", "1" * 64, "csv", lines)
    paid = reconcile(billing, FIRST_COORDINATOR, payments)
    assert [result.reasons for result in paid.results] == [(), ()]
    yield Month(facade, lambda: reconcile(billing, FIRST_COORDINATOR, payments))
    store.close()


@pytest.mark.parametrize("role", sorted(STAFF))
@pytest.mark.parametrize("kind", sorted(BILLING_TYPES))
def test_who_reads_what(month: Month, role: Role, kind: str) -> None:
    """Who bills reads all of it; who notes the insurance reads that; nobody else reads any of it."""
    reads = role is Role.COORDINATOR or (role is Role.NURSE and kind == "Coverage")
    assert month.facade.call("GET", kind, month.facade.token(role, "user/*.rs")).status_code == (200 if reads else 403)


@pytest.mark.parametrize("kind", sorted(BILLING_TYPES))
def test_a_coordinator_reads_her_sites_only(month: Month, kind: str) -> None:
    facade = month.facade
    every = facade.found(kind, facade.token(Role.COORDINATOR, "user/*.rs"))
    here = facade.found(kind, facade.token(HERE, "user/*.rs"))
    assert every == month.found(kind)
    assert here < every
    assert here
    for name in every:
        status = 200 if name in here else 404
        assert facade.call("GET", name, facade.token(HERE, "user/*.rs")).status_code == status, name
    limited = facade.token(Role.COORDINATOR, "user/*.rs", (SiteId(OTHER_SITE),))
    assert facade.found(kind, limited) == every - here


def test_a_coordinator_s_claims_bring_no_patient_along(month: Month) -> None:
    facade, token = month.facade, month.facade.token(Role.COORDINATOR, "user/*.rs")
    assert {name.partition("/")[0] for name in facade.found("Claim?_include=Claim:patient", token)} == {"Claim"}
    assert facade.call("GET", "Claim?patient.family=FICTIVE1", token).status_code == 403
    assert facade.call("GET", f"Patient/{NEAR.pathway_id}", token).status_code == 403
    along = facade.found("Claim?_revinclude=ClaimResponse:request", token)
    assert {name.partition("/")[0] for name in along} == {"Claim", "ClaimResponse"}


@pytest.mark.parametrize(
    ("search", "lives"),
    [
        ("Claim?identifier=https://sesame-fhir.fr/ig/identifier/claim|{near}-claim-1", (NEAR,)),
        ("Claim?patient=Patient/{near}", (NEAR,)),
        ("Claim?status=active&use=claim&created=2026-07-01&priority=normal", LIVES),
        ("Claim?created=lt2026-07-01", ()),
        ("Claim?provider:identifier=https://finess.esante.gouv.fr|950000364", LIVES),
        ("Claim?facility:identifier=https://sesame-fhir.fr/ig/identifier/site|site-bezons", (FAR,)),
        ("Claim?_has:ClaimResponse:request:outcome=error", (BARE,)),
        ("ClaimResponse?outcome=error", (BARE,)),
        ("ClaimResponse?request=Claim/{near}-claim-1", (NEAR,)),
        ("ClaimResponse?payment-date=2026-07-01&disposition=accept", (NEAR, FAR)),
        ("ClaimResponse?identifier=https://sesame-fhir.fr/ig/identifier/answer|R-9", (BARE,)),
        ("Coverage?class-value=751&class-type=fund", (NEAR, FAR)),
        ("Coverage?beneficiary=Patient/{near}&status=active&type=PUBLICPOL", (NEAR,)),
    ],
)
def test_what_they_are_found_by(month: Month, search: str, lives: tuple[Lived, ...]) -> None:
    found = month.found(search.format(near=NEAR.pathway_id))
    assert {name.partition("/")[2][:36] for name in found} == {str(life.pathway_id) for life in lives}


def test_a_payment_is_shown_by_site(month: Month) -> None:
    parts = [month.get(name) for name in sorted(month.found("PaymentReconciliation?created=ge2026-07-01"))]
    assert {part["paymentIdentifier"]["value"] for part in parts} == {"VIR 1"}
    assert [part["paymentAmount"]["value"] for part in parts] == [300, 300]
    assert {one["request"]["reference"] for part in parts for one in part["detail"]} == {
        f"Claim/{claim_of(NEAR)}",
        f"Claim/{claim_of(FAR)}",
    }
    month.reconciled()
    assert [month.get(f"PaymentReconciliation/{one['id']}") for one in parts] == parts, (
        "the same file again: no version"
    )


def test_a_patient_sees_their_own_and_no_payment(month: Month) -> None:
    facade, patient = month.facade, str(NEAR.pathway_id)
    token = facade.token(None, "patient/*.rs", patient=patient)
    for kind in ("Claim", "ClaimResponse", "Coverage"):
        names = facade.found(kind, token)
        assert names
        assert all(name.partition("/")[2].startswith(patient) for name in names)
    assert facade.found("PaymentReconciliation", token) == set()
    (payment, *_) = month.found("PaymentReconciliation")
    assert facade.call("GET", payment, token).status_code == 404
    assert facade.call("GET", f"Claim/{claim_of(FAR)}", token).status_code == 404
    everything = facade.found(f"Patient/{patient}/$everything", token)
    assert f"Claim/{claim_of(NEAR)}" in everything


@pytest.mark.parametrize("kind", ["Claim", "ClaimResponse", "PaymentReconciliation"])
@pytest.mark.parametrize(("method", "to_one"), [("POST", False), ("PUT", True), ("PATCH", True), ("DELETE", True)])
def test_money_does_not_come_in_here(month: Month, kind: str, method: str, *, to_one: bool) -> None:
    (name, *_) = sorted(month.found(kind))
    body = month.get(name)
    token = month.facade.token(None, EVERYTHING)
    answer = month.facade.call(method, name if to_one else kind, token, body)
    assert answer.status_code == 405
    assert "sesame billing" in json.loads(answer.data)["issue"][0]["diagnostics"]
    assert month.get(name) == body


@pytest.mark.parametrize(("kind", "scope"), [("Claim", "system/Coverage.rs"), ("Coverage", "system/Claim.rs")])
def test_a_scope_of_another_type_opens_nothing(month: Month, kind: str, scope: str) -> None:
    assert month.facade.call("GET", kind, month.facade.token(None, scope)).status_code == 403


def test_history_keeps_what_a_claim_s_answer_was(month: Month) -> None:
    name = f"ClaimResponse/{claim_of(NEAR)}-response-1"
    assert "payment" not in month.get(f"{name}/_history/1")
    assert month.get(name)["payment"]["identifier"]["value"] == "VIR 1"
    assert month.get(f"Claim/{claim_of(NEAR)}")["meta"]["versionId"] == "1"


def insurance(life: Lived, **changes: Any) -> Json:
    recorded = coverage(PathwayId(life.pathway_id), CoverageRecorded("01", "751", "0000", full=True))
    body: Json = json.loads(json.dumps(recorded))
    return {**body, **changes}


@pytest.fixture(scope="module")
def writing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Facade]:
    team = build_team(migrated_database(Path(tmp_path_factory.mktemp("insurances"))))
    facade = Facade(team)
    team.pages.clock.move(days=(DAY - team.pages.clock.now().date()).days + 1)
    write_lives(team.pages.store, (FAR, BARE, UNCOVERED))
    yield facade
    team.pages.store.close()


@pytest.mark.parametrize(("who", "life"), [(Role.NURSE, BARE), (None, UNCOVERED)])
def test_an_insurance_written_here_is_the_pathway_s(writing: Facade, who: Role | None, life: Lived) -> None:
    token = writing.token(who, "user/*.cruds system/*.cruds")
    body = insurance(life, period={"start": "2026-01-01"})
    sent = {name: value for name, value in body.items() if name != "id"}
    created = writing.call("POST", "Coverage", token, sent, Prefer="return=representation")
    assert created.status_code == 201, created.get_data(as_text=True)
    published = json.loads(created.data)
    assert (published["id"], published["period"]) == (life.pathway_id, {"start": "2026-01-01"})
    engine = writing.deps.engine
    assert engine is not None
    assert engine.load(life.pathway_id).coverage == CoverageRecorded("01", "751", "0000", full=True)
    again = writing.call("PUT", f"Coverage/{life.pathway_id}", token, published)
    assert again.status_code == 200
    same = json.loads(writing.call("GET", f"Coverage/{life.pathway_id}", token).data)
    assert same["meta"]["versionId"] == published["meta"]["versionId"]
    published["class"][1]["value"] = "131"
    assert writing.call("PUT", f"Coverage/{life.pathway_id}", token, published).status_code == 200
    assert engine.load(life.pathway_id).coverage == CoverageRecorded("01", "131", "0000", full=True)


_MONEY = [{"type": {"text": "forfait"}, "valueMoney": {"value": 1, "currency": "EUR"}}]
_CLASS = "https://sesame-fhir.fr/ig/CodeSystem/sesame-coverage-class"


def _classes(*pairs: tuple[str, str]) -> list[Json]:
    return [{"type": {"coding": [{"system": _CLASS, "code": code}]}, "value": value} for code, value in pairs]


@pytest.mark.parametrize(
    ("changes", "status", "said"),
    [
        ({"class": _classes(("regime", "01"), ("regime", "02"))}, 422, "une fois au plus"),
        ({"class": [], "costToBeneficiary": []}, 400, "class"),
        ({"class": None, "costToBeneficiary": None}, 422, "Dire au moins"),
        ({"costToBeneficiary": _MONEY}, 422, "copaypct"),
        ({"status": "cancelled"}, 409, "se corrige"),
        ({"beneficiary": {"reference": "Patient/nobody"}}, 422, ""),
        ({"class": _classes(("regime", "001"))}, 422, "coverage-code-wrong"),
    ],
)
def test_what_cannot_be_recorded_is_refused_with_its_reason(
    writing: Facade, changes: dict[str, Any], status: int, said: str
) -> None:
    token = writing.token(None, "system/*.cruds")
    body = {name: value for name, value in insurance(FAR, **changes).items() if value is not None}
    answer = writing.call("PUT", f"Coverage/{FAR.pathway_id}", token, body)
    assert (answer.status_code, said in answer.get_data(as_text=True)) == (status, True), answer.get_data(as_text=True)


@pytest.mark.parametrize(("role", "status"), [(Role.COORDINATOR, 403), (Role.GP, 403), (Role.PSYCHIATRIST, 403)])
def test_who_may_not_write_an_insurance(writing: Facade, role: Role, status: int) -> None:
    body = insurance(BARE)
    assert writing.call("POST", "Coverage", writing.token(role), body).status_code == status


def test_an_insurance_of_another_kind_is_the_record_s_own(writing: Facade) -> None:
    body = insurance(BARE, payor=[{"display": "Mutuelle fictive"}])
    plain = {name: body[name] for name in ("resourceType", "status", "beneficiary", "payor")}
    token = writing.token(None, "system/*.cruds")
    created = writing.call("POST", "Coverage", token, plain, Prefer="return=representation")
    assert created.status_code == 201
    number = json.loads(created.data)["id"]
    assert number != BARE.pathway_id
    assert writing.call("DELETE", f"Coverage/{number}", token).status_code == 204
    published = writing.call("DELETE", f"Coverage/{FAR.pathway_id}", token)
    assert published.status_code == 409
