"""``KeyStore``: our signing keys, whose private parts come here sealed."""

from datetime import datetime

from sqlalchemy import bindparam, delete, select, update

from sesame_fhir.services.records import SigningKey
from sesame_fhir.storage.access_schema import signing_key
from sesame_fhir.storage.instants import to_micros
from sesame_fhir.storage.rows import RowMapper
from sesame_fhir.storage.session import Database

_MAP = RowMapper(SigningKey, signing_key)
_ADD = signing_key.insert()
_OF_PURPOSE = (
    select(*_MAP.columns)
    .where(signing_key.c.purpose == bindparam("wanted"))
    .order_by(signing_key.c.created_at.desc(), signing_key.c.signing_key_key.desc())
)
_RETIRE = update(signing_key).where(signing_key.c.kid == bindparam("one"), signing_key.c.retired_at.is_(None))
_FORGET = delete(signing_key).where(signing_key.c.retired_at < bindparam("limit_at"))


class Keys:
    """The signing keys of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, key: SigningKey) -> None:
        """Store a new key."""
        self._database.write(lambda session: session.execute(_ADD, _MAP.values(key)))

    def keys(self, purpose: str) -> tuple[SigningKey, ...]:
        """Keys of one purpose, newest first, retired ones included."""
        rows = self._database.read(lambda session: session.select(_OF_PURPOSE, wanted=purpose))
        return tuple(_MAP.record(row) for row in rows)

    def retire(self, kid: str, at: datetime) -> None:
        """Stop signing with a key (the first time stands); it stays published until it is forgotten."""
        self._database.write(lambda session: session.execute(_RETIRE, {"retired_at": to_micros(at)}, one=kid))

    def forget(self, retired_before: datetime) -> int:
        """Delete keys retired before then; returns how many."""
        return self._database.write(lambda session: session.execute(_FORGET, limit_at=to_micros(retired_before)))
