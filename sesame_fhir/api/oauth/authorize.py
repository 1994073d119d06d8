"""The authorization endpoint's decisions: what may be approved, for which patient, and what is still missing."""

from dataclasses import dataclass
from typing import Any

from authlib.oauth2.rfc6749 import AccessDeniedError, InvalidRequestError

from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.api.hashing import secret_hash
from sesame_fhir.api.oauth.models import Approval
from sesame_fhir.services.authorization import BrowserSession


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
    if client is None:
        raise UnsafeRequest("unknown-client")
    if values["redirect_uri"] not in client.redirect_uris:
        raise UnsafeRequest("unknown-address")


def decide(deps: ApiDeps, grant: Any, session: BrowserSession, chosen: str | None) -> Approval | PatientWanted:
    """What a signed-in person approves by launching the app.

    A registered app needs no consent page: the practice registered it, and its scopes are the maximum.
    ``chosen`` is the logical id picked on our page, if any.

    Raises:
        InvalidRequestError: the launch is unknown, expired, of another app, or missing though the scope asks for it.
        AccessDeniedError: somebody else launched, or the patient picked does not exist.
    """
    data = grant.request.payload.data
    scopes = set(grant.request.scope.split())
    launch = data.get("launch")
    if launch:
        return Approval(session.subject, _launched(deps, grant, session, launch), session.created_at)
    if "launch" in scopes:
        raise InvalidRequestError("launch is missing", redirect_uri=grant.redirect_uri)
    if "launch/patient" not in scopes:
        return Approval(session.subject, {}, session.created_at)
    if chosen is None:
        return PatientWanted(data.get("q", ""))
    found = deps.resources.read("Patient", chosen)
    if found is None or found.deleted:
        raise AccessDeniedError(redirect_uri=grant.redirect_uri)
    return Approval(session.subject, {"patient": chosen, "need_patient_banner": True}, session.created_at)


def _launched(deps: ApiDeps, grant: Any, session: BrowserSession, launch: str) -> dict[str, Any]:
    issued = deps.authorization.launch(secret_hash(launch), deps.clock.now())
    if issued is None or issued.client_id != grant.request.client.client_id:
        raise InvalidRequestError("launch is not valid", redirect_uri=grant.redirect_uri)
    if issued.subject != session.subject:
        raise AccessDeniedError(redirect_uri=grant.redirect_uri)
    return dict(issued.context)
