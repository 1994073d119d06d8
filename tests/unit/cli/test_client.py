"""``sesame client`` beyond registering: showing, closing, secrets, keys in a file, sites and origins."""

import json
import re
from pathlib import Path

import pytest

from sesame_fhir.api.hashing import secret_hash
from sesame_fhir.services.records import ClientKind
from tests.contract.api.harness import private_key
from tests.unit.cli.conftest import Cli

APP = ("client", "add", "voisin", "--name", "Dossier voisin", "--scopes", "openid user/*.rs")
BACK = ("--redirect-uri", "https://voisin.example/retour")


@pytest.fixture(autouse=True)
def here(sesame: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(sesame.folder)


def test_what_was_registered_is_shown(sesame: Cli) -> None:
    more = ("--site", "site-1", "--origin", "https://voisin.example", "--notify-origin", "https://note.example")
    sesame.ok(*APP, *BACK, *more, "--may-assert-professionals", "--launch-uri", "https://voisin.example/ouvrir")
    said = sesame.ok("client", "show", "voisin")
    for line in (
        r"name +Dossier voisin",
        r"sites +site-1",
        r"origins +https://voisin\.example",
        r"notify_origins +https://note\.example",
        r"launch_uri +https://voisin\.example/ouvrir",
        r"may_assert_professionals +yes",
        r"state +active",
    ):
        assert re.search(f"^{line}$", said, re.MULTILINE), line


def test_a_secret_is_made_and_changed(sesame: Cli) -> None:
    first = sesame.ok(*APP, *BACK, "--new-secret").splitlines()[-1].strip()
    second = sesame.ok("client", "rotate-secret", "voisin").splitlines()[-1].strip()
    assert first != second
    with sesame.store() as store:
        client = store.authorization.client("voisin")
    assert client is not None
    assert (client.kind, client.secret_hash) == (ClientKind.SYMMETRIC, secret_hash(second))
    assert second not in sesame.ok("client", "show", "voisin")


def test_keys_in_a_file(sesame: Cli) -> None:
    keys = {"keys": [private_key("ES384").as_dict(private=False)]}
    Path("keys.json").write_text(json.dumps(keys), encoding="utf-8")
    sesame.ok("client", "add", "voisin", "--name", "x", "--scopes", "system/*.rs", "--jwks-file", "keys.json")
    with sesame.store() as store:
        client = store.authorization.client("voisin")
    assert client is not None
    assert (client.kind, client.jwks) == (ClientKind.ASYMMETRIC, keys)
    assert '["ec-1"]' in sesame.ok("client", "show", "voisin")


def test_a_system_is_forgotten(sesame: Cli) -> None:
    sesame.ok(*APP, *BACK)
    assert "removed voisin" in sesame.ok("client", "remove", "voisin")
    assert "no client is registered" in sesame.ok("client", "list")


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("show", "nobody"), "no such client"),
        (("remove", "nobody"), "no such client"),
        (("rotate-secret", "nobody"), "no such client"),
        (("rotate-secret", "voisin"), "without a secret"),
        (("add", "a b", *APP[3:], *BACK), "CLIENT_ID"),
        (("add", "x", *APP[3:], *BACK, "--site", "nowhere"), "--site: not a site"),
        (("add", "x", *APP[3:], *BACK, "--origin", "https://a.example/x"), "not an origin"),
        (("add", "x", *APP[3:], *BACK, "--jwks-file", "private.json"), "--jwks-file"),
        (("add", "x", *APP[3:], *BACK, "--jwks-file", "binary"), "--jwks-file"),
        (("add", "x", *APP[3:], *BACK, "--jwks-file", "private.json", "--new-secret"), "not both"),
    ],
)
def test_what_is_refused(sesame: Cli, arguments: tuple[str, ...], why: str) -> None:
    Path("private.json").write_text(json.dumps({"keys": [private_key("ES384").as_dict(private=True)]}))
    Path("binary").write_bytes(b"\xff\xfe\x00")
    sesame.ok(*APP, *BACK)
    assert why in sesame.refused("client", *arguments)
    with sesame.store() as store:
        assert [one.client_id for one in store.authorization.clients()] == ["voisin"]


def test_an_account_is_published_as_a_practitioner(sesame: Cli) -> None:
    sesame.ok("staff", "add", "zoe", "--name", "Zoé Fictive", "--role", "nurse", "--site", "site-1")
    with sesame.store() as store:
        member = store.staff.by_login("zoe")
        assert member is not None
        found = store.resources.read("Practitioner", member.staff_id)
    assert found is not None
    assert json.loads(found.body or b"")["name"] == [{"text": "Zoé Fictive"}]
    sesame.ok("staff", "deactivate", "zoe")
    with sesame.store() as store:
        closed = store.resources.read("Practitioner", member.staff_id)
    assert closed is not None
    assert json.loads(closed.body or b"")["active"] is False
