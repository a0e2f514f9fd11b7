"""What the cart's page has to say about reservations, in the shop's words."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from ..reservations import holds, notices
from ..reservations.errors import Code, ReservationError
from ..reservations.models import End, Hold
from .models import Cart, CartLine

#: What the buttons of the page do.
ACTIONS = {"create": holds.create, "extend": holds.extend, "cancel": holds.cancel}
_REFUSALS = {
    Code.NOT_FOUND: _("That is no longer in the cart."),
    Code.DISABLED: _("Nothing can be reserved here."),
    Code.INSUFFICIENT_STOCK: _("There is not enough of it in stock."),
    Code.BUYER_LIMIT: _("So many units are not reserved for one buyer."),
    Code.STOCK_SHARE: _("No more of these goods are reserved: buy them right away."),
    Code.NOT_RESERVABLE: _("These goods are not reserved."),
    Code.UNAVAILABLE: _("These goods are no longer on sale."),
    Code.NOT_EXTENDABLE: _("The reservation can't be extended any more."),
}
_ENDS = {
    End.EXPIRED: _("The reservation has run out"),
    End.STOCK_FELL: _("There is less of it in stock now: the reservation has ended"),
    End.UNAVAILABLE: _("It is no longer on sale: the reservation has ended"),
    End.CHANGED: _("As the cart is now, it could not stay reserved"),
}


@dataclass(frozen=True, slots=True)
class Notice:
    """A reservation of a line that ended against the buyer's will."""

    line: CartLine
    text: str
    #: What it costs now, where that is not what it was reserved at.
    price: Decimal | None


def refusal(error: ReservationError) -> str:
    """Why not, for the buyer."""
    return str(_REFUSALS.get(error.code, _REFUSALS[Code.DISABLED]))


def by_line(cart: Cart) -> Mapping[int, Hold]:
    """Id of a line → what is reserved for it."""
    return {int(hold.line_id): hold for hold in holds.of_cart(str(cart.key))}


def may_reserve(cart: Cart) -> bool:
    """Whether such a buyer can reserve anything."""
    try:
        return holds.allowance(str(cart.key)).is_enabled
    except ReservationError:
        return False  # the cart is gone


def told(cart: Cart) -> list[Notice]:
    """The notices that the room has left in the cart."""
    lines = {str(line.pk): line for line in cart.lines.select_related("variant__product")}
    return [
        Notice(
            line=lines[item["line"]],
            text=str(_ENDS[End(item["end"])]),
            price=_other(item["livePrice"], item["price"]),
        )
        for item in json.loads(cart.metadata.get(notices.NOTICE, "[]"))
        if item["line"] in lines and item["end"] in _ENDS
    ]


def _other(now: str | None, before: str | None) -> Decimal | None:
    """The price that there is now, if it is another."""
    if now is None or (before is not None and Decimal(now) == Decimal(before)):
        return None
    return Decimal(now)
