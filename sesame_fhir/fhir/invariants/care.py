"""Invariants of what organises care: Appointment, CarePlan, CareTeam, Consent, Goal, ServiceRequest, Task."""

from collections.abc import Iterator

from sesame_fhir.fhir.dates import date_range
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.problems import Problem, broken
from sesame_fhir.fhir.walk import child, has_choice, objects, text

_WITHOUT_TIME = frozenset({"proposed", "cancelled", "waitlist"})
_WITH_CANCEL_REASON = frozenset({"cancelled", "noshow"})


def appointment(resource: Json) -> Iterator[Problem]:
    """app-1 to app-4."""
    for place, participant in enumerate(objects(resource, "participant")):
        if not participant.keys() & {"type", "actor"}:
            yield broken("app-1", "Participant sans type ni acteur.", "participant", place)
    times = resource.keys() & {"start", "end"}
    if len(times) == 1:
        yield broken("app-2", "Donner start et end, ou aucun des deux.")
    if len(times) < 2 and text(resource, "status") not in _WITHOUT_TIME:  # noqa: PLR2004  start and end
        yield broken("app-3", "start et end sont nécessaires pour ce statut.")
    if "cancelationReason" in resource and text(resource, "status") not in _WITH_CANCEL_REASON:
        yield broken("app-4", "Motif d'annulation seulement pour un rendez-vous annulé ou manqué.", "cancelationReason")


def care_plan(resource: Json) -> Iterator[Problem]:
    """cpl-3: an activity is a reference or a detail."""
    for place, activity in enumerate(objects(resource, "activity")):
        if "detail" in activity and "reference" in activity:
            yield broken("cpl-3", "Une activité porte une référence ou un détail, pas les deux.", "activity", place)


def care_team(resource: Json) -> Iterator[Problem]:
    """ctm-1: only a practitioner acts on behalf of somebody."""
    for place, participant in enumerate(objects(resource, "participant")):
        member = text(child(participant, "member"), "reference")
        if "onBehalfOf" in participant and member and "Practitioner/" not in member and not member.startswith("#"):
            yield broken("ctm-1", "onBehalfOf seulement pour un Practitioner.", "participant", place)


def consent(resource: Json) -> Iterator[Problem]:
    """ppc-1: a consent refers to a policy; ppc-2 to ppc-5: the scopes of R4 that need a patient."""
    if not resource.keys() & {"policy", "policyRule"}:
        yield broken("ppc-1", "Indiquer policy ou policyRule.")
    rules = {"patient-privacy": "ppc-2", "research": "ppc-3", "adr": "ppc-4", "treatment": "ppc-5"}
    for coding in objects(child(resource, "scope"), "coding"):
        rule = rules.get(text(coding, "code"))
        if rule is not None and "patient" not in resource:
            yield broken(rule, "Ce type de consentement nomme un patient.", "patient")


def goal(resource: Json) -> Iterator[Problem]:
    """gol-1: a target's detail is about a measure."""
    for place, target in enumerate(objects(resource, "target")):
        if has_choice(target, "detail") and "measure" not in target:
            yield broken("gol-1", "Une cible chiffrée dit ce qu'elle mesure.", "target", place)


def service_request(resource: Json) -> Iterator[Problem]:
    """prr-1: order details complete a code."""
    if "orderDetail" in resource and "code" not in resource:
        yield broken("prr-1", "orderDetail seulement avec un code.", "orderDetail")


def task(resource: Json) -> Iterator[Problem]:
    """inv-1: last modified is not before authored."""
    authored = date_range(text(resource, "authoredOn"))
    modified = date_range(text(resource, "lastModified"))
    if authored and modified and modified[1] <= authored[0]:
        yield broken("inv-1", "lastModified précède authoredOn.", "lastModified")
