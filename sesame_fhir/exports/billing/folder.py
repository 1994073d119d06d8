"""Files of an export in a folder: written under another name, counted while they are written, named when all is there.

A run that is killed leaves no file under its real name that is not whole; the same command again writes the same.
"""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

_PART = ".part"
_CHUNK = 1024 * 1024


class FolderBusy(OSError):  # noqa: N818  named as the fact it reports
    """Another export is being written to this folder."""


class NameTaken(ValueError):  # noqa: N818  named as the fact it reports
    """Two files of an export would have the same name: of two layouts, or of a layout and the export's own."""


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One written file: ``size`` in bytes, ``records`` lines, resources or parts of it, ``sha256`` of its bytes."""

    name: str
    size: int
    records: int
    sha256: str


@dataclass(slots=True)
class Growing:
    """A file that is being written; its digest grows with it."""

    name: str
    _file: BinaryIO
    _digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)
    size: int = 0
    records: int = 0

    def write(self, data: bytes, records: int = 0) -> None:
        """Append bytes that hold so many records."""
        self._file.write(data)
        self._digest.update(data)
        self.size += len(data)
        self.records += records

    def close(self) -> FileEntry:
        """Bring it to the disk; it has its temporary name yet."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        return FileEntry(self.name, self.size, self.records, self._digest.hexdigest())

    def drop(self) -> None:
        """Stop without an entry."""
        self._file.close()


class Folder:
    """A folder that is written by one export at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._open: dict[str, Growing] = {}
        self._closed: list[FileEntry] = []

    def begin(self, name: str) -> Growing:
        """Begin a file. Raises NameTaken for a name that another file of this export has."""
        if name in self._open or any(entry.name == name for entry in self._closed):
            raise NameTaken(name)
        # Patients are named in an export: whoever made it may read it, and nobody else of the machine.
        descriptor = os.open(self.path / f"{name}{_PART}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        growing = Growing(name, os.fdopen(descriptor, "wb", buffering=_CHUNK))
        self._open[name] = growing
        return growing

    def end(self, growing: Growing) -> FileEntry:
        """End a file."""
        entry = growing.close()
        del self._open[growing.name]
        self._closed.append(entry)
        return entry

    @property
    def ended(self) -> tuple[FileEntry, ...]:
        """What has ended so far, by name."""
        return tuple(sorted(self._closed, key=lambda entry: entry.name))

    def name_all(self) -> None:
        """Give every ended file its real name, in the order in which they ended: the manifest is the last one."""
        for entry in self._closed:
            (self.path / f"{entry.name}{_PART}").replace(self.path / entry.name)

    def forget(self) -> None:
        """Take away what was not named."""
        for growing in self._open.values():
            growing.drop()
        for left in self.path.glob(f"*{_PART}"):
            left.unlink()


@contextmanager
def folder(path: Path) -> Iterator[Folder]:
    """Open a folder for an export, made when it is not there; what was not named at the end is taken away.

    Raises:
        FolderBusy: another process writes an export to it.
    """
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FolderBusy(path) from None
        opened = Folder(path)
        opened.forget()
        try:
            yield opened
        finally:
            opened.forget()
    finally:
        os.close(descriptor)
