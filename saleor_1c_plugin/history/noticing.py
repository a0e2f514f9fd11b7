"""Hearing of events: every write of an order has a worker look what has happened to it.

The shop tells of a write inside its transaction, and the outbox keeps it. What nobody told of is
found by going through the orders that were changed now and then.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from .. import order_looks
from ..outbox.models import Message
from ..store import current_orders
from . import facts, journal
from .models import Mark
from .settings import HistorySettings, is_kept

TOPIC = "history.orders"


def changed(order_ids: Collection[str]) -> None:
    """Have these orders looked at; the shop calls it inside its transaction."""
    if order_ids and is_kept():
        order_looks.ask(TOPIC, order_ids)


def deliver(message: Message) -> None:
    """Write down what has happened to an order."""
    order_id = message.payload["order"]
    with transaction.atomic():
        # Nobody writes it meanwhile: of two who look the later one sees more.
        if current_orders().lock(order_id):
            since = max(mark().began, _kept_since())
            for order in current_orders().read_orders([order_id]):
                journal.record(facts.of_order(order, since))


def look_through() -> None:
    """Have the orders looked at whose changes nobody told of."""
    if is_kept():
        order_looks.ask_since(
            TOPIC,
            mark().moment,
            lambda moment: Mark.objects.filter(pk=1, moment__lt=moment).update(moment=moment),
        )


def mark() -> Mark:
    """When the journal was begun; now, if it was not."""
    row = Mark.objects.filter(pk=1).first()
    if row is None:
        now = timezone.now()
        # The order that it was heard of by was placed a moment ago.
        defaults = {"began": now - order_looks.LATEST_COMMIT, "moment": now}
        row, _ = Mark.objects.get_or_create(pk=1, defaults=defaults)
    return row


def _kept_since() -> datetime:
    """What was before is forgotten, or is about to be: it must not be told for a second time."""
    settings = HistorySettings.load() or HistorySettings()
    return timezone.now() - timedelta(days=settings.days)
