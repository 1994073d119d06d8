"""Input of an operation, read: from the query, from a Parameters resource, or from a resource POSTed as it is.

Every problem is told at once, with the FHIRPath of the parameter: unknown, missing, given twice, of another type.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sesame_fhir.fhir.errors import InvalidResource
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.outcomes import Issue, IssueType, error
from sesame_fhir.fhir.validation import validate

MAX_SHOWN = 60
"""Characters of an unknown name that are repeated to the client."""
_TRANSPORT = frozenset({"_format", "_pretty"})
_ALIKE = (
    frozenset({"string", "code", "id", "markdown"}),
    frozenset({"uri", "url", "canonical", "string", "code"}),
    frozenset({"date", "dateTime", "instant", "string"}),
    frozenset({"integer", "positiveInt", "unsignedInt"}),
)
"""Types that clients write for one another: the value decides."""
_SIMPLE = frozenset().union(*_ALIKE) | {"boolean"}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One input parameter: ``kind`` is its R4 type, or ``Resource``; ``part`` when it has parts instead of a value."""

    name: str
    kind: str
    required: bool = False
    repeats: bool = False
    parts: tuple["Parameter", ...] = ()

    @property
    def simple(self) -> bool:
        """True when it fits in a query."""
        return self.kind in _SIMPLE


@dataclass(frozen=True, slots=True)
class Given:
    """What a client gave, by name; each value with the FHIRPath where it stands."""

    values: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    places: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def all(self, name: str) -> Sequence[Any]:
        """Every value of a parameter."""
        return self.values.get(name, ())

    def one(self, name: str) -> Any:
        """The value of a parameter, None when absent."""
        return next(iter(self.all(name)), None)

    def text(self, name: str) -> str | None:
        """A string-like value, None when absent."""
        value = self.one(name)
        return None if value is None else str(value)

    def place(self, name: str) -> str:
        """Where the first value stands, for an issue's expression; its name when it came by the query."""
        return next(iter(self.places.get(name, ())), name)

    def wrong(self, name: str, diagnostics: str, code: IssueType = IssueType.VALUE) -> InvalidResource:
        """The refusal of one parameter's value."""
        return InvalidResource(error(code, diagnostics, self.place(name)))


def read_parameters(
    known: Sequence[Parameter], pairs: Sequence[tuple[str, str]], body: Json | None, resource: str | None = None
) -> Given:
    """Read the input of an operation.

    Args:
        known: its parameters.
        pairs: decoded query parameters.
        body: what was POSTed: Parameters, or the resource of parameter ``resource``; None for nothing.
        resource: name of the parameter that may be POSTed without Parameters around it.

    Raises:
        InvalidResource: carries an issue for each parameter that is unknown, missing, repeated or of another type.
    """
    reader = _Reader({one.name: one for one in known})
    for name, value in pairs:
        if name not in _TRANSPORT:
            reader.from_query(name, value)
    if body is not None:
        if body.get("resourceType") == "Parameters" or resource is None:
            reader.from_resource(body)
        else:
            reader.take(reader.known[resource], body, str(body.get("resourceType", "resourceType")))
    reader.finish()
    if reader.issues:
        raise InvalidResource(*reader.issues)
    return Given(reader.values, reader.places)


