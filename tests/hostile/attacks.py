"""Hostile requests, the same ones for the same seed: bodies, headers, addresses, methods, Bundles, patches, tokens."""

import copy
import json
import random
from collections.abc import Callable, Sequence
from functools import cache
from urllib.parse import quote, urlencode

from sesame_fhir.api.operations import OPERATIONS
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.reader import read_json
from sesame_fhir.fhir.search_parameters import parameters_of
from sesame_fhir.fhir.writer import write_json
from sesame_fhir.fhir.xml import to_xml
from tests.conformance import gather
from tests.conformance.mutants import MUTATIONS
from tests.conformance.mutants.places import places
from tests.hostile.target import Attack
from tests.hostile.words import HEADERS, METHODS, MODIFIERS, STEPS, TEXTS, TOKENS, VALUES

_JSON = {"Content-Type": "application/fhir+json"}
_XML = {"Content-Type": "application/fhir+xml"}
_PATCH = {"Content-Type": "application/json-patch+json"}
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_WRITABLE = ("Patient/p1", "Observation/observation-p1", "Task/task-p1", "CarePlan/careplan-p1")
_SPLICED = (
    b"NaN",
    b"1e999",
    b'"\\u0000"',
    b'"\\ud800"',
    b"[" * 300,
    b'{"a":' * 70,
    b"\xff",
    b"\xef\xbb\xbf",
    b",",
    b"}",
)

Chance = random.Random


@cache
def sources() -> tuple[Json, ...]:
    """Good resources: the goldens of the mappings, and what is in ``profiles/``."""
    return tuple(read_json(one.body) for one in gather.mutable([*gather.goldens(), *gather.authored()]))


def _mutant(chance: Chance) -> Json:
    """A good resource with one to three things wrong, of the kinds that the conformance run mutates, or any value."""
    resource = copy.deepcopy(chance.choice(sources()))
    for _ in range(chance.randint(0, 2)):
        MUTATIONS[chance.choice(sorted(MUTATIONS))](resource, chance)
    for _ in range(chance.randint(0, 2)):
        if found := places(resource):
            chance.choice(found).set(copy.deepcopy(chance.choice(VALUES)))
    return resource


def _written(chance: Chance, resource: Json) -> tuple[bytes, dict[str, str]]:
    """As JSON, or as XML where it has such a form."""
    if chance.random() < 0.25:
        try:
            return to_xml(write_json(resource)), _XML
        except Exception:  # noqa: BLE001, S110  what is that wrong has no XML form
            pass
    return json.dumps(resource, default=str).encode("utf-8", "surrogatepass"), _JSON


def _address(chance: Chance, resource: Json) -> tuple[str, str]:
    kind = str(resource.get("resourceType"))[:40]
    return chance.choice(
        [
            ("POST", f"/fhir/{kind}"),
            ("PUT", f"/fhir/{kind}/{resource.get('id')}"),
            ("PUT", f"/fhir/{kind}/{kind.lower()}-p1"),
            ("POST", f"/fhir/{kind}/$validate"),
        ],
    )


def body(chance: Chance) -> Attack:
    """A resource with something wrong in it."""
    resource = _mutant(chance)
    method, path = _address(chance, resource)
    data, headers = _written(chance, resource)
    return Attack("body", method, path, headers=headers, body=data)


def bytes_of(chance: Chance) -> Attack:
    """A good body, broken as bytes."""
    resource = chance.choice(sources())
    method, path = _address(chance, resource)
    data, headers = _written(chance, resource)
    for _ in range(chance.randint(1, 3)):
        at, length = chance.randrange(len(data) + 1), chance.randint(0, 40)
        middle = chance.choice([b"", data[at : at + length] * 2, chance.choice(_SPLICED), chance.randbytes(length)])
        data = data[:at] + middle + data[at + length :]
    return Attack("bytes", method, path, headers=headers, body=data)


