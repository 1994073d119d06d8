"""What an export holds: ``manifest.json`` names every file with its size and SHA-256, and says what was claimed."""

import hashlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson

from sesame_fhir.domain.billing.money import CURRENCY
from sesame_fhir.exports.billing.folder import FileEntry
from sesame_fhir.exports.billing.head import BatchHead
from sesame_fhir.exports.billing.sums import Sums

FORMAT = "1"
"""Version of the manifest's own format."""
_CHUNK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Manifest:
    """An export as a whole. Amounts in cents.

    batch_digest: of the batch's lines as it was frozen. lines_digest: the same of the lines in this export; another one
    where a rule refused a line while the batch was submitted.
    rule_versions, scheme_versions: of all lines, sorted. layouts: name and version of each that a table was written by.
    """

    batch_id: str
    month: str
    scheme_id: str
    scheme_versions: tuple[str, ...]
    rule_versions: tuple[str, ...]
    biller: str
    preview: bool
    example: bool
    dated: str
    claims: int
    amount_cents: int
    share_cents: int
    batch_digest: str | None
    lines_digest: str
    layouts: tuple[str, ...]
    files: tuple[FileEntry, ...]

    def to_json(self) -> bytes:
        """The bytes of ``manifest.json``."""
        described = {"format": FORMAT, "currency": CURRENCY, **asdict(self)}
        return orjson.dumps(described, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def manifest_of(head: BatchHead, sums: Sums, layouts: tuple[str, ...], files: tuple[FileEntry, ...]) -> Manifest:
    """Describe an export whose files have ended."""
    return Manifest(
        batch_id=head.batch.batch_id,
        month=head.batch.month,
        scheme_id=head.batch.scheme_id,
        scheme_versions=tuple(name.removeprefix(f"{head.batch.scheme_id} ") for name, _ in sums.of("scheme")),
        rule_versions=tuple(name for name, _ in sums.of("rule")),
        biller=f"{head.biller.system}|{head.biller.value}",
        preview=head.preview,
        example=sums.examples > 0,
        dated=head.day.isoformat(),
        claims=sums.total.lines,
        amount_cents=sums.total.cents,
        share_cents=sums.total.share_cents,
        batch_digest=head.batch.digest,
        lines_digest=sums.digest,
        layouts=layouts,
        files=files,
    )


def manifest_path(folder: Path) -> Path | None:
    """The manifest of an export's folder; of two, the one that is no preview."""
    found = (folder / name for name in ("manifest.json", "preview-manifest.json"))
    return next((path for path in found if path.is_file()), None)


def verify(folder: Path) -> tuple[str, ...]:
    """Check a folder against its manifest: everything that is wrong, in English; empty when it is as it was written."""
    path = manifest_path(folder)
    if path is None:
        return ("there is no manifest.json: this is no export, or it was not finished; export the batch again",)
    try:
        described: Any = orjson.loads(path.read_bytes())
        listed = [FileEntry(**entry) for entry in described["files"]]
        if any(Path(entry.name).name != entry.name for entry in listed):
            raise ValueError("a path")  # noqa: TRY301  told as what it is: a manifest that is not ours
    except (ValueError, KeyError, TypeError):
        return (f"{path.name}: cannot be read as a manifest; export the batch again",)
    problems = [problem for entry in listed if (problem := _wrong(folder, entry)) is not None]
    known = {entry.name for entry in listed} | {path.name}
    strange = sorted(one.name for one in folder.iterdir() if one.name not in known)
    return (*problems, *(f"{name}: is not of this export" for name in strange))


def _wrong(folder: Path, entry: FileEntry) -> str | None:
    path = folder / entry.name
    if not path.is_file():
        return f"{entry.name}: is missing"
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
    if size != entry.size:
        return f"{entry.name}: has {size} bytes, {entry.size} were written"
    return None if digest.hexdigest() == entry.sha256 else f"{entry.name}: its content is not what was written"
