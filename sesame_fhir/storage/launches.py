"""``LaunchStore``: launches on their way and open, and the drafts typed in them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import and_, bindparam, delete, or_, select, update

from sesame_fhir.domain.ids import EhrId
from sesame_fhir.services.ports import Vault
from sesame_fhir.services.records import DraftKey, LaunchSession, PendingLaunch
from sesame_fhir.storage.access_schema import draft, launch, launch_pending
from sesame_fhir.storage.instants import to_micros
from sesame_fhir.storage.rows import RowMapper
from sesame_fhir.storage.session import Database, Session, Value

DRAFT_LIFE = timedelta(days=30)
ENDED_LIFE = timedelta(days=7)
"""How long an ended launch is known: answers posted to it from a forgotten tab are kept as a draft."""

_UNCLAIMED = 0
_REFRESHABLE = ("offline_access", "online_access")

_PENDING = RowMapper(PendingLaunch, launch_pending)
_SESSION = RowMapper(LaunchSession, launch)

_BEGIN, _OPEN = launch_pending.insert(), launch.insert()
_TAKE = delete(launch_pending).where(launch_pending.c.state_hash == bindparam("state")).returning(*_PENDING.columns)
_ONE = launch.c.launch_hash == bindparam("one")
_GET = select(*_SESSION.columns).where(_ONE, launch.c.expires_at > bindparam("now"))
_ENDED = select(*_SESSION.columns).where(
    _ONE, launch.c.expires_at <= bindparam("now"), launch.c.expires_at > bindparam("oldest")
)
_NEWEST = (
    select(*_SESSION.columns)
    .where(
        launch.c.ehr_id == bindparam("ehr"),
        launch.c.patient == bindparam("record"),
        launch.c.expires_at > bindparam("now"),
        or_(
            launch.c.token_expires_at > bindparam("now"),
            *((" " + launch.c.granted_scopes + " ").contains(f" {scope} ", autoescape=True) for scope in _REFRESHABLE),
        ),
    )
    .order_by(launch.c.created_at.desc(), launch.c.launch_key.desc())
    .limit(1)
)
_UPDATE = update(launch).where(_ONE)
_TOUCH = update(launch).where(_ONE, launch.c.expires_at > bindparam("now"))
_CLAIM = update(launch).where(
    _ONE, launch.c.token_expires_at == bindparam("seen"), launch.c.refresh_until <= bindparam("now")
)
_DRAFT_KEY = and_(*(draft.c[name] == bindparam(f"key_{name}") for name in ("ehr_id", "patient", "author", "form")))
_DRAFT = select(draft.c.sealed).where(_DRAFT_KEY)
_NOTHING: dict[str, Value] = {"tokens": b"", "context": "{}"}
_EMPTY = update(launch).where(
    launch.c.expires_at <= bindparam("limit_at"),
    or_(launch.c.tokens != bindparam("no_tokens"), launch.c.context != bindparam("no_context")),
)
_PURGE_PENDING = delete(launch_pending).where(launch_pending.c.expires_at <= bindparam("limit_at"))
_PURGE_ENDED = delete(launch).where(launch.c.expires_at <= bindparam("limit_at"))
_PURGE_DRAFTS = delete(draft).where(draft.c.updated_at <= bindparam("limit_at"))


class Launches:
    """The launches of one database."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    def begin(self, pending: PendingLaunch) -> None:
        """Keep a launch until the EHR answers."""
        self._database.write(lambda session: session.execute(_BEGIN, _PENDING.values(pending)))

    def take(self, state_hash: str, now: datetime) -> PendingLaunch | None:
        """Take the pending launch out, once; None when unknown, used or expired."""
        rows = self._database.write(lambda session: session.select(_TAKE, state=state_hash))
        pending = _PENDING.record(rows[0]) if rows else None
        return pending if pending is not None and pending.expires_at > now else None

    def open(self, session: LaunchSession) -> None:
        """Store an open launch."""
        values = {**_SESSION.values(session), "refresh_until": _UNCLAIMED}
        self._database.write(lambda writer: writer.execute(_OPEN, values))

    def get(self, launch_hash: str, now: datetime) -> LaunchSession | None:
        """An open launch, None when unknown, closed or expired."""
        rows = self._database.read(lambda session: session.select(_GET, one=launch_hash, now=to_micros(now)))
        return _SESSION.record(rows[0]) if rows else None

    def ended(self, launch_hash: str, now: datetime) -> LaunchSession | None:
        """A launch that expired or was closed less than ``ENDED_LIFE`` ago, without tokens and context."""
        span: dict[str, Value] = {"now": to_micros(now), "oldest": to_micros(now - ENDED_LIFE)}
        rows = self._database.read(lambda session: session.select(_ENDED, one=launch_hash, **span))
        return replace(_SESSION.record(rows[0]), tokens=b"", context={}) if rows else None

    def newest_for(self, ehr_id: EhrId, patient: str, now: datetime) -> LaunchSession | None:
        """The newest open launch for this record whose token is valid, or whose scopes promise a refresh token."""
        rows = self._database.read(
            lambda session: session.select(_NEWEST, ehr=ehr_id, record=patient, now=to_micros(now))
        )
        return _SESSION.record(rows[0]) if rows else None

    def touch(self, launch_hash: str, now: datetime, expires_at: datetime) -> None:
        """Note activity and move the idle expiry."""
        values: dict[str, Value] = {"last_seen_at": to_micros(now), "expires_at": to_micros(expires_at)}
        self._database.write(lambda session: session.execute(_TOUCH, values, one=launch_hash, now=to_micros(now)))

    def claim_refresh(self, launch_hash: str, token_expires_at: datetime, now: datetime, lease_seconds: int) -> bool:
        """Single flight: True for the one caller that may refresh the token which expires then."""
        values: dict[str, Value] = {"refresh_until": to_micros(now + timedelta(seconds=lease_seconds))}
        seen = to_micros(token_expires_at)

        def job(session: Session) -> int:
            return session.execute(_CLAIM, values, one=launch_hash, seen=seen, now=to_micros(now))

        return self._database.write(job) == 1

    def save_tokens(self, launch_hash: str, tokens: bytes, token_expires_at: datetime, granted_scopes: str) -> None:
        """Replace the tokens after a refresh and release the claim."""
        values: dict[str, Value] = {
            "tokens": tokens,
            "token_expires_at": to_micros(token_expires_at),
            "granted_scopes": granted_scopes,
            "refresh_until": _UNCLAIMED,
        }
        self._database.write(lambda session: session.execute(_UPDATE, values, one=launch_hash))

    def close(self, launch_hash: str, now: datetime) -> None:
        """End the launch; its tokens and what was read in the record are forgotten."""
        values: dict[str, Value] = {**_NOTHING, "expires_at": to_micros(now)}
        self._database.write(lambda session: session.execute(_TOUCH, values, one=launch_hash, now=to_micros(now)))

    def save_draft(self, key: DraftKey, data: Mapping[str, Any], now: datetime) -> None:
        """Keep a form's unfinished answers (sealed at rest)."""
        sealed = self._vault.seal(orjson.dumps(dict(data)), _draft_context(key))
        values: dict[str, Value] = {**_key_columns(key), "sealed": sealed, "updated_at": to_micros(now)}
        self._database.write(lambda session: session.upsert(draft, values, "ehr_id,patient,author,form"))

    def draft(self, key: DraftKey) -> Mapping[str, Any] | None:
        """The unfinished answers, if any."""
        rows = self._database.read(lambda session: session.select(_DRAFT, **_named(key)))
        if not rows:
            return None
        data: dict[str, Any] = orjson.loads(self._vault.unseal(rows[0][0], _draft_context(key)))
        return data

    def purge(self, now: datetime) -> int:
        """Empty the launches that have ended, delete old ones and old drafts; returns how many rows went."""

        def job(session: Session) -> int:
            session.execute(_EMPTY, _NOTHING, limit_at=to_micros(now), no_tokens=b"", no_context="{}")
            return (
                session.execute(_PURGE_PENDING, limit_at=to_micros(now))
                + session.execute(_PURGE_ENDED, limit_at=to_micros(now - ENDED_LIFE))
                + session.execute(_PURGE_DRAFTS, limit_at=to_micros(now - DRAFT_LIFE))
            )

        return self._database.write(job)


def _key_columns(key: DraftKey) -> dict[str, str]:
    return {"ehr_id": key.ehr_id, "patient": key.patient, "author": key.author, "form": key.form}


def _named(key: DraftKey) -> dict[str, Value]:
    return {f"key_{name}": value for name, value in _key_columns(key).items()}


def _draft_context(key: DraftKey) -> str:
    return orjson.dumps(["draft", *_key_columns(key).values()]).decode()
