"""The product as it is put together: what begins a pathway at SÉSAME begins none in the demo EHR."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from wsgiref.types import WSGIApplication

import pytest
from werkzeug.test import Client

from sesame_fhir.api.hashing import secret_hash
from sesame_fhir.domain.instruments import InstrumentId
from sesame_fhir.fhir.search_index import index
from sesame_fhir.server import demo_ehr
from sesame_fhir.server.settings import Settings, load
from sesame_fhir.server.system import SystemClock, make_key, read_key
from sesame_fhir.server.wiring import build_sesame
from sesame_fhir.services.authorization import OAuthClient, TokenGrant
from sesame_fhir.services.records import ClientKind, Origin, ResourceWrite
from sesame_fhir.storage import Store, open_store
from tests.support.demo import environment
from tests.support.story import SITE, answered

SECRET = "a-token-of-the-test-0123456789"
PATIENT = {"resourceType": "Patient", "id": "px", "name": [{"family": "FICTIVE"}], "birthDate": "1984-12-07"}


def settings(folder: Path) -> Settings:
    """Those of a demo in a folder, with its databases made."""
    made = demo_ehr.demo_settings(load(None, environment(folder, 8000, {})))
    make_key(Path(made.key_file))
    key = read_key(Path(made.key_file))
    with open_store(made.database_url, key) as store:
        store.migrate()
    demo_ehr.prepare(made, key)
    return made


def writing(store: Store) -> None:
    """A system that may write, and a patient of the record."""
    now = SystemClock().now()
    client = OAuthClient("backend", "Logiciel", ClientKind.ASYMMETRIC, (), None, ("system/*.cruds",), jwks={"keys": []})
    store.authorization.save_client(client)
    until = now + timedelta(hours=1)
    grant = TokenGrant(secret_hash(SECRET), None, "f", "backend", "backend", "system/*.cruds", {}, now, until, None)
    store.authorization.save_grant(grant)
    store.resources.create(ResourceWrite("Patient", "px", PATIENT, index(PATIENT), SITE, Origin.RECORD), now)


def response() -> dict[str, Any]:
    """A PHQ-2."""
    answers = answered(InstrumentId.PHQ_2, "32").items()
    return {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": "https://sesame-fhir.fr/ig/Questionnaire/phq-2",
        "status": "completed",
        "subject": {"reference": "Patient/px"},
        "authored": SystemClock().now().isoformat(timespec="seconds"),
        "item": [
            {"linkId": link, "answer": [{"valueCoding": {"system": "http://loinc.org", "code": code}}]}
            for link, code in answers
        ],
    }


def sent(wsgi: WSGIApplication) -> dict[str, Any]:
    """The response as the facade has stored it."""
    headers = {"Authorization": f"Bearer {SECRET}", "Content-Type": "application/fhir+json"}
    answer = Client(wsgi).post("/fhir/QuestionnaireResponse", data=json.dumps(response()), headers=headers)
    assert answer.status_code == 201, answer.get_data(as_text=True)
    return dict(json.loads(answer.data))


@pytest.mark.parametrize(("build", "begins"), [(build_sesame, True), (demo_ehr.build_demo_ehr, False)])
def test_a_response_begins_a_pathway_in_sesame_only(
    build: Callable[[Settings], Any], *, begins: bool, tmp_path: Path
) -> None:
    running = build(settings(tmp_path))
    try:
        writing(running.store)
        stored = sent(running.wsgi)
        pathways = list(running.store.pathways.pathway_ids())
        assert stored["subject"]["reference"] == (f"Patient/{pathways[0]}" if begins else "Patient/px")
        assert len(pathways) == begins
    finally:
        running.close()
