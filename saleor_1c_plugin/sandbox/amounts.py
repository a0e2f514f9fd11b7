"""Sums of money: every currency here has hundredths, and every price has its tax in it."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

_CENT = Decimal("0.01")


def cents(amount: Decimal) -> Decimal:
    """`amount`, rounded to what can be paid."""
    return amount.quantize(_CENT, ROUND_HALF_UP)


def rate(percent: Decimal | None) -> Decimal | None:
    """A tax of so many percent as a fraction."""
    return None if percent is None else percent / 100


def net(gross: Decimal, percent: Decimal | None) -> Decimal:
    """`gross` without the tax in it."""
    return cents(gross / (1 + (rate(percent) or 0)))


def spread(amount: Decimal, sums: Sequence[Decimal]) -> list[Decimal]:
    """Shares of `amount`, in proportion to `sums`; together they are `amount` to the cent.

    No share is more than its sum, if `amount` is not more than all of them.
    """
    shares: list[Decimal] = []
    left, rest = amount, sum(sums, Decimal(0))
    for part in sums:
        share = cents(left * part / rest) if rest else Decimal(0)
        shares.append(share)
        left, rest = left - share, rest - part
    return shares
