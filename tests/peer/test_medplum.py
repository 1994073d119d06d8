"""A referral written to a FHIR server that is not ours (Medplum's router, validator and in-memory repository)."""

import base64
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sesame_fhir.domain.events import EhrBinding, Event, PatientIdentified, ScreeningCorrected
from sesame_fhir.domain.instruments import InstrumentId
from sesame_fhir.services.records import Delivery
from smart_app.ehr.writing import record_writer
from tests.peer.medplum_server import TOKEN, Peer, running_peer
from tests.peer.node_peer import PeerMissing
from tests.support.requirements import pango
from tests.support.story import AGREED, EHR, PATHWAY, TRAITS, answered, eligible, referred, screened, story
from tests.unit.writeback.deployment import SCOPES, Deployment, deployment

pytestmark = [
    pytest.mark.network,
    pytest.mark.xdist_group("medplum"),
    pytest.mark.skipif(not pango(), reason="no Pango for the PDF: run `python -m tests.support.requirements`"),
]

WRITTEN = ("QuestionnaireResponse", "Observation", "ServiceRequest", "Task")
ALL_SENT = dict.fromkeys(WRITTEN, Delivery.SENT)
PHQ_2 = InstrumentId.PHQ_2
_CORRECTION = ScreeningCorrected(screened().screening_id, PHQ_2, "1.0.0", answered(PHQ_2, "31"), 4, safety_flag=False)
Json = dict[str, Any]


@pytest.fixture
def peer() -> Iterator[Peer]:
    try:
        with running_peer() as found:
            yield found
    except PeerMissing as missing:
        pytest.skip(f"no peer FHIR server: {missing}")


def events(peer: Peer, *more: ScreeningCorrected) -> tuple[Event, ...]:
    binding = EhrBinding(EHR, peer.patient, peer.encounter, peer.practitioner)
    return story(PatientIdentified(TRAITS, binding), screened("33"), eligible(), AGREED, referred(), *more)


def sesame_for(peer: Peer, folder: Path, scopes: str = SCOPES) -> Deployment:
    """A SÉSAME with the referral committed, the production writer, and a launch on the peer's patient."""
    folder.mkdir()
    made = deployment(folder, peer.base, timeout=10)
    made.commit(events(peer))
    made.launch(TOKEN, scopes, patient=peer.patient, encounter=peer.encounter, practitioner=peer.practitioner)
    return replace(made, delivery=replace(made.delivery, writer=record_writer(made.deps)))


def deliver(sesame: Deployment) -> dict[str, Delivery]:
    sesame.delivery.deliver_pathway(PATHWAY)
    return {kind: item.status for kind, item in sesame.items().items()}


def landed(peer: Peer, kind: str) -> Json:
    """The only resource of a type in the peer's record."""
    (entry,) = peer.read(kind)["entry"]
    found: Json = entry["resource"]
    return found


def published(sesame: Deployment, kind: str) -> Json:
    stored = sesame.store.resources.read(kind, sesame.items()[kind].target.resource_id)
    assert stored is not None
    assert stored.body is not None
    body: Json = json.loads(stored.body)
    return body


def without_ids(value: Any) -> Any:
    """A resource modulo what a record changes: ids, meta, and what references point to (their type stays)."""
    if isinstance(value, list):
        return [without_ids(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    if "reference" in value:
        return {"to": value["reference"].partition("/")[0], "display": value.get("display")}
    if value.get("type") == "Practitioner":
        return {"to": "Practitioner", "display": value.get("display")}
    return {name: without_ids(inner) for name, inner in value.items() if name not in {"id", "meta", "encounter"}}


def references(value: Any) -> Iterator[str]:
    if isinstance(value, list | dict):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from references(inner)
        if isinstance(value, dict) and "reference" in value:
            yield value["reference"]


def check_landed(peer: Peer, sesame: Deployment, kinds: Sequence[str] = WRITTEN) -> None:
    """What landed is what we published, and every reference in it leads somewhere in that record."""
    for kind in kinds:
        found = landed(peer, kind)
        assert without_ids(found) == without_ids(published(sesame, kind))
        assert found["encounter"] == {"reference": peer.encounter}
        for reference in references(found):
            assert peer.read(reference)["id"] == reference.partition("/")[2]


def test_a_whole_referral_lands_as_published_and_a_correction_amends_it(peer: Peer, tmp_path: Path) -> None:
    sesame = sesame_for(peer, tmp_path / "one")
    with sesame.store:
        assert deliver(sesame) == ALL_SENT
        check_landed(peer, sesame)
        assert landed(peer, "Observation")["valueQuantity"]["value"] == 6

        sesame.commit(events(peer, _CORRECTION), known=5)
        assert deliver(sesame) == ALL_SENT
        check_landed(peer, sesame)
        for kind, status in zip(WRITTEN, ("amended", "amended", "active", "requested"), strict=True):
            assert landed(peer, kind)["status"] == status
        assert landed(peer, "Observation")["valueQuantity"]["value"] == 4
        history = peer.read(f"Observation/{landed(peer, 'Observation')['id']}/_history")
        assert len(history["entry"]) == 2


def test_a_sesame_that_forgot_what_it_wrote_does_not_write_it_twice(peer: Peer, tmp_path: Path) -> None:
    """A database restored from before the delivery: everything is found again by identifier."""
    first, restored = sesame_for(peer, tmp_path / "one"), sesame_for(peer, tmp_path / "restored")
    with first.store, restored.store:
        assert deliver(first) == deliver(restored) == ALL_SENT
        check_landed(peer, restored)
        assert [i.location for i in first.items().values()] == [i.location for i in restored.items().values()]


def test_what_the_token_does_not_allow_lands_as_one_document_that_a_correction_replaces(
    peer: Peer, tmp_path: Path
) -> None:
    scopes = SCOPES.replace("patient/QuestionnaireResponse.crus ", "").replace("patient/Observation.crus ", "")
    sesame = sesame_for(peer, tmp_path / "one", scopes)
    with sesame.store:
        expected = {**ALL_SENT, "QuestionnaireResponse": Delivery.DOCUMENT, "Observation": Delivery.DOCUMENT}
        assert deliver(sesame) == expected
        before = landed(peer, "DocumentReference")
        assert base64.b64decode(before["content"][0]["attachment"]["data"]).startswith(b"%PDF-1.4")
        sesame.commit(events(peer, _CORRECTION), known=5)
        assert deliver(sesame) == expected
        after = landed(peer, "DocumentReference")
        assert after["id"] == before["id"]
        assert after["content"] != before["content"]
        assert len(peer.read(f"DocumentReference/{before['id']}/_history")["entry"]) == 2
        for reference in references([after, landed(peer, "ServiceRequest"), landed(peer, "Task")]):
            assert peer.read(reference)["id"] == reference.partition("/")[2]
