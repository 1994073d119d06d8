"""``StaffDirectory``: accounts, by the ways a person is found."""

from typing import Any

from sqlalchemy import Integer, Select, bindparam, delete, select, true

from sesame_fhir.domain.ids import SiteId
from sesame_fhir.services.errors import AlreadyExists
from sesame_fhir.services.staff import StaffMember
from sesame_fhir.storage.rows import RowMapper
from sesame_fhir.storage.session import Database, Session, Value
from sesame_fhir.storage.staff_schema import staff, staff_external

_MAP = RowMapper(StaffMember, staff)

_ALL = select(*_MAP.columns).order_by(staff.c.name, staff.c.login)
_ACTIVE = _ALL.where(staff.c.active == true())
_PAGE = (
    select(*_MAP.columns)
    .where(staff.c.login > bindparam("wanted"))
    .order_by(staff.c.login)
    .limit(bindparam("most", type_=Integer))
)
_BY_ID = select(*_MAP.columns).where(staff.c.staff_id == bindparam("wanted"))
_BY_LOGIN = select(*_MAP.columns).where(staff.c.login == bindparam("wanted"))
_BY_ACTOR = _ACTIVE.where(staff.c.actor_id == bindparam("wanted"))
_BY_SUBJECT = (
    select(*_MAP.columns)
    .join(staff_external, staff_external.c.staff_id == staff.c.staff_id)
    .where(staff_external.c.subject == bindparam("wanted"))
)
_OTHER_LOGIN = select(staff.c.staff_id).where(
    staff.c.login == bindparam("wanted"), staff.c.staff_id != bindparam("own")
)
_SUBJECTS = select(staff_external.c.staff_id).where(
    staff_external.c.subject == bindparam("wanted"), staff_external.c.staff_id != bindparam("own")
)
_DROP_SUBJECTS = delete(staff_external).where(staff_external.c.staff_id == bindparam("own"))
_ADD_SUBJECT = staff_external.insert()


class Staff:
    """The accounts of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, member: StaffMember) -> None:
        """Create the account, or replace it.

        Raises ``AlreadyExists`` when another account has the login or one of the external subjects.
        """
        values = {**_MAP.values(member), "login": member.login.lower(), "actor_id": member.actor.actor_id}

        def job(session: Session) -> None:
            session.lock("staff")
            own: dict[str, Value] = {"own": member.staff_id}
            if session.select(_OTHER_LOGIN, wanted=member.login.lower(), **own):
                raise AlreadyExists(member.staff_id)
            if any(session.select(_SUBJECTS, wanted=subject, **own) for subject in member.external):
                raise AlreadyExists(member.staff_id)
            session.upsert(staff, values, "staff_id")
            session.execute(_DROP_SUBJECTS, **own)
            for subject in dict.fromkeys(member.external):
                session.execute(_ADD_SUBJECT, {"subject": subject, "staff_id": member.staff_id})

        self._database.write(job)

    def by_id(self, staff_id: str) -> StaffMember | None:
        """Find by id."""
        return self._one(_BY_ID, staff_id)

    def by_login(self, login: str) -> StaffMember | None:
        """Find by login, whatever its case."""
        return self._one(_BY_LOGIN, login.lower())

    def by_external(self, subject: str) -> StaffMember | None:
        """Find by ``issuer|subject`` of an OpenID provider."""
        return self._one(_BY_SUBJECT, subject)

    def by_actor(self, actor_id: str) -> StaffMember | None:
        """Find an active account by the id under which pathways know the person; the first by name of several."""
        return self._one(_BY_ACTOR, actor_id)

    def at_sites(self, sites: tuple[SiteId, ...]) -> tuple[StaffMember, ...]:
        """Active accounts with at least one of these sites, by name."""
        wanted = set(sites)
        rows = self._database.read(lambda session: session.select(_ACTIVE))
        return tuple(member for member in map(_MAP.record, rows) if wanted.intersection(member.sites))

    def all(self) -> tuple[StaffMember, ...]:
        """Every account, by name."""
        return tuple(map(_MAP.record, self._database.read(lambda session: session.select(_ALL))))

    def page(self, after: str, limit: int) -> tuple[StaffMember, ...]:
        """The first accounts by login, after this one (empty: from the beginning)."""
        rows = self._database.read(lambda session: session.select(_PAGE, wanted=after, most=limit))
        return tuple(map(_MAP.record, rows))

    def _one(self, statement: Select[Any], wanted: str) -> StaffMember | None:
        rows = self._database.read(lambda session: session.select(statement, wanted=wanted))
        return _MAP.record(rows[0]) if rows else None
