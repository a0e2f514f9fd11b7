"""Sharing an amount out over lines, and a line's amount over its pieces, to the kopeck.

Amounts are whole kopecks here. Nothing depends on anything but what is handed in: the same always
gives the same.
"""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

_ONE = Decimal(1)


class Part(NamedTuple):
    """Pieces at one price: `amount` is `price` times `quantity`, rounded half up."""

    price: int
    quantity: Decimal
    amount: int


def spread(amount: int, weights: Sequence[int]) -> list[int]:
    """Share `amount` out by `weights`, so that no share is more than its weight.

    Shares are rounded down, and what is left goes to those that lost most, the first ones first.

    Parameters
    ----------
    amount
        At least nought, and at most the sum of the weights.
    """
    whole = sum(weights)
    if not 0 <= amount <= whole:
        raise ValueError(f"{amount} can't be shared out over {whole}")
    if amount == whole:
        return list(weights)
    shares = []
    lost = []
    for place, weight in enumerate(weights):
        share, remainder = divmod(amount * weight, whole)
        shares.append(share)
        if remainder:
            lost.append((-remainder, place))
    lost.sort()
    for _, place in lost[: amount - sum(shares)]:
        shares[place] += 1
    return shares


def split(amount: int, quantity: Decimal) -> list[Part]:
    """Divide what `quantity` costs into at most two parts with a price of whole kopecks each.

    100.00 for three is two at 33.33 and one at 33.34. The cheaper part comes first.

    Parameters
    ----------
    amount
        At least nought.
    quantity
        More than nought; may have digits after the point.
    """
    if quantity == _ONE:
        return [Part(amount, quantity, amount)]
    if quantity == (pieces := int(quantity)):
        price, dearer = divmod(amount, pieces)
        if not dearer:
            return [Part(price, quantity, amount)]
        return [
            Part(price, Decimal(pieces - dearer), price * (pieces - dearer)),
            Part(price + 1, Decimal(dearer), (price + 1) * dearer),
        ]
    return _split_measured(amount, quantity)


def times(price: int, quantity: Decimal) -> int:
    """What the register makes of it."""
    return int((price * quantity).quantize(_ONE, ROUND_HALF_UP))


def _split_measured(amount: int, quantity: Decimal) -> list[Part]:
    nearest = int((amount / quantity).quantize(_ONE, ROUND_HALF_UP))
    for price in (nearest, nearest - 1, nearest + 1):
        if price >= 0 and times(price, quantity) == amount:
            return [Part(price, quantity, amount)]
    # Of both prices next to the exact one, so much of each that the sum is exact. Where both
    # amounts end in half a kopeck and would be rounded up, a little more or less of the dearer.
    price = int(amount / quantity)
    step = Decimal((0, (1,), int(quantity.as_tuple().exponent)))
    exact = amount - price * quantity
    tries = 0
    while True:
        for dearer in {exact + tries * step: None, exact - tries * step: None}:
            if 0 < dearer < quantity:
                cheaper = quantity - dearer
                first, second = times(price, cheaper), times(price + 1, dearer)
                if first + second == amount:
                    return [Part(price, cheaper, first), Part(price + 1, dearer, second)]
        tries += 1
        if tries * step > quantity:
            raise ValueError(f"{amount} can't be divided over {quantity}")