def patch(chance: Chance) -> Attack:
    """A JSON Patch of what is there."""
    name = chance.choice(_WRITABLE)
    pointers = [
        "",
        "/id",
        "/name/0/family",
        "/status",
        "/subject",
        "/subject/reference",
        "/meta",
        "/-",
        "/0",
        "/~",
        "x",
    ]
    steps = [
        {
            "op": chance.choice(["add", "remove", "replace", "move", "copy", "test", "", None]),
            "path": chance.choice([*pointers, *TEXTS]),
            "from": chance.choice([*pointers, None]),
            "value": chance.choice([*VALUES, *TEXTS]),
        }
        for _ in range(chance.choice((1, 2, 5, 501)))
    ]
    sent = chance.choice([steps, steps, steps, *VALUES])
    headers = chance.choice([_PATCH, _PATCH, _PATCH, _JSON])
    data = json.dumps(sent).encode("utf-8", "surrogatepass")
    return Attack("patch", "PATCH", f"/fhir/{name}", headers=headers, body=data)


def bundle(chance: Chance) -> Attack:
    """A batch or a transaction of entries that are attacks themselves."""
    entries: list[object] = []
    for number in range(chance.choice((0, 1, 2, 5, 20))):
        method = chance.choice(["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", *METHODS])
        resource = _mutant(chance) if method in ("POST", "PUT") else None
        kind = resource["resourceType"] if resource else "Patient"
        url = chance.choice([kind, f"{kind}/p1", f"{kind}?_id=p1", f"{kind}?identifier=x|y", *TEXTS, *STEPS])
        asked = {"method": method, "url": url, chance.choice(["ifMatch", "ifNoneExist"]): chance.choice(TEXTS)}
        entry: Json = {"request": chance.choice([asked, asked, asked, *VALUES]), "fullUrl": f"urn:uuid:{number % 3}"}
        entries.append({**entry, "resource": resource} if resource else entry)
    kind = chance.choice(["batch", "transaction", "transaction", "collection", *TEXTS])
    sent = {"resourceType": "Bundle", "type": kind, "entry": chance.choice([entries, entries, entries, *VALUES])}
    data = json.dumps(sent, default=str).encode("utf-8", "surrogatepass")
    return Attack("bundle", "POST", "/fhir", headers=_JSON, body=data)


def search(chance: Chance) -> Attack:
    """Parameters of a type, and others, with any modifier and any value."""
    kind = chance.choice(sources())["resourceType"]
    known = [*parameters_of(kind), "_id", "_lastUpdated", "_count", "_sort", "_cursor", "_include", "_revinclude"]
    known += [
        "_has:Observation:patient:code",
        "subject:Patient.name",
        "patient.birthdate",
        "_summary",
        "_elements",
        "_total",
    ]
    values = [f"{chance.choice(['ge', 'sa', 'ap', 'ne', ''])}2026-03", "p1", "Patient/p1", "x|y", f"{kind}:*", *TEXTS]
    pairs = [
        (f"{chance.choice([*known, *TEXTS])}{chance.choice(['', '', *MODIFIERS])}", chance.choice(values))
        for _ in range(chance.choice((1, 1, 2, 3, 6, 40)))
    ]
    query = urlencode(pairs, errors="surrogatepass")
    form = chance.random() < 0.3
    method, path = ("POST", f"/fhir/{kind}/_search") if form else ("GET", f"/fhir/{kind}")
    return Attack("search", method, path, "" if form else query, _FORM if form else {}, query.encode() if form else b"")


def header(chance: Chance) -> Attack:
    """A header with a value that nobody expects."""
    method, path = chance.choice([("GET", "/fhir/Patient/p1"), ("GET", "/fhir/Patient"), ("PUT", "/fhir/Patient/p1")])
    value = chance.choice(TEXTS).encode("utf-8", "surrogatepass").decode("latin-1").translate({10: None, 13: None})
    sent = {**_JSON, chance.choice(HEADERS): value}
    data = b'{"resourceType":"Patient","id":"p1"}' if method == "PUT" else b""
    return Attack("header", method, path, headers=sent, body=data)


def address(chance: Chance) -> Attack:
    """Steps that lead nowhere, or where nobody should go."""
    steps = [chance.choice([*STEPS, *TEXTS]) for _ in range(chance.randint(0, 5))]
    written = "/".join(steps)
    root = chance.choice(["/fhir/", "/fhir/", "/fhir/", "/fhir//", "/oauth/", "/fhir"])
    query = quote(chance.choice(TEXTS), errors="surrogatepass") if chance.random() < 0.3 else ""
    method = chance.choice(["GET", "GET", "POST", "PUT", "DELETE", "PATCH", *METHODS])
    return Attack("address", method, f"{root}{written}", query, headers=chance.choice([{}, _JSON]))


