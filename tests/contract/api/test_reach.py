"""What each role reaches on the facade: the very patients that its pages show, by every way to a resource."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from sesame_fhir.domain.access import Scope, scope_refusals
from sesame_fhir.domain.actors import CLINICIANS, STAFF, Actor, Role
from sesame_fhir.domain.events import ConsentStatus
from sesame_fhir.domain.ids import CommandId, ReferralId
from sesame_fhir.fhir.search_index import index
from sesame_fhir.services import referral
from sesame_fhir.services.engine import Command
from sesame_fhir.services.reach import SHARED_TYPES
from sesame_fhir.services.records import Origin, ResourceWrite
from sesame_fhir.services.staff import BreakGlass
from tests.support.app_pages import migrated_database
from tests.support.facade import Facade
from tests.support.story import SITE
from tests.support.team_cases import CRITERIA, Case, followed_case, screened_case
from tests.support.team_pages import MEMBERS, OTHER_SITE, build_team

ROLES = sorted(STAFF)
OTHER_GP = Actor("10000000041", Role.GP, "Dr Autre Fictif")
TYPES = ("Patient", "EpisodeOfCare", "Observation", "QuestionnaireResponse", "CareTeam", "CarePlan", "ServiceRequest")


@dataclass
class Ward:
    """Patients near and far of everybody."""

    facade: Facade
    cases: dict[str, Case]

    def reached(self, role: Role) -> set[str]:
        """The patients that the pages show to this role: the domain's own rule."""
        member, engine = MEMBERS[role], self.facade.team.deps.engine
        scope = Scope(frozenset(member.sites))
        loaded = (engine.load(case.pathway_id) for case in self.cases.values())
        return {p.pathway_id for p in loaded if role in CLINICIANS and not scope_refusals(p, member.actor, scope)}


@pytest.fixture(scope="module")
def ward(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ward]:
    team = build_team(migrated_database(Path(tmp_path_factory.mktemp("reach"))))
    facade = Facade(team)
    cases = {
        "own": followed_case(team, 1),
        "marked": followed_case(team, 2).hold("111111110").mark(),
        "far": followed_case(team, 3, OTHER_SITE),
        "far, of the psychiatrist": followed_case(team, 4, OTHER_SITE).join(Role.PSYCHIATRIST),
        "another GP's": _of_another_gp(screened_case(team, 5)),
        "another GP's, with ours": _of_another_gp(screened_case(team, 6)).accept().join(Role.GP),
    }
    cases["own"].write("À toute l'équipe.").write("À l'infirmière.", to=Role.NURSE)
    cases["own"].write("Au médecin.", by=Role.NURSE, to=Role.GP)
    _received(facade, cases)
    yield Ward(facade, cases)
    team.pages.store.close()


def _of_another_gp(case: Case) -> Case:
    def command() -> Command:
        return Command(CommandId(case.new_id()), OTHER_GP, case.site, case.clock.now())

    referral.confirm_eligibility(case.engine, command(), case.pathway_id, CRITERIA, ConsentStatus.GIVEN)
    referral.refer(case.engine, command(), case.pathway_id, referral.ReferralRequest(ReferralId(case.new_id())))
    return case


def _received(facade: Facade, cases: dict[str, Case]) -> None:
    """A condition of each patient that another system has written, and one of nobody of ours."""
    patients = {name: case.pathway_id for name, case in cases.items()} | {"nobody": "somewhere-else"}
    for number, (name, patient) in enumerate(patients.items()):
        body = {
            "resourceType": "Condition",
            "id": f"received-{number}",
            "subject": {"reference": f"Patient/{patient}"},
            "code": {"text": name},
        }
        site = cases[name].site if name in cases else SITE
        write = ResourceWrite("Condition", body["id"], body, index(body), site, Origin.RECORD)  # type: ignore[arg-type]
        facade.deps.resources.update(write, facade.deps.clock.now())


def test_the_ward_tells_the_roles_apart(ward: Ward) -> None:
    reached = {role: frozenset(ward.reached(role)) for role in (Role.NURSE, Role.GP, Role.PSYCHIATRIST)}
    assert len(set(reached.values())) == 3
    assert all(0 < len(found) < len(ward.cases) or role is Role.NURSE for role, found in reached.items())


@pytest.mark.parametrize("role", ROLES)
def test_a_search_finds_the_patients_of_the_pages(ward: Ward, role: Role) -> None:
    token = ward.facade.token(role)
    if role not in CLINICIANS:
        assert {ward.facade.call("GET", kind, token).status_code for kind in (*TYPES, "Condition")} == {403}
        return
    assert ward.facade.found("Patient?_count=2", token) == {f"Patient/{one}" for one in ward.reached(role)}


