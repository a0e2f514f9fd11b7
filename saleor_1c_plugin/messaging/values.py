"""What the names in a text stand for, as the reader reads it."""

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

from django.utils import formats, timezone
from django.utils.translation import get_language, override

from ..history.event import Event
from ..store import current_carts
from ..store.orders import OrderStatus
from ..store.status_names import STATUS_NAMES

#: Of currencies that readers know by a sign.
_SIGNS = {"RUB": "₽", "USD": "$", "EUR": "€", "KZT": "₸", "GBP": "£"}
_ENGLISH = {status: status.value.replace("_", " ") for status in OrderStatus}
_MOST_GOODS = 10
_LONGEST_NAME = 80
#: Of a page or a mailbox: "shop.example", "a@b", "https:".
_ADDRESS = re.compile(r"\w\.\w{2}|[@/:]")


def values(event: Event, language: str, zone: ZoneInfo, shop: str, place: str) -> dict[str, str]:
    """Name → value; what the event does not tell is empty.

    Parameters
    ----------
    zone
        The reader's.
    shop, place
        Name and address of the store.
    """
    data = event.data
    with override(language):
        found = {
            "order": event.order_number,
            "total": _money(data.get("total"), data.get("currency")),
            "paid": _money(data.get("paid"), data.get("currency")),
            "amount": _money(data.get("amount"), data.get("currency")),
            "price": _money(data.get("price"), data.get("currency")),
            "quantity": str(data.get("quantity", "")),
            "status": _status(data.get("status"), language),
            "tracking": str(data.get("tracking") or ""),
            "receipt": absolute(str(data.get("page") or ""), place),
            "until": _moment(data.get("until"), zone),
            "method": str(data.get("method") or ""),
            "delivery": str(data.get("delivery") or ""),
            "goods": _goods(event),
        }
    return {**found, "shop": shop, "name": _name(event.customer.name)}


def absolute(address: str, place: str) -> str:
    """An address of a page as anybody finds it; empty where the store does not know its own."""
    whole = urljoin(place, address) if address else ""
    return whole if whole.startswith(("https://", "http://")) else ""


def _name(text: str) -> str:
    """How somebody is called, unless it is no name.

    A stranger could have a message with his advertisement in it sent to anybody.
    """
    return "" if len(text) > _LONGEST_NAME or _ADDRESS.search(text) else " ".join(text.split())


def _money(amount: object, currency: object) -> str:
    try:
        value = Decimal(str(amount)) if amount not in (None, "") else None
    except InvalidOperation:
        value = None
    if value is None:
        return ""
    digits = 0 if value == value.to_integral_value() else 2
    text = formats.number_format(value, digits, use_l10n=True, force_grouping=True)
    code = str(currency or "")
    return f"{text} {_SIGNS.get(code, code)}".strip()


def _status(status: object, language: str) -> str:
    if status not in set(OrderStatus):
        return ""
    names: Mapping[OrderStatus, str] = STATUS_NAMES if language == "ru" else _ENGLISH
    return names[OrderStatus(str(status))].lower()


def _moment(text: object, zone: ZoneInfo) -> str:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return ""
    local = timezone.localtime(moment, zone)
    return formats.date_format(local, "j E, H:i" if get_language() == "ru" else "j F, H:i")


def _goods(event: Event) -> str:
    lines = event.data.get("lines")
    if isinstance(lines, list):
        names = [_line(line) for line in lines[:_MOST_GOODS] if isinstance(line, Mapping)]
        return ", ".join([*filter(None, names), *(["…"] if len(lines) > _MOST_GOODS else [])])
    variant = str(event.data.get("variant") or "")
    goods = current_carts().goods(event.channel, [variant]).get(variant) if variant else None
    return goods.name if goods else ""


def _line(line: Mapping[str, Any]) -> str:
    name, quantity = str(line.get("name") or ""), line.get("quantity")
    return f"{name} × {quantity}" if name and quantity not in (None, 1) else name
