"""The kinds of columns: one vocabulary, so that a table reads like its meaning and both databases agree.

Every table has a surrogate integer key, so rows lie in the order of their creation. Times are microseconds since 1970
(``storage.instants``). Texts compare by code point on both databases.
"""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Identity, Integer, LargeBinary, MetaData, Text
from sqlalchemy.dialects.postgresql import TEXT

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

KEY = BigInteger().with_variant(Integer, "sqlite")
TEXT_TYPE = Text().with_variant(TEXT(collation="C"), "postgresql")


def key(name: str) -> Column[int]:
    """Build a surrogate key."""
    return Column(name, KEY, Identity(always=False), primary_key=True)


def of(target: str, *, nullable: bool = False) -> Column[int]:
    """Build a reference to ``table.column``, under the same column name."""
    return Column(target.split(".")[1], KEY, ForeignKey(target), nullable=nullable)


def text(name: str, *, null: bool = False) -> Column[str]:
    """Build a text column."""
    return Column(name, TEXT_TYPE, nullable=null)


def integer(name: str, *, null: bool = False) -> Column[int]:
    """Build a column of small numbers."""
    return Column(name, Integer, nullable=null)


def instant(name: str, *, null: bool = False) -> Column[int]:
    """Build a column of times, in microseconds, or of other 64-bit numbers."""
    return Column(name, BigInteger, nullable=null)


def money(name: str) -> Column[int]:
    """Build a column of euros, in whole cents."""
    return Column(name, BigInteger, nullable=False)


def blob(name: str, *, null: bool = False) -> Column[bytes]:
    """Build a column of bytes."""
    return Column(name, LargeBinary, nullable=null)


def flag(name: str) -> Column[bool]:
    """Build a column of yes or no."""
    return Column(name, Boolean, nullable=False)
