"""Telling the shop what has receipts: in the order's metadata, where a storefront finds it.

It leaves by the outbox, in the transaction in which it becomes known.
"""

import json
from typing import Any

from django.db import transaction

from ..outbox import messages
from ..outbox.models import Message
from ..store import current_orders
from .models import Receipt
from .printing import links

TOPIC = "receipts.told"
#: Key of the order's metadata: a JSON list, in the order in which they were registered.
METADATA = "onec.receipts"


def tell(receipt: Receipt) -> None:
    """Have the shop told once the present transaction is committed."""
    order_id = receipt.order_id
    payload = {"order": order_id}
    messages.append(TOPIC, order_id, payload, key=str(receipt.pk), coalesce=True)


def deliver(message: Message) -> None:
    """Write all receipts of an order that are registered into its metadata."""
    order_id = message.payload["order"]
    orders = current_orders()
    with transaction.atomic():
        # Locked first: of two that are told at a time the later one sees more.
        if orders.lock(order_id):
            done = Receipt.objects.filter(order_id=order_id, state=Receipt.State.DONE)
            rows = [_told(row) for row in done.order_by("registered", "created")]
            orders.write_metadata(order_id, {METADATA: json.dumps(rows, ensure_ascii=False)})


def _told(row: Receipt) -> dict[str, Any]:
    """A receipt for a storefront; money is text, in roubles."""
    return {
        "id": str(row.pk),
        "kind": row.kind,
        "total": f"{row.total:f}",
        "at": row.registered.isoformat() if row.registered else "",
        "drive": row.drive,
        "document": row.fiscal_document,
        "sign": row.sign,
        "register_number": row.register_number,
        "shift": row.shift_number,
        "number": row.number,
        "url": row.url,
        "page": links.address_of(row.pk),
        "is_test": row.is_test,
    }
