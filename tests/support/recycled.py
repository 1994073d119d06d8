"""PostgreSQL databases that tests use one after another: emptying one costs a fifth of cloning and dropping another."""

import psycopg
from psycopg import sql

from tests.support.databases import PostgresServer

_SHAPE = """
SELECT md5(concat_ws('|',
    (SELECT string_agg(concat(relname, relkind, relhastriggers, relkind = 'r' AND reltuples >= 0), ',' ORDER BY oid)
        FROM pg_class WHERE oid >= 16384),
    (SELECT string_agg(concat(attname, atttypid, attnotnull), ',' ORDER BY attrelid, attnum)
        FROM pg_attribute WHERE attrelid >= 16384),
    (SELECT string_agg(concat(tgname, tgenabled), ',' ORDER BY oid) FROM pg_trigger WHERE oid >= 16384),
    (SELECT count(*) FROM pg_constraint),
    (SELECT count(*) FROM pg_proc),
    (SELECT count(*) FROM pg_statistic WHERE starelid >= 16384)))
"""
_TABLES = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
_LARGE_BYTES = 128 * 1024
_ALONE = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_SEQUENCES = "SELECT sequencename, last_value FROM pg_sequences WHERE last_value IS NOT NULL"
_BEGIN_AGAIN = """
SELECT setval(quote_ident(sequencename)::regclass, start_value, false) FROM pg_sequences WHERE last_value IS NOT NULL
"""


class Cleaner:
    """A connection to one clone that knows how it was when it was fresh."""

    def __init__(self, url: str) -> None:
        self._connection = psycopg.connect(url, autocommit=True)
        # Triggers keep what is append-only, and foreign keys ask for an order: neither is heard by this connection.
        self._connection.execute("SET session_replication_role = replica")
        self._shape = self._one(_SHAPE)
        self._tables = [str(name) for (name,) in self._connection.execute(_TABLES)]
        self._filled = sql.SQL(" UNION ALL ").join(
            sql.SQL("SELECT {}, pg_relation_size({}) WHERE EXISTS (SELECT FROM {})").format(
                sql.Literal(name), sql.Literal(name), sql.Identifier(name)
            )
            for name in self._tables
        )
        self._rows = {name: self._one(_json_of(name)) for name, _ in self._connection.execute(self._filled)}
        self._used = self._connection.execute(_SEQUENCES).fetchall()

    def clean(self) -> bool:
        """Make the clone as it was; False when more than rows was changed, and it cannot be used again."""
        self._connection.execute(_ALONE)
        if self._one(_SHAPE) != self._shape:
            return False
        with self._connection.transaction():
            filled = self._connection.execute(self._filled).fetchall()
            for name, size in filled:
                how = "TRUNCATE {} CASCADE" if size > _LARGE_BYTES else "DELETE FROM {}"
                self._connection.execute(sql.SQL(how).format(sql.Identifier(name)))
            for name, rows in self._rows.items():
                back = "INSERT INTO {0} SELECT * FROM json_populate_recordset(NULL::{0}, %s)"
                self._connection.execute(sql.SQL(back).format(sql.Identifier(name)), (rows,))
            self._connection.execute(_BEGIN_AGAIN)
            for name, last in self._used:
                self._connection.execute("SELECT setval(quote_ident(%s)::regclass, %s)", (name, last))
        return True

    def close(self) -> None:
        """Leave the clone."""
        self._connection.close()

    def _one(self, query: str | sql.Composed) -> str:
        found = self._connection.execute(query).fetchone()
        assert found is not None
        return str(found[0])


def _json_of(table: str) -> sql.Composed:
    return sql.SQL("SELECT json_agg(t)::text FROM {} t").format(sql.Identifier(table))


class RecycledDatabases:
    """Clones of one server, each lent to one test at a time."""

    def __init__(self, server: PostgresServer) -> None:
        self._server = server
        self._cleaners: dict[str, Cleaner] = {}
        self._free: list[str] = []

    def take(self) -> str:
        """Return the URL of a database as it is after the migration."""
        if self._free:
            return self._free.pop()
        url = self._server.clone()
        self._cleaners[url] = Cleaner(url)
        return url

    def give_back(self, url: str) -> None:
        """Empty it for the next test, or drop it where a test changed its tables or what the planner knows."""
        try:
            clean = self._cleaners[url].clean()
        except psycopg.OperationalError:
            clean = False  # the test ended every connection
        if clean:
            self._free.append(url)
        else:
            self._cleaners.pop(url).close()
            self._server.drop(url)

    def close(self) -> None:
        """Leave all of them: the server is about to end."""
        for cleaner in self._cleaners.values():
            cleaner.close()
