"""The formats of the facade, as a table: FHIR JSON as stored, FHIR XML made from it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import msgspec
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header, parse_options_header

from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.reader import read_json
from sesame_fhir.fhir.xml import from_xml, to_xml

_R4 = frozenset({"", "4.0"})
_WILDCARDS = frozenset({"*/*", "application/*"})


@dataclass(frozen=True, slots=True)
class Format:
    """One format. ``media`` is what is served; ``names`` are also understood, and in ``_format`` the ``short`` name.

    ``write`` makes it from JSON as stored (with ``pretty``, for people); ``read`` parses a body of at most so many
    bytes.
    """

    media: str
    short: str
    names: frozenset[str]
    write: Callable[[bytes, bool], bytes]
    read: Callable[[bytes, int], Json]

    @property
    def content_type(self) -> str:
        """Value of the answer's Content-Type."""
        return f"{self.media}; charset=utf-8"

    def called(self, name: str) -> bool:
        """True when ``name`` is a media type of this format."""
        return name == self.media or name in self.names


JSON = Format(
    "application/fhir+json",
    "json",
    frozenset({"application/json", "text/json"}),
    lambda content, pretty: msgspec.json.format(content, indent=2) if pretty else content,
    lambda data, limit: read_json(data, max_bytes=limit),
)
XML = Format(
    "application/fhir+xml",
    "xml",
    frozenset({"application/xml", "text/xml"}),
    lambda content, pretty: to_xml(content, pretty=pretty),
    lambda data, limit: from_xml(data, max_bytes=limit),
)
FORMATS = (JSON, XML)
"""The first is served to whoever has no preference."""

_SHORT = {one.short: one for one in FORMATS}


def called(name: str, version: str = "") -> Format | None:
    """The format of a media type, of R4 only."""
    return next((one for one in FORMATS if version in _R4 and one.called(name)), None)


def asked_format(value: str) -> Format | None:
    """The format of a ``_format`` parameter; None when we do not serve it."""
    # A plus that was not encoded arrives as a space.
    name = value.partition(";")[0].strip().replace(" ", "+")
    return _SHORT.get(name) or called(name)


@lru_cache(maxsize=256)
def accepted_format(accept: str) -> Format | None:
    """The format that an Accept header likes best; an empty one likes everything. None when it allows none of ours."""
    if not accept.strip():
        return JSON
    liked: dict[str, float] = {}
    for value, quality in parse_accept_header(accept, MIMEAccept):
        name, options = parse_options_header(value)
        version = options.get("fhirversion", "")
        found = JSON if name in _WILDCARDS and version in _R4 else called(name, version)
        if found is not None and quality > liked.get(found.media, 0):
            liked[found.media] = quality
    return max((one for one in FORMATS if one.media in liked), key=lambda one: liked[one.media], default=None)
