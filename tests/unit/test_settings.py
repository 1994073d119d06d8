"""Settings: defaults, file, environment, and every mistake explained."""

import dataclasses
import json
import re
from datetime import date
from pathlib import Path

import pytest

from sesame_fhir.domain.ids import SiteId
from sesame_fhir.domain.indicators.objectives import Objective
from sesame_fhir.domain.policy import OnInterruption, PathwayPolicy
from sesame_fhir.server.settings import SettingsError, environment_names, load, schema
from sesame_fhir.server.settings_reference import documentation
from sesame_fhir.server.system import KeyFileError, SystemIds, make_key, read_key

ROOT = Path(__file__).parents[2]
# Thresholds of the domain page whose description says what they are; a switch; a text.
SELF_EVIDENT = {
    "phq2_threshold",
    "gad2_threshold",
    "minimum_age",
    "overridable",
    "maximum_sequences",
    "sequence_months",
    "interpretation",
    "notice",
}


PLANNED = "patients = 874\nsequences = 1362\n"


def test_defaults_are_those_of_the_schema_and_of_the_domain() -> None:
    settings = load(None, {})
    assert settings.port == schema()["properties"]["server"]["properties"]["port"]["default"]
    assert settings.policy == PathwayPolicy()


def test_every_value_of_the_policy_is_a_setting_and_says_whether_it_has_a_source() -> None:
    settings = schema()["properties"]["pathway"]["properties"]
    assert set(settings) == {field.name for field in dataclasses.fields(PathwayPolicy)}
    for name in settings.keys() - SELF_EVIDENT:
        assert re.search(r"Source|[Oo]wn choice|UNKNOWN", settings[name]["description"]), name


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "sesame.toml"
    file.write_text(
        "[server]\nport = 8100\nthreads = 4\n[pathway]\nphq2_threshold = 2\n"
        '[[ehr]]\nissuer = "https://ehr.example/fhir"\nclient_id = "sesame"\n',
        encoding="utf-8",
    )
    environ = {
        "SESAME_SERVER_PORT": "8200",
        "SESAME_PATHWAY_INTERPRETATION": "false",
        "SESAME_PATHWAY_ON_INTERRUPTION": "extend",
        "SESAME_PATHWAY_OVERRIDABLE": "below-threshold, criterion-unknown",
        "SESAME_CONFIG": str(file),
        "PATH": "/bin",
    }
    settings = load(file, environ)
    assert (settings.port, settings.threads, settings.policy.phq2_threshold) == (8200, 4, 2)
    assert settings.policy.interpretation is False
    assert settings.policy.on_interruption is OnInterruption.EXTEND
    assert {code.value for code in settings.policy.overridable} == {"below-threshold", "criterion-unknown"}
    assert settings.ehrs[0]["client_id"] == "sesame"
    assert load(file, {"SESAME_EHR": "[]"}).ehrs == ()


def test_objectives_have_days_with_or_without_quotes(tmp_path: Path) -> None:
    file = tmp_path / "sesame.toml"
    file.write_text(
        f'[[objectives]]\nstart = 2023-11-01\nend = "2024-12-31"\nsite = "a"\nadults = 12000\n{PLANNED}',
        encoding="utf-8",
    )
    planned = Objective(date(2023, 11, 1), date(2024, 12, 31), 874, 1362, SiteId("a"), 12000)
    assert load(file, {}).objectives == (planned,)
    assert load(None, {}).objectives == ()


def test_the_public_url_follows_the_port_unless_it_is_given() -> None:
    assert load(None, {"SESAME_SERVER_PORT": "8300"}).public_url == "http://localhost:8300"
    given = {"SESAME_SERVER_PORT": "8300", "SESAME_SERVER_PUBLIC_URL": "https://sesame.example"}
    assert load(None, given).public_url == "https://sesame.example"


