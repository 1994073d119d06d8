"""The OpenAPI 3.0 description of the facade, made from the tables that the routes are made from.

For tools that know no FHIR: what a resource holds is told by ``$ref`` to its type's canonical, what a search asks by
the parameters of the type. Published at ``/fhir/openapi.json``; generated for readers into docs/reference/openapi.json.
"""

from collections.abc import Iterator
from importlib import metadata
from typing import Any

from sesame_fhir.api.facade.formats import FORMATS
from sesame_fhir.api.facade.interactions import INTERACTIONS, Offered
from sesame_fhir.api.facade.negotiation import FORM, JSON_PATCH
from sesame_fhir.api.operations import OPERATIONS
from sesame_fhir.api.operations.registry import Level, Operation
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.schema.primitives import RESOURCE_ID
from sesame_fhir.fhir.search_parameters import parameters_of

_ID: Json = {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "pattern": f"^{RESOURCE_ID}$"}}
_VERSION: Json = {
    "name": "vid",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "pattern": "^[0-9]{1,9}$"},
}
_FORMAT: Json = {"$ref": "#/components/parameters/_format"}
_IF_MATCH: Json = {"$ref": "#/components/parameters/If-Match"}
_IF_NONE_EXIST: Json = {"$ref": "#/components/parameters/If-None-Exist"}
_PREFER: Json = {"$ref": "#/components/parameters/Prefer"}
_CONTROLS = ("_id", "_lastUpdated", "_count", "_sort", "_summary", "_elements", "_total", "_include", "_revinclude")
_REFUSALS = (400, 401, 403, 404, 405, 406, 409, 410, 412, 413, 415, 422)
# Said once: every interaction may be refused in each of these ways, and naming them there would be most of the file.
_REFUSED: Json = {"4XX": {"$ref": "#/components/responses/Refused"}}
_BROWSABLE = frozenset({"GET"})


def software_version() -> str:
    """Version of this software, as it is installed."""
    return metadata.version("sesame-fhir")


def openapi(base_url: str, oauth_base: str, version: str) -> Json:
    """The description of one facade. ``version`` is that of the software."""
    return {
        "openapi": "3.0.3",
        "info": {
            "title": "SÉSAME, façade FHIR R4",
            "version": version,
            "description": "HL7 FHIR R4 (4.0.1). Ce que chaque ressource contient est décrit par les profils publiés.",
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "servers": [{"url": base_url}],
        "security": [{"smart": []}],
        "paths": dict(sorted(_paths())),
        "components": {
            "securitySchemes": {"smart": _oauth(oauth_base)},
            "parameters": _shared_parameters(),
            "responses": {"Refused": _outcome()},
            "schemas": {**{name: _schema(name) for name in sorted(INTERACTIONS)}, **_general_schemas()},
        },
    }


def _paths() -> Iterator[tuple[str, Json]]:
    yield "/metadata", {"get": _public("CapabilityStatement de ce serveur", "capabilities")}
    yield "/.well-known/smart-configuration", {"get": _public("Configuration SMART", "smart-configuration", fhir=False)}
    yield "/", {"post": _interaction("batch ou transaction", "bundle", body="Bundle", answers="Bundle")}
    for name, offered in INTERACTIONS.items():
        yield from ((path, methods) for path, methods in _of_type(name, offered).items() if methods)
    yield "/Patient/{id}/{type}", {"get": _compartment()}
    for operation in OPERATIONS:
        for level in operation.levels:
            yield from _of_operation(operation, level)


def _of_type(name: str, offered: tuple[Offered, ...]) -> dict[str, Json]:
    """Addresses of a type with their methods; what is not offered is not there."""

    def described(code: Offered, text: str, **more: Any) -> Json | None:
        return _interaction(f"{text} {name}", f"{code}-{name}", **more) if code in offered else None

    history: Json = {"answers": "Bundle", "parameters": [_query("_since"), _query("_count")]}
    written: Json = {"body": name, "answers": name}
    rows: dict[str, dict[str, Json | None]] = {
        f"/{name}": {
            "get": described("search-type", "chercher", answers="Bundle", parameters=_search_parameters(name)),
            "post": described("create", "créer", **written, status=201, parameters=[_IF_NONE_EXIST, _PREFER]),
        },
        f"/{name}/_search": {"post": _form_search(name) if "search-type" in offered else None},
        f"/{name}/_history": {"get": described("history-type", "historique de", **history)},
        f"/{name}/{{id}}": {
            "get": described("read", "lire", answers=name, parameters=[_ID]),
            "put": described("update", "écrire", **written, parameters=[_ID, _IF_MATCH, _PREFER]),
            "patch": described(
                "patch", "modifier", body=JSON_PATCH, answers=name, parameters=[_ID, _IF_MATCH, _PREFER]
            ),
            "delete": described("delete", "supprimer", status=204, parameters=[_ID, _IF_MATCH]),
        },
        f"/{name}/{{id}}/_history": {
            "get": described(
                "history-instance", "historique de", **{**history, "parameters": [_ID, *history["parameters"]]}
            )
        },
        f"/{name}/{{id}}/_history/{{vid}}": {
            "get": described("vread", "lire une version de", answers=name, parameters=[_ID, _VERSION])
        },
    }
    return {path: {m: one for m, one in methods.items() if one is not None} for path, methods in rows.items()}


def _of_operation(operation: Operation, level: Level) -> Iterator[tuple[str, Json]]:
    name = f"${operation.name}"
    types: tuple[str | None, ...] = (None,) if level == "system" else operation.types
    for one in types:
        address = "/".join(("", *([one] if one else []), *(["{id}"] if level == "instance" else []), name))
        known = [_ID] if level == "instance" else []
        simple = [_query(p.name, required=p.required) for p in operation.parameters if p.simple]
        ids = f"operation-{operation.name}-{level}-{one or 'system'}"
        methods: Json = {}
        for method in operation.methods:
            in_query = method in _BROWSABLE
            methods[method.lower()] = _interaction(
                f"{name} ({operation.definition})",
                f"{ids}-{method.lower()}",
                body=None if in_query else "Parameters",
                answers="Resource",
                parameters=[*known, *(simple if in_query else [])],
            )
        yield address, methods


def _interaction(
    summary: str,
    operation_id: str,
    *,
    body: str | None = None,
    answers: str | None = None,
    status: int = 200,
    parameters: list[Json] | None = None,
) -> Json:
    success: Json = {"description": "Fait."}
    if answers is not None:
        success["content"] = _content(answers)
    described: Json = {
        "summary": summary,
        "operationId": operation_id,
        "parameters": [*(parameters or []), _FORMAT],
        "responses": {
            str(status): success,
            **_REFUSED,
        },
    }
    if status != 200 and answers is not None:  # noqa: PLR2004  a conditional create that finds one answers 200
        described["responses"]["200"] = success
    if body is not None:
        described["requestBody"] = {"required": True, "content": _content(body)}
    return described


def _content(name: str) -> Json:
    if name == JSON_PATCH:
        return {JSON_PATCH: {"schema": {"$ref": "#/components/schemas/JsonPatch"}}}
    schema = {"$ref": f"#/components/schemas/{name}"}
    return {one.media: {"schema": schema if one.short == "json" else {"type": "string"}} for one in FORMATS}


def _public(summary: str, operation_id: str, *, fhir: bool = True) -> Json:
    content: Json = _content("Resource") if fhir else {"application/json": {"schema": {"type": "object"}}}
    return {
        "summary": summary,
        "operationId": operation_id,
        "security": [],
        "responses": {"200": {"description": "Fait.", "content": content}, **_REFUSED},
    }


def _form_search(name: str) -> Json:
    described = _interaction(f"chercher {name} (formulaire)", f"search-form-{name}", answers="Bundle")
    properties = {one: {"type": "string"} for one in _searched(name)}
    described["requestBody"] = {"content": {FORM: {"schema": {"type": "object", "properties": properties}}}}
    return described


def _compartment() -> Json:
    of_type = {"name": "type", "in": "path", "required": True, "schema": {"type": "string"}}
    return _interaction(
        "chercher dans le dossier d'un patient", "search-compartment", answers="Bundle", parameters=[_ID, of_type]
    )


def _search_parameters(name: str) -> list[Json]:
    return [{"$ref": f"#/components/parameters/query.{one}"} for one in _searched(name)]


def _searched(name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*_CONTROLS, *parameters_of(name))))


