"""Telling the merchant's own service of holds that begin, are about to end, and end."""

import json
from collections.abc import Callable
from enum import StrEnum
from typing import Any

from ..outbox import http, messages
from ..outbox.models import Message
from .models import Hold
from .notices import iso, money
from .settings import ReservationSettings, of_channel

TOPIC = "reservations.events"


class Event(StrEnum):
    CREATED = "created"
    #: The buyer is to be reminded.
    ENDING = "ending"
    ENDED = "ended"


_listeners: list[Callable[[Event, Hold], None]] = []


def listen(listener: Callable[[Event, Hold], None]) -> None:
    """Have `listener` called inside the transactions of holds; called in ``AppConfig.ready()``."""
    if listener not in _listeners:
        _listeners.append(listener)


def announce(event: Event, hold: Hold, settings: ReservationSettings | None) -> None:
    """Have it sent once the present transaction is committed, where somebody wants to know."""
    for listener in _listeners:
        listener(event, hold)
    if settings is not None and settings.notify_url:
        # With the end, which an extension moves: of the new one the buyer is reminded again.
        moment = f":{iso(hold.ends)}" if event is Event.ENDING else ""
        key = f"{hold.pk}:{event.value}{moment}"
        messages.append(TOPIC, hold.cart_id, _payload(event, hold), key=key)


def deliver(message: Message) -> None:
    """Send an event, unless the merchant wants none any more."""
    settings = of_channel(message.payload["channel"])
    if settings is not None and settings.notify_url:
        http.post(
            settings.notify_url,
            json.dumps(message.payload, ensure_ascii=False).encode(),
            key=message.key,
            secret=settings.notify_secret,
        )


def _payload(event: Event, hold: Hold) -> dict[str, Any]:
    return {
        "event": event.value,
        "reservation": str(hold.pk),
        "checkout": hold.cart_id,
        "line": hold.line_id,
        "variant": hold.variant_id,
        "channel": hold.channel,
        "buyer": hold.buyer_id,
        "quantity": hold.quantity,
        "price": money(hold.price, hold.currency),
        "currency": hold.currency,
        "expiresAt": iso(hold.ends),
        "reason": hold.end or None,
        "order": hold.order_id or None,
    }
