"""JSON Schema of the R4 primitive types (https://hl7.org/fhir/R4/datatypes.html#primitive).

Stricter than the published regexes where these let impossible values through: dates follow the calendar
(29 February only in leap years), strings hold no control characters and are not blank, base64 is complete.
The patterns use no look-around, so that the linear-time regex engine can run them on hostile input.
"""

from sesame_fhir.fhir.json_types import Json

_YEAR = r"(?:[0-9](?:[0-9](?:[0-9][1-9]|[1-9]0)|[1-9]00)|[1-9]000)"
_LEAP_YEAR = r"(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:0[48]|[2468][048]|[13579][26])00)"
_FULL_DATE = (
    rf"(?:{_YEAR}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    rf"|02-(?:0[1-9]|1[0-9]|2[0-8]))|{_LEAP_YEAR}-02-29)"
)
_TIME = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\.[0-9]+)?"
_ZONE = r"(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))"
_PARTIAL = rf"{_YEAR}(?:-(?:0[1-9]|1[0-2]))?"
_BASE64 = r"^\s*(?:[A-Za-z0-9+/]{4}\s*)*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?\s*$"
_TEXT = r"^[\t\n\r ]*[^\x00-\x20][^\x00-\x08\x0B\x0C\x0E-\x1F]*$"
_MAX_INTEGER = 2**31 - 1

RESOURCE_ID = r"[A-Za-z0-9\-.]{1,64}"
"""The regex of a resource's logical id, unanchored."""


def _text(pattern: str) -> Json:
    return {"type": "string", "pattern": pattern}


PRIMITIVES: dict[str, Json] = {
    "base64Binary": {"type": "string", "minLength": 1, "pattern": _BASE64},
    "boolean": {"type": "boolean"},
    "canonical": _text(r"^\S+$"),
    "code": _text(r"^[^\s\x00-\x20]+(?:\s[^\s\x00-\x20]+)*$"),
    "date": _text(rf"^(?:{_PARTIAL}|{_FULL_DATE})$"),
    "dateTime": _text(rf"^(?:{_PARTIAL}|{_FULL_DATE}(?:T{_TIME}{_ZONE})?)$"),
    "decimal": {"type": "number"},
    "id": _text(rf"^{RESOURCE_ID}$"),
    "instant": _text(rf"^{_FULL_DATE}T{_TIME}{_ZONE}$"),
    "integer": {"type": "integer", "minimum": -_MAX_INTEGER - 1, "maximum": _MAX_INTEGER},
    "markdown": _text(_TEXT),
    "oid": _text(r"^urn:oid:[0-2](?:\.(?:0|[1-9][0-9]*))+$"),
    "positiveInt": {"type": "integer", "minimum": 1, "maximum": _MAX_INTEGER},
    "string": {**_text(_TEXT), "maxLength": 1048576},
    "time": _text(rf"^{_TIME}$"),
    "unsignedInt": {"type": "integer", "minimum": 0, "maximum": _MAX_INTEGER},
    "uri": _text(r"^\S+$"),
    "url": _text(r"^\S+$"),
    "uuid": _text(r"^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"),
    "xhtml": {"type": "string", "minLength": 1},
}
"""Schema of a value of each primitive type; the companion ``_name`` element is the type ``Element``."""


def nullable(schema: Json) -> Json:
    """The same primitive inside a repeating element, where ``null`` keeps the place of an extension-only value."""
    widened = {**schema, "type": [schema["type"], "null"]}
    if "enum" in schema:
        widened["enum"] = [*schema["enum"], None]
    return widened
