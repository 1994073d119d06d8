"""Schemes: adding versions. A version that is used is never changed; what was given before is kept as history."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from sesame_fhir.domain.billing.scheme import BillingScheme
from sesame_fhir.domain.reasons import Reason, ReasonCode, Refused
from sesame_fhir.services.billing.records import StoredScheme
from sesame_fhir.services.billing.setting import Billing, Coordinator
from sesame_fhir.services.records import AuditEntry

ACTION = "change-schemes"


class SchemeFate(StrEnum):
    """What became of a version that was given."""

    ADDED = "added"
    REPLACED = "replaced"
    KNOWN_ALREADY = "known-already"


@dataclass(frozen=True, slots=True)
class Given:
    """One version that was given. ``revision`` is the one that stands now."""

    scheme: BillingScheme
    fate: SchemeFate
    revision: int


def add_schemes(billing: Billing, who: Coordinator, schemes: Sequence[BillingScheme], source: str) -> tuple[Given, ...]:
    """Add the versions of a file, whose text is ``source``; a version that stands as given is left as it is.

    One that nothing was claimed with is replaced by a new revision, and the one before stays in the history. Each
    version is added by itself: stopped on the way, the same file again adds the rest.

    Raises:
        Refused: the role, a site out of reach, or (``SCHEME_IN_USE``) a version that a claim or a frozen batch uses;
            when claims use it, nothing of the file is added.
    """
    who.may(ACTION, *sorted(frozenset().union(*(scheme.sites for scheme in schemes))))
    standing = {_name(stored.scheme): stored for stored in billing.stores.schemes.schemes()}
    used = [one for one in schemes if (s := standing.get(_name(one))) is not None and s.used and s.scheme != one]
    if used:
        raise Refused(*(Reason(ReasonCode.SCHEME_IN_USE, " ".join(_name(one))) for one in used))
    return tuple(_add(billing, who, one, standing.get(_name(one)), source) for one in schemes)


def _add(billing: Billing, who: Coordinator, scheme: BillingScheme, before: StoredScheme | None, source: str) -> Given:
    if before is not None and before.scheme == scheme:
        return Given(scheme, SchemeFate.KNOWN_ALREADY, before.revision)
    revision = 1 if before is None else before.revision + 1
    digest, now = sha256(source.encode()).hexdigest(), billing.engine.clock.now()
    stored = StoredScheme(scheme, source, digest, revision, now, who.actor.actor_id)
    if not billing.stores.schemes.add(stored):
        return Given(scheme, SchemeFate.KNOWN_ALREADY, revision)
    billing.engine.audit.record(
        AuditEntry(
            at=now,
            actor_id=who.actor.actor_id,
            role=who.actor.role.value,
            action=ACTION,
            outcome="done",
            detail="add" if before is None else "replace",
            extra={"scheme": scheme.scheme_id, "version": scheme.version, "revision": str(revision)},
        )
    )
    return Given(scheme, SchemeFate.ADDED if before is None else SchemeFate.REPLACED, revision)


def _name(scheme: BillingScheme) -> tuple[str, str]:
    return scheme.scheme_id, scheme.version
