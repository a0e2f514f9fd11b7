"""Having workers look at orders: when the shop tells of a write, and when nobody has told of one.

Rooms that make something of an order's facts hear of its writes inside the shop's transactions;
the outbox keeps that, one message an order at most.
"""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from uuid import uuid4

from django.db import transaction

from .outbox import messages
from .store import current_orders

#: A transaction may commit so long after it wrote the time of its change.
LATEST_COMMIT = timedelta(minutes=15)
_BATCH = 1000


def ask(topic: str, order_ids: Collection[str]) -> None:
    """Have these orders looked at once the present transaction is committed.

    A shop may also write a single row without one: then the news has one of its own.
    """
    with transaction.atomic(savepoint=False):
        for order_id in sorted(set(order_ids)):
            _announce(topic, order_id, uuid4().hex)


def ask_since(topic: str, moment: datetime, seen: Callable[[datetime], object]) -> None:
    """Have the orders looked at that were changed from `moment` on, told of or not.

    Parameters
    ----------
    seen
        Notes, in the transaction in which they are asked for, that all changes up to a time were.
    """
    moment, order_id = moment - LATEST_COMMIT, ""
    while rows := current_orders().changed_since(moment, order_id, _BATCH):
        with transaction.atomic():
            for moment, order_id in rows:
                # The same change is seen again by the next run, and ignored.
                _announce(topic, order_id, f"{order_id}:{moment.isoformat()}")
            seen(moment)


def _announce(topic: str, order_id: str, key: str) -> None:
    messages.append(topic, order_id, {"order": order_id}, key=key, coalesce=True)
