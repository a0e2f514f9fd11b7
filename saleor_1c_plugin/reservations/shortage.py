"""Stocks that have lost units that are held: the newest holds are released, until the rest fits.

This happens where stocks are locked, often in the transaction of an import; so no cart is locked
here. What its buyer still sees of a released hold, the price and the facts, is put right by the
review of the cart that follows, and that tries once to hold the units elsewhere.
"""

from collections import Counter
from collections.abc import Collection

from django.utils import timezone

from ..store import current_carts
from . import onec
from .models import End, Hold


def release_newest(variant_ids: Collection[str] | None = None) -> set[str]:
    """Release what is held too much of these goods, or of all.

    Returns
    -------
    set[str]
        Ids of the carts to be reviewed once this is committed.
    """
    stocks = current_carts().overheld(variant_ids)
    if not stocks:
        return set()
    lines = {line_id for stock in stocks for line_id in stock.lines}
    holds = Hold.objects.live().filter(line_id__in=lines).order_by("-began", "-pk")
    newest = {hold.line_id: hold for hold in holds}
    released: dict[str, Hold | None] = {}
    freed: Counter[str] = Counter()
    for stock in stocks:
        # What the shop itself keeps for a cart for a while has been promised to nobody.
        for line_id in (*sorted(stock.lines.keys() - newest.keys()), *newest):
            if freed[stock.stock_id] >= stock.excess:
                break
            if line_id in stock.lines and line_id not in released:
                released[line_id] = newest.get(line_id)
                # A line may be held in several stocks.
                freed.update({one.stock_id: one.lines.get(line_id, 0) for one in stocks})
    _release(released)
    carts = {hold.cart_id for hold in released.values() if hold is not None}
    onec.changed(carts)
    return carts


def _release(released: Collection[str]) -> None:
    if released:
        current_carts().release(released)
        now = timezone.now()
        # To the cart's review it looks like a hold whose time is over: it finds both alike.
        Hold.objects.live().filter(line_id__in=released).update(
            end=End.STOCK_FELL, ended=now, ends=now
        )
