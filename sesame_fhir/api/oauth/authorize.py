"""The authorization endpoint's decisions: what may be approved, for which patient, and what is still missing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from authlib.oauth2.rfc6749 import AccessDeniedError, InvalidRequestError

from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.api.hashing import secret_hash
from sesame_fhir.api.limits import ResourcesInReach, reach_of
from sesame_fhir.api.oauth.models import Approval
from sesame_fhir.services.authorization import STAFF_ID, OAuthClient, SignedInPerson
from sesame_fhir.services.ports import ResourceStore
from sesame_fhir.services.reach import Limit
from sesame_fhir.services.records import AuditEntry


class UnsafeRequest(Exception):  # noqa: N818  names the request
    """The request cannot even be answered by a redirect: unknown client or unregistered address.

    ``reason`` is a code for the French page.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class PatientWanted:
    """A standalone launch for one patient: somebody must say which."""

    query: str


def check_destination(deps: ApiDeps, values: Any) -> None:
    """Refuse before anything else what must never lead to a redirect.

    Authlib checks these too, but puts what it was given into error descriptions, which must be ASCII: hostile values
    would raise there. Raises ``UnsafeRequest``.
    """
    for name in ("client_id", "redirect_uri"):
        if len(values.getlist(name)) != 1:
            raise UnsafeRequest("malformed")
    client = deps.authorization.client(values["client_id"])
    if client is None or not client.active:
        raise UnsafeRequest("unknown-client")
    if values["redirect_uri"] not in client.redirect_uris:
        raise UnsafeRequest("unknown-address")


def decide(deps: ApiDeps, grant: Any, person: SignedInPerson, chosen: str | None) -> Approval | PatientWanted:
    """What a signed-in person approves by launching the app.

    A registered app needs no consent page: the practice registered it, and its scopes are the maximum.
    ``chosen`` is the logical id picked on our page, if any.

    Raises:
        InvalidRequestError: the launch is unknown, expired, of another app, or missing though the scope asks for it.
        AccessDeniedError: somebody else launched, or the patient picked is not there, or not in reach.
    """
    data = grant.request.payload.data
    scopes = set(grant.request.scope.split())
    launch = data.get("launch")
    if launch:
        return _approval(person, _launched(deps, grant, person, launch))
    if "launch" in scopes:
        raise InvalidRequestError("launch is missing", redirect_uri=grant.redirect_uri)
    if "launch/patient" not in scopes:
        return _approval(person, {})
    if chosen is None:
        return PatientWanted(data.get("q", ""))
    found = patients_of(deps, person, grant.request.client.client).read("Patient", chosen)
    if found is None or found.deleted:
        raise AccessDeniedError(redirect_uri=grant.redirect_uri)
    return _approval(person, {"patient": chosen, "need_patient_banner": True})


def patients_of(deps: ApiDeps, person: SignedInPerson, client: OAuthClient) -> ResourceStore:
    """The resources that this person reaches through this app."""
    now = deps.clock.now()
    sites = frozenset(client.sites) or None
    limit: Limit | None = sites
    if person.member is not None:
        glass = () if deps.glass is None else deps.glass.live(person.member.staff_id, now)
        limit = reach_of(person.member, [one.pathway_id for one in glass], sites)
    if limit is None:
        return deps.resources

    def denied(_type: str, resource_id: str) -> None:
        trace(deps, person, client.client_id, "denied", f"Patient/{resource_id}")

    return ResourcesInReach(deps.resources, limit, denied)


def trace(deps: ApiDeps, person: SignedInPerson, client_id: str, outcome: str, patient: str | None = None) -> None:
    """Write to the audit log that somebody was shown patients' names to choose from, or chose one out of reach."""
    deps.audit.record(
        AuditEntry(
            at=deps.clock.now(),
            actor_id=person.subject if person.member is None else person.member.actor.actor_id,
            role="practitioner" if person.member is None else person.member.role.value,
            action="pick-patient",
            outcome=outcome,
            patient=patient,
            detail="Patient",
            site=deps.site,
            extra={"client": client_id},
        )
    )


def _approval(person: SignedInPerson, context: Mapping[str, Any]) -> Approval:
    acting = {} if person.member is None else {STAFF_ID: person.member.staff_id}
    return Approval(person.subject, {**context, **acting}, person.since)


def _launched(deps: ApiDeps, grant: Any, person: SignedInPerson, launch: str) -> dict[str, Any]:
    issued = deps.authorization.launch(secret_hash(launch), deps.clock.now())
    if issued is None or issued.client_id != grant.request.client.client_id:
        raise InvalidRequestError("launch is not valid", redirect_uri=grant.redirect_uri)
    if issued.subject != person.subject:
        raise AccessDeniedError(redirect_uri=grant.redirect_uri)
    return dict(issued.context)
