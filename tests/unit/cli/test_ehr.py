"""``sesame ehr`` and ``sesame client``: what can be registered, and what cannot."""

from pathlib import Path

import pytest

from sesame_fhir.api.hashing import secret_hash
from sesame_fhir.services.records import ClientKind, EhrRegistration
from smart_app.launch.scopes import DEFAULT_SCOPES
from tests.unit.cli.conftest import Cli

ISS = "https://ehr.example/fhir"
SECRET = "a-client-secret-of-the-test-0123456789"


def _registered(sesame: Cli) -> EhrRegistration:
    with sesame.store() as store:
        (found,) = store.ehrs.all()
    return found


@pytest.mark.parametrize(
    ("options", "kind", "algorithm"),
    [
        ([], ClientKind.PUBLIC, None),
        (["--secret-file", "secret"], ClientKind.SYMMETRIC, None),
        (["--private-key-jwt", "ES384"], ClientKind.ASYMMETRIC, "ES384"),
        (["--private-key-jwt", "RS384"], ClientKind.ASYMMETRIC, "RS384"),
    ],
)
def test_each_kind_of_client(
    options: list[str], kind: ClientKind, algorithm: str | None, sesame: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(sesame.folder)
    Path("secret").write_text(f"{SECRET}\n", encoding="utf-8")
    said = sesame.ok("ehr", "add", f"{ISS}/", "--client-id", "sesame", *options)
    found = _registered(sesame)
    assert (found.issuer, found.client_id, found.kind, found.algorithm) == (ISS, "sesame", kind, algorithm)
    assert found.frame_origins == ("https://ehr.example",)
    assert (found.secret is not None) == (kind is ClientKind.SYMMETRIC)
    assert SECRET not in said
    assert SECRET.encode() not in sesame.database.read_bytes()
    assert ("/app/jwks.json" in said) == (kind is ClientKind.ASYMMETRIC)
    assert all(
        address in said for address in ("http://localhost:8000/app/launch", "http://localhost:8000/app/callback")
    )


def test_given_origins_scopes_and_method(sesame: Cli) -> None:
    origins = ["--frame-origin", "https://a.example/page", "--frame-origin", "http://localhost:9000"]
    sesame.ok(
        *("ehr", "add", ISS, "--client-id", "x", "--scopes", "launch openid", "--authorize-method", "post"), *origins
    )
    found = _registered(sesame)
    assert found.frame_origins == ("https://a.example", "http://localhost:9000")
    assert (found.scopes, found.authorize_method) == ("launch openid", "post")


def test_the_same_issuer_is_replaced(sesame: Cli) -> None:
    assert "registered" in sesame.ok("ehr", "add", ISS, "--client-id", "one")
    first = _registered(sesame)
    assert "replaced" in sesame.ok("ehr", "add", ISS, "--client-id", "two")
    assert (_registered(sesame).ehr_id, _registered(sesame).client_id) == (first.ehr_id, "two")


def test_list(sesame: Cli) -> None:
    assert "no EHR is registered" in sesame.ok("ehr", "list")
    sesame.ok("ehr", "add", ISS, "--client-id", "sesame")
    said = sesame.ok("ehr", "list")
    assert all(part in said for part in (ISS, "public", "client=sesame", "frames=https://ehr.example"))


@pytest.mark.parametrize(
    ("iss", "options", "why"),
    [
        ("http://ehr.example/fhir", [], "TLS"),
        ("https://ehr.example/fhir?tenant=1", [], "without query"),
        ("https://ehr.example/fhir#x", [], "without query"),
        ("https://user:Zorglub@ehr.example/fhir", [], "user name or password"),
        ("https://ehr.example:port/fhir", [], "not a URL"),
        ("https://[ehr/fhir", [], "not a URL"),
        ("ehr.example", [], "https://"),
        ("ftp://ehr.example", [], "https://"),
        ("", [], "https://"),
        (ISS, ["--secret-file", "secret", "--private-key-jwt", "ES384"], "not both"),
        (ISS, ["--secret-file", "empty"], "empty"),
        (ISS, ["--secret-file", "binary"], "cannot be read"),
        (ISS, ["--frame-origin", "http://elsewhere.example"], "TLS"),
        (ISS, ["--frame-origin", "*"], "https://"),
    ],
)
def test_bad_registrations(
    iss: str, options: list[str], why: str, sesame: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(sesame.folder)
    for name, content in (("secret", SECRET.encode()), ("empty", b" \n"), ("binary", b"\xff\xfe")):
        Path(name).write_bytes(content)
    said = sesame.refused("ehr", "add", iss, "--client-id", "sesame", *options)
    assert why in said
    assert "Zorglub" not in said
    with sesame.store() as store:
        assert store.ehrs.all() == ()


# -- systems that use our facade ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "kind"),
    [
        (["--scopes", "openid patient/*.rs", "--redirect-uri", "https://a.example/cb"], ClientKind.PUBLIC),
        (
            ["--scopes", "user/Patient.r", "--redirect-uri", "http://localhost:1/cb?x=1", "--secret-file", "secret"],
            ClientKind.SYMMETRIC,
        ),
        (["--scopes", "system/*.rs", "--jwks-uri", "https://a.example/jwks.json"], ClientKind.ASYMMETRIC),
    ],
)
def test_each_kind_of_system(
    options: list[str], kind: ClientKind, sesame: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(sesame.folder)
    Path("secret").write_text(SECRET, encoding="utf-8")
    said = sesame.ok("client", "add", "other", "--name", "Autre logiciel", *options)
    assert "http://localhost:8000/fhir" in said
    with sesame.store() as store:
        client = store.authorization.client("other")
    assert client is not None
    assert (client.kind, client.name) == (kind, "Autre logiciel")
    assert client.secret_hash == (secret_hash(SECRET) if kind is ClientKind.SYMMETRIC else None)
    assert SECRET not in said
    assert f"other  {kind.value}  Autre logiciel" in sesame.ok("client", "list")
    assert "replaced other" in sesame.ok("client", "add", "other", "--name", "x", *options)


def test_no_system_yet(sesame: Cli) -> None:
    assert "no client is registered" in sesame.ok("client", "list")


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["--scopes", "patient/*.rs"], "without --redirect-uri"),
        (["--scopes", "system/*.rs"], "without --redirect-uri"),
        (["--scopes", "patient/*.rs", "--jwks-uri", "https://a.example/k"], "without --redirect-uri"),
        (["--scopes", "system/*.rs", "--jwks-uri", "http://a.example/k"], "TLS"),
        (["--scopes", "openid", "--redirect-uri", "http://a.example/cb"], "TLS"),
        (["--scopes", "openid", "--redirect-uri", "https://a.example/cb#x"], "https://"),
        (["--scopes", "openid", "--redirect-uri", "javascript:alert(1)"], "https://"),
        (["--scopes", "", "--redirect-uri", "https://a.example/cb"], "none given"),
        (["--scopes", "openid patient/*.srd admin", "--redirect-uri", "https://a.example/cb"], "patient/*.srd admin"),
        (["--scopes", "openid", "--redirect-uri", "https://a.example/cb", "--secret-file", "short"], "32 characters"),
        (["--scopes", "system/*.rs", "--jwks-uri", "https://a.example/k", "--secret-file", "secret"], "not both"),
    ],
)
def test_bad_systems(options: list[str], why: str, sesame: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(sesame.folder)
    Path("short").write_text("hunter2", encoding="utf-8")
    Path("secret").write_text(SECRET, encoding="utf-8")
    said = sesame.refused("client", "add", "other", "--name", "x", *options)
    assert why in said
    assert "hunter2" not in said
    with sesame.store() as store:
        assert store.authorization.clients() == ()


def test_the_apps_own_scopes_can_be_granted(sesame: Cli) -> None:
    sesame.ok("client", "add", "a", "--name", "a", "--redirect-uri", "https://a.example", "--scopes", DEFAULT_SCOPES)
