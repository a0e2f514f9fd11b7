"""Telling systems of the merchant's own: each event is posted to each address, and signed.

The outbox keeps what waits. It holds the event's number alone: who is forgotten meanwhile is not
told of any more, and an address with a password in it stands in the settings only.
"""

import json
import logging
import time
from collections.abc import Sequence
from functools import partial
from urllib.parse import quote

from ..outbox import http, messages, topics
from ..outbox.errors import Refused, Retry
from ..outbox.models import Message
from . import journal, wire
from .event import Event
from .settings import MOST_ADDRESSES, HistorySettings, digest

READER = "webhooks"

logger = logging.getLogger(__name__)


def connect() -> None:
    """Have events read and posted; called in ``AppConfig.ready()``."""
    journal.read_by(READER, take)
    for place in range(MOST_ADDRESSES):
        topics.register(topic(place), deliver)


def topic(place: int) -> str:
    """Of the address at a place of the list: one that is slow or away delays only itself."""
    return f"history.webhooks.{place + 1}"


def take(events: Sequence[tuple[int, Event]]) -> None:
    """Put them into the outbox, once for each address; inside the reader's transaction."""
    settings = HistorySettings.load()
    if settings is None:
        return
    for place, address in enumerate(settings.webhooks):
        send = partial(messages.append, topic(place))
        for number, event in events:
            if not settings.kinds or event.kind in settings.kinds:
                payload = {"number": number, "address": digest(address)}
                send(_lane(event), payload, key=event.key)


def deliver(message: Message) -> None:
    """Post an event, where its address is still one of ours."""
    settings = HistorySettings.load()
    addresses = settings.webhooks if settings else ()
    address = next((one for one in addresses if digest(one) == message.payload["address"]), None)
    if settings is None or address is None:
        return
    found = journal.after(message.payload["number"] - 1, 1)
    if not found or found[0][0] != message.payload["number"]:
        logger.warning("An event is kept no longer, and was not posted: %s", message.key)
        return
    body = json.dumps(wire.as_json(*found[0]), ensure_ascii=False).encode()
    try:
        http.send(address, body, headers_of(found[0][1], body, settings.secret))
    except Refused as refused:
        # A system that is being written says 401 or 404 today and takes the event tomorrow.
        raise Retry(refused.reason) from None


def headers_of(event: Event, body: bytes, secret: str) -> dict[str, str]:
    """Tell the receiver what it is, and prove who has sent it and when."""
    moment = int(time.time())
    return {
        "Content-Type": "application/json",
        "X-Onec-Event": event.kind.value,
        # A key may hold what somebody has typed, and a header holds ASCII on one line.
        "X-Onec-Delivery": quote(event.key, safe=":/"),
        "X-Onec-Timestamp": str(moment),
        "X-Onec-Signature": http.signature(body, secret, moment),
    }


def _lane(event: Event) -> str:
    """What keeps its order: the order, or else the cart or the customer."""
    cart = event.data.get("cart", "")
    return event.order_id or str(cart) or event.customer.id or event.key
