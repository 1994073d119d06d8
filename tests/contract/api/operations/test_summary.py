"""``EpisodeOfCare/$summary``: the document of a whole pathway, as a golden file, and its limits.

After an intended change: ``UPDATE_GOLDEN=1 python -m pytest tests/contract/api/operations/test_summary.py``, then read
the diff.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from sesame_fhir.fhir.narrative import narrative_fault
from sesame_fhir.fhir.reader import read_json
from sesame_fhir.fhir.validation import validate
from sesame_fhir.fhir.walk import walk
from tests.contract.api.harness import BASE
from tests.contract.api.operations.asking import Asking, Json, resources
from tests.support.story import PATHWAY

PATH = f"EpisodeOfCare/{PATHWAY}/$summary"
GOLDEN = Path(__file__).with_name("summary.golden.json")


def sections(bundle: Json) -> dict[str, Json]:
    return {one["title"]: one for one in resources(bundle)[0]["section"]}


def test_the_document_is_the_golden_one(asking: Asking) -> None:
    composition = resources(asking.ok(PATH))[0]
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.write_text(json.dumps(composition, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    assert composition == json.loads(GOLDEN.read_text(encoding="utf-8"))


def test_the_document_is_valid_and_closed(asking: Asking) -> None:
    answer = asking.call(PATH)
    bundle = read_json(answer.data)
    assert validate(bundle, "Bundle") == []
    assert (bundle["type"], bundle["entry"][0]["resource"]["resourceType"]) == ("document", "Composition")
    there = {entry["fullUrl"] for entry in bundle["entry"]}
    assert len(there) == len(bundle["entry"])
    for entry in bundle["entry"]:
        assert entry["fullUrl"] == f"{BASE}/{entry['resource']['resourceType']}/{entry['resource']['id']}"
        for _, node in walk(entry["resource"]).nodes:
            if "reference" in node:
                assert f"{BASE}/{node['reference']}" in there, node["reference"]


def test_every_narrative_can_be_shown(asking: Asking) -> None:
    composition = resources(asking.ok(PATH))[0]
    for holder in (composition, *composition["section"]):
        assert narrative_fault(holder["text"]["div"]) is None
        assert holder["text"]["div"].startswith('<div xmlns="http://www.w3.org/1999/xhtml" lang="fr"')


def test_the_same_content_is_the_same_document(fresh: Asking) -> None:
    first = fresh.ok(PATH)
    fresh.world.clock.move(days=1)
    second = fresh.ok(PATH)
    assert first["identifier"] == second["identifier"]
    assert first["timestamp"] != second["timestamp"]
    goal = sections(first)["Plan de soins et objectifs"]["entry"][-1]["reference"]
    body: dict[str, Any] = next(one for one in resources(first) if f"{one['resourceType']}/{one['id']}" == goal)
    fresh.world.put({name: part for name, part in body.items() if name != "meta"})
    assert fresh.ok(PATH)["identifier"] != first["identifier"]


def test_what_is_written_cannot_run(fresh: Asking) -> None:
    fresh.world.put(
        {
            "resourceType": "Goal",
            "id": "evil",
            "lifecycleStatus": "active",
            "description": {"text": "<script>alert('x')</script> & <b>gras</b>"},
            "subject": {"reference": f"Patient/{PATHWAY}"},
        }
    )
    told = sections(fresh.ok(PATH))["Plan de soins et objectifs"]["text"]["div"]
    assert "&lt;script&gt;" in told
    assert "<script" not in told
    assert narrative_fault(told) is None


def test_what_the_token_may_not_read_is_withheld_and_said(asking: Asking) -> None:
    bundle = asking.ok(PATH, scope="user/EpisodeOfCare.r user/Patient.r user/Goal.rs")
    kinds = {one["resourceType"] for one in resources(bundle)}
    assert kinds == {"Composition", "Device", "EpisodeOfCare", "Patient", "Goal"}
    assert sections(bundle)["Scores"]["emptyReason"]["coding"][0]["code"] == "withheld"
    assert "entry" not in sections(bundle)["Contacts"]
    assert "Hors des droits" in sections(bundle)["Contacts"]["text"]["div"]


@pytest.mark.parametrize(
    ("path", "scope", "patient", "status"),
    [
        (PATH, "patient/*.rs", PATHWAY, 200),
        (PATH, "patient/*.rs", "p1", 404),
        (PATH, "user/Patient.r", None, 403),
        (PATH, "user/EpisodeOfCare.r", None, 403),
        ("EpisodeOfCare/nobody/$summary", "user/*.rs", None, 404),
        (f"{PATH}?colour=x", "user/*.rs", None, 400),
    ],
)
def test_whose_summary(asking: Asking, path: str, scope: str, patient: str | None, status: int) -> None:
    assert asking.call(path, scope=scope, patient=patient).status_code == status