@pytest.mark.parametrize("role", sorted(CLINICIANS))
@pytest.mark.parametrize("kind", [*TYPES, "Condition", "Provenance", "Task"])
def test_every_way_to_a_resource_agrees(ward: Ward, role: Role, kind: str) -> None:
    facade, reached = ward.facade, ward.reached(role)
    everything, token = facade.token(None, "system/*.rs"), facade.token(role)
    seen = facade.found(f"{kind}?_count=50", token)
    for name in sorted(facade.found(f"{kind}?_count=50", everything)):
        body = json.loads(facade.call("GET", name, everything).data)
        patients = {e.ref_id for e in index(body) if e.param == "patient"} or {body["id"]}
        inside = bool(patients & reached)
        status = 200 if inside else 404
        assert (name in seen) is inside, name
        assert facade.call("GET", name, token).status_code == status
        assert facade.call("GET", f"{name}?_format=json", token).status_code == status
        assert facade.call("GET", f"{name}/_history/1", token).status_code == status
        assert facade.call("GET", f"{name}/_history", token).status_code == status


@pytest.mark.parametrize("role", sorted(CLINICIANS))
def test_nothing_comes_along_or_through_from_out_of_reach(ward: Ward, role: Role) -> None:
    facade, token = ward.facade, ward.facade.token(role)
    patients = {f"Patient/{one}" for one in ward.reached(role)}
    along = facade.found("Patient?_revinclude=Condition:subject&_revinclude=EpisodeOfCare:patient&_count=50", token)
    episodes = {name.replace("Patient/", "EpisodeOfCare/") for name in patients}
    conditions = facade.found("Condition?_count=50", token)
    assert along == patients | episodes | conditions
    brought = facade.found("Condition?_include=Condition:subject&_count=50", token)
    assert {name for name in brought if name.startswith("Patient/")} == patients
    far = ward.cases["far"].pathway.traits
    assert far is not None
    through = facade.found(f"Condition?patient.family={far.family}", token)
    assert bool(through) is (ward.cases["far"].pathway_id in ward.reached(role))
    assert facade.found(f"Patient?_has:Condition:patient:_id=received-{len(ward.cases)}", token) == set()


@pytest.mark.parametrize("role", ROLES)
def test_everybody_reads_the_directory_and_nobody_changes_it(ward: Ward, role: Role) -> None:
    facade, token, member = ward.facade, ward.facade.token(role), MEMBERS[role]
    own = f"Practitioner/{member.staff_id}"
    body = json.loads(facade.call("GET", own, token).data)
    assert body["name"] == [{"text": member.name}]
    assert facade.call("PUT", own, token, body).status_code == 403
    roles = facade.found(f"PractitionerRole?practitioner={own}", token)
    assert len(roles) == len(member.sites)
    assert facade.call("PUT", own, facade.token(None, "system/*.cruds"), body).status_code == 409, "an account's own"


@pytest.mark.parametrize(
    ("role", "read"),
    [
        (Role.GP, ["À toute l'équipe.", "À l'infirmière.", "Au médecin."]),
        (Role.NURSE, ["À toute l'équipe.", "À l'infirmière.", "Au médecin."]),
        (Role.PSYCHIATRIST, ["À toute l'équipe."]),
    ],
)
def test_a_message_is_for_whom_it_is_addressed_to(ward: Ward, role: Role, read: list[str]) -> None:
    facade, own = ward.facade, ward.cases["own"]
    if own.pathway.discussion is None:
        own.mark()
    token = facade.token(role)
    search = f"Communication?category=team-message&patient=Patient/{own.pathway_id}"
    seen = [json.loads(facade.call("GET", name, token).data) for name in facade.found(search, token)]
    assert sorted(one["payload"][0]["contentString"] for one in seen) == sorted(read)
    every = facade.found(search, facade.token(None, "system/*.rs"))
    refused = [name for name in every if facade.call("GET", name, token).status_code == 404]
    assert len(refused) == 3 - len(read)


def test_a_broken_glass_opens_one_patient(ward: Ward) -> None:
    facade, far = ward.facade, ward.cases["far"].pathway_id
    token = facade.token(Role.GP)
    assert facade.call("GET", f"Patient/{far}", token).status_code == 404
    now = facade.deps.clock.now()
    until = now.replace(year=now.year + 1)
    facade.team.deps.staff_access.grants.grant(BreakGlass(MEMBERS[Role.GP].staff_id, far, "emergency", until))
    assert facade.call("GET", f"Patient/{far}", token).status_code == 200
    assert facade.found(f"Observation?patient=Patient/{far}", token)


