"""How a resource of ours is recognised in a record: by business identifier, by content, by what an answer says."""

import re
from urllib.parse import quote, urlencode

from sesame_fhir.fhir.json_types import Json
from smart_app.ehr.client import EhrResponse
from smart_app.ehr.searching import list_of_objects, object_of

_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")
_SERVER_OWNED = frozenset({"id", "meta", "text"})


def same_content(ours: Json, theirs: Json | None) -> bool:
    """True when the record already holds this content: all but what a server owns (id, meta, narrative)."""
    if theirs is None:
        return False
    mine = {key: value for key, value in ours.items() if key not in _SERVER_OWNED}
    return mine == {key: value for key, value in theirs.items() if key not in _SERVER_OWNED}


def patient_of(body: Json) -> str | None:
    """The patient's reference, ``Patient/id``, from ``subject`` or ``for``."""
    found = (body.get("subject") or body.get("for") or {}).get("reference")
    kind, _, patient_id = str(found).partition("/")
    return f"Patient/{patient_id}" if kind == "Patient" and is_id(patient_id) else None


def is_id(value: object) -> bool:
    """True for a FHIR logical id."""
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def identifiers_of(resource: Json) -> list[tuple[object, object]]:
    """System and value of each identifier; in R4 some types have a list of them, some only one."""
    written = resource.get("identifier")
    listed = list_of_objects(written if isinstance(written, list) else [written])
    return [(one.get("system"), one.get("value")) for one in listed]


def carries(theirs: Json, ours: Json) -> bool:
    """True when a resource of the record has our business identifier: another one must never be overwritten."""
    return identifiers_of(ours)[0] in identifiers_of(theirs)


def condition_of(body: Json) -> str:
    """The search that finds our resource: ``identifier=system|value``, percent-encoded."""
    system, value = identifiers_of(body)[0]
    return urlencode({"identifier": f"{system}|{value}"}, quote_via=quote, safe="")


def location_of(answer: EhrResponse, kind: str) -> str | None:
    """``Type/id`` from the Location header (absolute or relative, versioned or not), else from the body."""
    path = (answer.location or "").partition("/_history/")[0].rstrip("/").split("/")
    if len(path) > 1 and path[-2] == kind and is_id(path[-1]):
        return f"{kind}/{path[-1]}"
    body = answer.body or {}
    return f"{kind}/{body['id']}" if body.get("resourceType") == kind and is_id(body.get("id")) else None


def version_tag(current: EhrResponse | None) -> str | None:
    """The ETag of what was read, or one made from meta.versionId; None when the server keeps no versions."""
    if current is None or current.etag is not None:
        return current.etag if current is not None else None
    version = object_of((current.body or {}).get("meta")).get("versionId")
    return f'W/"{version}"' if is_id(version) else None
