"""Settings: defaults from the schema, then a TOML file, then the environment; checked once, before anything starts.

``settings.schema.json`` is the one list of settings, with their defaults and descriptions; docs/reference/settings.md
is generated from it. Environment: ``SESAME_<SECTION>_<NAME>``, e.g. ``SESAME_SERVER_PORT``; ``SESAME_EHR`` and the
other lists are JSON arrays. A value that may be secret is named by a file, never given itself.
"""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema

from sesame_fhir.domain.indicators.objectives import Objective
from sesame_fhir.domain.policy import OnInterruption, PathwayPolicy
from sesame_fhir.domain.reasons import ReasonCode
from sesame_fhir.server.objectives import read_objectives

JsonDict = dict[str, Any]


class SettingsError(Exception):
    """The configuration is wrong; ``problems`` says where and what to do, one line each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class SandboxSettings:
    """A demo open to strangers; the names are those of the schema."""

    ehr_url: str
    reset_hours: int
    patients: int
    seed: int
    requests_per_minute: int
    largest_kilobytes: int
    largest_megabytes: int


@dataclass(frozen=True, slots=True)
class Settings:
    """Checked settings; the names are those of the schema, section by section."""

    host: str
    port: int
    public_url: str
    workers: int
    threads: int
    log_level: str
    database_url: str
    key_file: str
    site_id: str
    idle_minutes: int
    absolute_hours: int
    http_timeout_seconds: float
    poll_seconds: float
    maximum_backoff_minutes: int
    access_token_seconds: int
    policy: PathwayPolicy
    ehrs: tuple[Mapping[str, Any], ...]
    team_idle_minutes: int
    team_absolute_hours: int
    survey_url: str
    four_eyes: bool
    layouts: tuple[str, ...]
    sites: tuple[Mapping[str, str], ...]
    oidc: tuple[Mapping[str, str], ...]
    objectives: tuple[Objective, ...]
    sandbox: SandboxSettings


def schema() -> JsonDict:
    """The JSON Schema of the settings file."""
    text = (files("sesame_fhir.server") / "settings.schema.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


def load(path: Path | None, environ: Mapping[str, str]) -> Settings:
    """Read, merge and check.

    Raises:
        SettingsError: unreadable file, unknown setting, wrong value; every problem is given.
    """
    document = _file(path)
    problems = _apply_environment(document, environ)
    problems += [
        f"{'.'.join(map(str, error.absolute_path)) or 'settings'}: {error.message}"
        for error in jsonschema.Draft202012Validator(schema()).iter_errors(document)
    ]
    if problems:
        raise SettingsError(problems)
    values = _with_defaults(document)
    objectives, problems = read_objectives(values["objectives"])
    if problems:
        raise SettingsError(problems)
    return _settings(values, document.get("server", {}), objectives)


def _file(path: Path | None) -> JsonDict:
    if path is None:
        return {}
    try:
        # A day written without quotes is a text here, as in the environment.
        found = tomllib.loads(path.read_text(encoding="utf-8"))
        return dict(json.loads(json.dumps(found, default=str)))
    except OSError as error:
        raise SettingsError(
            [f"{path}: cannot be read ({error.strerror}); check the path given with --config"]
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError([f"{path}: not valid TOML: {error}"]) from error


def variable(section: str, name: str) -> str:
    """Name of the environment variable of a setting."""
    return f"SESAME_{section}_{name}".upper()


def environment_names() -> dict[str, tuple[str, str]]:
    """Environment variable -> (section, setting)."""
    return {
        variable(section, name): (section, name)
        for section, part in schema()["properties"].items()
        for name in part.get("properties", {})
    }


def _apply_environment(document: JsonDict, environ: Mapping[str, str]) -> list[str]:
    problems = []
    names = environment_names()
    lists = {f"SESAME_{name}".upper(): name for name, part in schema()["properties"].items() if part["type"] == "array"}
    for variable, text in environ.items():
        if variable in lists:
            problems += _apply_list(document, lists[variable], text)
        elif variable in names:
            section, name = names[variable]
            declared = schema()["properties"][section]["properties"][name]
            document.setdefault(section, {})[name] = _parse(text, declared.get("type", "string"))
        elif variable.startswith("SESAME_") and variable != "SESAME_CONFIG":
            problems.append(f"{variable}: no such setting; see docs/reference/settings.md")
    return problems


def _apply_list(document: JsonDict, section: str, text: str) -> list[str]:
    try:
        document[section] = json.loads(text)
    except json.JSONDecodeError:
        expected = f"an array like the [[{section}]] tables of the settings file"
        return [f"SESAME_{section.upper()}: not valid JSON; expected {expected}"]
    return []


def _parse(text: str, kind: str) -> Any:
    """Read an environment text as its declared type; a text that does not fit stays one, for the schema to refuse."""
    try:
        if kind == "integer":
            return int(text)
        if kind == "number":
            return float(text)
    except ValueError:
        return text
    if kind == "boolean":
        return {"true": True, "1": True, "false": False, "0": False}.get(text.lower(), text)
    if kind == "array":
        return [part.strip() for part in text.split(",") if part.strip()]
    return text


def _with_defaults(document: JsonDict) -> JsonDict:
    return {
        section: {name: document.get(section, {}).get(name, one["default"]) for name, one in part["properties"].items()}
        if "properties" in part
        else document.get(section, part["default"])
        for section, part in schema()["properties"].items()
    }


def _settings(values: JsonDict, given: JsonDict, objectives: tuple[Objective, ...]) -> Settings:
    pathway = dict(values["pathway"])
    pathway["overridable"] = frozenset(ReasonCode(code) for code in pathway["overridable"])
    pathway["on_interruption"] = OnInterruption(pathway["on_interruption"])
    flat = {
        **values["server"],
        **values["storage"],
        **values["launch"],
        **values["outbox"],
        **values["authorization"],
        "four_eyes": values["billing"]["four_eyes"],
        "layouts": tuple(values["billing"]["layouts"]),
        "site_id": values["site"]["id"],
        "policy": PathwayPolicy(**pathway),
        "ehrs": tuple(values["ehr"]),
        "team_idle_minutes": values["team"]["idle_minutes"],
        "team_absolute_hours": values["team"]["absolute_hours"],
        "survey_url": values["team"]["survey_url"],
        "sites": tuple(values["sites"]),
        "oidc": tuple(values["oidc"]),
        "objectives": objectives,
        "sandbox": SandboxSettings(**values["sandbox"]),
    }
    if "public_url" not in given:
        flat["public_url"] = f"http://localhost:{flat['port']}"
    return Settings(**{field.name: flat[field.name] for field in fields(Settings)})
