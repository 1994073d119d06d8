"""``AuthorizationStore``: clients, launches we issued, codes, tokens and sign-ins of our authorization server."""

from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import Table, and_, bindparam, delete, false, func, or_, select, true, update

from sesame_fhir.domain.ids import SiteId
from sesame_fhir.services.authorization import (
    AuthorizationCode,
    BrowserSession,
    IssuedLaunch,
    OAuthClient,
    Presented,
    TokenGrant,
)
from sesame_fhir.storage.access_schema import (
    oauth_client,
    oauth_code,
    oauth_grant,
    oauth_jti,
    oauth_launch,
    oauth_session,
)
from sesame_fhir.storage.instants import to_micros
from sesame_fhir.storage.rows import RowMapper
from sesame_fhir.storage.session import Database, Session, Value


@dataclass(frozen=True, slots=True)
class _Limits:
    """What a token's client adds to it, read with the token."""

    sites: tuple[SiteId, ...]
    may_assert_professionals: bool


_CLIENT = RowMapper(OAuthClient, oauth_client)
_LAUNCH = RowMapper(IssuedLaunch, oauth_launch)
_CODE = RowMapper(AuthorizationCode, oauth_code)
_GRANT = RowMapper(TokenGrant, oauth_grant)
_SESSION = RowMapper(BrowserSession, oauth_session)
_LIMITS = RowMapper(_Limits, oauth_client)

_OFFLINE = "%offline_access%"
_CLIENTS = select(*_CLIENT.columns).order_by(oauth_client.c.client_id)
_CLIENT_BY_ID = select(*_CLIENT.columns).where(oauth_client.c.client_id == bindparam("one"))
_LAUNCH_BY_HASH = select(*_LAUNCH.columns).where(
    oauth_launch.c.launch_hash == bindparam("one"), oauth_launch.c.expires_at > bindparam("now")
)
_TAKE_CODE = delete(oauth_code).where(oauth_code.c.code_hash == bindparam("one")).returning(*_CODE.columns)
_BY_ACCESS = f"SELECT {_GRANT.names} FROM oauth_grant WHERE access_hash = ?"  # noqa: S608  fixed names
_PRESENTED = f"""
SELECT {_GRANT.names_of("g")}, {_LIMITS.names_of("c")}
FROM oauth_grant g JOIN oauth_client c ON c.client_id = g.client_id
WHERE g.access_hash = ? AND c.active = ?"""  # noqa: S608  fixed names
_ORIGINS = select(oauth_client.c.origins).where(oauth_client.c.active == true(), oauth_client.c.origins != "[]")
_REMOVE_CLIENT = delete(oauth_client).where(oauth_client.c.client_id == bindparam("one"))
_REVOKE_CLIENT = update(oauth_grant).where(oauth_grant.c.client_id == bindparam("one"))
_REVOKE_ONLINE = update(oauth_grant).where(
    oauth_grant.c.subject == bindparam("one"),
    # A token that was narrowed keeps in its context what its refresh token may ask for again.
    oauth_grant.c.scope.not_like(_OFFLINE),
    oauth_grant.c.context.not_like(_OFFLINE),
)
_BY_REFRESH = select(*_GRANT.columns).where(oauth_grant.c.refresh_hash == bindparam("one"))
_REVOKE_FAMILY = update(oauth_grant).where(oauth_grant.c.family == bindparam("one"))
_USE_REFRESH = update(oauth_grant).where(
    oauth_grant.c.refresh_hash == bindparam("one"), oauth_grant.c.revoked == false()
)
_FIRST_USE = "INSERT INTO oauth_jti (issuer, jti, expires_at) VALUES (?, ?, ?) ON CONFLICT (issuer, jti) DO NOTHING"
_SESSION_BY_HASH = select(*_SESSION.columns).where(
    oauth_session.c.session_hash == bindparam("one"), oauth_session.c.expires_at > bindparam("now")
)
_END_SESSION = delete(oauth_session).where(oauth_session.c.session_hash == bindparam("one"))


_INSERTS = {table: table.insert() for table in (oauth_launch, oauth_code, oauth_grant, oauth_session)}
_PURGES = (
    *(
        delete(t).where(t.c.expires_at <= bindparam("now"))
        for t in (oauth_launch, oauth_code, oauth_jti, oauth_session)
    ),
    delete(oauth_grant).where(
        and_(
            oauth_grant.c.expires_at <= bindparam("now"),
            or_(
                oauth_grant.c.refresh_hash.is_(None),
                func.coalesce(oauth_grant.c.refresh_expires_at, bindparam("now")) <= bindparam("now"),
            ),
        )
    ),
)


