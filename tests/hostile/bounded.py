"""``python -m tests.hostile.bounded DATABASE``: enormous bodies, to a facade that may take little memory and time.

Prints what came back as JSON. A process of its own: what it may take is a limit of the operating system.
"""

import json
import resource
import sys
from collections.abc import Iterator
from pathlib import Path

from sesame_fhir.storage import open_store
from tests.contract.api.harness import FHIR_JSON, World

MEMORY = 256 * 1024 * 1024
"""Bytes beyond what the warm process has already taken: every body below would fit many times if it were copied."""
SECONDS = 60
"""Of processor time for all bodies together; they take a few."""
_HEAD = b'{"resourceType":"Observation","status":"final","code":{"text":"x"},'
_XML = b'<Observation xmlns="http://hl7.org/fhir">%s</Observation>'
_FHIR_XML = "application/fhir+xml"
_KEY = bytes(range(32))
_MEGABYTE = 1024 * 1024

Row = tuple[str, str, str, str, bytes]


def bodies() -> Iterator[Row]:
    """Name, method, address, media type, body; made one after another, since together they are large."""
    here = ("POST", "/fhir/Observation", FHIR_JSON)
    xml = ("POST", "/fhir/Observation", _FHIR_XML)
    yield "10 MB of text", *here, _HEAD + b'"valueString":"%s"}' % (b"x" * 10 * _MEGABYTE)
    yield "10 MB of text in XML", *xml, _XML % (b'<valueString value="%s"/>' % (b"x" * 10 * _MEGABYTE))
    yield "a text that never ends", *here, _HEAD + b'"valueString":"' + b"\\" * 1_900_000
    yield "quotes", *here, b'"' * 1_900_000
    yield "1.9 million digits", *here, _HEAD + b'"valueInteger":%s}' % (b"9" * 1_900_000)
    yield "100,000 lists", *here, b"[" * 100_000
    yield "100,000 objects", *here, b'{"a":' * 100_000 + b"1" + b"}" * 100_000
    yield "100,000 extensions in XML", *xml, _XML % (b"<extension>" * 70_000 + b"</extension>" * 70_000)
    yield "200,000 numbers", *here, _HEAD + b'"note":[%s]}' % b",".join([b"1"] * 200_000)
    yield "200,000 nulls", *here, _HEAD + b'"note":[%s]}' % b",".join([b"null"] * 200_000)
    yield "200,000 empty objects", *here, _HEAD + b'"note":[%s]}' % b",".join([b"{}"] * 200_000)
    yield "100,000 unknown names", *here, _HEAD + b"%s}" % b",".join(b'"a%d":1' % n for n in range(100_000))
    yield "100,000 unknown elements", *xml, _XML % b"".join(b'<a%d value=""/>' % n for n in range(100_000))
    yield "one element 100,000 times", *xml, _XML % (b'<status value="x"/>' * 100_000)
    contained = b",".join(b'{"resourceType":"Group","id":"a%d","actual":"x"}' % n for n in range(30_000))
    yield "30,000 contained", *here, _HEAD + b'"contained":[%s]}' % contained
    link = b'{"resourceType":"List","id":"a%d","entry":[{"item":{"reference":"#a%d"}}]}'
    loops = b",".join(link % (n, n + 1) for n in range(9_000))
    yield "a chain of contained", *here, _HEAD + b'"contained":[%s]}' % loops
    identified = b",".join([b'{"linkId":"a"}'] * 100_000)
    asked = b'{"resourceType":"Questionnaire","item":[%s]}' % identified
    yield "one linkId 100,000 times", "POST", "/fhir/Questionnaire", FHIR_JSON, asked
    entries = b'{"resourceType":"Bundle","type":"transaction","entry":[%s]}' % b",".join([b"{}"] * 1_000_000)
    yield "a million entries", "POST", "/fhir", FHIR_JSON, entries
    patch = ("PATCH", "/fhir/Patient/p1", "application/json-patch+json")
    yield "50,000 operations", *patch, b"[%s]" % b",".join([b'{"op":"test","path":"","value":1}'] * 50_000)
    doubled = b",".join([b'{"op":"copy","from":"/name","path":"/name/0/a"}'] * 40)
    yield "copies of copies", *patch, b"[%s]" % doubled
    form = ("POST", "/fhir/Patient/_search", "application/x-www-form-urlencoded")
    yield "a form of 4 MB", *form, b"name=" + b"a" * 4 * _MEGABYTE
    yield "100,000 parameters", *form, b"a=1&" * 100_000


def main(database: str) -> None:
    """Send every body within the limits."""
    with open_store(f"sqlite:///{database}", _KEY) as store:
        world = World(store)
        token = world.token("user/*.cruds")
        world.call("POST", "/fhir/Observation/$validate", token, json={"resourceType": "Observation"})
        _limit()
        told = {}
        for name, method, path, media, body in bodies():
            answer = world.call(method, path, token, data=body, headers={"Content-Type": media})
            told[name] = (answer.status_code, len(json.loads(answer.data).get("issue", ())))
        sys.stdout.write(json.dumps(told))


def _limit() -> None:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split(" ", 1)[0])
    most = pages * resource.getpagesize() + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    spent = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(spent.ru_utime + spent.ru_stime) + SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))


if __name__ == "__main__":
    main(sys.argv[1])