def method_of(chance: Chance) -> Attack:
    """Methods that HTTP knows and FHIR does not, and attempts to smuggle another one."""
    path = f"/fhir/{chance.choice([*_WRITABLE, 'Patient', 'metadata', ''])}"
    sent = {"X-HTTP-Method-Override": chance.choice(METHODS), "X-HTTP-Method": "DELETE"}
    return Attack("method", chance.choice(METHODS), path, headers=sent, body=chance.choice([b"", b"{}"]))


def token(chance: Chance) -> Attack:
    """Authorization headers that are none."""
    value = chance.choice(TOKENS).encode("utf-8", "surrogatepass").decode("latin-1")
    path = chance.choice(["/fhir/Patient/p2", "/fhir/Patient?family=x", "/fhir/Observation/observation-p2"])
    path, _, query = path.partition("?")
    return Attack("token", chance.choice(["GET", "DELETE"]), path, query, {"Authorization": value}, who="none")


def operation(chance: Chance) -> Attack:
    """An operation with parameters of any form."""
    one = chance.choice(OPERATIONS)
    kind = chance.choice(one.types) if one.types else "Patient"
    steps = chance.choice([[kind], [kind, "p1"], [kind, f"{kind.lower()}-p1"], []])
    names = [parameter.name for parameter in one.parameters] + ["x"]
    pairs = [(chance.choice(names), chance.choice(["p1", "Patient/p1", *TEXTS])) for _ in range(chance.randint(0, 4))]
    path = "/".join(("/fhir", *steps, f"${one.name}"))
    if chance.random() < 0.4:
        return Attack("operation", "GET", path, urlencode(pairs, errors="surrogatepass"))
    slots = [
        "valueString",
        "valueUri",
        "valueCode",
        "valueInteger",
        "valueBoolean",
        "valueReference",
        "part",
        "resource",
    ]
    given = [{"name": name, chance.choice(slots): chance.choice([value, *VALUES])} for name, value in pairs]
    sent: Json = {"resourceType": "Parameters", "parameter": given}
    data = json.dumps(chance.choice([sent, sent, sent, _mutant(chance)]), default=str)
    return Attack("operation", "POST", path, headers=_JSON, body=data.encode("utf-8", "surrogatepass"))


def oauth(chance: Chance) -> Attack:
    """The authorization server's addresses with anything."""
    names = ["grant_type", "client_id", "client_secret", "code", "redirect_uri", "token", "scope", "client_assertion"]
    names += ["state", "aud", "launch", "code_challenge", "refresh_token", "response_type", "client_assertion_type"]
    known = [
        "public-app",
        "authorization_code",
        "client_credentials",
        "refresh_token",
        "code",
        "http://localhost:8000/app/callback",
    ]
    pairs = [(chance.choice(names), chance.choice([*known, *TEXTS])) for _ in range(chance.randint(0, 8))]
    query = urlencode(pairs, errors="surrogatepass")
    path = "/oauth/" + chance.choice(["authorize", "token", "introspect", "revoke", "jwks", "userinfo", "x"])
    if chance.random() < 0.4:
        return Attack("oauth", "GET", path, query, who="none")
    return Attack("oauth", "POST", path, "", _FORM, query.encode(), who="none")


KINDS: Sequence[Callable[[Chance], Attack]] = (
    *(body, body, bytes_of, patch, bundle, search, search, header, address, method_of, token, operation, oauth),
)


def attack_of(seed: str, number: int, tokens: Sequence[str]) -> Attack:
    """The attack of a number; its token is of any kind, most often one that may write."""
    chance = random.Random(f"{seed}/{number}")  # noqa: S311  the same every time
    made = KINDS[number % len(KINDS)](chance)
    if made.kind in ("token", "oauth"):
        return made
    who = "user" if chance.random() < 0.4 else chance.choice(sorted(tokens))
    return Attack(made.kind, made.method, made.path, made.query, made.headers, made.body, who)
