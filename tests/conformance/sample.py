"""A resource to judge, and what was said of it."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.writer import write_json


class Expected(StrEnum):
    """What the reference validator must say of a sample."""

    CLEAN = "clean"
    REFUSED = "refused"
    EITHER = "either"


@dataclass(frozen=True)
class Sample:
    """``origin`` is where it comes from (``profiles``, ``cohort``…), ``note`` what was done to it, if anything."""

    origin: str
    name: str
    body: bytes
    profiles: tuple[str, ...] = ()
    expected: Expected = Expected.CLEAN
    note: str = ""

    @cached_property
    def id(self) -> str:
        """Names the very bytes: a verdict on these holds as long as the definitions do."""
        digest = hashlib.sha256(self.body + "\0".join(self.profiles).encode()).hexdigest()[:16]
        return f"{self.origin}/{self.name}#{digest}"

    @cached_property
    def resource_type(self) -> str:
        """The resource's type; empty when it has none."""
        return str(json.loads(self.body).get("resourceType", ""))

    def line(self) -> bytes:
        """As the validator program reads it: one line, the body as it is."""
        head = json.dumps({"id": self.id, "profiles": self.profiles})
        return b'%s, "resource": %s}\n' % (head[:-1].encode(), self.body)


def sample(origin: str, name: str, resource: Json, **rest: Any) -> Sample:
    """A sample of a resource that is at hand as a dict."""
    return Sample(origin, name, write_json(resource), **rest)


@dataclass(frozen=True, slots=True)
class Said:
    """One message of the reference validator."""

    severity: str
    message_id: str
    expression: str
    text: str

    @property
    def refuses(self) -> bool:
        """True for what makes a resource invalid."""
        return self.severity in {"error", "fatal"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """Everything the reference validator said of one sample."""

    sample: Sample
    said: Sequence[Said] = field(default=())

    @property
    def refused(self) -> bool:
        """True when at least one message is an error."""
        return any(one.refuses for one in self.said)
