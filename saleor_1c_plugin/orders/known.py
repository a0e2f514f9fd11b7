"""What other rooms may ask: how far 1C knows orders, and by which clock its documents are dated."""

from collections.abc import Collection, Mapping
from enum import StrEnum
from zoneinfo import ZoneInfo

from ..configuration import SettingsError
from ..store import bulk
from .models import OrderRecord
from .outgoing.settings import OutgoingSettings


class Knowledge(StrEnum):
    """How far 1C knows an order with its payments."""

    #: It has confirmed the order as it is.
    CONFIRMED = "confirmed"
    #: It has not taken the order's last change yet.
    WAITING = "waiting"
    #: It is not told of the order, or it never was.
    ABSENT = "absent"


def is_told() -> bool:
    """Whether the shop's orders go to 1C at all."""
    return _settings() is not None


def zone() -> ZoneInfo:
    """The one in which documents are dated."""
    return (_settings() or OutgoingSettings()).zone


def knowledge(order_ids: Collection[str]) -> Mapping[str, Knowledge]:
    """How far 1C knows each of these orders. One query."""
    rows = OrderRecord.objects.filter(order_id__in=bulk.any_of(set(order_ids), "text"))
    found = dict.fromkeys(order_ids, Knowledge.ABSENT)
    for order_id, version, confirmed, digest in rows.values_list(
        "order_id", "version", "confirmed", "digest"
    ):
        if version > confirmed:
            found[order_id] = Knowledge.WAITING
        elif digest:
            found[order_id] = Knowledge.CONFIRMED
    return found


def _settings() -> OutgoingSettings | None:
    try:
        return OutgoingSettings.load()
    except SettingsError:
        return None
