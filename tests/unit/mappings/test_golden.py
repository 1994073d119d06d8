"""Golden pairs: a situation of the pathway and the exact resource it must give, compared parsed.

After an intended change: ``UPDATE_GOLDEN=1 python -m pytest tests/unit/mappings/test_golden.py``, then read the diff.
"""

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mappings.consent import consent_id
from mappings.practitioner import practitioner
from mappings.projector import PathwayProjector
from mappings.to_record import DocumentKind, document_reference, for_record
from sesame_fhir.domain.events import ConsentPurpose
from sesame_fhir.domain.policy import DEFAULT_POLICY, PathwayPolicy
from sesame_fhir.fhir import search_index
from sesame_fhir.fhir.json_types import Json
from tests.support.story import GP, PATHWAY, REFERRAL
from tests.unit.mappings.cases import PHQ_9_AT_RISK, POSITIVE, REFERRAL_ID, UNKNOWN_GP, published

FOLDER = Path(__file__).parent / "golden"


def _held(name: str, key: str, policy: PathwayPolicy = DEFAULT_POLICY) -> Callable[[], Json]:
    return lambda: published(name, PathwayProjector(search_index.index, policy))[key]


def _in_record() -> Json:
    resource = published("referred", PathwayProjector(search_index.index))[f"ServiceRequest/{REFERRAL_ID}"]
    held = {f"Observation/{POSITIVE.screening_id}": "Observation/77"}
    return for_record(resource, "Patient/p1", "Encounter/e1", "Practitioner/gp1", held)


def _document() -> Json:
    return document_reference(
        document_id=REFERRAL,
        kind=DocumentKind.REFERRAL,
        pdf=b"%PDF-1.7 fictive",
        written_at=datetime(2026, 3, 2, 14, 0, tzinfo=UTC),
        author_name=GP.name,
        ehr_patient="Patient/p1",
        ehr_encounter="Encounter/e1",
        ehr_practitioner="Practitioner/gp1",
    )


_PATIENT = f"Patient/{PATHWAY}"
_EPISODE = f"EpisodeOfCare/{PATHWAY}"
_RESPONSE, _TOTAL = f"QuestionnaireResponse/{POSITIVE.screening_id}", f"Observation/{POSITIVE.screening_id}"
_PHQ_9 = f"QuestionnaireResponse/{PHQ_9_AT_RISK.screening_id}"
_FLAG, _ACKNOWLEDGEMENT = f"Flag/{PHQ_9_AT_RISK.screening_id}", f"Task/{PHQ_9_AT_RISK.screening_id}-safety"
_REQUEST, _TASK = f"ServiceRequest/{REFERRAL_ID}", f"Task/{REFERRAL_ID}"

CASES: dict[str, Callable[[], Json]] = {
    "Patient.ins": _held("screened", _PATIENT),
    "Patient.no-ins": _held("no-ins", _PATIENT),
    "Practitioner.rpps": lambda: practitioner(GP, "gp-1"),
    "Practitioner.no-rpps": lambda: practitioner(UNKNOWN_GP, "gp-2"),
    "QuestionnaireResponse.phq-2": _held("screened", _RESPONSE),
    "QuestionnaireResponse.phq-2-amended": _held("amended", _RESPONSE),
    "QuestionnaireResponse.phq-9": _held("at-risk", _PHQ_9),
    "Observation.phq-2": _held("screened", _TOTAL),
    "Observation.phq-2-raw": _held("screened", _TOTAL, PathwayPolicy(interpretation=False)),
    "Observation.phq-2-amended": _held("amended", _TOTAL),
    "Observation.gad-2": _held("gad-2", _TOTAL),
    "Flag.active": _held("at-risk", _FLAG),
    "Flag.acknowledged": _held("acknowledged", _FLAG),
    "Flag.removed": _held("risk-removed", _FLAG),
    "Task.safety-requested": _held("at-risk", _ACKNOWLEDGEMENT),
    "Task.safety-completed": _held("acknowledged", _ACKNOWLEDGEMENT),
    "ServiceRequest.active": _held("referred", _REQUEST),
    "ServiceRequest.overridden": _held("overridden", _REQUEST),
    "ServiceRequest.revoked": _held("withdrawn", _REQUEST),
    "ServiceRequest.completed": _held("in-care", _REQUEST),
    "ServiceRequest.in-record": _in_record,
    "Task.requested": _held("referred", _TASK),
    "Task.accepted": _held("accepted", _TASK),
    "Task.completed": _held("in-care", _TASK),
    "Task.cancelled": _held("withdrawn", _TASK),
    "Task.unreachable": _held("unreachable", _TASK),
    "EpisodeOfCare.referred": _held("referred", _EPISODE),
    "EpisodeOfCare.interrupted": _held("interrupted", _EPISODE),
    "EpisodeOfCare.exited": _held("exited", _EPISODE),
    "Consent.given": _held("referred", f"Consent/{consent_id(PATHWAY, ConsentPurpose.CARE_TEAM)}"),
    "Consent.opposed": _held("opposed", f"Consent/{consent_id(PATHWAY, ConsentPurpose.EVALUATION)}"),
    "DocumentReference.referral": _document,
}


@pytest.mark.parametrize("case", CASES)
def test_resource_is_the_golden_one(case: str) -> None:
    resource = CASES[case]()
    path = FOLDER / f"{case}.json"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(json.dumps(resource, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    assert case.startswith(resource["resourceType"] + ".")
    assert resource == json.loads(path.read_text(encoding="utf-8"))


def test_no_golden_file_is_left_behind() -> None:
    assert {path.stem for path in FOLDER.glob("*.json")} == set(CASES)
