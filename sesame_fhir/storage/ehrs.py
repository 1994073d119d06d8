"""``EhrRegistry``: which EHRs may launch the app."""

from sqlalchemy import bindparam, select

from sesame_fhir.domain.ids import EhrId
from sesame_fhir.services.records import EhrRegistration
from sesame_fhir.storage.access_schema import ehr
from sesame_fhir.storage.rows import RowMapper
from sesame_fhir.storage.session import Database, Session

_MAP = RowMapper(EhrRegistration, ehr)
_ALL = select(*_MAP.columns).order_by(ehr.c.issuer)
_BY_ISSUER = select(*_MAP.columns).where(ehr.c.issuer == bindparam("wanted"))
_BY_ID = select(*_MAP.columns).where(ehr.c.ehr_id == bindparam("wanted"))


class Ehrs:
    """The registered EHRs of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, registration: EhrRegistration) -> None:
        """Register, or replace the registration with the same issuer.

        A replaced registration keeps its ``ehr_id``: what waits in the outbox and what pathways remember goes on.
        """

        def job(session: Session) -> None:
            values = _MAP.values(registration)
            known = session.select(_BY_ISSUER, wanted=registration.issuer)
            if known:
                values["ehr_id"] = _MAP.record(known[0]).ehr_id
            session.upsert(ehr, values, "issuer")

        self._database.write(job)

    def all(self) -> tuple[EhrRegistration, ...]:
        """Every registration, by issuer."""
        return tuple(_MAP.record(row) for row in self._database.read(lambda session: session.select(_ALL)))

    def by_issuer(self, issuer: str) -> EhrRegistration | None:
        """Find by exact issuer."""
        rows = self._database.read(lambda session: session.select(_BY_ISSUER, wanted=issuer))
        return _MAP.record(rows[0]) if rows else None

    def by_id(self, ehr_id: EhrId) -> EhrRegistration | None:
        """Find by id."""
        rows = self._database.read(lambda session: session.select(_BY_ID, wanted=ehr_id))
        return _MAP.record(rows[0]) if rows else None
