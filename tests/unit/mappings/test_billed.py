"""What is published of billing: what each command changes, with the site of the sequence, and nothing clinical."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from mappings.claim import claim
from mappings.claim_response import claim_response
from mappings.projector import PathwayProjector
from sesame_fhir.domain import events as ev
from sesame_fhir.domain.billing.claims import Claim
from sesame_fhir.domain.events.billing import Evidence, EvidenceKind
from sesame_fhir.domain.evolution import evolve
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.fhir import search_index
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.walk import strings, walk
from sesame_fhir.fhir.writer import write_json
from sesame_fhir.services.records import Projections
from tests.support.story import COORDINATOR, PATHWAY, SITE, event
from tests.unit.mappings import billing_cases as billing
from tests.unit.mappings import care_cases as care
from tests.unit.mappings.cases import pathway, project, published, steps, wanted
from tests.unit.mappings.probes.probe import some

PROJECTOR = PathwayProjector(search_index.index)
CLAIM, AGAIN = f"Claim/{billing.FIRST}", f"Claim/{billing.SECOND}"
ANSWER, COVERAGE = f"ClaimResponse/{billing.FIRST}-response-1", f"Coverage/{PATHWAY}"
BILLING = ("Claim", "ClaimResponse", "Coverage", "PaymentReconciliation")


def _made(projections: Projections) -> set[str]:
    keys = {f"{w.resource_type}/{w.resource_id}" for w in projections.resources}
    return {key for key in keys if not key.startswith("Provenance/")}


def _billed(name: str = "billed") -> Claim:
    return some(pathway(name).claim(billing.FIRST))


@pytest.mark.parametrize(
    ("story", "made"),
    [
        ("covered", {COVERAGE}),
        ("billed", {CLAIM}),
        ("billed-bare", {CLAIM, COVERAGE}),
        ("billed-before", set()),
        ("answered", {ANSWER}),
        ("rejected", {ANSWER}),
        ("partly-paid", {ANSWER}),
        ("paid", {ANSWER}),
        ("cancelled", {CLAIM}),
        ("replaced", {AGAIN}),
        ("confirmed", set()),
    ],
)
def test_a_command_publishes_what_it_changed_only(story: str, made: set[str]) -> None:
    assert _made(project(story, PROJECTOR)) == made


def test_a_second_answer_takes_the_payment_over() -> None:
    first, other = _billed("paid"), replace(billing.ACCEPTED, response_id="R-2", on=date(2026, 7, 8))
    happened = replace(event(90, other, COORDINATOR), pathway_id=PATHWAY)
    before = pathway("paid")
    assert _made(PROJECTOR(before, evolve(before, happened), (happened,))) == {ANSWER, f"{ANSWER[:-1]}2"}
    assert first.paid == billing.ACCEPTED.amount


@pytest.mark.parametrize("story", ["billed", "answered", "paid", "rejected", "cancelled", "replaced"])
def test_each_act_has_its_provenance_and_nothing_goes_to_the_record(story: str) -> None:
    acts = [body for key, body in published(story, PROJECTOR).items() if key.startswith("Provenance/")]
    assert any({"reference": CLAIM} in act["target"] for act in acts)
    assert not {key.partition("/")[0] for key in wanted(story, PROJECTOR)} & set(BILLING)


def test_claims_stay_with_the_site_of_the_sequence() -> None:
    before = pathway("paid")
    after = replace(before, site=care.ELSEWHERE)
    writes = PROJECTOR(before, after, ()).resources
    assert {w.resource_type for w in writes if w.resource_type in BILLING} == {"Coverage"}
    sites = {w.resource_type: w.site for w in PROJECTOR(Pathway(PATHWAY), after, ()).resources}
    assert (sites["Claim"], sites["ClaimResponse"], sites["Coverage"]) == (SITE, SITE, care.ELSEWHERE)


def test_a_claim_is_a_function_of_its_terms() -> None:
    """Exported twice, whatever was recorded meanwhile: the same bytes."""
    then = published("billed", PROJECTOR)[CLAIM]
    for story in ("answered", "paid", "rejected", "replaced", "confirmed"):
        assert write_json(claim(PATHWAY, _billed(story))) == write_json(then), story
    cancelled = claim(PATHWAY, _billed("cancelled"))
    assert cancelled == {**then, "status": "cancelled"}


def test_a_claim_refers_to_what_is_published() -> None:
    held = published("replaced", PROJECTOR)
    for key, body in held.items():
        if key.partition("/")[0] in BILLING:
            named = {str(node["reference"]) for _, node in walk(body).nodes if "reference" in node}
            assert named
            assert named <= held.keys(), key


@pytest.mark.parametrize("story", ["billed", "paid", "rejected", "replaced"])
def test_nothing_clinical_is_in_what_the_coordinator_reads(story: str) -> None:
    """Words that clinicians wrote in this story, scores, and codes of diseases are in no resource of billing."""
    bodies = [body for key, body in published(story, PROJECTOR).items() if key.partition("/")[0] in BILLING]
    texts = {text for body in bodies for text in strings(body)}
    written = {some(care.ASSESSED.problem).text, "P76", care.CORRECTED.note, care.REVIEWED.summary, care.SECRET}
    assert not texts & written
    assert "score" not in json.dumps(sorted(texts)).lower()
    assert not any(
        "valueQuantity" in node for body in bodies if body["resourceType"] == "Claim" for node in _nodes(body)
    )


def _nodes(body: Json) -> list[Json]:
    return [node for _, node in walk(body).nodes]


def test_consents_that_decided_nothing_are_not_the_payer_s() -> None:
    made = _billed()
    said = [Evidence(EvidenceKind.CONSENT, purpose, date(2026, 3, 2), "refused") for purpose in ev.ConsentPurpose]
    body = claim(PATHWAY, replace(made, terms=replace(some(made.terms), evidence=tuple(said))))
    named = [one["valueReference"]["reference"] for one in body["supportingInfo"] if "valueReference" in one]
    assert [one for one in named if one.startswith("Consent/")] == [f"Consent/{PATHWAY}-care-team"]


@pytest.mark.parametrize(
    ("code", "text", "published_as"),
    [
        ("D07", "Droits fermés", {"coding": [{"code": "D07"}], "text": "Droits fermés"}),
        ("  D  07 ", None, {"coding": [{"code": "D 07"}], "text": "D 07"}),
        ("", "Droits fermés", {"text": "Droits fermés"}),
    ],
)
def test_a_reason_is_the_payer_s_own(code: str, text: str | None, published_as: Json) -> None:
    answer = replace(billing.REJECTED, reasons=(ev.RejectionReason(code, text),))
    body = claim_response(PATHWAY, replace(_billed(), answers=(answer,)), 1)
    assert body["error"] == [{"code": published_as}]


def test_money_keeps_its_cents() -> None:
    made = _billed()
    body = claim(PATHWAY, replace(made, terms=replace(some(made.terms), amount=Decimal(7), tariff=Decimal("7.0"))))
    assert str(body["total"]["value"]) == str(body["item"][0]["unitPrice"]["value"]) == "7.00"
    assert "factor" not in body["item"][0]
    free = claim(PATHWAY, replace(made, terms=replace(some(made.terms), amount=Decimal(0), tariff=Decimal(0))))
    assert str(free["total"]["value"]) == "0.00"


def test_a_claim_of_before_has_no_resource() -> None:
    (made,) = pathway("billed-before").claims
    with pytest.raises(ValueError, match="no terms"):
        claim(PATHWAY, made)
    with pytest.raises(ValueError, match="no terms"):
        claim_response(PATHWAY, made, 1)


def test_the_sequence_s_plan_is_not_written_again_when_it_is_claimed() -> None:
    before, after, happened = steps("billed")[-1]
    assert before.sequences[0].claim_id is None
    assert after.sequences[0].claim_id == billing.FIRST
    assert not any(w.resource_type == "CarePlan" for w in PROJECTOR(before, after, (happened,)).resources)
