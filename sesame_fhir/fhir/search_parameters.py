"""The search parameters that this server offers: official R4 ones only, by resource type, as a table.

Paths are relative to the resource, ``a.b`` steps into every element of a list, ``name[x]`` is a choice element.
Meaning and names: https://hl7.org/fhir/R4/searchparameter-registry.html.
The CapabilityStatement is made from the same table.
"""

from dataclasses import dataclass
from typing import Literal

from sesame_fhir.services.search import IndexKind

PublishedType = Literal["token", "string", "date", "reference", "uri"]


@dataclass(frozen=True, slots=True)
class SearchParameter:
    """One parameter. ``target`` keeps only references to that type (``patient``).

    ``canonical`` marks a reference by canonical URL: published as a reference, indexed and asked for as a uri.
    """

    name: str
    kind: IndexKind
    paths: tuple[str, ...]
    target: str | None = None
    canonical: bool = False

    @property
    def published_type(self) -> PublishedType:
        """Its type in the CapabilityStatement."""
        return "reference" if self.canonical else self.kind


def _token(name: str, *paths: str) -> SearchParameter:
    return SearchParameter(name, "token", paths or (name,))


def _string(name: str, *paths: str) -> SearchParameter:
    return SearchParameter(name, "string", paths or (name,))


def _date(name: str, *paths: str) -> SearchParameter:
    return SearchParameter(name, "date", paths or (name,))


def _to(name: str, *paths: str) -> SearchParameter:
    return SearchParameter(name, "reference", paths or (name,))


def _uri(name: str, *paths: str) -> SearchParameter:
    return SearchParameter(name, "uri", paths or (name,))


def _patient(path: str) -> SearchParameter:
    return SearchParameter("patient", "reference", (path,), target="Patient")


_IDENTIFIER = _token("identifier")
_STATUS = _token("status")
_CODE = _token("code")
_OF_SUBJECT = (_patient("subject"), _to("subject"))
_MEDICATION = (*_OF_SUBJECT, _IDENTIFIER, _STATUS, _token("code", "medicationCodeableConcept"))
_PERSON = (_IDENTIFIER, _string("name"), _string("family", "name.family"), _string("given", "name.given"))
_CANONICAL = (_uri("url"), _token("version"), _STATUS, _string("title"), _string("name"))

_BY_TYPE: dict[str, tuple[SearchParameter, ...]] = {
    "CareTeam": (*_OF_SUBJECT, _IDENTIFIER, _STATUS, _token("category"), _date("date", "period")),
    "Condition": (*_OF_SUBJECT, _IDENTIFIER, _CODE, _token("clinical-status", "clinicalStatus"), _token("category")),
    "Consent": (_patient("patient"), _IDENTIFIER, _STATUS, _token("category"), _date("date", "dateTime")),
    "DocumentReference": (
        *(*_OF_SUBJECT, _STATUS, _token("type"), _date("date")),
        _token("identifier", "masterIdentifier", "identifier"),
    ),
    "Encounter": (*_OF_SUBJECT, _IDENTIFIER, _STATUS, _date("date", "period")),
    "EpisodeOfCare": (_patient("patient"), _IDENTIFIER, _STATUS, _date("date", "period")),
    "Flag": (*_OF_SUBJECT, _IDENTIFIER, _to("author"), _to("encounter"), _date("date", "period")),
    "MedicationRequest": (*_MEDICATION, _token("intent")),
    "MedicationStatement": _MEDICATION,
    "Observation": (
        *(*_OF_SUBJECT, _IDENTIFIER, _STATUS, _CODE, _token("category"), _date("date", "effective[x]")),
        *(_to("derived-from", "derivedFrom"), _to("encounter"), _to("performer")),
    ),
    "Organization": (_IDENTIFIER, _string("name", "name", "alias")),
    "Patient": (*_PERSON, _date("birthdate", "birthDate"), _token("gender")),
    "Practitioner": _PERSON,
    "Questionnaire": (*_CANONICAL, _IDENTIFIER),
    "QuestionnaireResponse": (
        *(*_OF_SUBJECT, _IDENTIFIER, _STATUS, _to("encounter"), _to("author"), _date("authored")),
        SearchParameter("questionnaire", "uri", ("questionnaire",), canonical=True),
    ),
    "ServiceRequest": (
        *(*_OF_SUBJECT, _IDENTIFIER, _STATUS, _CODE, _token("intent"), _date("authored", "authoredOn")),
        *(_to("requester"), _to("performer"), _to("encounter")),
    ),
    "Task": (
        *(_patient("for"), _to("subject", "for"), _IDENTIFIER, _STATUS, _CODE, _token("intent"), _to("focus")),
        *(_to("based-on", "basedOn"), _to("owner"), _to("requester"), _date("authored-on", "authoredOn")),
    ),
}

COMMON: tuple[SearchParameter, ...] = (
    _uri("_profile", "meta.profile"),
    _token("_tag", "meta.tag"),
    _token("_security", "meta.security"),
    _uri("_source", "meta.source"),
)
"""Parameters of every type; ``_id`` and ``_lastUpdated`` are columns of the store and need no index entry."""

SEARCH_PARAMETERS: dict[str, dict[str, SearchParameter]] = {
    resource_type: {parameter.name: parameter for parameter in (*COMMON, *parameters)}
    for resource_type, parameters in _BY_TYPE.items()
}
"""Parameters by resource type and name; a type that is not listed has the common ones (see ``parameters_of``)."""

_COMMON_ONLY = {parameter.name: parameter for parameter in COMMON}


def parameters_of(resource_type: str) -> dict[str, SearchParameter]:
    """The parameters of a type, by name, without ``_id`` and ``_lastUpdated``."""
    return SEARCH_PARAMETERS.get(resource_type, _COMMON_ONLY)
