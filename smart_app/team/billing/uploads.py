"""A file that is sent to a page: bounded, told apart by its content, never logged and never kept as it came."""

import re
from dataclasses import dataclass
from typing import NoReturn

from flask import request

from smart_app.team.billing.texts import Upload

LARGEST = 7 * 1024 * 1024
"""Bytes: tens of thousands of answers. A larger file is the command line's; the server takes no body above 8 MiB."""

_LONGEST_NAME = 80
_UNPLAIN = re.compile(r"[^\w .()-]")
_BOM = b"\xef\xbb\xbf"
_BEGINNING = 200


class UploadRefused(Exception):  # noqa: N818  an answer to a file, not a fault
    """The file is not even read."""

    def __init__(self, problem: Upload) -> None:
        super().__init__(problem)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Uploaded:
    """``name``: the file's own, bounded and plain. ``fhir``: JSON, else taken for a CSV."""

    name: str
    data: bytes
    fhir: bool


def read_upload(name: str) -> Uploaded:
    """Read the file of a form's field. Raises UploadRefused."""
    sent = request.files.get(name)
    if sent is None or not sent.filename:
        _refuse(Upload.MISSING)
    data = sent.read(LARGEST + 1)
    if not data.strip():
        _refuse(Upload.EMPTY)
    if len(data) > LARGEST:
        _refuse(Upload.TOO_LARGE)
    if data.startswith((b"PK", b"%PDF")) or (b"\x00" in data[:_BEGINNING] and not _wide(data)):
        _refuse(Upload.KIND_UNKNOWN)
    plain = _UNPLAIN.sub("_", sent.filename.replace("\\", "/").rpartition("/")[2])[-_LONGEST_NAME:]
    return Uploaded(plain, data, data.removeprefix(_BOM).lstrip()[:1] in {b"{", b"["})


def _wide(data: bytes) -> bool:
    """UTF-16, as spreadsheets call "Unicode text": whoever reads the file says that its encoding is to be changed."""
    beginning = data[2:_BEGINNING]
    return not any(beginning[::2]) or not any(beginning[1::2])


def _refuse(problem: Upload) -> NoReturn:
    raise UploadRefused(problem)