def _query(name: str, *, required: bool = False) -> Json:
    described: Json = {"name": name, "in": "query", "schema": {"type": "string"}}
    return {**described, "required": True} if required else described


def _shared_parameters() -> Json:
    searched = sorted(
        {one for name, offered in INTERACTIONS.items() if "search-type" in offered for one in _searched(name)}
    )

    def header(name: str, description: str) -> Json:
        return {"name": name, "in": "header", "description": description, "schema": {"type": "string"}}

    return {
        **{f"query.{one}": _query(one) for one in searched},
        "_format": {
            "name": "_format",
            "in": "query",
            "schema": {"type": "string", "enum": [one.short for one in FORMATS]},
        },
        "If-Match": header("If-Match", 'ETag de la version lue, W/"3".'),
        "If-None-Exist": header("If-None-Exist", "Recherche : ne créer que si elle ne trouve rien."),
        "Prefer": header("Prefer", "return=minimal|representation|OperationOutcome, handling=strict|lenient."),
    }


def _outcome() -> Json:
    codes = ", ".join(map(str, _REFUSALS))
    return {"description": f"Refus ({codes}) : chaque problème est nommé.", "content": _content("OperationOutcome")}


def _schema(name: str) -> Json:
    return {
        "type": "object",
        "required": ["resourceType"],
        "properties": {"resourceType": {"type": "string", "enum": [name]}, "id": {"type": "string"}},
        "externalDocs": {"url": f"http://hl7.org/fhir/R4/{name.lower()}.html"},
    }


def _general_schemas() -> Json:
    step: Json = {
        "type": "object",
        "required": ["op", "path"],
        "properties": {
            "op": {"type": "string", "enum": ["add", "remove", "replace", "move", "copy", "test"]},
            "path": {"type": "string"},
            "from": {"type": "string"},
            "value": {},
        },
    }
    return {
        "Resource": {
            "type": "object",
            "required": ["resourceType"],
            "properties": {"resourceType": {"type": "string"}},
        },
        "JsonPatch": {"type": "array", "minItems": 1, "items": step},
        **{name: _schema(name) for name in ("Bundle", "OperationOutcome", "Parameters")},
    }


def _oauth(oauth_base: str) -> Json:
    return {
        "type": "oauth2",
        "description": "SMART App Launch 2.2 : lancement, autonome, services (private_key_jwt).",
        "flows": {
            "authorizationCode": {
                "authorizationUrl": f"{oauth_base}/authorize",
                "tokenUrl": f"{oauth_base}/token",
                "scopes": {"patient/*.rs": "Dossier ouvert", "user/*.rs": "Ce que la personne voit"},
            },
            "clientCredentials": {"tokenUrl": f"{oauth_base}/token", "scopes": {"system/*.rs": "Système à système"}},
        },
    }
