"""What is written into a timeline of what has happened. Pure."""

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils import formats
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from ..history.event import Event, Kind
from ..store.orders import OrderStatus
from ..store.status_names import STATUS_NAMES

type Data = Mapping[str, Any]


def text(event: Event, language: str) -> str:
    """For the people who read the CRM; nothing in it tells who the customer is."""
    with override(language):
        return _TEXTS[event.kind](event.data)


def title(number: str, language: str) -> str:
    """Of an order's deal."""
    with override(language):
        return _("Order No. %(number)s") % {"number": number}


def _placed(data: Data) -> str:
    lines = data.get("lines")
    told = [line for line in lines if isinstance(line, Mapping)] if isinstance(lines, list) else []
    goods = [f"{_word(line, 'name')} × {_word(line, 'quantity')}" for line in told]
    head = _("The order is placed: %(total)s") % {"total": _money(data, "total")}
    return "\n".join([head, *goods])


def _status(data: Data) -> str:
    status = _word(data, "status")
    if status in set(OrderStatus):
        status = str(STATUS_NAMES[OrderStatus(status)]) if _is_russian() else status
    return _("Status of the order: %(status)s") % {"status": status}


def _left(data: Data) -> str:
    return _("A cart was left: %(total)s") % {"total": _money(data, "total")}


def _reserved(data: Data) -> str:
    return _("Goods are reserved: %(quantity)s at %(price)s, until %(until)s") % {
        "quantity": _word(data, "quantity"),
        "price": _money(data, "price"),
        "until": _word(data, "until"),
    }


def _receipt(data: Data) -> str:
    head = _("A fiscal receipt is registered: %(total)s") % {"total": _money(data, "total")}
    return "\n".join(filter(None, [head, _word(data, "page")]))


def _about_money(template: Callable[[], str], field: str) -> Callable[[Data], str]:
    def write(data: Data) -> str:
        head = template() % {"amount": _money(data, field)}
        return ", ".join(filter(None, [head, _word(data, "method"), _word(data, "reference")]))

    return write


def _about_parcel(template: Callable[[], str]) -> Callable[[Data], str]:
    def write(data: Data) -> str:
        values = {"shipment": _word(data, "shipment"), "tracking": _word(data, "tracking")}
        return template() % values

    return write


def _about_message(template: Callable[[], str]) -> Callable[[Data], str]:
    def write(data: Data) -> str:
        head = template() % {"channel": _word(data, "channel")}
        about, cost = _word(data, "about"), _money(data, "cost")
        return ", ".join(filter(None, [head, about, cost]))

    return write


def _changed(data: Data) -> str:
    """What was done in another CRM."""
    templates = {
        "stage": _("%(system)s: the stage is “%(value)s” now"),
        "responsible": _("%(system)s: in charge is %(value)s now"),
        "tags": _("%(system)s: the tags are: %(value)s"),
        "comment": _("%(system)s: somebody has written a comment"),
        "contact": _("%(system)s: the name or the phone was changed"),
    }
    template = templates.get(_word(data, "what"), "%(system)s: %(value)s")
    value = _word(data, "name") or _word(data, "value") or "—"
    return template % {"system": _word(data, "system"), "value": value}


def _plain(template: Callable[[], str]) -> Callable[[Data], str]:
    return lambda _data: template()


_TEXTS: Mapping[Kind, Callable[[Data], str]] = {
    Kind.CUSTOMER_REGISTERED: _plain(lambda: _("The customer has registered")),
    Kind.CART_LEFT: _left,
    Kind.RESERVATION_MADE: _reserved,
    Kind.RESERVATION_ENDING: _plain(lambda: _("A reservation ends soon")),
    Kind.RESERVATION_ENDED: _plain(lambda: _("A reservation has ended")),
    Kind.ORDER_PLACED: _placed,
    Kind.ORDER_STATUS: _status,
    Kind.ORDER_PAID: _about_money(lambda: _("The order is paid: %(amount)s"), "paid"),
    Kind.PAYMENT_PROMISED: _about_money(lambda: _("A payment is expected: %(amount)s"), "amount"),
    Kind.PAYMENT_AUTHORISED: _about_money(lambda: _("Money is held: %(amount)s"), "amount"),
    Kind.PAYMENT_CHARGED: _about_money(lambda: _("Payment: %(amount)s"), "amount"),
    Kind.PAYMENT_REFUNDED: _about_money(lambda: _("Refund: %(amount)s"), "amount"),
    Kind.PAYMENT_CHARGED_BACK: _about_money(lambda: _("Chargeback: %(amount)s"), "amount"),
    Kind.SHIPMENT_SENT: _about_parcel(lambda: _("Shipment %(shipment)s is sent")),
    Kind.SHIPMENT_TRACKING: _about_parcel(
        lambda: _("Shipment %(shipment)s is followed by the number %(tracking)s")
    ),
    Kind.SHIPMENT_CANCELLED: _about_parcel(lambda: _("Shipment %(shipment)s is cancelled")),
    Kind.SHIPMENT_RETURNED: _about_parcel(lambda: _("Goods came back: %(shipment)s")),
    Kind.RECEIPT_REGISTERED: _receipt,
    Kind.MESSAGE_SENT: _about_message(lambda: _("A message was sent: %(channel)s")),
    Kind.MESSAGE_RECEIVED: _about_message(lambda: _("The customer has written: %(channel)s")),
    Kind.CRM_CHANGED: _changed,
}


def _word(data: Data, key: str) -> str:
    value = data.get(key)
    return "" if value is None else " ".join(str(value).split())


def _money(data: Data, key: str) -> str:
    try:
        value = Decimal(_word(data, key))
    except InvalidOperation:
        return ""
    text = formats.number_format(value, use_l10n=True, force_grouping=True)
    return f"{text} {_word(data, 'currency')}".strip()


def _is_russian() -> bool:
    return get_language() == "ru"
