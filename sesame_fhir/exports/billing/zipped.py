"""An export as one ZIP: made from its folder chunk by chunk; the same files give the same bytes."""

import zipfile
from collections.abc import Generator, Iterator
from pathlib import Path

from sesame_fhir.exports.billing.manifest import manifest_path

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The first moment that a ZIP can write: a file's own time would differ from run to run."""
_LEVEL = 6
_CHUNK = 256 * 1024
_MODE = 0o644 << 16
_UNIX = 3


class _Pipe:
    """Takes what the ZIP writes and gives it on; it cannot go back, so sizes come after each file."""

    def __init__(self) -> None:
        self._kept = bytearray()

    def write(self, data: bytes) -> int:
        self._kept += data
        return len(data)

    def flush(self) -> None:
        """Nothing waits."""

    def close(self) -> None:
        """Nothing is open."""

    def take(self) -> bytes:
        taken = bytes(self._kept)
        self._kept.clear()
        return taken


def zip_chunks(folder: Path) -> Generator[bytes, None, None]:
    """The ZIP of an export's folder, piece by piece: files by name, the manifest last.

    Raises:
        FileNotFoundError: there is no manifest in it.
    """
    manifest = manifest_path(folder)
    if manifest is None:
        raise FileNotFoundError(folder / "manifest.json")
    names = sorted(one.name for one in folder.iterdir() if one.is_file() and one.name != manifest.name)
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as archive:
        for name in (*names, manifest.name):
            yield from _entry(archive, pipe, folder, name)
    yield pipe.take()


def _entry(archive: zipfile.ZipFile, pipe: _Pipe, folder: Path, name: str) -> Iterator[bytes]:
    told = zipfile.ZipInfo(f"{folder.name}/{name}", _EPOCH)
    told.compress_type, told.external_attr, told.create_system = zipfile.ZIP_DEFLATED, _MODE, _UNIX
    with (folder / name).open("rb") as file, archive.open(told, "w", force_zip64=True) as inside:
        while chunk := file.read(_CHUNK):
            inside.write(chunk)
            yield pipe.take()
    yield pipe.take()
