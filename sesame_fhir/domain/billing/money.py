"""Money: decimal euros with two decimals, and the one rounding rule.

Half a cent is rounded away from zero (commercial rounding); an amount is rounded once, when it is decided, and never
again: sums are sums of rounded amounts.
"""

from decimal import ROUND_HALF_UP, Decimal

CURRENCY = "EUR"
CENT = Decimal("0.01")
ZERO = Decimal("0.00")
MOST = Decimal(1_000_000_000_000)
"""Beyond any amount that is billed or paid; in cents the database still holds it."""
_HUNDRED = 100


def euros(amount: Decimal | int | str) -> Decimal:
    """Round to the cent. Raises ValueError for what is not a finite number."""
    value = Decimal(amount)
    if not value.is_finite():
        raise ValueError("an amount is a finite number")
    return value.quantize(CENT, ROUND_HALF_UP)


def is_euros(amount: Decimal) -> bool:
    """True for an amount with two decimals at most, below ``MOST`` whatever its sign."""
    return amount.is_finite() and abs(amount) < MOST and amount == euros(amount)


def cents(amount: Decimal) -> int:
    """An amount in whole cents, as it is stored. Raises ValueError when it has more than two decimals."""
    value = amount * _HUNDRED
    if value != value.to_integral_value():
        raise ValueError("an amount has two decimals at most")
    return int(value)


def from_cents(number: int) -> Decimal:
    """An amount from whole cents."""
    return (Decimal(number) / _HUNDRED).quantize(CENT)


def percent_of(amount: Decimal, percent: Decimal) -> Decimal:
    """A share of an amount, rounded to the cent."""
    return euros(amount * percent / _HUNDRED)


def part_of(amount: Decimal, days: int, planned: int) -> Decimal:
    """What ``days`` of ``planned`` days earn of an amount, rounded to the cent."""
    return euros(amount * days / planned)
