"""FHIR clients that are not ours against the demo: fhirclient by SMART, fhirpy and fhir-kit-client as systems."""

import json
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from fhirclient.client import FHIRClient
from fhirclient.models.condition import Condition
from fhirclient.models.patient import Patient
from fhirpy import SyncFHIRClient
from fhirpy.base.exceptions import OperationOutcome, ResourceNotFound
from joserfc import jwt
from joserfc.jwk import ECKey

from sesame_fhir.api.oauth.client_assertion import ASSERTION_TYPE
from sesame_fhir.fhir.canonical import own
from sesame_fhir.server.system import read_key
from sesame_fhir.services.authorization import OAuthClient
from sesame_fhir.services.records import ClientKind
from sesame_fhir.storage import open_store
from tests.peer.node_peer import PeerMissing, install
from tests.support.browser import Browser, form_of, tree
from tests.support.demo import Demo, running_demo

pytestmark = [pytest.mark.network, pytest.mark.xdist_group("clients")]

JAVASCRIPT = Path(__file__).with_name("javascript")
BACK = "http://127.0.0.1:9/back"
SCOPE = "launch/patient patient/*.rs openid fhirUser offline_access"
SYSTEM = "system/*.cruds"
KEY = ECKey.generate_key("P-384", {"kid": "k1", "alg": "ES384", "use": "sig"})


@dataclass(frozen=True, slots=True)
class Peers:
    """The demo, with two strangers registered."""

    demo: Demo

    @property
    def record(self) -> str:
        return f"{self.demo.ehr}/fhir"

    @property
    def sesame(self) -> str:
        return f"{self.demo.app.removesuffix('/app')}/fhir"

    def system_token(self) -> str:
        """A backend service's token (SMART Backend Services)."""
        endpoint = requests.get(f"{self.sesame}/.well-known/smart-configuration", timeout=10).json()["token_endpoint"]
        claims = {
            "iss": "region",
            "sub": "region",
            "aud": endpoint,
            "exp": int(time.time()) + 200,
            "jti": str(time.time_ns()),
        }
        assertion = jwt.encode({"alg": "ES384", "kid": "k1", "typ": "JWT"}, claims, KEY, ["ES384"])
        asked = {
            "grant_type": "client_credentials",
            "scope": SYSTEM,
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": assertion,
        }
        return str(requests.post(endpoint, data=asked, timeout=10).json()["access_token"])


@pytest.fixture(scope="module")
def peers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peers]:
    folder: Path = tmp_path_factory.mktemp("clients")
    with running_demo(folder, patients=4) as demo:
        app = OAuthClient("stranger", "Étranger", ClientKind.PUBLIC, (BACK,), None, tuple(SCOPE.split()))
        keys = {"keys": [KEY.as_dict(private=False)]}
        region = OAuthClient("region", "Région", ClientKind.ASYMMETRIC, (), None, (SYSTEM,), jwks=keys)
        for name, client in (("demo-ehr.db", app), ("sesame.db", region)):
            with open_store(f"sqlite:///{folder / name}", read_key(folder / "sesame.key")) as store:
                store.authorization.save_client(client)
        yield Peers(demo)


def approved(address: str) -> str:
    """Play the person: sign in at the EHR, choose a patient; returns the address the app is called back at."""
    browser = Browser()
    page = browser.open("GET", address)
    page = browser.submit(form_of(page), staff=_offered(page, "staff"))
    chosen = {
        name: tree(page).xpath(f"//form[.//button[@name='patient']]//input[@name='{name}']/@value")
        for name in _fields(page)
    }
    fields = {name: values[0] for name, values in chosen.items() if values}
    answer = browser.send("POST", page.url, {**fields, "patient": _offered(page, "patient")})
    return str(answer.headers["Location"])


def _offered(page: requests.Response, name: str) -> str:
    return str(tree(page).xpath(f"//button[@name='{name}']/@value")[0])


def _fields(page: requests.Response) -> list[str]:
    """Names of what the form with the patients carries."""
    return list(tree(page).xpath("//form[.//button[@name='patient']]//input/@name"))


@pytest.fixture(scope="module")
def smart(peers: Peers) -> Any:
    """Fhirclient after a standalone launch with PKCE; it finds the endpoints by the ``oauth-uris`` extension."""
    settings = {"app_id": "stranger", "api_base": peers.record, "redirect_uri": BACK, "scope": SCOPE}
    client = FHIRClient(settings=settings)
    client.handle_callback(approved(client.authorize_url))
    assert client.ready
    return client


def test_fhirclient_reads_the_launched_patient(smart: Any) -> None:
    assert smart.patient.name[0].family
    assert smart.patient.birthDate.date