def test_a_refused_read_is_in_the_audit_log(ward: Ward) -> None:
    facade, far = ward.facade, ward.cases["far"].pathway_id
    facade.call("GET", f"EpisodeOfCare/{far}", facade.token(Role.PSYCHIATRIST))
    (entry,) = [e for e in facade.deps.audit.entries(3) if e.outcome == "denied"][:1]
    assert (entry.detail, entry.extra["id"]) == ("EpisodeOfCare", far)


@pytest.mark.parametrize(("sites", "near", "far"), [((SITE,), 200, 404), ((OTHER_SITE,), 404, 200), ((), 200, 200)])
@pytest.mark.parametrize("who", [None, Role.NURSE])
def test_a_client_s_sites_limit_whoever_acts_through_it(
    ward: Ward, who: Role | None, sites: tuple[str, ...], near: int, far: int
) -> None:
    facade = ward.facade
    token = facade.token(who, "system/*.rs user/*.rs", sites)  # type: ignore[arg-type]  # ids of sites
    for name, status in (("own", near), ("far", far)):
        patient = ward.cases[name].pathway_id
        assert facade.call("GET", f"Patient/{patient}", token).status_code == status
        assert facade.call("GET", f"Patient/{patient}/_history", token).status_code == status
        assert bool(facade.found(f"Observation?patient=Patient/{patient}", token)) is (status == 200)
    assert facade.call("GET", "Practitioner/staff-nurse", token).status_code == 200


@pytest.mark.parametrize("who", [None, Role.NURSE, Role.GP])
def test_a_write_stays_within_reach(ward: Ward, who: Role | None) -> None:
    facade = ward.facade
    token = facade.token(who, "system/*.cruds user/*.cruds", (SITE,))
    foreign = "another GP's" if who is Role.GP else "far"
    about = {
        "resourceType": "Condition",
        "clinicalStatus": {
            "coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}]
        },
        "code": {"text": "Reçu"},
        "subject": {"reference": f"Patient/{ward.cases['own'].pathway_id}"},
    }
    created = facade.call("POST", "Condition", token, about)
    assert created.status_code == 201, created.get_data(as_text=True)
    number = list(ward.cases).index(foreign)
    taken = {**about, "id": f"received-{number}"}
    assert facade.call("PUT", f"Condition/received-{number}", token, taken).status_code == 403
    kept = facade.deps.resources.read("Condition", f"received-{number}")
    assert kept is not None
    assert json.loads(kept.body or b"{}")["code"]["text"] == foreign
    if who is not None:
        theirs = {**about, "subject": {"reference": f"Patient/{ward.cases[foreign].pathway_id}"}}
        assert facade.call("POST", "Condition", token, theirs).status_code == 403


@pytest.mark.parametrize("active", [True, False])
def test_an_account_that_is_closed_opens_nothing(ward: Ward, *, active: bool) -> None:
    facade = ward.facade
    member = replace(MEMBERS[Role.NURSE], staff_id="staff-leaving", login="leaving", rpps=None)
    facade.staff.save(member)
    token = facade.token(member, "user/*.rs")
    facade.staff.save(replace(member, active=active, sites=(SITE,)))
    assert facade.call("GET", "Patient", token).status_code == (200 if active else 401)
    published = json.loads(facade.call("GET", "Practitioner/staff-leaving", facade.token(Role.GP)).data)
    assert published["active"] is active
    roles = "PractitionerRole?practitioner=Practitioner/staff-leaving"
    assert len(facade.found(f"{roles}&active=true", facade.token(Role.GP))) == (1 if active else 0)
    assert len(facade.found(roles, facade.token(Role.GP))) == 2, "the site that was left is not forgotten"


def test_shared_types_are_of_no_patient() -> None:
    assert {"Practitioner", "PractitionerRole", "Organization", "Questionnaire"} <= SHARED_TYPES
    assert not {"Patient", "Observation", "Binary", "Bundle", "MeasureReport"} & SHARED_TYPES


@pytest.mark.parametrize("role", sorted(CLINICIANS))
def test_a_whole_compartment_leaves_out_what_the_role_has_nothing_to_do_with(ward: Ward, role: Role) -> None:
    patient, token = min(ward.reached(role)), ward.facade.token(role, "user/*.rs")
    assert any(name.startswith("Observation/") for name in ward.facade.found(f"Patient/{patient}/*", token))