@pytest.mark.parametrize(
    ("toml", "environ", "where"),
    [
        ("[server]\nport = 0\n", {}, "server.port"),
        ("[server]\nprt = 8000\n", {}, "server"),
        ("[serveur]\n", {}, "settings"),
        ("[pathway]\nphq2_threshold = 7\n", {}, "pathway.phq2_threshold"),
        ('[pathway]\noverridable = ["minor"]\n', {}, "pathway.overridable.0"),
        ('[pathway]\non_interruption = "stop"\n', {}, "pathway.on_interruption"),
        ("[pathway]\nremission_below = 28\n", {}, "pathway.remission_below"),
        ('[pathway]\nnotice = ""\n', {}, "pathway.notice"),
        ('[[ehr]]\nclient_id = "x"\n', {}, "ehr.0"),
        ('[storage]\ndatabase_url = "mysql://x"\n', {}, "storage.database_url"),
        (f"[[objectives]]\nend = 2024-12-31\n{PLANNED}", {}, "objectives.0"),
        (f"[[objectives]]\nstart = 2023-11-01\nend = 2023-10-31\n{PLANNED}", {}, "objectives.0.end"),
        (f'[[objectives]]\nstart = "2023-02-30"\nend = 2023-10-31\n{PLANNED}', {}, "objectives.0.start"),
        (f"[[objectives]]\nstart = 2023-11-01\nend = 2024-12-31\nadults = 0\n{PLANNED}", {}, "objectives.0.adults"),
        ("", {"SESAME_SERVER_PORT": "http"}, "server.port"),
        ("", {"SESAME_PATHWAY_INTERPRETATION": "peut-être"}, "pathway.interpretation"),
        ("", {"SESAME_SERVR_PORT": "1"}, "SESAME_SERVR_PORT"),
        ("", {"SESAME_EHR": "{"}, "SESAME_EHR"),
        ("", {"SESAME_EHR": '[{"issuer": "ftp://x", "client_id": "x"}]'}, "ehr.0.issuer"),
    ],
)
def test_a_mistake_is_named_with_its_place(toml: str, environ: dict[str, str], where: str, tmp_path: Path) -> None:
    file = tmp_path / "sesame.toml"
    file.write_text(toml, encoding="utf-8")
    with pytest.raises(SettingsError) as refused:
        load(file, environ)
    assert any(problem.startswith(f"{where}:") for problem in refused.value.problems), refused.value.problems


@pytest.mark.parametrize("content", [None, b"[server\n", b"\xff\xfe"])
def test_a_file_that_cannot_be_read_is_said_so(content: bytes | None, tmp_path: Path) -> None:
    file = tmp_path / "sesame.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SettingsError, match=r"sesame\.toml"):
        load(file, {})


def test_the_settings_page_is_the_one_made_from_the_schema() -> None:
    page = (ROOT / "docs" / "reference" / "settings.md").read_text(encoding="utf-8")
    assert page == documentation(), "run `make docs`"
    assert all(f"`{name}`" in page for name in environment_names())


def test_every_setting_has_a_default_and_says_what_it_is() -> None:
    for part in schema()["properties"].values():
        for name, one in part.get("properties", {}).items():
            assert {"default", "description"} <= set(one), name
            json.dumps(one["default"])


def test_the_key_file_is_made_once_private_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "sesame.key"
    assert make_key(path)
    assert path.stat().st_mode & 0o077 == 0
    key = read_key(path)
    assert not make_key(path)
    assert read_key(path) == key
    assert len(key) == 32


@pytest.mark.parametrize("content", [None, "!!!", "c2hvcnQ="])
def test_a_wrong_key_file_is_explained(content: str | None, tmp_path: Path) -> None:
    path = tmp_path / "sesame.key"
    if content is not None:
        path.write_text(content, encoding="ascii")
    with pytest.raises(KeyFileError, match=r"sesame\.key"):
        read_key(path)


def test_ids_are_uuid_version_7_and_secrets_have_256_bits() -> None:
    ids = SystemIds()
    made = [ids.new() for _ in range(100)]
    assert len(set(made)) == 100
    assert all(one[14] == "7" and one[19] in "89ab" for one in made)
    assert sorted(one[:13] for one in made) == [one[:13] for one in made]
    assert len(ids.secret()) == 43