def test_fhirclient_searches_page_by_page(smart: Any) -> None:
    conditions = Condition.where(struct={"patient": smart.patient_id, "_count": "1"})
    found = list(conditions.perform_resources_iter(smart.server))
    at_once = Condition.where(struct={"patient": smart.patient_id, "_count": "100"})
    assert [one.id for one in found] == [one.id for one in at_once.perform_resources_iter(smart.server)]


def test_fhirclient_refreshes(smart: Any) -> None:
    before = smart.server.auth.access_token
    smart.reauthorize()
    assert smart.server.auth.access_token != before
    assert Patient.read(smart.patient_id, smart.server).id == smart.patient_id


@pytest.fixture(scope="module")
def fhirpy(peers: Peers) -> Any:
    return SyncFHIRClient(peers.sesame, authorization=f"Bearer {peers.system_token()}")


def test_fhirpy_pages_through_a_search(fhirpy: Any) -> None:
    patients = fhirpy.resources("Patient")
    everybody = patients.limit(2).fetch_all()
    assert len(everybody) == patients.count() >= 4
    assert len({one["id"] for one in everybody}) == len(everybody)
    assert [one["id"] for one in fhirpy.resources("Patient").limit(100).fetch()] == [one["id"] for one in everybody]


def test_fhirpy_follows_references_and_includes(fhirpy: Any) -> None:
    episode = fhirpy.resources("EpisodeOfCare").include("EpisodeOfCare", "patient").first()
    patient = episode["patient"].to_resource()
    assert patient["resourceType"] == "Patient"
    about = fhirpy.resources("QuestionnaireResponse").search(patient=patient["id"]).fetch_all()
    assert {one["subject"]["reference"] for one in about} == {f"Patient/{patient['id']}"}


def test_fhirpy_writes_and_is_told_what_is_wrong(fhirpy: Any) -> None:
    organization = fhirpy.resource("Organization", name="Centre de santé fictif", active=True)
    organization.save()
    organization["name"] = "Autre nom"
    organization.save()
    again = fhirpy.reference("Organization", organization["id"]).to_resource()
    assert (again["name"], again["meta"]["versionId"]) == ("Autre nom", "2")
    with pytest.raises(OperationOutcome) as refused:
        fhirpy.resource("Organization", name="x", active="oui").save()
    assert "Organization.active" in str(refused.value)
    organization.delete()
    with pytest.raises((ResourceNotFound, OperationOutcome)):
        fhirpy.reference("Organization", organization["id"]).to_resource()


def test_fhirpy_sends_a_transaction(fhirpy: Any) -> None:
    number = "urn:uuid:6c1f5d7a-9d3e-4a8e-9f3a-2f6f0c0f8a11"
    entries = [
        {
            "fullUrl": number,
            "resource": {"resourceType": "Organization", "name": "Centre"},
            "request": {"method": "POST", "url": "Organization"},
        },
        {
            "resource": {"resourceType": "Organization", "name": "Antenne", "partOf": {"reference": number}},
            "request": {"method": "POST", "url": "Organization"},
        },
    ]
    answer = fhirpy.execute("", method="POST", data={"resourceType": "Bundle", "type": "transaction", "entry": entries})
    assert [entry["response"]["status"][:3] for entry in answer["entry"]] == ["201", "201"]
    parent, child = (entry["response"]["location"].split("Organization/")[1].split("/")[0] for entry in answer["entry"])
    stored = fhirpy.reference("Organization", child).to_resource()
    assert stored["partOf"]["reference"] == f"Organization/{parent}"


def test_fhir_kit_client_uses_every_interaction(peers: Peers) -> None:
    """In Node: discovery, paging, compartment, create to delete, patch, history, transaction, an operation."""
    try:
        install(JAVASCRIPT)
    except PeerMissing as missing:
        pytest.skip(str(missing))
    value_set = own("ValueSet", "sesame-exit-reason")
    command = ["node", "clients.mjs", peers.sesame, peers.system_token(), value_set]
    done = subprocess.run(command, cwd=JAVASCRIPT, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["smart"]["tokenUrl"].endswith("/oauth/token")
    assert told["transaction"]
    assert told["searches"]
    assert len(set(told["pages"])) == 2
    assert told["read"] == told["pages"][0]
    assert told["compartment"] == "searchset"
    assert told["versions"] == ["1:A", "2:B", "3:C"]
    assert (told["history"], told["vread"], told["gone"]) == (3, "A", 410)
    assert told["transacted"] == ["201", "201"]
    assert told["expanded"] > 3
