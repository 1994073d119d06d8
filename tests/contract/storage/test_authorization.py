"""The authorization server's state: everything once, nothing after its time."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from sesame_fhir.domain.ids import SiteId
from sesame_fhir.services.authorization import (
    AuthorizationCode,
    BrowserSession,
    IssuedLaunch,
    OAuthClient,
    Presented,
    TokenGrant,
)
from sesame_fhir.services.records import ClientKind
from sesame_fhir.storage import Store
from tests.support.story import SITE, START

MINUTE = timedelta(minutes=1)
CONTEXT = {"patient": "p1", "need_patient_banner": True, "fhirContext": [{"reference": "X/1"}], "intent": None}
CLIENT = OAuthClient(
    client_id="sesame",
    name="SÉSAME",
    kind=ClientKind.ASYMMETRIC,
    redirect_uris=("http://localhost:8000/app/callback",),
    launch_uri="http://localhost:8000/app/launch",
    scopes=("launch", "openid"),
    jwks={"keys": [{"kid": "1"}]},
)
SYMMETRIC = OAuthClient("b", "B", ClientKind.SYMMETRIC, (), None, (), secret_hash="h", jwks_uri="https://b/jwks")
LAUNCH = IssuedLaunch("launch", "sesame", "Practitioner/gp1", CONTEXT, START + MINUTE)
CODE = AuthorizationCode(
    "code", "sesame", "http://r", "launch", "challenge", "nonce", "Practitioner/gp1", CONTEXT, START, START + MINUTE
)
GRANT = TokenGrant(
    access_hash="a1",
    refresh_hash="r1",
    family="f1",
    client_id="sesame",
    subject="Practitioner/gp1",
    scope="launch",
    context=CONTEXT,
    issued_at=START,
    expires_at=START + 5 * MINUTE,
    refresh_expires_at=START + 60 * MINUTE,
)
NEXT = replace(GRANT, access_hash="a2", refresh_hash="r2")
SESSION = BrowserSession("session", "Practitioner/gp1", START, START + MINUTE)


def test_clients(store: Store) -> None:
    store.authorization.save_client(CLIENT)
    store.authorization.save_client(SYMMETRIC)
    store.authorization.save_client(changed := replace(CLIENT, name="Other", jwks=None))
    assert store.authorization.client("sesame") == changed
    assert store.authorization.client("unknown") is None
    assert store.authorization.clients() == (SYMMETRIC, changed)


def test_launches_expire(store: Store) -> None:
    store.authorization.save_launch(LAUNCH)
    assert store.authorization.launch("launch", START) == LAUNCH
    assert store.authorization.launch("launch", LAUNCH.expires_at) is None
    assert store.authorization.launch("unknown", START) is None


@pytest.mark.parametrize("code", [CODE, replace(CODE, nonce=None)], ids=["nonce", "no nonce"])
def test_a_code_is_taken_once(store: Store, code: AuthorizationCode) -> None:
    store.authorization.save_code(code)
    assert store.authorization.take_code("unknown", START) is None
    assert store.authorization.take_code("code", START) == code
    assert store.authorization.take_code("code", START) is None


def test_an_expired_code_is_used_up(store: Store) -> None:
    store.authorization.save_code(CODE)
    assert store.authorization.take_code("code", CODE.expires_at) is None
    assert store.authorization.take_code("code", START) is None


def test_a_code_replayed_at_once_has_one_taker(store: Store) -> None:
    store.authorization.save_code(CODE)
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda _: store.authorization.take_code("code", START), range(16)))
    assert sum(one is not None for one in taken) == 1


def test_grants(store: Store) -> None:
    bare = replace(GRANT, access_hash="a9", refresh_hash=None, refresh_expires_at=None, family="f9")
    for grant in (GRANT, bare, replace(bare, access_hash="a8")):
        store.authorization.save_grant(grant)
    assert store.authorization.by_access("a1") == store.authorization.by_refresh("r1") == GRANT
    assert store.authorization.by_access("a9") == bare
    assert store.authorization.by_access("r1") is None
    assert store.authorization.by_refresh("a1") is None
    store.authorization.revoke("f9")
    assert store.authorization.by_access("a9") == replace(bare, revoked=True)
    assert store.authorization.by_access("a1") == GRANT


def test_rotation(store: Store) -> None:
    store.authorization.save_grant(GRANT)
    assert store.authorization.rotate("r1", NEXT)
    assert store.authorization.by_refresh("r1") == replace(GRANT, revoked=True)
    assert store.authorization.by_access("a2") == NEXT


def test_an_old_refresh_token_stores_nothing(store: Store) -> None:
    store.authorization.save_grant(GRANT)
    store.authorization.rotate("r1", NEXT)
    third = replace(GRANT, access_hash="a3", refresh_hash="r3")
    assert not store.authorization.rotate("r1", third)
    assert not store.authorization.rotate("unknown", third)
    assert store.authorization.by_access("a3") is None
    store.authorization.revoke("f1")
    assert not store.authorization.rotate("r2", third)


def test_rotation_has_one_winner(store: Store) -> None:
    store.authorization.save_grant(GRANT)
    fresh = [replace(GRANT, access_hash=f"x{n}", refresh_hash=f"y{n}") for n in range(16)]
    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(lambda grant: store.authorization.rotate("r1", grant), fresh))
    assert sum(won) == 1
    assert sum(store.authorization.by_access(grant.access_hash) is not None for grant in fresh) == 1


def test_an_assertion_is_used_once(store: Store) -> None:
    use = store.authorization.first_use
    assert use("client-a", "jti", START + MINUTE, START)
    assert not use("client-a", "jti", START + 2 * MINUTE, START)
    assert use("client-b", "jti", START + MINUTE, START)
    with ThreadPoolExecutor(8) as pool:
        first = list(pool.map(lambda _: use("client-a", "other", START + MINUTE, START), range(16)))
    assert sum(first) == 1


def test_sessions(store: Store) -> None:
    store.authorization.save_session(SESSION)
    assert store.authorization.session("session", START) == SESSION
    assert store.authorization.session("session", SESSION.expires_at) is None
    store.authorization.end_session("session")
    assert store.authorization.session("session", START) is None


def test_purge_keeps_what_may_still_be_refreshed(store: Store) -> None:
    store.authorization.save_launch(LAUNCH)
    store.authorization.save_code(CODE)
    store.authorization.save_session(SESSION)
    store.authorization.first_use("c", "j", START + MINUTE, START)
    store.authorization.save_grant(GRANT)
    bare = replace(GRANT, access_hash="a9", refresh_hash=None, refresh_expires_at=None)
    store.authorization.save_grant(bare)
    assert store.authorization.purge(START) == 0
    assert store.authorization.purge(START + MINUTE) == 4
    assert store.authorization.purge(START + 5 * MINUTE) == 1
    assert store.authorization.by_access("a1") == GRANT
    assert store.authorization.purge(START + 60 * MINUTE) == 1
    assert store.authorization.by_access("a1") is None


def test_a_token_is_presented_with_the_limits_of_its_client(store: Store) -> None:
    limited = replace(CLIENT, sites=(SITE, SiteId("other")), may_assert_professionals=True)
    store.authorization.save_client(limited)
    store.authorization.save_grant(GRANT)
    assert store.authorization.presented("a1") == Presented(GRANT, limited.sites, may_assert_professionals=True)
    assert store.authorization.presented("unknown") is None
    store.authorization.save_client(replace(limited, active=False))
    assert store.authorization.presented("a1") is None


def test_origins_are_those_of_active_clients(store: Store) -> None:
    assert store.authorization.origins() == frozenset()
    store.authorization.save_client(replace(CLIENT, origins=("https://a", "https://b")))
    store.authorization.save_client(replace(SYMMETRIC, origins=("https://b", "https://c")))
    store.authorization.save_client(replace(CLIENT, client_id="closed", origins=("https://d",), active=False))
    assert store.authorization.origins() == {"https://a", "https://b", "https://c"}


def test_a_client_that_is_removed_takes_its_tokens_along(store: Store) -> None:
    store.authorization.save_client(CLIENT)
    store.authorization.save_grant(GRANT)
    assert store.authorization.remove_client("sesame") is True
    assert store.authorization.remove_client("sesame") is False
    found = store.authorization.by_access("a1")
    assert found is not None
    assert found.revoked


def test_tokens_end_with_their_client_or_with_somebody_s_presence(store: Store) -> None:
    offline = replace(GRANT, access_hash="a3", refresh_hash="r3", scope="launch offline_access")
    narrowed = replace(GRANT, access_hash="a4", refresh_hash="r4", context={"refresh_scope": "launch offline_access"})
    others = replace(GRANT, access_hash="a5", refresh_hash="r5", subject="Practitioner/gp2")
    for grant in (GRANT, offline, narrowed, others):
        store.authorization.save_grant(grant)

    def living() -> list[str]:
        found = [store.authorization.by_access(name) for name in ("a1", "a3", "a4", "a5")]
        return [one.access_hash for one in found if one is not None and not one.revoked]

    store.authorization.revoke_online("Practitioner/gp1")
    assert living() == ["a3", "a4", "a5"]
    store.authorization.revoke_client("another")
    assert living() == ["a3", "a4", "a5"]
    store.authorization.revoke_client("sesame")
    assert living() == []
