"""Earlier scores, psychiatric follow-up and antidepressants: found, ruled out, or unknown."""

from datetime import UTC, datetime
from typing import Any

import pytest

from sesame_fhir.domain.instruments import InstrumentId
from smart_app.ehr.history import FollowUpRules
from smart_app.ehr.reading import ReadingRules
from tests.unit.smart_app.ehr.loopback import Json, Loopback
from tests.unit.smart_app.ehr.record import ME, bundle, read

pytestmark = pytest.mark.network


def score(code: str, value: object, at: str, **more: Any) -> Json:
    return {
        "resourceType": "Observation",
        "status": "final",
        "subject": ME,
        "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
        "effectiveDateTime": at,
        "valueQuantity": {"value": value},
        **more,
    }


def test_earlier_scores_newest_first(server: Loopback) -> None:
    good = [
        score("55758-7", 4, "2026-01-10"),
        score("44261-6", 14, "2026-02-01T10:00:00+01:00"),
        {**score("70274-6", 9, "2025-12-24T08:00:00Z"), "valueInteger": 9},
    ]
    bad = [
        score("55758-7", 5, "2026-03-01", status="entered-in-error"),
        score("55758-7", 5, "2026-03-01", status="preliminary"),
        score("55758-7", 7, "2026-03-01"),
        score("55758-7", -1, "2026-03-01"),
        score("55758-7", 2.5, "2026-03-01"),
        score("55758-7", "5", "2026-03-01"),
        score("55758-7", value=True, at="2026-03-01"),
        score("55758-7", 5, "2026"),
        score("55758-7", 5, "2026-03-01T10:00:00"),
        score("8480-6", 5, "2026-03-01"),
        score("55758-7", 5, "2026-03-01", status=["final"]),
        {**score("", 5, "2026-03-01"), "code": {"coding": [{"system": "http://loinc.org", "code": ["x"]}]}},
        score("55758-7", 5, "2026-03-01", subject={"reference": "Patient/other"}),
        score("55758-7", 5, "2026-03-01", subject={"reference": "https://evil.example/fhir/Patient/p-1"}),
        score("55758-7", 5, "2026-03-01", subject={}),
        {"resourceType": "Patient"},
    ]
    server.answer("Observation", bundle(*bad, *good))
    found = read(server).earlier
    assert [(s.instrument, s.total) for s in found] == [
        (InstrumentId.PHQ_9, 14),
        (InstrumentId.PHQ_2, 4),
        (InstrumentId.GAD_7, 9),
    ]
    assert found[0].at == datetime(2026, 2, 1, 9, tzinfo=UTC)


PSYCHIATRIST = {"display": "Dr X, psychiatre"}
CODED = {"coding": [{"system": "urn:local", "code": "PSY-1"}]}


@pytest.mark.parametrize(
    ("kind", "resource", "expected"),
    [
        ("CareTeam", {"status": "active", "subject": ME, "participant": [{"member": PSYCHIATRIST}]}, True),
        ("CareTeam", {"status": "inactive", "subject": ME, "participant": [{"member": PSYCHIATRIST}]}, False),
        ("CareTeam", {"subject": {"reference": "Patient/x"}, "participant": [{"member": PSYCHIATRIST}]}, False),
        ("EpisodeOfCare", {"status": "active", "patient": ME, "type": [{"text": "Suivi Psychiatrique"}]}, True),
        ("EpisodeOfCare", {"status": "active", "patient": ME, "type": [{"text": "Diabète"}]}, False),
        ("EpisodeOfCare", {"status": "active", "patient": ME, "type": [CODED]}, True),
        ("Encounter", {"status": "finished", "subject": ME, "serviceType": {"text": "psychiatrie"}}, True),
        ("Encounter", {"status": "cancelled", "subject": ME, "serviceType": {"text": "psychiatrie"}}, False),
        ("Condition", {"subject": ME, "code": {"text": "Suivi psychiatrique en cours"}}, True),
        ("Condition", {"subject": ME, "code": {"text": "Suivi psychiatrique"},
                       "clinicalStatus": {"coding": [{"code": "resolved"}]}}, False),
        ("Condition", {"subject": ME, "code": "psychiatrie?", "note": 7}, True),
        ("Condition", {"subject": ME, "code": {"text": "x"}, "clinicalStatus": {"coding": [{"code": ["x"]}]}}, False),
        ("CareTeam", {"status": ["active"], "subject": ME, "participant": "psychiatre"}, True),
    ],
)  # fmt: skip
def test_a_psychiatric_follow_up(server: Loopback, kind: str, resource: Json, *, expected: bool) -> None:
    server.answer(kind, bundle({"resourceType": kind, **resource}))
    rules = ReadingRules(follow_up=FollowUpRules(codes=frozenset({"urn:local|PSY-1"})))
    assert read(server, rules).psychiatric_follow_up is expected


def test_a_first_page_only_says_nothing_of_the_rest(server: Loopback) -> None:
    server.answer("CareTeam", bundle(more=True))
    server.answer("MedicationRequest", bundle(more=True))
    snapshot = read(server)
    assert snapshot.psychiatric_follow_up is None
    assert snapshot.antidepressant is None


def drug(code: str | None, **more: Any) -> Json:
    concept = {"coding": [{"system": "http://www.whocc.no/atc", "code": code}]} if code else {"text": "?"}
    return {"resourceType": "MedicationRequest", "status": "active", "subject": ME,
            "medicationCodeableConcept": concept, **more}  # fmt: skip


CONTAINED = {"id": "m", "resourceType": "Medication",
             "code": {"coding": [{"system": "http://www.whocc.no/atc", "code": "N06AB10"}]}}  # fmt: skip


@pytest.mark.parametrize(
    ("drugs", "expected"),
    [
        ([], False),
        ([drug("N06AB10")], True),
        ([drug("N05BA12")], False),
        ([drug("N05BA12"), drug(None)], None),
        ([drug(None), drug("N06AX16")], True),
        ([drug("N06AB10", status="stopped")], False),
        ([drug("N06AB10", subject={"reference": "Patient/x"})], False),
        ([drug(None, medicationReference={"reference": "#m"}, contained=[CONTAINED])], True),
        ([drug(None, medicationReference={"reference": "Medication/9"})], None),
    ],
)
def test_an_antidepressant(server: Loopback, drugs: list[Json], *, expected: bool | None) -> None:
    server.answer("MedicationRequest", bundle(*drugs))
    assert read(server).antidepressant is expected


def test_active_medications_by_their_names_each_once(server: Loopback) -> None:
    def drug(status: str = "active", **concept: Any) -> Json:
        return {
            "resourceType": "MedicationStatement",
            "status": status,
            "subject": ME,
            "medicationCodeableConcept": concept,
        }

    contained = {
        "resourceType": "MedicationStatement",
        "status": "active",
        "subject": ME,
        "contained": [{"resourceType": "Medication", "id": "m", "code": {"text": "Mélatonine 2 mg"}}],
        "medicationReference": {"reference": "#m"},
    }
    drugs = [
        drug(text="  Sertraline\n50 mg "),
        drug(coding=[{"system": "http://www.whocc.no/atc", "code": "N06AB06", "display": "sertraline"}]),
        drug(text="Sertraline 50 mg"),
        drug("stopped", text="Diazépam"),
        drug(coding=["not an object"], text=7),
        contained,
    ]
    server.answer("MedicationStatement", bundle(*drugs))
    assert read(server).medications == ("Sertraline 50 mg", "sertraline", "Mélatonine 2 mg")
