"""Wrong settings and unknown variables are said in one line before anything starts."""

import socket
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Cli

COMMANDS = [("serve",), ("demo",), ("migrate",), ("rebuild",), ("ehr", "list"), ("client", "list"), ("doctor",)]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_refuses_a_variable_that_does_not_exist(command: tuple[str, ...], empty: Cli) -> None:
    said = empty.refused(*command, env={"SESAME_SERVR_PORT": "1"})
    assert "SESAME_SERVR_PORT: no such setting" in said
    assert list(empty.folder.iterdir()) == []


@pytest.mark.parametrize(
    ("toml", "env", "where"),
    [
        ("[server]\nport = 0\n", {}, "server.port"),
        ("[server]\nprt = 1\n", {}, "server"),
        ("[server\n", {}, "not valid TOML"),
        ("", {"SESAME_SERVER_PORT": "http"}, "server.port"),
        ("", {"SESAME_EHR": "{"}, "SESAME_EHR"),
        ("", {"SESAME_STORAGE_DATABASE_URL": "mysql://x"}, "storage.database_url"),
    ],
)
def test_a_wrong_setting_is_named(toml: str, env: dict[str, str], where: str, empty: Cli, tmp_path: Path) -> None:
    file = tmp_path / "sesame.toml"
    file.write_text(toml, encoding="utf-8")
    said = empty.refused("--config", str(file), "migrate", env=env)
    assert "wrong settings: " in said
    assert where in said


def test_a_missing_file_is_named(empty: Cli) -> None:
    assert "check the path given with --config" in empty.refused("--config", "nowhere.toml", "migrate")


@pytest.mark.parametrize("content", [None, b"", b"!!!", b"c2hvcnQ=", b"\xff\xfe"])
def test_a_missing_or_damaged_key_is_named(content: bytes | None, sesame: Cli) -> None:
    sesame.key_file.unlink()
    if content is not None:
        sesame.key_file.write_bytes(content)
    for command in ("serve", "rebuild"):
        assert "sesame.key" in sesame.refused(command)


def test_an_ehr_of_the_settings_that_cannot_be_registered_stops_the_start(sesame: Cli) -> None:
    described = '[{"issuer": "https://ehr.example", "client_id": "x", "secret_file": "nowhere"}]'
    assert "nowhere: cannot be read" in sesame.refused("serve", env={"SESAME_EHR": described})


def test_a_fault_of_ours_is_not_dressed_up(sesame: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("sesame_fhir.server.rotation.server_keys.rotate", broken)
    assert isinstance(sesame("keys", "rotate").exception, ZeroDivisionError)


@pytest.mark.network
@pytest.mark.parametrize("host", ["127.0.0.1", "192.0.2.1", "no-such-host.invalid"])
def test_an_address_that_cannot_be_listened_on_stops_the_start(
    host: str, sesame: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sesame_fhir.server.serving._PORT_SECONDS", 0.0)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        said = sesame.refused("serve", env={"SESAME_SERVER_HOST": host, "SESAME_SERVER_PORT": port})
    assert f"cannot listen on {host}:{port}" in said
    assert "set server.port" in said
