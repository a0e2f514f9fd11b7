"""Hearing of facts: every write of an order has a worker look which receipts it calls for.

The shop tells of a write inside its transaction, and the outbox keeps it. What nobody told of is
found by going through the orders that were changed now and then.
"""

import logging
from collections.abc import Collection, Mapping
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from .. import order_looks
from ..configuration import SettingsError
from ..outbox.errors import Retry
from ..outbox.models import Message
from ..store import current_orders, current_store
from ..store.orders import Order
from . import facts, queue, stored
from .facts import Known, Needed
from .models import Receipt, Watermark
from .settings import PLUGIN, ReceiptsSettings

TOPIC = "receipts.facts"

logger = logging.getLogger(__name__)

State = Receipt.State


def changed(order_ids: Collection[str]) -> None:
    """Have these orders looked at; the shop calls it inside its transaction."""
    if order_ids and current_store().configurations(PLUGIN):
        order_looks.ask(TOPIC, order_ids)


def deliver(message: Message) -> None:
    """Look at an order, and have the receipts made that it calls for."""
    order_id = message.payload["order"]
    with transaction.atomic():
        # Nobody writes it meanwhile: what is found out about it is not old by the commit.
        if not current_orders().lock(order_id):
            return
        for order in current_orders().read_orders([order_id]):
            try:
                settings = ReceiptsSettings.load(order.channel)
            except SettingsError as error:
                raise Retry(f"Receipts can't be made in {order.channel}: {error}") from None
            if settings is not None:
                look(order, settings)


def look(order: Order, settings: ReceiptsSettings, *, anew: UUID | None = None) -> list[Receipt]:
    """Write down the receipts that an order calls for and that are not there; those.

    The order is locked, and nobody else looks at it.

    Parameters
    ----------
    anew
        Of a receipt that is to be composed again: a register has turned down what it was.
    """
    by_fact = {row.fact: row for row in Receipt.objects.filter(order_id=order.id)}
    written = []
    for one in needed(order, settings, anew=anew):
        row = by_fact.get(one.fact) or Receipt(fact=one.fact, state=State.FAILED)
        # Of what a register may have nothing is changed.
        if row.state == State.FAILED:
            written.append(_write(row, order, one))
    if any(row.state == State.QUEUED for row in written):
        queue.call()
    return written


def needed(order: Order, settings: ReceiptsSettings, *, anew: UUID | None = None) -> list[Needed]:
    """What is missing of an order's receipts by what is known of them now; see :func:`look`."""
    rows = Receipt.objects.filter(order_id=order.id).order_by("created", "pk")
    known = [
        Known(
            row.fact,
            stored.load(row.document) if row.document and row.pk != anew else None,
            row.state,
        )
        for row in rows
    ]
    return facts.needed(order, settings.terms(begin(order.channel).began), known)


def begin(channel: str, *, exactly: bool = False) -> Watermark:
    """When receipts began to be made in a channel; now, if they have not.

    Parameters
    ----------
    exactly
        Nothing that was paid a moment ago is of interest: they are just being switched on.
    """
    row = Watermark.objects.filter(channel=channel).first()
    if row is None:
        now = timezone.now()
        # It was heard of by an order whose payment came first.
        began = now if exactly else now - order_looks.LATEST_COMMIT
        row, _ = Watermark.objects.get_or_create(
            channel=channel, defaults={"began": began, "moment": now}
        )
    return row


def look_through() -> None:
    """Have the orders looked at whose changes nobody told of: bulk writes, and what was changed
    before the merchant wanted receipts of it.
    """
    marks = list(_marks())
    if marks:
        rows = Watermark.objects.filter(pk__in=[mark.pk for mark in marks])
        order_looks.ask_since(
            TOPIC,
            min(mark.moment for mark in marks),
            lambda moment: rows.filter(moment__lt=moment).update(moment=moment),
        )


def _marks() -> Collection[Watermark]:
    """How far the orders of each channel were looked through, by what the merchant wants now."""
    marks = []
    for channel, saved in current_store().configurations(PLUGIN).items():
        try:
            since = ReceiptsSettings.from_configuration(saved).since_moment
        except SettingsError as error:
            logger.error("Receipts can't be made in %s: %s", channel, error)
            continue
        mark = begin(channel)
        if since != mark.since:
            mark.since = since
            mark.moment = min(mark.moment, since or mark.began)
            mark.save()
        marks.append(mark)
    return marks


def _write(row: Receipt, order: Order, one: Needed) -> Receipt:
    """A receipt as it is needed now: a new one, or one that had to be mended first."""
    values: Mapping[str, object] = {
        "order_id": order.id,
        "order_number": order.number,
        "channel": order.channel,
        "kind": one.kind,
        "moved": one.moved,
        "happened": one.happened,
        "deadline": one.deadline,
    }
    for name, value in values.items():
        setattr(row, name, value)
    if isinstance(one.receipt, str):
        row.document, row.total = None, Decimal(0)
        row.state, row.reason, row.due = State.FAILED, one.receipt, None
    else:
        row.document, row.total = stored.dump(one.receipt), one.receipt.total
        row.state, row.reason = State.QUEUED, ""
        row.due = Now()
        if row.register:
            # The register knows what it has turned down.
            row.version += 1
        row.register = row.reference = ""
        row.unfit, row.attempts = [], 0
    row.save()
    return row
