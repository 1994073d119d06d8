"""A life that is billed step by step, for the storage contract: real events, the real projector, one commit a step."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.billing.claims import claim_id_of
from sesame_fhir.domain.billing.facts import sequence_facts
from sesame_fhir.domain.evolution import evolve, fold
from sesame_fhir.domain.ids import CommandId, EventId
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.services.billing.records import BatchLine
from sesame_fhir.services.records import Commit
from sesame_fhir.storage import Store
from tests.support.billed import BATCH_ID, SCHEME, terms_of
from tests.support.billing import PROJECTOR, TODAY, Lived, commit_of
from tests.support.story import COORDINATOR

BILLED_AT = datetime(2026, 7, 1, 9, 0, tzinfo=UTC)


@dataclass
class Billed:
    """One life in a store, and what happens to its claim."""

    store: Store
    life: Lived
    pathway: Pathway = field(init=False)

    def __post_init__(self) -> None:
        first = commit_of(self.life)
        self.pathway = fold(first.pathway_id, first.events)
        self.store.pathways.commit(first)

    @property
    def claim_id(self) -> str:
        """The last claim's."""
        return self.pathway.claims[-1].claim_id

    def made(self, *payloads: ev.Payload, command: str | None = None, occurred_at: datetime | None = None) -> Commit:
        """A commit of these, not written."""
        before = after = self.pathway
        at = BILLED_AT + timedelta(minutes=before.version)
        name = CommandId(command or f"{before.pathway_id}-{before.version}")
        events = []
        for number, data in enumerate(payloads, start=before.version + 1):
            one = ev.Event(
                event_id=EventId(f"{before.pathway_id}-{number}"),
                pathway_id=before.pathway_id,
                sequence=number,
                occurred_at=occurred_at or at,
                recorded_at=at,
                actor=COORDINATOR,
                site=self.life.site,
                command_id=name,
                data=data,
            )
            events.append(one)
            after = evolve(after, one)
        made = PROJECTOR(before, after, events)
        return Commit(before.pathway_id, before.version, name, at, tuple(events), made)

    def step(self, *payloads: ev.Payload, occurred_at: datetime | None = None) -> None:
        """Write these as one command."""
        commit = self.made(*payloads, occurred_at=occurred_at)
        assert self.store.pathways.commit(commit)
        for event in commit.events:
            self.pathway = evolve(self.pathway, event)

    def line(self, batch_id: str = BATCH_ID) -> BatchLine:
        """The line that a batch would hold for it now."""
        (facts,) = sequence_facts(self.pathway)
        last = facts.claims[-1].claim_id if facts.claims else None
        terms = terms_of(facts, TODAY, SCHEME, batch_id, replaces=last)
        return BatchLine(facts.pathway_id, 1, claim_id_of(facts.pathway_id, 1, terms.attempt), terms)

    def billing(self, batch_id: str = BATCH_ID) -> ev.SequenceBilled:
        """The event that claims it."""
        line = self.line(batch_id)
        return ev.SequenceBilled(1, line.claim_id, line.terms)

    def bill(self, batch_id: str = BATCH_ID) -> None:
        """Claim it."""
        self.step(self.billing(batch_id))

    def reject(self) -> None:
        """The payer says no."""
        on = TODAY + timedelta(days=1)
        self.step(ev.ClaimAnswered(self.claim_id, f"no-{self.claim_id}", ev.ClaimOutcome.REJECTED, on))

    def pay(self, payment_id: str, amount: str) -> None:
        """The payer pays, or takes back."""
        self.step(ev.ClaimPaid(self.claim_id, payment_id, Decimal(amount), date(2026, 7, 10)))

    def cancel(self) -> None:
        """The biller takes the claim back."""
        self.step(ev.ClaimCancelled(self.claim_id, ev.CancelReason.MISTAKE))

    def add_contact(self) -> None:
        """One more contact in the sequence: its facts are others."""
        contact_id, at = f"late-{self.pathway.version}", datetime(2026, 4, 7, 11, tzinfo=UTC)
        self.step(ev.ContactHeld(contact_id, ev.ContactMode.PHONE, 20), occurred_at=at)
