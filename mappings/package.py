"""``make package``: our definitions and passing examples as an NPM-style FHIR package, the same bytes each time.

Snapshots are made by the reference validator's own tooling (``python -m tests.conformance snapshots``), which needs
Java; without them the package holds differentials only, and says so.
"""

import argparse
import gzip
import io
import json
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

from mappings.code_systems import VERSION
from mappings.guide import PACKAGE, manifest
from mappings.profiles import FOLDER
from sesame_fhir.fhir.json_types import Json

_INDEXED = ("resourceType", "id", "url", "version", "kind", "type", "supplements", "content")
_INDEX = ".index.json"


def package(snapshots: Path | None) -> tuple[bytes, list[str]]:
    """The package's bytes, and the profiles in it that have no snapshot.

    Args:
        snapshots: a folder of StructureDefinitions with their snapshots, named as ours; None for none.
    """
    files: dict[str, bytes] = {"package/package.json": _text(manifest())}
    definitions, without = {}, []
    for path in sorted(FOLDER.glob("*.json")):
        whole = snapshots / path.name if snapshots else path
        definitions[path.name] = json.loads((whole if whole.is_file() else path).read_text(encoding="utf-8"))
        if path.name.startswith("StructureDefinition-") and "snapshot" not in definitions[path.name]:
            without.append(path.name)
    examples = {
        f"{resource['resourceType']}-{resource['id']}.json": resource
        for resource in (json.loads(path.read_text(encoding="utf-8")) for path in _passing())
    }
    for folder, resources in (("package", definitions), ("package/example", examples)):
        files |= {f"{folder}/{name}": _text(resource) for name, resource in resources.items()}
        files[f"{folder}/{_INDEX}"] = _text(_index(resources))
    return _archive(files), without


def _passing() -> Iterator[Path]:
    yield from sorted((FOLDER / "examples").glob("pass-*.json"))


def _index(resources: dict[str, Json]) -> Json:
    """What a package's reader looks up without opening every file."""
    files = [
        {"filename": name, **{key: one[key] for key in _INDEXED if isinstance(one.get(key), str)}}
        for name, one in sorted(resources.items())
    ]
    return {"index-version": 1, "files": files}


def _text(resource: Json) -> bytes:
    return (json.dumps(resource, ensure_ascii=False, indent=2) + "\n").encode()


def _archive(files: dict[str, bytes]) -> bytes:
    """A tar of fixed order, owners and times, compressed without a time."""
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, content in sorted(files.items()):
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return gzip.compress(tar.getvalue(), mtime=0)


def main() -> None:
    """Write ``<folder>/sesame-fhir.ig-<version>.tgz``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--snapshots", type=Path, help="folder of StructureDefinitions with their snapshots")
    asked = parser.parse_args()
    content, without = package(asked.snapshots)
    asked.folder.mkdir(parents=True, exist_ok=True)
    path = asked.folder / f"{PACKAGE}-{VERSION}.tgz"
    path.write_bytes(content)
    sys.stdout.write(f"{path}: {len(content)} bytes\n")
    if without:
        sys.stdout.write(f"{len(without)} profiles without snapshot: these are made with Java (see make conformance)\n")


if __name__ == "__main__":
    main()
