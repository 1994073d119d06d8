"""Registered EHRs, launches, drafts and keys."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from sesame_fhir.domain.ids import EhrId, LaunchId
from sesame_fhir.services.errors import VaultError
from sesame_fhir.services.records import (
    ClientKind,
    DraftKey,
    EhrRegistration,
    LaunchSession,
    PendingLaunch,
    SigningKey,
)
from sesame_fhir.storage import Store
from tests.support.story import EHR, GP, NURSE, SITE, START

MINUTE = timedelta(minutes=1)
REGISTRATION = EhrRegistration(
    ehr_id=EHR,
    issuer="https://ehr.example/fhir",
    client_id="sesame",
    kind=ClientKind.ASYMMETRIC,
    site=SITE,
    frame_origins=("https://ehr.example", "https://other.example"),
    secret=b"\x00sealed\xff",
    algorithm="ES384",
    scopes="launch openid",
    authorize_method="post",
)
MINIMAL = EhrRegistration(EhrId("b"), "https://b.example", "c", ClientKind.PUBLIC, SITE, ())
PENDING = PendingLaunch("state", "browser", EHR, b"sealed", "launch", START, START + 5 * MINUTE)
SESSION = LaunchSession(
    launch_id=LaunchId("l1"),
    launch_hash="hash",
    browser_hash="browser",
    ehr_id=EHR,
    site=SITE,
    patient="Patient/p1",
    encounter="Encounter/e1",
    actor=GP,
    granted_scopes="launch patient/*.rs",
    requested_scopes="launch patient/*.rs offline_access",
    tokens=b"sealed",
    token_expires_at=START + 5 * MINUTE,
    context={"intent": "screen", "fhirContext": [{"reference": "Questionnaire/phq-2"}], "banner": False},
    created_at=START,
    last_seen_at=START,
    expires_at=START + 60 * MINUTE,
    practitioner="Practitioner/gp1",
)
DRAFT = DraftKey(EHR, "Patient/p1", "10003461034", "phq-2")
KEY = SigningKey("k1", "smart-client", "ES384", b"sealed", {"kty": "EC", "kid": "k1"}, START)


@pytest.mark.parametrize("registration", [REGISTRATION, MINIMAL], ids=["full", "minimal"])
def test_registration_round_trips(store: Store, registration: EhrRegistration) -> None:
    store.ehrs.add(registration)
    assert store.ehrs.by_issuer(registration.issuer) == registration
    assert store.ehrs.by_id(registration.ehr_id) == registration
    assert store.ehrs.all() == (registration,)


@pytest.mark.parametrize(
    "issuer", ["https://ehr.example/fhir/", "HTTPS://ehr.example/fhir", "https://ehr.example", "", "' OR 1=1 --"]
)
def test_an_issuer_is_compared_exactly(store: Store, issuer: str) -> None:
    store.ehrs.add(REGISTRATION)
    assert store.ehrs.by_issuer(issuer) is None
    assert store.ehrs.by_id(EhrId(issuer)) is None


def test_registering_again_replaces_and_keeps_the_id(store: Store) -> None:
    store.ehrs.add(MINIMAL)
    store.ehrs.add(REGISTRATION)
    store.ehrs.add(replace(MINIMAL, ehr_id=EhrId("new-id"), client_id="changed"))
    assert store.ehrs.all() == (replace(MINIMAL, client_id="changed"), REGISTRATION)


def test_a_pending_launch_is_taken_once(store: Store) -> None:
    store.launches.begin(PENDING)
    assert store.launches.take("other", START) is None
    assert store.launches.take("state", START) == PENDING
    assert store.launches.take("state", START) is None


def test_an_expired_pending_launch_is_gone(store: Store) -> None:
    store.launches.begin(PENDING)
    assert store.launches.take("state", PENDING.expires_at) is None
    assert store.launches.take("state", START) is None


def test_a_state_replayed_at_once_has_one_taker(store: Store) -> None:
    store.launches.begin(PENDING)
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda _: store.launches.take("state", START), range(16)))
    assert sum(one is not None for one in taken) == 1


def test_a_launch_round_trips_until_it_expires_or_is_closed(store: Store) -> None:
    plain = replace(
        SESSION, launch_id=LaunchId("l2"), launch_hash="h2", actor=NURSE, encounter=None, practitioner=None, context={}
    )
    for session in (SESSION, plain):
        store.launches.open(session)
        assert store.launches.get(session.launch_hash, START) == session
        assert store.launches.get(session.launch_hash, session.expires_at) is None
    store.launches.touch("hash", START + 50 * MINUTE, START + 90 * MINUTE)
    later = store.launches.get("hash", START + 80 * MINUTE)
    assert later == replace(SESSION, last_seen_at=START + 50 * MINUTE, expires_at=START + 90 * MINUTE)
    store.launches.close("hash", START)
    assert store.launches.get("hash", START) is None
    assert store.launches.get("h2", START) == plain


def test_an_ended_launch_is_known_for_a_week_without_its_secrets(store: Store) -> None:
    closed = replace(SESSION, launch_id=LaunchId("l2"), launch_hash="closed")
    for session in (SESSION, closed):
        store.launches.open(session)
        assert store.launches.ended(session.launch_hash, START) is None
    store.launches.close("closed", START)
    for launch_hash, end in (("hash", SESSION.expires_at), ("closed", START)):
        assert store.launches.ended(launch_hash, end - timedelta(seconds=1)) is None
        found = store.launches.ended(launch_hash, end)
        assert found is not None
        assert (found.launch_hash, found.patient, found.actor) == (launch_hash, "Patient/p1", GP)
        assert (found.tokens, found.context) == (b"", {})
        assert store.launches.ended(launch_hash, end + timedelta(days=7)) is None
    assert store.launches.ended("unknown", START) is None


@pytest.mark.parametrize("end", ["expired", "closed"])
def test_nothing_opens_an_ended_launch_again(store: Store, end: str) -> None:
    store.launches.open(SESSION)
    at = SESSION.expires_at
    if end == "closed":
        at = START + MINUTE
        store.launches.close("hash", at)
    store.launches.touch("hash", at, at + 60 * MINUTE)
    store.launches.close("hash", at + MINUTE)
    assert store.launches.get("hash", at) is None
    ended = store.launches.ended("hash", at)
    assert ended is not None
    assert ended.expires_at == at


@pytest.mark.parametrize(
    ("changes", "minutes", "found"),
    [
        ({}, 0, True),
        ({}, 5, False),
        ({"granted_scopes": "launch offline_access"}, 5, True),
        ({"granted_scopes": "online_access"}, 5, True),
        ({"granted_scopes": "not_offline_access"}, 5, False),
        ({"granted_scopes": "offlineXaccess"}, 5, False),
        ({"granted_scopes": "launch offline_access"}, 60, False),
        ({"patient": "Patient/p2"}, 0, False),
        ({"ehr_id": EhrId("other")}, 0, False),
    ],
)
def test_newest_for(store: Store, changes: dict[str, str], minutes: int, found: bool) -> None:  # noqa: FBT001
    session = replace(SESSION, **changes)  # type: ignore[arg-type]  # each case changes texts only
    store.launches.open(session)
    newest = store.launches.newest_for(EHR, "Patient/p1", START + minutes * MINUTE)
    assert newest == (session if found else None)


def test_newest_for_prefers_the_newest(store: Store) -> None:
    for n in (1, 3, 2):
        store.launches.open(
            replace(SESSION, launch_id=LaunchId(f"l{n}"), launch_hash=f"h{n}", created_at=START + n * MINUTE)
        )
    newest = store.launches.newest_for(EHR, "Patient/p1", START)
    assert newest is not None
    assert newest.launch_hash == "h3"


def test_refresh_is_single_flight(store: Store) -> None:
    store.launches.open(SESSION)
    expires, now = SESSION.token_expires_at, START + 4 * MINUTE
    with ThreadPoolExecutor(8) as pool:
        claims = list(pool.map(lambda _: store.launches.claim_refresh("hash", expires, now, 30), range(16)))
    assert sum(claims) == 1
    assert not store.launches.claim_refresh("hash", expires, now + timedelta(seconds=29), 30)
    # The first one died: its lease ends.
    assert store.launches.claim_refresh("hash", expires, now + timedelta(seconds=30), 30)
    fresh = START + 9 * MINUTE
    store.launches.save_tokens("hash", b"fresh", fresh, "launch")
    session = store.launches.get("hash", now)
    assert session == replace(SESSION, tokens=b"fresh", token_expires_at=fresh, granted_scopes="launch")
    # Who still holds the old token has nothing to refresh; who holds the new one may, at once.
    assert not store.launches.claim_refresh("hash", expires, now, 30)
    assert store.launches.claim_refresh("hash", fresh, now, 30)
    assert not store.launches.claim_refresh("unknown", fresh, now, 30)


def test_a_draft_survives_and_is_sealed(store: Store) -> None:
    assert store.launches.draft(DRAFT) is None
    store.launches.save_draft(DRAFT, {"Q1": "LA6571-9"}, START)
    store.launches.save_draft(DRAFT, {"Q1": "LA6571-9", "note": "texte très privé"}, START)
    assert store.launches.draft(DRAFT) == {"Q1": "LA6571-9", "note": "texte très privé"}
    (row,) = store._database.read(lambda session: session.rows("SELECT sealed FROM draft"))
    assert b"LA6571-9" not in row[0]


@pytest.mark.parametrize("field", ["ehr_id", "patient", "author", "form"])
def test_a_draft_is_for_one_patient_author_and_form(store: Store, field: str) -> None:
    store.launches.save_draft(DRAFT, {"a": 1}, START)
    other = replace(DRAFT, **{field: EhrId("another")})
    assert store.launches.draft(other) is None
    store.launches.save_draft(other, {"a": 2}, START)
    assert store.launches.draft(DRAFT) == {"a": 1}


def test_a_draft_moved_to_another_patient_does_not_open(store: Store) -> None:
    store.launches.save_draft(DRAFT, {"a": 1}, START)
    store._database.write(lambda session: session.run("UPDATE draft SET patient = 'Patient/p2'"))
    with pytest.raises(VaultError):
        store.launches.draft(replace(DRAFT, patient="Patient/p2"))


def secrets_at_rest(store: Store) -> list[tuple[bytes, str]]:
    rows = store._database.read(lambda session: session.rows("SELECT tokens, context FROM launch"))
    return [(bytes(tokens), context) for tokens, context in rows]


def test_a_closed_launch_holds_no_secret(store: Store) -> None:
    store.launches.open(SESSION)
    store.launches.close("hash", START)
    assert secrets_at_rest(store) == [(b"", "{}")]


def test_purge(store: Store) -> None:
    store.launches.begin(PENDING)
    store.launches.open(SESSION)
    store.launches.save_draft(DRAFT, {}, START)
    assert store.launches.purge(START + MINUTE) == 0
    assert secrets_at_rest(store) != [(b"", "{}")]
    assert store.launches.purge(START + 5 * MINUTE) == 1
    assert store.launches.purge(START + 60 * MINUTE) == 0
    assert secrets_at_rest(store) == [(b"", "{}")]
    assert store.launches.ended("hash", START + 60 * MINUTE) is not None
    assert store.launches.purge(START + timedelta(days=8)) == 1
    assert secrets_at_rest(store) == []
    assert store.launches.purge(START + timedelta(days=29)) == 0
    assert store.launches.draft(DRAFT) == {}
    assert store.launches.purge(START + timedelta(days=30)) == 1
    assert store.launches.draft(DRAFT) is None


def test_keys(store: Store) -> None:
    newer = replace(KEY, kid="k2", created_at=START + MINUTE)
    for key in (newer, KEY, replace(KEY, kid="k3", purpose="other")):
        store.keys.add(key)
    assert store.keys.keys("smart-client") == (newer, KEY)
    assert store.keys.keys("none") == ()
    store.keys.retire("k1", START + MINUTE)
    store.keys.retire("k1", START + 9 * MINUTE)
    assert store.keys.keys("smart-client") == (newer, replace(KEY, retired_at=START + MINUTE))
    assert store.keys.forget(START + MINUTE) == 0
    assert store.keys.forget(START + 2 * MINUTE) == 1
    assert store.keys.keys("smart-client") == (newer,)
