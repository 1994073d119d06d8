"""``make package``: what is in the FHIR package, and that the same sources give the same bytes."""

import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from mappings.code_systems import VERSION
from mappings.guide import PACKAGE
from mappings.package import package
from mappings.profiles import FOLDER


def opened(content: bytes) -> dict[str, Any]:
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
        return {one.name: json.load(archive.extractfile(one)) for one in archive if one.isfile()}  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def files() -> dict[str, Any]:
    return opened(package(None)[0])


def test_the_same_sources_give_the_same_bytes(files: dict[str, Any]) -> None:
    assert package(None)[0] == package(None)[0]
    assert list(files) == sorted(files)


def test_the_manifest_names_what_the_package_stands_on(files: dict[str, Any]) -> None:
    manifest = files["package/package.json"]
    assert (manifest["name"], manifest["version"]) == (PACKAGE, VERSION)
    assert manifest["fhirVersions"] == ["4.0.1"]
    assert manifest["dependencies"] == {"hl7.fhir.r4.core": "4.0.1", "hl7.fhir.fr.core": "2.2.0"}
    guide = files[f"package/ImplementationGuide-{PACKAGE}.json"]
    assert (guide["packageId"], guide["version"]) == (manifest["name"], manifest["version"])


def test_every_definition_is_in_it_and_no_failing_example(files: dict[str, Any]) -> None:
    inside = {name.removeprefix("package/") for name in files if name.count("/") == 1}
    assert inside == {path.name for path in FOLDER.glob("*.json")} | {"package.json", ".index.json"}
    assert not any("exemple-en-echec" in name for name in files)
    passing = {path.name for path in (FOLDER / "examples").glob("pass-*.json")}
    assert sum(1 for name in files if name.startswith("package/example/")) == len(passing) + 1


@pytest.mark.parametrize("folder", ["package", "package/example"])
def test_the_index_lists_what_is_there(files: dict[str, Any], folder: str) -> None:
    listed = files[f"{folder}/.index.json"]["files"]
    there = {name.rpartition("/")[2] for name in files if name.rpartition("/")[0] == folder}
    assert {one["filename"] for one in listed} == there - {".index.json", "package.json"}
    for one in listed:
        resource = files[f"{folder}/{one['filename']}"]
        assert (one["resourceType"], one["id"], one.get("url")) == (
            resource["resourceType"],
            resource["id"],
            resource.get("url"),
        )


def test_snapshots_are_taken_where_there_are_some_and_missed_where_not(tmp_path: Path) -> None:
    profiles = sorted(path.name for path in FOLDER.glob("StructureDefinition-*.json"))
    whole = json.loads((FOLDER / profiles[0]).read_text(encoding="utf-8"))
    whole["snapshot"] = {"element": [{"id": whole["type"], "path": whole["type"]}]}
    (tmp_path / profiles[0]).write_text(json.dumps(whole), encoding="utf-8")
    content, without = package(tmp_path)
    assert without == profiles[1:]
    assert opened(content)[f"package/{profiles[0]}"] == whole


def test_the_guide_lists_every_definition_and_example(files: dict[str, Any]) -> None:
    listed = files[f"package/ImplementationGuide-{PACKAGE}.json"]["definition"]["resource"]
    references = {one["reference"]["reference"] for one in listed}
    resources = [one for one in files.values() if one.get("resourceType") not in {None, "ImplementationGuide"}]
    assert references == {f"{one['resourceType']}/{one['id']}" for one in resources}
