"""How an order is, in a buyer's words."""

from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from ...money import quantize
from ...store.orders import Order, OrderStatus

_STATUSES = {
    OrderStatus.UNCONFIRMED: gettext_noop("is being looked at"),
    OrderStatus.OPEN: gettext_noop("is being prepared"),
    OrderStatus.PARTLY_SHIPPED: gettext_noop("is partly on its way"),
    OrderStatus.SHIPPED: gettext_noop("is on its way"),
    OrderStatus.PARTLY_RETURNED: gettext_noop("has partly come back"),
    OrderStatus.RETURNED: gettext_noop("has come back"),
    OrderStatus.CANCELLED: gettext_noop("is cancelled"),
    OrderStatus.EXPIRED: gettext_noop("was not paid in time"),
}


def describe(order: Order) -> str:
    """A few lines: its number, how it is, what it costs, how its parcels are followed."""
    lines = [
        _("Order %(number)s %(status)s.")
        % {"number": order.number, "status": _(_STATUSES[order.status])},
        _("Total: %(total)s, paid: %(paid)s.")
        % {
            "total": _money(order.total_gross, order.currency),
            "paid": _money(_paid(order), order.currency),
        },
    ]
    parcels = [
        shipment.tracking
        for shipment in order.shipments
        if shipment.tracking and not shipment.cancelled and not shipment.returned
    ]
    if parcels:
        lines.append(_("Parcel: %(tracking)s") % {"tracking": ", ".join(dict.fromkeys(parcels))})
    return "\n".join(lines)


def _paid(order: Order) -> Decimal:
    return order.paid + sum((amount for _code, amount in order.gift_cards), Decimal(0))


def _money(amount: Decimal, currency: str) -> str:
    digits = f"{quantize(amount, currency):,f}".replace(",", " ")
    return f"{digits} {currency}"
