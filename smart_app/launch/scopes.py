"""SMART scopes: what we ask for, in the syntax that the EHR advertises, and what a grant allows.

Version 1 (``.read``, ``.write``) and version 2 (``.cruds``) are never mixed in one request, and the letters of
version 2 keep their order: servers refuse the contrary. Source: SMART App Launch 2.2.0, "Scopes for requesting FHIR
resources"; the mapping v1 -> v2 is read = rs, write = cud.
"""

import re
from dataclasses import dataclass
from typing import Self

_LETTERS = "cruds"
_V1 = {"read": "rs", "write": "cud", "*": _LETTERS}
_RESOURCE_SCOPE = re.compile(r"(patient|user|system)/([A-Za-z]+|\*)\.(read|write|\*|c?r?u?d?s?)(\?[^\s]*)?")
_LAUNCH_SCOPES = frozenset({"launch", "launch/patient", "launch/encounter"})
_CONTEXTS_OF_A_USER = frozenset({"patient", "user"})

DEFAULT_SCOPES = (
    "openid fhirUser online_access launch launch/patient launch/encounter "
    "patient/Patient.rs patient/Encounter.rs patient/Condition.rs patient/EpisodeOfCare.rs patient/CareTeam.rs "
    "patient/MedicationRequest.rs patient/MedicationStatement.rs "
    "patient/Observation.crus patient/QuestionnaireResponse.crus patient/ServiceRequest.crus patient/Task.crus "
    "patient/Communication.crus patient/DocumentReference.crus user/Practitioner.rs user/PractitionerRole.rs"
)
"""The least that the app works with, for an EHR to register: read the record around the question, write what SÉSAME
produces. Of the launch scopes, a request holds those of its kind of launch only."""


@dataclass(frozen=True, slots=True)
class ResourceScope:
    """One resource scope in version 2 terms; ``query`` is the granular filter, with its question mark."""

    context: str
    resource_type: str
    letters: str
    query: str = ""

    def v2(self) -> str:
        """Write it in version 2."""
        return f"{self.context}/{self.resource_type}.{self.letters}{self.query}"

    def v1(self) -> tuple[str, ...]:
        """Write it in version 1, which has no filter: the EHR's own rules narrow it again."""
        kinds = (("read", "rs"), ("write", "cud"))
        return tuple(
            f"{self.context}/{self.resource_type}.{name}" for name, letters in kinds if set(letters) & set(self.letters)
        )


@dataclass(frozen=True, slots=True)
class Scopes:
    """A parsed scope string: resource scopes, and the others in their order."""

    resources: tuple[ResourceScope, ...]
    others: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a scope string of either version; what is neither is kept among ``others``."""
        resources, others = [], []
        for scope in dict.fromkeys(text.split()):
            found = _RESOURCE_SCOPE.fullmatch(scope)
            if found and found[3]:
                resources.append(ResourceScope(found[1], found[2], _V1.get(found[3], found[3]), found[4] or ""))
            else:
                others.append(scope)
        return cls(tuple(resources), tuple(others))

    def allows(self, resource_type: str, letter: str) -> bool:
        """True when a patient or user scope covers an interaction (c, r, u, d or s) on a type."""
        return any(
            letter in scope.letters
            for scope in self.resources
            if scope.context in _CONTEXTS_OF_A_USER and scope.resource_type in (resource_type, "*")
        )


def scopes_to_request(registered: str | None, *, v2: bool, ehr_launch: bool) -> str:
    """The ``scope`` parameter of an authorization request.

    ``registered`` is the registration's own list (None: the default); its syntax is rewritten to the one that the EHR
    advertises. An EHR launch asks for ``launch``, a standalone launch for the patient and the encounter to choose.
    """
    wanted = Scopes.parse(registered if registered is not None else DEFAULT_SCOPES)
    others = [scope for scope in wanted.others if scope not in _LAUNCH_SCOPES]
    launch = ["launch"] if ehr_launch else ["launch/patient", "launch/encounter"]
    resources = [text for scope in wanted.resources for text in ((scope.v2(),) if v2 else scope.v1())]
    return " ".join(dict.fromkeys([*others, *launch, *resources]))
