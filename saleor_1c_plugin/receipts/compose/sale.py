"""A payment, and its receipt.

Money pays, in this order: what is owed for goods that are the buyer's already; goods that have
left and that nothing was set off for; goods that are still to come; and what is left over is an
advance.
"""

from . import advance
from .document import Item, Kind, Means, PaymentMethod, Receipt
from .position import Handed, Position, handing_over
from .spread import spread


def sale(position: Position, amount: int, means: Means) -> Receipt:
    """The receipt of a payment of `amount` kopecks.

    Raises
    ------
    ~.problem.Problem
    """
    owed = min(amount, max(0, position.ledger.credit))
    left = amount - owed
    items: list[Item] = []
    paid = {means: amount}
    now = _handed_now(position, left)
    worth = sum(row.value for row in now)
    prepaid = min(position.available(), worth)
    if taken := min(left, worth - prepaid):
        credit = worth - prepaid - taken
        items += position.items(now, handing_over(prepaid + taken, credit))
        set_off = {Means.PREPAID: prepaid, Means.CREDIT: credit}
        paid |= set_off
        left -= taken
        position = position.after(position.receipt(Kind.SELL, items, {means: taken, **set_off}))
    if owed:
        items.append(advance.credit_payment(position.order, owed))
    if left:
        items += _before(position, left)
    return position.receipt(Kind.SELL, items, paid)


def _handed_now(position: Position, amount: int) -> list[Handed]:
    """Goods that this payment is the settlement of."""
    if position.terms.one_receipt:
        unsettled = position.all_unsettled()
        if amount and position.available() + amount >= sum(row.value for row in unsettled):
            return unsettled
    return position.left_unsettled()


def _before(position: Position, amount: int) -> list[Item]:
    """Items of money for goods that are still to come."""
    prepaid = position.ledger.prepaid_by_line()
    worth = [position.open_value(goods) for goods in position.goods]
    open_ = [
        max(0, value - prepaid.get(goods.line_id, 0))
        for goods, value in zip(position.goods, worth, strict=True)
    ]
    # Gift cards and advances pay for goods, too, and of no line in particular; nothing that was
    # paid before buys a gift card.
    cards = sum(
        value for goods, value in zip(position.goods, open_, strict=True) if goods.is_gift_card
    )
    priced = sum(
        value for goods, value in zip(position.goods, worth, strict=True) if not goods.is_gift_card
    )
    taken = min(amount, cards + max(0, priced - position.available()))
    shares = spread(taken, open_)
    is_full = all(
        share == value
        for goods, share, value in zip(position.goods, shares, worth, strict=True)
        if not goods.is_gift_card
    )
    method = PaymentMethod.FULL_PREPAYMENT if is_full else PaymentMethod.PREPAYMENT
    items: list[Item] = []
    for goods, share in zip(position.goods, shares, strict=True):
        if not share:
            continue
        if goods.is_gift_card:
            items += advance.gift_card(position, goods, share)
        else:
            rate = position.vat(goods, advance=True)
            items += goods.items(share, position.open_units(goods), method, rate)
    if amount > taken:
        items.append(advance.overpaid(position, amount - taken))
    return items
