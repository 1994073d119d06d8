"""The search parameters that this server offers: official R4 ones only, by resource type, as a table.

Paths are relative to the resource, ``a.b`` steps into every element of a list; of a choice element, the types that the
parameter speaks of are named one by one (a test compares all of it with the published expressions).
Meaning and names: https://hl7.org/fhir/R4/searchparameter-registry.html.
The CapabilityStatement is made from the same table.
"""

from dataclasses import dataclass
from typing import Literal

from sesame_fhir.services.search import IndexKind

PublishedType = Literal["token", "string", "date", "reference", "uri", "quantity"]


@dataclass(frozen=True, slots=True)
class SearchParameter:
    """One parameter. ``target`` keeps only references to that type (``patient``, ``practitioner``).

    ``canonical`` marks a reference by canonical URL: published as a reference, indexed and asked for as a uri.
    ``system`` keeps only contact points of that system (``email``).
    """

    name: str
    kind: IndexKind
    paths: tuple[str, ...]
    target: str | None = None
    canonical: bool = False
    system: str | None = None

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


def _only(name: str, target: str, *paths: str) -> SearchParameter:
    """References to one type, where the element allows several (R4: ``where(resolve() is …)``)."""
    return SearchParameter(name, "reference", paths, target=target)


def _quantity(name: str, *paths: str) -> SearchParameter:
    return SearchParameter(name, "quantity", paths or (name,))


def _contact(system: str) -> SearchParameter:
    return SearchParameter(system, "token", ("telecom",), system=system)


def _patient(path: str) -> SearchParameter:
    return _only("patient", "Patient", path)


def _canonical(name: str, path: str | None = None) -> SearchParameter:
    return SearchParameter(name, "uri", (path or name,), canonical=True)


_IDENTIFIER = _token("identifier")
_STATUS = _token("status")
_CODE = _token("code")
_CATEGORY = _token("category")
_TYPE = _token("type")
_INTENT = _token("intent")
_ACTIVE = _token("active")
_AUTHOR = _to("author")
_ENCOUNTER = _to("encounter")
_BASED_ON = _to("based-on", "basedOn")
_PART_OF = _to("part-of", "partOf")
_DURING = _date("date", "period")
_OF_SUBJECT = (_patient("subject"), _to("subject"), _IDENTIFIER)
_MEDICATION = (*_OF_SUBJECT, _STATUS, _token("code", "medicationCodeableConcept"), _CATEGORY)
_CONTACT = (_token("telecom"), _contact("email"), _contact("phone"))
_ADDRESS = (
    *(_string("address"), _string("address-city", "address.city"), _string("address-country", "address.country")),
    *(_string("address-postalcode", "address.postalCode"), _string("address-state", "address.state")),
    _token("address-use", "address.use"),
)
_PERSON = (
    *(_IDENTIFIER, _ACTIVE, _string("name"), _string("family", "name.family"), _string("given", "name.given")),
    *(_token("gender"), *_CONTACT, *_ADDRESS),
)
_CANONICAL = (
    *(_uri("url"), _token("version"), _STATUS, _string("title"), _string("name"), _IDENTIFIER, _date("date")),
    *(_date("effective", "effectivePeriod"), _string("publisher"), _string("description"), _token("jurisdiction")),
)
_DEFINITION = tuple(one for one in _CANONICAL if one.name != "effective")
_NOT_IDENTIFIED = tuple(one for one in _DEFINITION if one.name != "identifier")
_REASON = (_token("reason-code", "reasonCode"), _to("reason-reference", "reasonReference"))

