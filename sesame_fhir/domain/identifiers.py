"""INS, RPPS, FINESS and SIRET as checked types: a value of these types has the right shape and the right key.

Sources: INS "Référentiel INS" (NIR of 13 characters and its key, 97 - NIR mod 97, 2A counted as 19 and 2B as 18);
RPPS, 11 digits, Luhn; FINESS, 9 characters of which the last is a Luhn digit, the letter of a Corsican
department counting as 1 (2A) or 2 (2B), which holds for the numbers published for Ajaccio and Bastia;
SIRET, 14 digits, Luhn.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

_NIR_LENGTH = 13
_KEY_LENGTH = 2
_RPPS_LENGTH = 11
_FINESS_LENGTH = 9
_SIRET_LENGTH = 14
_NIR_MODULUS = 97
_CORSICA = {"2A": "19", "2B": "18"}


class InvalidIdentifier(ValueError):  # noqa: N818  named as the field says it
    """The text is not a valid identifier of its kind; ``kind`` and ``problem`` are codes, the value is not repeated."""

    def __init__(self, kind: str, problem: str) -> None:
        super().__init__(f"{kind}: {problem}")
        self.kind = kind
        self.problem = problem


class InsNature(StrEnum):
    """Which authority's matricule: FHIR system OIDs are in ``sesame_fhir.fhir.canonical``."""

    NIR = "INS-NIR"
    NIA = "INS-NIA"
    TEST = "INS-NIR-TEST"
    DEMO = "INS-NIR-DEMO"


def _luhn_ok(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value  # noqa: PLR2004  sum of the two digits
    return total % 10 == 0


def ins_key(nir: str) -> str:
    """Return the two-digit key of a 13-character NIR or NIA (2A counts as 19, 2B as 18)."""
    return f"{_NIR_MODULUS - int(_as_number(nir)) % _NIR_MODULUS:02d}"


def _as_number(nir: str) -> str:
    department = nir[5:7]
    return nir[:5] + _CORSICA.get(department, department) + nir[7:]


@dataclass(frozen=True, slots=True)
class Ins:
    """Identité nationale de santé: the 13-character matricule, its key, and its nature."""

    nir: str
    nature: InsNature

    @classmethod
    def parse(cls, text: str, nature: InsNature) -> Self:
        """Accept 13 characters followed by a two-digit key, spaces allowed.

        Raises:
            InvalidIdentifier: wrong length, wrong characters or wrong key.
        """
        value = "".join(text.split()).upper()
        if len(value) != _NIR_LENGTH + _KEY_LENGTH:
            raise InvalidIdentifier("INS", "length")
        nir, key = value[:_NIR_LENGTH], value[_NIR_LENGTH:]
        digits = _as_number(nir) + key
        if not (digits.isascii() and digits.isdigit()):
            raise InvalidIdentifier("INS", "characters")
        if ins_key(nir) != key:
            raise InvalidIdentifier("INS", "key")
        return cls(nir, nature)

    @property
    def value(self) -> str:
        """The 15 characters: matricule and key."""
        return self.nir + ins_key(self.nir)


@dataclass(frozen=True, slots=True)
class Rpps:
    """Répertoire partagé des professionnels de santé: 11 digits, Luhn."""

    value: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Accept 11 digits. Raises InvalidIdentifier for a wrong length, character or check digit."""
        value = "".join(text.split())
        if len(value) != _RPPS_LENGTH:
            raise InvalidIdentifier("RPPS", "length")
        if not (value.isascii() and value.isdigit()):
            raise InvalidIdentifier("RPPS", "characters")
        if not _luhn_ok(value):
            raise InvalidIdentifier("RPPS", "key")
        return cls(value)


@dataclass(frozen=True, slots=True)
class Finess:
    """FINESS number of a legal entity or a site: 9 characters, Luhn; departments 2A and 2B count as 21 and 22."""

    value: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Accept 9 characters. Raises InvalidIdentifier for a wrong length, character or check digit."""
        value = "".join(text.split()).upper()
        if len(value) != _FINESS_LENGTH:
            raise InvalidIdentifier("FINESS", "length")
        digits = {"2A": "21", "2B": "22"}.get(value[:2], value[:2]) + value[2:]
        if not (digits.isascii() and digits.isdigit()):
            raise InvalidIdentifier("FINESS", "characters")
        if not _luhn_ok(digits):
            raise InvalidIdentifier("FINESS", "key")
        return cls(value)


@dataclass(frozen=True, slots=True)
class Siret:
    """SIRET number of an establishment in the register of companies: 14 digits, Luhn."""

    value: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Accept 14 digits. Raises InvalidIdentifier for a wrong length, character or check digit."""
        value = "".join(text.split())
        if len(value) != _SIRET_LENGTH:
            raise InvalidIdentifier("SIRET", "length")
        if not (value.isascii() and value.isdigit()):
            raise InvalidIdentifier("SIRET", "characters")
        if not _luhn_ok(value):
            raise InvalidIdentifier("SIRET", "key")
        return cls(value)