class Authorization:
    """State of the authorization server in one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save_client(self, client: OAuthClient) -> None:
        """Register or replace a client."""
        self._database.write(lambda session: session.upsert(oauth_client, _CLIENT.values(client), "client_id"))

    def client(self, client_id: str) -> OAuthClient | None:
        """Find a client."""
        rows = self._database.read(lambda session: session.select(_CLIENT_BY_ID, one=client_id))
        return _CLIENT.record(rows[0]) if rows else None

    def clients(self) -> tuple[OAuthClient, ...]:
        """Every client, by id."""
        return tuple(_CLIENT.record(row) for row in self._database.read(lambda session: session.select(_CLIENTS)))

    def remove_client(self, client_id: str) -> bool:
        """Forget a client and end its tokens; False when there was none."""

        def job(session: Session) -> bool:
            session.execute(_REVOKE_CLIENT, {"revoked": True}, one=client_id)
            return session.execute(_REMOVE_CLIENT, one=client_id) == 1

        return self._database.write(job)

    def origins(self) -> frozenset[str]:
        """Origins that active clients are registered with."""
        rows = self._database.read(lambda session: session.select(_ORIGINS))
        return frozenset(origin for (text,) in rows for origin in msgspec.json.decode(text, type=tuple[str, ...]))

    def save_launch(self, launch: IssuedLaunch) -> None:
        """Keep a launch we handed out."""
        self._insert(oauth_launch, _LAUNCH.values(launch))

    def launch(self, launch_hash: str, now: datetime) -> IssuedLaunch | None:
        """A launch still valid, None otherwise."""
        rows = self._database.read(lambda session: session.select(_LAUNCH_BY_HASH, one=launch_hash, now=to_micros(now)))
        return _LAUNCH.record(rows[0]) if rows else None

    def save_code(self, code: AuthorizationCode) -> None:
        """Keep a fresh code."""
        self._insert(oauth_code, _CODE.values(code))

    def take_code(self, code_hash: str, now: datetime) -> AuthorizationCode | None:
        """Take a code out, once; None when unknown, used or expired."""
        rows = self._database.write(lambda session: session.select(_TAKE_CODE, one=code_hash))
        code = _CODE.record(rows[0]) if rows else None
        return code if code is not None and code.expires_at > now else None

    def save_grant(self, grant: TokenGrant) -> None:
        """Store fresh tokens."""
        self._insert(oauth_grant, _GRANT.values(grant))

    def by_access(self, access_hash: str) -> TokenGrant | None:
        """Find tokens by access token."""
        row = self._database.read(lambda session: session.row(_BY_ACCESS, (access_hash,)))
        return None if row is None else _GRANT.record(row)

    def presented(self, access_hash: str) -> Presented | None:
        """A token of an active client, with its client's limits: the hot path of every authorized read."""
        row = self._database.read(lambda session: session.row(_PRESENTED, (access_hash, True)))
        if row is None:
            return None
        limits = _LIMITS.record(row[len(_GRANT.fields) :])
        return Presented(_GRANT.record(row), limits.sites, limits.may_assert_professionals)

    def by_refresh(self, refresh_hash: str) -> TokenGrant | None:
        """Find tokens by refresh token, revoked ones included."""
        rows = self._database.read(lambda session: session.select(_BY_REFRESH, one=refresh_hash))
        return _GRANT.record(rows[0]) if rows else None

    def revoke(self, family: str) -> None:
        """Revoke every token of a family."""
        self._database.write(lambda session: session.execute(_REVOKE_FAMILY, {"revoked": True}, one=family))

    def revoke_client(self, client_id: str) -> None:
        """Revoke every token of a client."""
        self._database.write(lambda session: session.execute(_REVOKE_CLIENT, {"revoked": True}, one=client_id))

    def revoke_online(self, subject: str) -> None:
        """Revoke the tokens that somebody's approval gave for as long as they are there: all but offline access."""
        self._database.write(lambda session: session.execute(_REVOKE_ONLINE, {"revoked": True}, one=subject))

    def rotate(self, old_refresh_hash: str, grant: TokenGrant) -> bool:
        """Replace tokens by fresh ones; False (and nothing stored) when the old ones were already used or revoked."""

        def job(session: Session) -> bool:
            if session.execute(_USE_REFRESH, {"revoked": True}, one=old_refresh_hash) != 1:
                return False
            session.execute(_INSERTS[oauth_grant], _GRANT.values(grant))
            return True

        return self._database.write(job)

    def first_use(self, issuer: str, jti: str, expires_at: datetime, now: datetime) -> bool:  # noqa: ARG002  purge cleans
        """True the first time an assertion's jti is seen (replay protection)."""
        params = (issuer, jti, to_micros(expires_at))
        return self._database.write(lambda session: session.run(_FIRST_USE, params)) == 1

    def save_session(self, session: BrowserSession) -> None:
        """Sign a person in."""
        self._insert(oauth_session, _SESSION.values(session))

    def session(self, session_hash: str, now: datetime) -> BrowserSession | None:
        """A session still valid."""
        rows = self._database.read(
            lambda session: session.select(_SESSION_BY_HASH, one=session_hash, now=to_micros(now))
        )
        return _SESSION.record(rows[0]) if rows else None

    def end_session(self, session_hash: str) -> None:
        """Sign out."""
        self._database.write(lambda session: session.execute(_END_SESSION, one=session_hash))

    def purge(self, now: datetime) -> int:
        """Delete what has expired; returns how many rows went. A grant lives as long as its refresh token."""
        at = to_micros(now)
        return self._database.write(lambda session: sum(session.execute(statement, now=at) for statement in _PURGES))

    def _insert(self, table: Table, values: dict[str, Value]) -> None:
        self._database.write(lambda session: session.execute(_INSERTS[table], values))
