"""Bodies of billing: facts, claims and terms as JSON, through the one codec of bodies. Amounts keep their decimals."""

from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec

from sesame_fhir.domain.billing.claims import Claim
from sesame_fhir.domain.billing.facts import SequenceFacts
from sesame_fhir.domain.billing.scheme import BillingScheme
from sesame_fhir.domain.events.billing import ClaimTerms
from sesame_fhir.storage import codec

B = TypeVar("B")

# Sets in their order: the same value gives the same bytes.
_encoder = msgspec.json.Encoder(order="deterministic")


@dataclass(frozen=True, slots=True)
class Body(Generic[B]):
    """Values of one class as bytes; ``name`` tells the codec what kind of body it is."""

    name: str
    decoder: msgspec.json.Decoder[B]

    def plain(self, value: B) -> bytes:
        """Write a value."""
        return _encoder.encode(value)

    def stored(self, plain: bytes, owner: str, number: int) -> bytes:
        """Seal what was written; ``owner`` and ``number`` say whose it is."""
        return codec.to_storage(plain, f"{self.name}/{owner}", number)

    def opened(self, stored: bytes, owner: str, number: int) -> bytes:
        """Give back what was written."""
        return codec.from_storage(stored, f"{self.name}/{owner}", number)

    def read(self, stored: bytes, owner: str, number: int) -> B:
        """Give back the value."""
        return self.decoder.decode(self.opened(stored, owner, number))


FACTS = Body("sequence", msgspec.json.Decoder(SequenceFacts))
CLAIM = Body("claim", msgspec.json.Decoder(Claim))
TERMS = Body("terms", msgspec.json.Decoder(ClaimTerms))
SCHEME = Body("scheme", msgspec.json.Decoder(BillingScheme))
