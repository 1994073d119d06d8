"""By what right the outbox writes into a record, and what that right covers: the newest open launch on this patient."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sesame_fhir.domain.ids import EhrId
from sesame_fhir.services.delivery import DeliveryError
from sesame_fhir.services.records import LaunchSession
from smart_app.deps import AppDeps
from smart_app.ehr.capability import Capability, capability
from smart_app.ehr.client import EhrClient, EhrError
from smart_app.ehr.faults import RecordFault, Remedy, record_fault
from smart_app.ehr.writer import Authority
from smart_app.errors import LaunchExpired
from smart_app.launch.scopes import Scopes
from smart_app.launch.tokens import client_for, unseal_tokens

_LETTERS = {"create": "c", "read": "r", "update": "u", "search-type": "s"}


@dataclass(frozen=True, slots=True)
class TypeSupport:
    """What the CapabilityStatement offers and the granted scopes allow.

    ``capability`` is None for a server that publishes no statement: the scopes alone decide then.
    """

    capability: Capability | None
    scopes: Scopes

    def can(self, resource_type: str, interaction: str) -> bool:
        """True when both allow the interaction; a search means one by ``identifier``."""
        return self.scopes.allows(resource_type, _LETTERS[interaction]) and self._offered(resource_type, interaction)

    def conditional_create(self, resource_type: str) -> bool:
        """True when the server says that it honours If-None-Exist for this type."""
        return self.capability is not None and resource_type in self.capability.conditional_create

    def refusal(self, resource_type: str) -> DeliveryError | None:
        """Why this type need not be tried at all, None when it can be created."""
        if not self._offered(resource_type, "create"):
            return DeliveryError.TYPE_NOT_SUPPORTED
        return None if self.scopes.allows(resource_type, "c") else DeliveryError.OUT_OF_SCOPE

    def _offered(self, resource_type: str, interaction: str) -> bool:
        if self.capability is None:
            return True
        if interaction != "search-type":
            return interaction in self.capability.interactions.get(resource_type, ())
        # Statements that list no search parameters at all leave them out; one that lists others means it.
        listed = self.capability.searches.get(resource_type)
        return self.capability.can_search(resource_type, "identifier" if listed else None)


@dataclass(frozen=True, slots=True)
class LaunchAuthorities:
    """Implements ``writer.Authorities`` over the open launches."""

    deps: AppDeps

    @contextmanager
    def over(self, ehr_id: EhrId, patient: str) -> Iterator[Authority]:
        """Open the newest launch's authority; see ``writer.Authorities``."""
        session = self._newest(ehr_id, patient)
        if session is None:
            raise RecordFault(DeliveryError.NO_LAUNCH, Remedy.LAUNCH)
        try:
            with client_for(self.deps, session) as client:
                support = TypeSupport(self._capability(client), Scopes.parse(session.granted_scopes))
                yield Authority(client, support, session.actor, session.practitioner)
        except LaunchExpired:
            raise self._ended(session) from None

    def _newest(self, ehr_id: EhrId, patient: str) -> LaunchSession | None:
        return self.deps.launches.newest_for(ehr_id, patient, self.deps.clock.now())

    def _capability(self, client: EhrClient) -> Capability | None:
        try:
            return capability(client, self.deps.clock.now())
        except EhrError as error:
            fault = record_fault(error)
            if fault.remedy is Remedy.DEGRADE:
                return None
            raise fault from None

    def _ended(self, session: LaunchSession) -> RecordFault:
        """A launch that keeps a refresh token could not be refreshed just now; without one it is over."""
        now = self._newest(session.ehr_id, session.patient)
        try:
            refreshable = now is not None and unseal_tokens(self.deps.vault, now).refresh_token is not None
        except LaunchExpired:
            refreshable = False
        if refreshable:
            return RecordFault(DeliveryError.RECORD_UNREACHABLE)
        return RecordFault(DeliveryError.TOKEN_REFUSED, Remedy.LAUNCH)
