"""Values that pass between use cases and their ports (storage, EHR, vault)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sesame_fhir.domain.actors import Actor
from sesame_fhir.domain.billing.claims import Claim
from sesame_fhir.domain.billing.facts import SequenceFacts
from sesame_fhir.domain.billing.ledger import Posting
from sesame_fhir.domain.events import Event
from sesame_fhir.domain.ids import CommandId, EhrId, LaunchId, PathwayId, SiteId
from sesame_fhir.domain.indicators.facts import PathwayFacts
from sesame_fhir.services.caseload import AgendaSlot, CaseloadRow
from sesame_fhir.services.search import IndexEntry, SearchQuery


class Origin(StrEnum):
    """Where a resource comes from: a pathway's events, an account, this software, billing, a client of the facade."""

    PATHWAY = "pathway"
    STAFF = "staff"
    SOFTWARE = "software"
    BILLING = "billing"
    RECORD = "record"


@dataclass(frozen=True, slots=True)
class ResourceWrite:
    """A resource to store. ``body`` has no meta.versionId and no meta.lastUpdated: the store stamps both."""

    resource_type: str
    resource_id: str
    body: Mapping[str, Any]
    index: tuple[IndexEntry, ...]
    site: SiteId
    origin: Origin


@dataclass(frozen=True, slots=True)
class StoredResource:
    """One version as stored: ``body`` is the JSON served to clients (None once deleted)."""

    resource_type: str
    resource_id: str
    version: int
    last_updated: datetime
    body: bytes | None
    origin: Origin
    site: SiteId

    @property
    def deleted(self) -> bool:
        """True for the tombstone of a deleted resource."""
        return self.body is None


@dataclass(frozen=True, slots=True)
class ResourceChange:
    """One step of a unit of work: write ``write``, or delete ``resource_type``/``resource_id`` when it is None.

    ``expected``: the version that must be current (0: there must be none; None: any). ``unless``: nothing of
    the unit is written when this search finds something in the transaction.
    """

    resource_type: str
    resource_id: str
    write: ResourceWrite | None
    expected: int | None = None
    unless: SearchQuery | None = None


@dataclass(frozen=True, slots=True)
class SearchPage:
    """One page of a search: ``total`` counts all matches, if that was asked; ``next_cursor`` None: the last page."""

    resources: tuple[StoredResource, ...]
    total: int | None
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Included:
    """What came along with a page; ``complete`` is False when there was more than the limit."""

    resources: tuple[StoredResource, ...]
    complete: bool


class Delivery(StrEnum):
    """State of one resource on its way to the EHR's record."""

    PENDING = "pending"
    SENT = "sent"
    NEEDS_LAUNCH = "needs-launch"
    DOCUMENT = "document"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class OutboxTarget:
    """A published resource that the EHR's record must hold, in its latest version."""

    resource_type: str
    resource_id: str
    ehr_id: EhrId
    patient: str
    depends_on: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OutboxItem:
    """A target with its delivery state.

    ``wanted_version`` is the published version to send, ``sent_version`` the last one the EHR took (0: none).
    ``location`` is the EHR's own ``Type/id``. ``error`` is a code, never the EHR's text. ``leased_until`` is the end of
    the claim under which a sender holds it.
    """

    item_id: int
    pathway_id: PathwayId
    site: SiteId
    target: OutboxTarget
    wanted_version: int
    sent_version: int
    status: Delivery
    attempts: int
    next_attempt_at: datetime
    location: str | None
    error: str | None
    leased_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """Result of one attempt. ``retry_at`` is set when ``status`` is still PENDING."""

    status: Delivery
    location: str | None = None
    error: str | None = None
    retry_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Projections:
    """Everything derived from a pathway's events after one command, written in the same transaction.

    ``resources`` and ``outbox`` are what the command changed or wants anew: what is not among them stays as it is. The
    rest is the whole state, but for ``postings``: those that the command added to the books.
    """

    caseload: CaseloadRow
    resources: tuple[ResourceWrite, ...]
    outbox: tuple[OutboxTarget, ...]
    patient_keys: tuple[str, ...]
    open: bool
    agenda: tuple[AgendaSlot, ...] = ()
    facts: PathwayFacts | None = None
    sequences: tuple[SequenceFacts, ...] = ()
    claims: tuple[Claim, ...] = ()
    postings: tuple[Posting, ...] = ()


@dataclass(frozen=True, slots=True)
class DraftKey:
    """Answers being typed survive a reload, an expired token and a relaunch: same EHR, patient, author and form."""

    ehr_id: EhrId
    patient: str
    author: str
    form: str


@dataclass(frozen=True, slots=True)
class Commit:
    """One command's events and projections; ``expected_version`` is the pathway's version they were decided on.

    ``finishes`` are the drafts that are events now.
    """

    pathway_id: PathwayId
    expected_version: int
    command_id: CommandId
    recorded_at: datetime
    events: tuple[Event, ...]
    projections: Projections
    finishes: tuple[DraftKey, ...] = ()


class ClientKind(StrEnum):
    """How we authenticate to an EHR's token endpoint."""

    PUBLIC = "public"
    SYMMETRIC = "symmetric"
    ASYMMETRIC = "asymmetric"


@dataclass(frozen=True, slots=True)
class EhrRegistration:
    """An EHR that may launch the app. ``issuer`` is its FHIR base URL without trailing slash, compared as a string.

    ``secret`` is sealed by the vault; ``algorithm`` is ES384 or RS384 for an asymmetric client. ``scopes`` None: the
    app's default set. ``authorize_method`` is "get" or "post".
    """

    ehr_id: EhrId
    issuer: str
    client_id: str
    kind: ClientKind
    site: SiteId
    frame_origins: tuple[str, ...]
    secret: bytes | None = None
    algorithm: str | None = None
    scopes: str | None = None
    authorize_method: str = "get"


@dataclass(frozen=True, slots=True)
class PendingLaunch:
    """A launch between our redirect and the EHR's answer; found by the hash of its state, usable once.

    ``secrets`` is sealed JSON: PKCE verifier, nonce. ``browser_hash`` is the hash of the cookie that binds the browser.
    """

    state_hash: str
    browser_hash: str
    ehr_id: EhrId
    secrets: bytes
    requested_scopes: str
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class LaunchSession:
    """One launch = one patient. ``launch_hash`` is the hash of the unguessable id in the URL path.

    ``tokens`` is sealed JSON (access token, refresh token, token endpoint's answer needed later); ``context`` is JSON:
    fhirContext, intent, banner, style, prefill. ``patient`` is the EHR's reference, ``Patient/123``.
    """

    launch_id: LaunchId
    launch_hash: str
    browser_hash: str
    ehr_id: EhrId
    site: SiteId
    patient: str
    encounter: str | None
    actor: Actor
    granted_scopes: str
    requested_scopes: str
    tokens: bytes
    token_expires_at: datetime
    context: Mapping[str, Any]
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    practitioner: str | None = None


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key of ours: ``sealed`` private JWK, ``public`` JWK; ``purpose`` names its use."""

    kid: str
    purpose: str
    algorithm: str
    sealed: bytes
    public: Mapping[str, Any]
    created_at: datetime
    retired_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who did what to which patient's data, when, with which result. No clinical content, ever.

    ``patient`` is a pathway id or an EHR reference; ``detail`` a resource type or a use case's name.
    """

    at: datetime
    actor_id: str
    role: str
    action: str
    outcome: str
    patient: str | None = None
    detail: str | None = None
    site: SiteId | None = None
    extra: Mapping[str, str] = field(default_factory=dict)
