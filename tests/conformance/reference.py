"""The reference validator: a small Java program around HAPI FHIR, built with Maven and fed with lines.

What is missing (Java 17, Maven, the FHIR packages) is said by name, with what to do.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.conformance.sample import Said, Sample, Verdict

ROOT = Path(__file__).parents[2]
BUILD = ROOT / "build" / "conformance"
PROFILES = ROOT / "profiles"
_SOURCES = Path(__file__).parent / "validator"
_JAR = BUILD / "maven" / "validator.jar"
_BESIDE = ROOT.parent / "shared" / "data" / "fhir-packages"
_FR_CORE = "hl7.fhir.fr.core-2.2.0.tgz"
_JAVA = 17


class MissingPieceError(Exception):
    """Something of the reference validator is not on this machine; the message says what and how to get it."""


def packages() -> list[Path]:
    """The FHIR packages: of ``FHIR_PACKAGES`` (a folder), else of the folder where this project's are.

    Raises:
        MissingPieceError: FR Core is not there.
    """
    folder = Path(os.environ.get("FHIR_PACKAGES") or _BESIDE)
    if not (folder / _FR_CORE).is_file():
        raise MissingPieceError(
            f"FHIR packages: no {_FR_CORE} in {folder}. Put the packages of FR Core and of the ANS guides (.tgz) into "
            "a folder and call: make conformance FHIR_PACKAGES=folder"
        )
    return sorted(folder.glob("*.tgz"))


def build() -> None:
    """Compile the program when its sources are newer than it is.

    Raises:
        MissingPieceError: no Java, or no Maven, or the build failed (its first use needs the network).
    """
    _check_java()
    newest = max(path.stat().st_mtime for path in _SOURCES.rglob("*") if path.is_file())
    if _JAR.is_file() and _JAR.stat().st_mtime > newest:
        return
    maven = shutil.which("mvn")
    if maven is None:
        raise MissingPieceError("Maven is not on the PATH: install it (Debian: apt-get install maven).")
    done = subprocess.run([maven, "-q", "-B", "-ntp", "package"], cwd=_SOURCES, check=False)
    if done.returncode:
        raise MissingPieceError("Maven could not build tests/conformance/validator: see its messages above.")
    _JAR.touch()


def _check_java() -> None:
    java = shutil.which("java")
    if java is None:
        raise MissingPieceError(
            f"Java {_JAVA} or newer is not on the PATH (Debian: apt-get install openjdk-{_JAVA}-jdk-headless)."
        )
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    version = said.partition('"')[2].partition(".")[0]
    if not version.isdecimal() or int(version) < _JAVA:
        raise MissingPieceError(f"Java {_JAVA} or newer is needed, found {version or 'an unknown version'}.")


def fingerprint() -> str:
    """Changes with the program, the packages and our definitions: a verdict holds only under the same ones."""
    digest = hashlib.sha256()
    sources = [path for path in _SOURCES.rglob("*") if path.is_file()]
    for path in sorted([*sources, *packages(), *PROFILES.glob("*.json")]):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def judge(samples: Iterable[Sample], verdicts: Path | None = None, package: Path | None = None) -> list[Verdict]:
    """What the reference validator says of each sample, in their order.

    Args:
        samples: what to judge; each once, whatever how often it is given.
        verdicts: a file to continue, where what it has judged before is not judged again; None judges everything.
        package: our definitions as this FHIR package has them, instead of those in ``profiles/``.

    Raises:
        MissingPieceError: see ``build`` and ``packages``.
        RuntimeError: the program failed.
    """
    asked = {one.id: one for one in samples}
    with tempfile.TemporaryDirectory(prefix="conformance-") as folder:
        lines, output = Path(folder) / "input.ndjson", verdicts or Path(folder) / "verdicts.ndjson"
        with lines.open("wb") as file:
            file.writelines(one.line() for one in asked.values())
        files = ["--input", str(lines), "--output", str(output)]
        if package is None:
            run("judge", *files)
        else:
            run("judge", *files, "--packages", ",".join(map(str, [*packages(), package])), definitions=())
        said = _read(output)
    if lost := asked.keys() - said.keys():
        raise RuntimeError(f"no verdict on {sorted(lost)[:5]}")
    return [Verdict(one, said[key]) for key, one in asked.items()]


def _read(output: Path) -> dict[str, list[Said]]:
    found = {}
    with output.open(encoding="utf-8") as lines:
        for line in lines:
            verdict = json.loads(line)
            found[verdict["id"]] = [
                Said(i["severity"], i["messageId"] or "", i["expression"] or "", i["text"] or "")
                for i in verdict["issues"]
            ]
    return found


def run(mode: str, *options: str, definitions: Sequence[Path] = (PROFILES,)) -> str:
    """Run the program in one of its modes; returns what it prints, its progress goes to stderr.

    Raises:
        MissingPieceError: see ``build`` and ``packages``.
        RuntimeError: it failed.
    """
    build()
    known = ["--packages", ",".join(map(str, packages())), "--definitions", ",".join(map(str, definitions))]
    # Messages in English, whatever the machine speaks: the list of accepted ones quotes them.
    java = ["java", "-Xmx3g", "-Duser.language=en", "-Duser.country=US", "-jar", str(_JAR)]
    done = subprocess.run([*java, mode, *known, *options], stdout=subprocess.PIPE, stderr=sys.stderr, check=False)
    if done.returncode:
        raise RuntimeError(f"the reference validator failed ({mode}, exit code {done.returncode})")
    return done.stdout.decode()
