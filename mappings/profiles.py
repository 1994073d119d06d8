"""The conformance resources in ``profiles/``: generated from the domain or authored, read by everybody.

``python -m mappings.profiles --write`` (from the checkout) writes the files again after a change of an instrument, of a
local code, of an indicator or of what the guide lists; a test holds file == mapping, so that they cannot drift.
``profiles/`` lies beside this package in the checkout and in an installed wheel alike.
"""

import argparse
import json
from functools import cache
from pathlib import Path

from mappings.code_systems import SYSTEMS, code_system
from mappings.concept_maps import MAPS, concept_map
from mappings.guide import guide
from mappings.measure import measure
from mappings.naming_systems import KINDS, naming_system
from mappings.questionnaire import questionnaire
from mappings.value_sets import LISTS, value_set
from sesame_fhir.domain.indicators.definitions import INDICATORS
from sesame_fhir.domain.instruments import INSTRUMENTS
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.reader import read_json

FOLDER = Path(__file__).resolve().parent.parent / "profiles"


def generated() -> dict[str, Json]:
    """Every generated resource by file name, e.g. ``Questionnaire-phq-9.json``."""
    return dict(_generated())


@cache
def _generated() -> dict[str, Json]:
    resources = [
        *map(questionnaire, INSTRUMENTS.values()),
        *map(code_system, SYSTEMS),
        *map(value_set, LISTS),
        *map(concept_map, MAPS),
        *map(naming_system, KINDS),
        *map(measure, INDICATORS),
    ]
    named = {_file_name(resource): resource for resource in resources}
    index = _guide(named)
    return named | {_file_name(index): index}


def _file_name(resource: Json) -> str:
    return f"{resource['resourceType']}-{resource['id']}.json"


def _guide(named: dict[str, Json]) -> Json:
    """The guide lists what is generated, what is authored beside it, and the examples that pass."""
    authored = {path.name: read_json(path.read_bytes()) for path in FOLDER.glob("*.json") if path.name not in named}
    listed = {name: one for name, one in (authored | named).items() if not name.startswith("ImplementationGuide-")}
    examples = [read_json(path.read_bytes()) for path in sorted((FOLDER / "examples").glob("pass-*.json"))]
    passing = [(str(one["meta"]["profile"][0]), one) for one in examples]
    return guide([listed[name] for name in sorted(listed)], passing)


def load_questionnaires() -> dict[str, Json]:
    """Published Questionnaires by canonical, each under ``url`` and under ``url|version``."""
    return dict(_questionnaires())


@cache
def _questionnaires() -> dict[str, Json]:
    found: dict[str, Json] = {}
    for path in sorted(FOLDER.glob("Questionnaire-*.json")):
        resource = read_json(path.read_bytes())
        found[resource["url"]] = found[f"{resource['url']}|{resource['version']}"] = resource
    return found


def write(folder: Path) -> None:
    """Write every generated resource."""
    for name, resource in generated().items():
        text = json.dumps(resource, ensure_ascii=False, indent=2)
        (folder / name).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", required=True, help="write the files again")
    parser.parse_args()
    write(FOLDER)
