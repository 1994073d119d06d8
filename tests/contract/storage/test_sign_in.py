"""What proves who somebody is: secrets at rest, everything once, failures counted one by one."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from sesame_fhir.services.break_glass import GLASS_MINUTES
from sesame_fhir.services.errors import AlreadyExists
from sesame_fhir.services.sign_in_ports import EnrolmentLink, Passkey, PasswordAndCode, PendingSignIn
from sesame_fhir.services.staff import BreakGlass, StaffSession
from sesame_fhir.storage import Store
from tests.support.story import PATHWAY, START

MINUTE = timedelta(minutes=1)
PASSWORD = PasswordAndCode("s1", "scrypt:hash", b"sealed", 0)
PASSKEY = Passkey("credential", "s1", b"public", 0, START)
LINK = EnrolmentLink("link", "s1", b"sealed", START + MINUTE)
PENDING = PendingSignIn("state", "oidc", "browser", b"sealed", START + MINUTE)


def test_a_password_and_its_codes(store: Store) -> None:
    credentials = store.staff_access.credentials
    credentials.save_password(PASSWORD)
    assert credentials.password("s1") == PASSWORD
    assert credentials.password("s2") is None
    assert [credentials.use_step("s1", step) for step in (100, 100, 99, 101)] == [True, False, False, True]
    assert not credentials.use_step("s2", 1)
    credentials.save_password(changed := replace(PASSWORD, password_hash="other", totp=b"other"))
    assert credentials.password("s1") == changed


def test_a_code_sent_twice_at_once_works_once(store: Store) -> None:
    store.staff_access.credentials.save_password(PASSWORD)
    with ThreadPoolExecutor(4) as pool:
        used = list(pool.map(lambda _: store.staff_access.credentials.use_step("s1", 100), range(4)))
    assert sorted(used) == [False, False, False, True]


def test_passkeys(store: Store) -> None:
    credentials = store.staff_access.credentials
    credentials.add_passkey(PASSKEY)
    credentials.add_passkey(second := replace(PASSKEY, credential_id="second", created_at=START + MINUTE))
    with pytest.raises(AlreadyExists):
        credentials.add_passkey(replace(PASSKEY, staff_id="s2"))
    credentials.count_passkey("credential", 7)
    assert credentials.passkeys("s1") == (replace(PASSKEY, sign_count=7), second)
    assert credentials.passkey("second") == second
    assert credentials.passkey("unknown") is None


def test_forgetting_how_somebody_signs_in(store: Store) -> None:
    credentials = store.staff_access.credentials
    credentials.save_password(PASSWORD)
    credentials.add_passkey(PASSKEY)
    credentials.save_password(replace(PASSWORD, staff_id="s2"))
    credentials.forget("s1")
    assert (credentials.password("s1"), credentials.passkeys("s1")) == (None, ())
    assert credentials.password("s2") is not None


def test_a_link_works_once_and_the_last_one_only(store: Store) -> None:
    links = store.staff_access.links
    links.issue(LINK)
    links.issue(later := replace(LINK, link_hash="later"))
    assert links.find("link", START) is None
    assert links.find("later", START) == later
    assert links.find("later", START + MINUTE) is None
    assert links.take("later", START) == later
    assert links.take("later", START) is None
    links.issue(LINK)
    assert links.take("link", START + MINUTE) is None, "expired"


def test_a_pending_sign_in_is_taken_once(store: Store) -> None:
    pending = store.staff_access.pending
    pending.begin(PENDING)
    assert pending.take("state", "passkey", START) is None, "another kind"
    assert pending.take("state", "oidc", START) == PENDING
    assert pending.take("state", "oidc", START) is None
    pending.begin(PENDING)
    assert pending.take("state", "oidc", START + MINUTE) is None, "expired"


def after_three(failures: int) -> timedelta:
    return timedelta(0) if failures < 3 else MINUTE * 2 ** (failures - 3)


def test_failures_make_a_login_wait(store: Store) -> None:
    attempts = store.staff_access.attempts

    def tried(at: datetime) -> bool:
        return attempts.begin("login", at, after_three)

    assert [tried(START) for _ in range(5)] == [True, True, True, False, False]
    assert [tried(START + MINUTE), tried(START + 2 * MINUTE), tried(START + 3 * MINUTE)] == [True, False, True]
    assert attempts.begin("another", START, after_three)
    attempts.clear("login")
    assert tried(START + 3 * MINUTE)


def test_attempts_at_once_are_counted_one_by_one(store: Store) -> None:
    with ThreadPoolExecutor(8) as pool:
        begun = list(pool.map(lambda _: store.staff_access.attempts.begin("login", START, after_three), range(8)))
    assert begun.count(True) == 3


def test_the_purge_keeps_what_is_open(store: Store) -> None:
    access = store.staff_access
    access.links.issue(LINK)
    access.pending.begin(PENDING)
    access.grants.grant(BreakGlass("s1", PATHWAY, "emergency", START + GLASS_MINUTES * MINUTE))
    access.sessions.open(StaffSession("hash", "s1", "totp", START, START, START + MINUTE))
    access.attempts.begin("login", START, after_three)
    assert access.purge(START) == 0
    assert access.purge(START + MINUTE) == 2, "the link and the pending sign-in"
    assert access.purge(START + timedelta(hours=2)) == 0, "a grant that is over stays, with its reason"
    assert access.purge(START + timedelta(days=1)) == 1, "the failures"
    assert access.purge(START + timedelta(days=8)) == 1, "the session"
