"""What R4 says of elements, as the generated table (``schema/r4.elements.json``) holds it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class ElementTable:
    """``summary``: type, backbone or datatype -> element -> what says what is kept inside it ("": all of it).

    ``kept``: top-level elements that are mandatory or modify the meaning. ``targets``: path of a reference -> types.
    """

    summary: Mapping[str, Mapping[str, str]]
    kept: Mapping[str, frozenset[str]]
    targets: Mapping[str, frozenset[str]]


@cache
def element_table() -> ElementTable:
    """The table, read once."""
    read = json.loads(resources.files("sesame_fhir.fhir.schema").joinpath("r4.elements.json").read_text("utf-8"))
    kept, targets = ({name: frozenset(found) for name, found in read[key].items()} for key in ("kept", "targets"))
    return ElementTable(read["summary"], kept, targets)


@cache
def hl7_codes() -> Mapping[str, frozenset[str]]:
    """Codes by system, of the HL7 systems that are checked (``schema/r4.codes.json``), read once."""
    read = json.loads(resources.files("sesame_fhir.fhir.schema").joinpath("r4.codes.json").read_text("utf-8"))
    return {system: frozenset(codes) for system, codes in read.items()}
