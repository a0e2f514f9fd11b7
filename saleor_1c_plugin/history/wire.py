"""An event as other systems are told of it: plain JSON, the same by every way. Pure."""

from typing import Any

from . import facts
from .event import Event


def as_json(number: int, event: Event) -> dict[str, Any]:
    """What the published schema describes.

    Parameters
    ----------
    number
        Its place in the journal.
    """
    who = event.customer
    return {
        "number": number,
        "key": event.key,
        "kind": event.kind.value,
        "at": facts.iso(event.at),
        "channel": event.channel,
        "customer": {"id": who.id, "email": who.email, "phone": who.phone, "name": who.name},
        "order": {"id": event.order_id, "number": event.order_number},
        "data": dict(event.data),
    }
