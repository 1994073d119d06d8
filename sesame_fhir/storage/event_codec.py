"""Events as bytes: everything of an event that has no column of its own, typed both ways by the payload classes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from sesame_fhir.domain.actors import Actor
from sesame_fhir.domain.events import PAYLOADS, Payload


class _Envelope(msgspec.Struct):
    occurred_at: datetime
    actor: Actor
    data: msgspec.Raw


def as_dict(value: object) -> object:
    """Let msgspec write a read-only mapping. Raises NotImplementedError for any other unknown type."""
    if isinstance(value, Mapping):
        return dict(value)
    raise NotImplementedError(type(value).__name__)


_encoder = msgspec.json.Encoder(enc_hook=as_dict)
_envelope_decoder = msgspec.json.Decoder(_Envelope)
_mapping_decoder = msgspec.json.Decoder(dict[str, Any])
_payload_decoders = {kind: msgspec.json.Decoder(payload) for kind, payload in PAYLOADS.items()}

_RENAMED: Mapping[str, Mapping[str, str]] = {
    "CaseReviewed": {"recommendation": "summary"},
    "RecommendationDecided": {"review_id": "recommendation_id"},
}
"""Kind -> fields of the first release under the name that they have now. (A field added since has a default.)"""


def dump_event(occurred_at: datetime, actor: Actor, data: Payload) -> bytes:
    """Write an event's body; ``occurred_at`` keeps its offset."""
    return _encoder.encode(_Envelope(occurred_at, actor, msgspec.Raw(_encoder.encode(data))))


def load_event(kind: str, body: bytes) -> tuple[datetime, Actor, Payload]:
    """Read an event's body.

    Raises:
        KeyError: no payload class has this name.
        msgspec.ValidationError: the bytes are not such a payload.
    """
    envelope = _envelope_decoder.decode(body)
    return envelope.occurred_at, envelope.actor, _payload_decoders[kind].decode(_as_now(kind, envelope.data))


def _as_now(kind: str, data: msgspec.Raw) -> msgspec.Raw | bytes:
    """Give fields of an earlier release their present names."""
    renamed = _RENAMED.get(kind)
    if renamed is None:
        return data
    fields = _mapping_decoder.decode(data)
    return _encoder.encode({renamed.get(name, name): value for name, value in fields.items()})
