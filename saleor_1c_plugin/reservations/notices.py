"""What a storefront that speaks only the shop's own schema reads in the metadata of a cart.

The order that the cart becomes takes the cart's facts over, and 1C gets them with it.
"""

import json
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from decimal import Decimal

from ..money import quantize
from ..store.carts import CartLine
from .models import End, Hold

#: Of a cart: the earliest end of its holds. Of a line: the end of its own.
UNTIL = "onec.reserved_until"
#: Ids of the holds, by commas.
HOLDS = "onec.reservation"
#: JSON: a list of the holds that ended against the buyer's will.
NOTICE = "onec.reservation_notice"
_AGAINST_WILL = (End.EXPIRED, End.STOCK_FELL, End.UNAVAILABLE, End.CHANGED)
_AT_MOST = 10


def of_cart(
    live: Collection[Hold], ended: Collection[Hold], lines: Mapping[str, CartLine]
) -> dict[str, str | None]:
    """The facts of a cart.

    Parameters
    ----------
    live
        Its holds in force.
    ended
        The others, longest ended first; those of one line too.
    lines
        The cart's, by their ids.
    """
    return {
        UNTIL: iso(min(hold.ends for hold in live)) if live else None,
        HOLDS: ",".join(str(hold.pk) for hold in live) or None,
        NOTICE: _notice(live, ended, lines),
    }


def of_line(hold: Hold | None) -> dict[str, str | None]:
    """The facts of a line."""
    return {UNTIL: iso(hold.ends) if hold else None}


def iso(moment: datetime) -> str:
    """ISO 8601, in UTC and whole seconds; never later than it is."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def money(amount: Decimal | None, currency: str) -> str | None:
    """An amount as text, with the digits of its currency where it has no more."""
    if amount is None:
        return None
    rounded = quantize(amount, currency)
    return f"{rounded if rounded == amount else amount:f}"


def _notice(
    live: Collection[Hold], ended: Collection[Hold], lines: Mapping[str, CartLine]
) -> str | None:
    """What the buyer has not answered yet: lines that are in the cart and not held again."""
    # Of a line the last word counts.
    last = {hold.line_id: hold for hold in ended}
    for hold in live:
        last.pop(hold.line_id, None)
    told = [hold for hold in last.values() if hold.line_id in lines and hold.end in _AGAINST_WILL]
    told.sort(key=lambda hold: (hold.ended or hold.ends, hold.pk))
    if not told:
        return None
    return json.dumps(
        [
            {
                "line": hold.line_id,
                "end": hold.end,
                "at": iso(hold.ended or hold.ends),
                "price": money(hold.price, hold.currency),
                "livePrice": money(lines[hold.line_id].price, hold.currency),
            }
            for hold in told[-_AT_MOST:]
        ]
    )
