"""A patient's record as an EHR gives it, in the shapes that the tests of reading vary."""

from dataclasses import replace
from typing import Any

from sesame_fhir.domain.actors import Actor, Role
from sesame_fhir.domain.ids import EhrId, LaunchId, SiteId
from sesame_fhir.services.records import LaunchSession
from sesame_fhir.services.snapshot import RecordSnapshot
from smart_app.ehr.reading import ReadingRules, read_record
from tests.unit.smart_app.ehr.loopback import NOW, Json, Loopback, Reply, client_of, json_reply

ME = {"reference": "Patient/p-1"}
FR = "https://hl7.fr/ig/fhir/core"
TEST_OID, NIR_OID = "urn:oid:1.2.250.1.213.1.4.10", "urn:oid:1.2.250.1.213.1.4.8"
INS = "280017511602371"
EMPTY = {"resourceType": "Bundle", "type": "searchset"}
SEARCHED = ("Observation", "EpisodeOfCare", "CareTeam", "Condition", "Encounter",
            "MedicationRequest", "MedicationStatement")  # fmt: skip


def ins(system: object = TEST_OID, value: object = INS, **more: Any) -> Json:
    return {"use": "official", "system": system, "value": value, **more}


def patient(**changes: Any) -> Json:
    standard = {
        "resourceType": "Patient",
        "id": "p-1",
        "identifier": [ins()],
        "name": [{"use": "usual", "family": "USAGE"}, {"use": "official", "family": "DUBOIS", "given": ["Marie", "A"]}],
        "gender": "female",
        "birthDate": "1980-01-15",
    }
    return {**standard, **changes}


def status(code: str) -> Json:
    part = {"url": "identityStatus", "valueCoding": {"code": code}}
    return {"url": f"{FR}/StructureDefinition/fr-core-identity-reliability", "extension": [part]}


def bundle(*resources: Json, more: bool = False) -> Reply:
    links = [{"relation": "next", "url": "x"}] if more else []
    return json_reply({**EMPTY, "entry": [{"resource": r} for r in resources], "link": links})


def session(**changes: Any) -> LaunchSession:
    made = LaunchSession(
        launch_id=LaunchId("l"),
        launch_hash="",
        browser_hash="",
        ehr_id=EhrId("ehr-1"),
        site=SiteId("s"),
        patient="Patient/p-1",
        encounter="Encounter/e-1",
        actor=Actor("ehr-1|sub", Role.GP, "Dr Sub"),
        granted_scopes="patient/*.cruds user/*.rs",
        requested_scopes="",
        tokens=b"",
        token_expires_at=NOW,
        context={},
        created_at=NOW,
        last_seen_at=NOW,
        expires_at=NOW,
        practitioner="Practitioner/gp-1",
    )
    return replace(made, **changes)


def practitioner(**changes: Any) -> Json:
    rpps = {"system": "https://rpps.esante.gouv.fr", "value": "10003461034"}
    name = [{"family": "MARTIN", "given": ["Claire"], "prefix": ["Dr"]}]
    return {"resourceType": "Practitioner", "id": "gp-1", "identifier": [rpps], "name": name, **changes}


def read(server: Loopback, rules: ReadingRules | None = None, **changes: Any) -> RecordSnapshot:
    with client_of(server) as client:
        return read_record(client, session(**changes), NOW, rules)
