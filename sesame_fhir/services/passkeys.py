"""Passkeys: WebAuthn Level 3 credentials that their authenticator finds by itself and unlocks for its user.

A passkey is two factors (the device, and what unlocks it), so user verification is always required. A challenge works
once, for ten minutes, in the browser that asked for it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import webauthn
from webauthn.helpers import bytes_to_base64url, parse_authentication_credential_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from sesame_fhir.services.enrolment import EnrolmentProblem, EnrolmentRefused, enrol_passkey, invitation, link_hash
from sesame_fhir.services.errors import AlreadyExists, VaultError
from sesame_fhir.services.ports import Ids
from sesame_fhir.services.sign_in import SignInFailed, SignInPorts, trace_sign_in
from sesame_fhir.services.sign_in_ports import Passkey, PendingSignIn
from sesame_fhir.services.staff import StaffMember

_LIFE = timedelta(minutes=10)
_SIGN_IN, _ENROLMENT = "passkey", "enrolment"
_NAME = "SÉSAME"
_LONGEST = 16_384


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """Who asks: ``domain`` is the host name, ``origin`` scheme, host and port as the browser sees them."""

    domain: str
    origin: str


@dataclass(frozen=True, slots=True)
class Ceremony:
    """Who asks, from which browser (hash of its secret), and when."""

    party: RelyingParty
    browser_hash: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Challenge:
    """What the browser gets: ``state`` comes back with the answer, ``options`` is JSON for its authenticators."""

    state: str
    options: str


def begin_sign_in(ports: SignInPorts, ids: Ids, ceremony: Ceremony) -> Challenge:
    """Ask for any passkey of ours."""
    state, challenge = _begin(ports, ids, ceremony, _SIGN_IN)
    options = webauthn.generate_authentication_options(
        rp_id=ceremony.party.domain, challenge=challenge, user_verification=UserVerificationRequirement.REQUIRED
    )
    return Challenge(state, webauthn.options_to_json(options))


def finish_sign_in(ports: SignInPorts, ceremony: Ceremony, state: str, answer: str) -> StaffMember:
    """Check the answer of an authenticator. Raises SignInFailed."""
    challenge = _take(ports, ceremony, _SIGN_IN, state)
    member = None if challenge is None else _proved(ports, ceremony, challenge, answer)
    if member is None:
        trace_sign_in(ports.audit, None, _SIGN_IN, ceremony.now, "refused")
        raise SignInFailed
    return member


def begin_enrolment(ports: SignInPorts, ids: Ids, ceremony: Ceremony, token: str) -> Challenge:
    """Ask for a new passkey for the account of a link. Raises LinkOver."""
    member = invitation(ports, token, ceremony.now).member
    state, challenge = _begin(ports, ids, ceremony, _ENROLMENT)
    options = webauthn.generate_registration_options(
        rp_id=ceremony.party.domain,
        rp_name=_NAME,
        user_id=member.staff_id.encode(),
        user_name=member.login,
        user_display_name=member.name,
        challenge=challenge,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
    )
    return Challenge(state, webauthn.options_to_json(options))


def finish_enrolment(ports: SignInPorts, ceremony: Ceremony, token: str, state: str, answer: str) -> StaffMember:
    """Keep a new passkey.

    Raises:
        LinkOver: the link does not work (any more).
        EnrolmentRefused: the answer is not one to our challenge; the link still works.
    """
    member = invitation(ports, token, ceremony.now).member
    challenge = _take(ports, ceremony, _ENROLMENT, state)
    passkey = None if challenge is None else _registered(ceremony, member, challenge, answer)
    if passkey is None:
        raise EnrolmentRefused(EnrolmentProblem.PASSKEY_INVALID)
    try:
        return enrol_passkey(ports, token, passkey, ceremony.now)
    except AlreadyExists:
        raise EnrolmentRefused(EnrolmentProblem.PASSKEY_INVALID) from None


def _begin(ports: SignInPorts, ids: Ids, ceremony: Ceremony, kind: str) -> tuple[str, bytes]:
    state, challenge = ids.secret(), ids.secret().encode()
    state_hash = link_hash(state)
    sealed = ports.vault.seal(challenge, _context(kind, state_hash))
    ports.access.pending.begin(PendingSignIn(state_hash, kind, ceremony.browser_hash, sealed, ceremony.now + _LIFE))
    return state, challenge


def _take(ports: SignInPorts, ceremony: Ceremony, kind: str, state: str) -> bytes | None:
    pending = ports.access.pending.take(link_hash(state), kind, ceremony.now)
    if pending is None or pending.browser_hash != ceremony.browser_hash:
        return None
    try:
        return ports.vault.unseal(pending.sealed, _context(kind, pending.state_hash))
    except VaultError:
        return None


def _proved(ports: SignInPorts, ceremony: Ceremony, challenge: bytes, answer: str) -> StaffMember | None:
    """The account whose passkey made this answer; its counter moves on."""
    if len(answer) > _LONGEST:
        return None
    try:
        given = parse_authentication_credential_json(answer)
        passkey = ports.access.credentials.passkey(bytes_to_base64url(given.raw_id))
        member = None if passkey is None else ports.staff.by_id(passkey.staff_id)
        if passkey is None or member is None or not member.active:
            return None
        if given.response.user_handle != member.staff_id.encode():
            return None
        verified = webauthn.verify_authentication_response(
            credential=given,
            expected_challenge=challenge,
            expected_rp_id=ceremony.party.domain,
            expected_origin=ceremony.party.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError):
        return None
    ports.access.credentials.count_passkey(passkey.credential_id, verified.new_sign_count)
    return member


def _registered(ceremony: Ceremony, member: StaffMember, challenge: bytes, answer: str) -> Passkey | None:
    if len(answer) > _LONGEST:
        return None
    try:
        verified = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=ceremony.party.domain,
            expected_origin=ceremony.party.origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError):
        return None
    return Passkey(
        credential_id=bytes_to_base64url(verified.credential_id),
        staff_id=member.staff_id,
        public_key=verified.credential_public_key,
        sign_count=verified.sign_count,
        created_at=ceremony.now,
    )


def _context(kind: str, state_hash: str) -> str:
    return f"{kind}|{state_hash}"