_BY_TYPE: dict[str, tuple[SearchParameter, ...]] = {
    "Appointment": (
        *(_patient("participant.actor"), _only("practitioner", "Practitioner", "participant.actor")),
        *(_to("actor", "participant.actor"), _IDENTIFIER, _STATUS, _date("date", "start"), _BASED_ON),
        *(_token("part-status", "participant.status"), _only("location", "Location", "participant.actor"), *_REASON),
        *(_token("appointment-type", "appointmentType"), _token("service-type", "serviceType")),
    ),
    "AuditEvent": (
        *(_token("action"), _to("agent", "agent.who"), _token("agent-role", "agent.role"), _date("date", "recorded")),
        *(_to("entity", "entity.what"), _token("outcome"), _only("patient", "Patient", "agent.who", "entity.what")),
        *(_token("site", "source.site"), _token("subtype"), _TYPE),
    ),
    "CarePlan": (
        *(*_OF_SUBJECT, _STATUS, _INTENT, _CATEGORY, _DURING, _BASED_ON, _PART_OF, _to("replaces"), _ENCOUNTER),
        *(_to("care-team", "careTeam"), _to("condition", "addresses"), _to("goal")),
        _to("performer", "activity.detail.performer"),
        *(_token("activity-code", "activity.detail.code"), _to("activity-reference", "activity.reference")),
    ),
    "CareTeam": (
        *(*_OF_SUBJECT, _STATUS, _CATEGORY, _DURING, _ENCOUNTER),
        _to("participant", "participant.member"),
    ),
    "Claim": (
        *(_patient("patient"), _IDENTIFIER, _STATUS, _token("use"), _date("created"), _token("priority")),
        *(_to("provider"), _to("insurer"), _to("facility"), _to("care-team", "careTeam.provider")),
        *(_to("encounter", "item.encounter"), _to("enterer"), _to("payee", "payee.party")),
    ),
    "ClaimResponse": (
        *(_patient("patient"), _IDENTIFIER, _STATUS, _token("use"), _date("created"), _token("outcome")),
        *(_to("request"), _to("requestor"), _to("insurer"), _string("disposition")),
        _date("payment-date", "payment.date"),
    ),
    "CodeSystem": (
        *_DEFINITION,
        _token("code", "concept.code"),
        _token("content-mode", "content"),
        _uri("system", "url"),
    ),
    "Communication": (
        *(*_OF_SUBJECT, _STATUS, _CATEGORY, _date("sent"), _date("received"), _to("sender"), _to("recipient")),
        *(_BASED_ON, _PART_OF, _ENCOUNTER, _token("medium")),
    ),
    "Composition": (
        *(*_OF_SUBJECT, _STATUS, _TYPE, _CATEGORY, _date("date"), _AUTHOR, _ENCOUNTER, _string("title")),
        *(_date("period", "event.period"), _to("entry", "section.entry"), _to("attester", "attester.party")),
    ),
    "ConceptMap": (*_DEFINITION, _uri("source-system", "group.source"), _uri("target-system", "group.target")),
    "Condition": (
        *(*_OF_SUBJECT, _CODE, _CATEGORY, _token("clinical-status", "clinicalStatus"), _ENCOUNTER),
        *(_token("verification-status", "verificationStatus"), _token("severity"), _to("asserter")),
        *(_date("abatement-date", "abatementDateTime", "abatementPeriod"), _quantity("onset-age", "onsetAge")),
        *(_token("evidence", "evidence.code"), _to("evidence-detail", "evidence.detail")),
        *(_date("onset-date", "onsetDateTime", "onsetPeriod"), _date("recorded-date", "recordedDate")),
    ),
    "Consent": (
        *(_patient("patient"), _IDENTIFIER, _STATUS, _CATEGORY, _date("date", "dateTime"), _token("scope")),
        *(_date("period", "provision.period"), _token("purpose", "provision.purpose"), _to("organization")),
        *(_to("source-reference", "sourceReference"), _token("action", "provision.action")),
        *(_to("consentor", "performer"), _to("actor", "provision.actor.reference")),
    ),
    "Coverage": (
        *(_patient("beneficiary"), _to("beneficiary"), _IDENTIFIER, _STATUS, _TYPE, _to("payor"), _to("subscriber")),
        *(_to("policy-holder", "policyHolder"), _string("dependent")),
        *(_token("class-type", "class.type"), _string("class-value", "class.value")),
    ),
    "DocumentReference": (
        *(_patient("subject"), _to("subject"), _token("identifier", "masterIdentifier", "identifier"), _STATUS, _TYPE),
        *(_CATEGORY, _date("date"), _AUTHOR, _to("custodian"), _to("encounter", "context.encounter")),
        *(_to("authenticator"), _token("contenttype", "content.attachment.contentType"), _string("description")),
        *(_token("format", "content.format"), _token("security-label", "securityLabel")),
        *(_token("facility", "context.facilityType"), _token("setting", "context.practiceSetting")),
        *(_token("event", "context.event"), _uri("location", "content.attachment.url")),
        *(_date("period", "context.period"), _to("related", "context.related")),
        _to("relatesto", "relatesTo.target"),
    ),
    "Encounter": (
        *(*_OF_SUBJECT, _STATUS, _token("class"), _TYPE, _DURING, _BASED_ON, _PART_OF, _to("appointment")),
        *(_to("participant", "participant.individual"), _to("location", "location.location")),
        *(_only("practitioner", "Practitioner", "participant.individual"), _to("episode-of-care", "episodeOfCare")),
        *(_to("service-provider", "serviceProvider"), _quantity("length"), *_REASON),
        *(_token("participant-type", "participant.type"), _to("diagnosis", "diagnosis.condition")),
    ),
    "EpisodeOfCare": (
        *(_patient("patient"), _IDENTIFIER, _STATUS, _TYPE, _DURING, _to("organization", "managingOrganization")),
        *(_only("care-manager", "Practitioner", "careManager"), _to("incoming-referral", "referralRequest")),
        _to("condition", "diagnosis.condition"),
    ),
    "Flag": (*_OF_SUBJECT, _AUTHOR, _ENCOUNTER, _DURING),
    "Goal": (
        *(*_OF_SUBJECT, _CATEGORY, _token("lifecycle-status", "lifecycleStatus"), _date("start-date", "startDate")),
        *(_token("achievement-status", "achievementStatus"), _date("target-date", "target.dueDate")),
    ),
    "Location": (
        *(_IDENTIFIER, _STATUS, _TYPE, _string("name", "name", "alias"), _to("partof", "partOf")),
        *(_to("organization", "managingOrganization"), *_ADDRESS),
    ),
    "Measure": (*_CANONICAL, _token("topic")),
    "MeasureReport": (
        *(*_OF_SUBJECT, _STATUS, _canonical("measure"), _date("date"), _date("period"), _to("reporter")),
        _to("evaluated-resource", "evaluatedResource"),
    ),
    "MedicationRequest": (
        *(*_MEDICATION, _INTENT, _date("authoredon", "authoredOn"), _ENCOUNTER, _to("requester"), _token("priority")),
        _to("intended-performer", "performer"),
    ),
    "MedicationStatement": (
        *(*_MEDICATION, _date("effective", "effectiveDateTime", "effectivePeriod"), _to("context"), _PART_OF),
        _to("source", "informationSource"),
    ),
    "Observation": (
        *(*_OF_SUBJECT, _STATUS, _CODE, _CATEGORY, _to("derived-from", "derivedFrom"), _ENCOUNTER, _to("performer")),
        *(_BASED_ON, _PART_OF, _to("focus"), _to("has-member", "hasMember"), _token("method"), _to("device")),
        *(_token("data-absent-reason", "dataAbsentReason"), _token("value-concept", "valueCodeableConcept")),
        *(_quantity("value-quantity", "valueQuantity"), _date("value-date", "valueDateTime", "valuePeriod")),
        _string("value-string", "valueString", "valueCodeableConcept.text"),
        *(_token("component-code", "component.code"), _token("combo-code", "code", "component.code")),
        _token("component-value-concept", "component.valueCodeableConcept"),
        _token("combo-value-concept", "valueCodeableConcept", "component.valueCodeableConcept"),
        _quantity("component-value-quantity", "component.valueQuantity"),
        _quantity("combo-value-quantity", "valueQuantity", "component.valueQuantity"),
        _date("date", "effectiveDateTime", "effectivePeriod", "effectiveTiming", "effectiveInstant"),
    ),
    "OperationDefinition": (*_NOT_IDENTIFIED, _CODE, _token("kind")),
    "Organization": (
        *(_IDENTIFIER, _ACTIVE, _TYPE, _string("name", "name", "alias"), _to("partof", "partOf"), *_ADDRESS),
    ),
    "Patient": (
        *(*_PERSON, _date("birthdate", "birthDate"), _date("death-date", "deceasedDateTime")),
        *(_token("language", "communication.language"), _to("link", "link.other")),
        *(_to("general-practitioner", "generalPractitioner"), _to("organization", "managingOrganization")),
    ),
    "PaymentReconciliation": (
        *(_IDENTIFIER, _STATUS, _token("outcome"), _date("created"), _to("request"), _to("requestor")),
        *(_to("payment-issuer", "paymentIssuer"), _string("disposition")),
    ),
    "Practitioner": (*_PERSON, _token("communication")),
    "PractitionerRole": (
        *(_IDENTIFIER, _ACTIVE, _token("role", "code"), _token("specialty"), _DURING),
        *(_to("practitioner"), _to("organization"), _to("location"), *_CONTACT),
    ),
    "Provenance": (
        *(_patient("target"), _to("target"), _date("recorded"), _date("when", "occurredDateTime")),
        *(_to("agent", "agent.who"), _token("agent-role", "agent.role"), _token("agent-type", "agent.type")),
        *(_to("entity", "entity.what"), _to("location")),
    ),
    "Questionnaire": (*_CANONICAL, _token("code", "item.code"), _token("subject-type", "subjectType")),
    "QuestionnaireResponse": (
        *(*_OF_SUBJECT, _STATUS, _ENCOUNTER, _AUTHOR, _date("authored"), _canonical("questionnaire")),
        *(_BASED_ON, _PART_OF, _to("source")),
    ),
    "SearchParameter": (*(one for one in _NOT_IDENTIFIED if one.name != "title"), _CODE, _token("base")),
    "ServiceRequest": (
        *(*_OF_SUBJECT, _STATUS, _CODE, _CATEGORY, _INTENT, _date("authored", "authoredOn")),
        *(_to("requester"), _to("performer"), _ENCOUNTER, _BASED_ON, _to("replaces"), _token("priority")),
        *(_token("requisition"), _token("performer-type", "performerType")),
        _date("occurrence", "occurrenceDateTime", "occurrencePeriod", "occurrenceTiming"),
    ),
    "StructureDefinition": (
        *(*_DEFINITION, _uri("type"), _token("kind"), _token("derivation"), _token("abstract")),
        _canonical("base", "baseDefinition"),
    ),
    "Subscription": (
        *(_STATUS, _token("contact"), _string("criteria"), _token("payload", "channel.payload")),
        *(_token("type", "channel.type"), _uri("url", "channel.endpoint")),
    ),
    "Task": (
        *(_patient("for"), _to("subject", "for"), _IDENTIFIER, _STATUS, _CODE, _INTENT, _to("focus"), _BASED_ON),
        *(_to("owner"), _to("requester"), _date("authored-on", "authoredOn"), _date("modified", "lastModified")),
        *(_PART_OF, _ENCOUNTER, _date("period", "executionPeriod"), _token("priority")),
        *(_token("business-status", "businessStatus"), _token("performer", "performerType")),
        _token("group-identifier", "groupIdentifier"),
    ),
    "ValueSet": (
        *(*_DEFINITION, _uri("reference", "compose.include.system")),
        _token("code", "expansion.contains.code", "compose.include.concept.code"),
    ),
}

APART = frozenset({"AuditEvent"})
"""Types that are asked for by themselves only: they lie in no store of resources, and nothing is linked to them."""

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