class _Reader:
    """Collects values and problems."""

    def __init__(self, known: Mapping[str, Parameter]) -> None:
        self.known = known
        self.values: dict[str, list[Any]] = {}
        self.places: dict[str, list[str]] = {}
        self.issues: list[Issue] = []

    def from_query(self, name: str, value: str) -> None:
        """Take one query parameter."""
        parameter = self.known.get(name)
        if parameter is None:
            self._refuse(IssueType.NOT_SUPPORTED, f"Paramètre inconnu : {name[:MAX_SHOWN]}.", name[:MAX_SHOWN])
        elif not parameter.simple:
            text = f"{name} ne tient pas dans une adresse : l'envoyer par POST dans une ressource Parameters."
            self._refuse(IssueType.NOT_SUPPORTED, text, name)
        else:
            read = _from_text(parameter.kind, value)
            if read is None:
                self._refuse(IssueType.VALUE, f"{name} : valeur de type {parameter.kind} attendue.", name)
            else:
                self.take(parameter, read, name)

    def from_resource(self, body: Json) -> None:
        """Take every parameter of a Parameters resource."""
        given = body.get("parameter")
        entries: list[Any] = given if isinstance(given, list) else []
        self.issues += [one for one in validate(_without_resources(body, entries), "Parameters") if one.blocking]
        if not self.issues:
            for place, entry in enumerate(entries):
                self._entry(entry, f"Parameters.parameter[{place}]")

    def take(self, parameter: Parameter, value: Any, place: str) -> None:
        """Keep one value."""
        values = self.values.setdefault(parameter.name, [])
        if values and not parameter.repeats:
            self._refuse(IssueType.STRUCTURE, f"{parameter.name} ne peut être donné qu'une fois.", place)
            return
        values.append(value)
        self.places.setdefault(parameter.name, []).append(place)

    def finish(self) -> None:
        """Note what is missing."""
        if self.issues:
            return
        for one in self.known.values():
            if one.required and one.name not in self.values:
                self._refuse(IssueType.REQUIRED, f"Paramètre obligatoire absent : {one.name}.", one.name)

    def _entry(self, entry: Json, place: str) -> None:
        name = str(entry.get("name"))
        parameter = self.known.get(name)
        if parameter is None:
            self._refuse(IssueType.NOT_SUPPORTED, f"Paramètre inconnu : {name[:MAX_SHOWN]}.", f"{place}.name")
            return
        found = list(_values(parameter, entry))
        if len(found) != 1:
            text = f"{name} : valeur de type {parameter.kind} attendue."
            self._refuse(IssueType.VALUE, text, place)
        elif parameter.parts:
            self._parts(parameter, entry["part"], f"{place}.part")
        else:
            key, value = found[0]
            self.take(parameter, value, f"{place}.{key}")

    def _parts(self, parameter: Parameter, parts: Sequence[Json], place: str) -> None:
        inner = _Reader({one.name: one for one in parameter.parts})
        for position, part in enumerate(parts):
            inner._entry(part, f"{place}[{position}]")
        inner.finish()
        self.issues += inner.issues
        self.take(parameter, Given(inner.values, inner.places), place)

    def _refuse(self, code: IssueType, diagnostics: str, place: str) -> None:
        self.issues.append(error(code, diagnostics, place))


def _without_resources(body: Json, entries: Sequence[Any]) -> Json:
    """The Parameters alone: the resources inside are the operation's business, to be judged as what they are."""

    def stripped(entry: Any) -> Any:
        if not isinstance(entry, dict):
            return entry
        kept = {name: value for name, value in entry.items() if name != "resource"}
        if isinstance(entry.get("resource"), dict):
            kept["valueBoolean"] = True
        if isinstance(entry.get("part"), list):
            kept["part"] = [stripped(part) for part in entry["part"]]
        return kept

    return {**body, "parameter": [stripped(entry) for entry in entries]} if entries else body


def _values(parameter: Parameter, entry: Json) -> Iterator[tuple[str, Any]]:
    """The entry's value when it is of the parameter's type, or of one that is written for it."""
    if parameter.parts:
        if isinstance(entry.get("part"), list):
            yield "part", entry["part"]
        return
    if parameter.kind == "Resource":
        if isinstance(entry.get("resource"), dict):
            yield "resource", entry["resource"]
        return
    allowed = frozenset({parameter.kind}).union(*(alike for alike in _ALIKE if parameter.kind in alike))
    for key, value in entry.items():
        kind = key.removeprefix("value")
        if key.startswith("value") and (kind in allowed or kind[:1].lower() + kind[1:] in allowed):
            yield key, value


def _from_text(kind: str, text: str) -> Any:
    """A query's value as JSON has it; None when it is not of the type, or empty."""
    if kind == "boolean":
        return {"true": True, "false": False}.get(text)
    if kind in ("integer", "positiveInt", "unsignedInt"):
        digits = text.removeprefix("-")
        return int(text) if digits.isascii() and digits.isdigit() and len(digits) <= 9 else None  # noqa: PLR2004
    return text or None
