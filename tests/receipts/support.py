"""A shop with emulated registers; what time, staff and bad luck do to it.

Time passes by moving the times of the rows back: the clock stays the real one.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from saleor_1c_plugin.outbox.models import Circuit, Message
from saleor_1c_plugin.outbox.tasks import deliver_pending
from saleor_1c_plugin.receipts import queue, stored
from saleor_1c_plugin.receipts.compose.document import (
    Buyer,
    Item,
    Kind,
    Means,
    PaymentMethod,
    PaymentObject,
    TaxSystem,
    Vat,
)
from saleor_1c_plugin.receipts.compose.document import Receipt as Contents
from saleor_1c_plugin.receipts.emulator import drive
from saleor_1c_plugin.receipts.emulator.models import Document, Drive
from saleor_1c_plugin.receipts.models import Receipt, RegisterHealth, Shift
from saleor_1c_plugin.receipts.tasks import look_after, register_receipts

from .terms import EMULATOR, RECEIPTS

CHANNEL = "default-channel"
FIRST, SECOND = "emulator:1", "emulator:2"


def contents(amount: str = "100.00", kind: Kind = Kind.SELL, **values: Any) -> Contents:
    """A receipt of one line."""
    item = Item(
        name="Чашка синяя",
        price=Decimal(amount),
        quantity=Decimal(1),
        amount=Decimal(amount),
        method=PaymentMethod.FULL_PREPAYMENT,
        object=PaymentObject.COMMODITY,
        vat=Vat.RATE_22_122,
    )
    fields: dict[str, Any] = {
        "items": (item,),
        "paid": {Means.ELECTRONIC: Decimal(amount)},
        "buyer": Buyer(email="anna@shop.example"),
        "place": "https://shop.example",
    }
    return Contents(kind, TaxSystem.OSN, **{**fields, **values})


@transaction.atomic
def age(back: timedelta) -> None:
    """Shifts, documents and registers' last words are so much older."""
    # The drives first: who prints something holds its drive.
    Drive.objects.update(opened=F("opened") - back, ends=F("ends") - back)
    Document.objects.update(at=F("at") - back)
    Shift.objects.update(opened=F("opened") - back, closed=F("closed") - back)
    RegisterHealth.objects.update(checked=F("checked") - back)


class House:
    """A mini-shop whose receipts are registered by two emulated registers."""

    def __init__(self, settings: Any) -> None:
        self._settings = settings
        self._number = 0
        self.configure()

    def configure(self, **receipts: object) -> None:
        """Settings of the room, over those that serve."""
        self._settings.ONEC_CONFIGURATION = {
            **self._settings.ONEC_CONFIGURATION,
            "receipts": {**RECEIPTS, **receipts},
            "emulator": EMULATOR,
        }

    def put(
        self, amount: str = "100.00", order: str = "", kind: Kind = Kind.SELL, **values: Any
    ) -> Receipt:
        """A receipt for a fact, in the transaction of which a worker is called for."""
        self._number += 1
        receipt = contents(amount, kind)
        now = timezone.now()
        fields: dict[str, Any] = {
            "fact": f"fact-{self._number}",
            "order_id": order or f"order-{self._number}",
            "order_number": str(self._number),
            "channel": CHANNEL,
            "kind": kind,
            "document": stored.dump(receipt),
            "total": receipt.total,
            "moved": receipt.total,
            "happened": now,
            "deadline": now + timedelta(days=1),
        }
        with transaction.atomic():
            row = Receipt.objects.create(**{**fields, **values})
            queue.call()
        row.refresh_from_db()
        return row

    def row(self, of: Receipt) -> Receipt:
        """A receipt as it is now."""
        return Receipt.objects.get(pk=of.pk)

    def states(self) -> list[str]:
        return list(Receipt.objects.order_by("created").values_list("state", flat=True))

    def break_down(self, register: str = FIRST, **faults: object) -> None:
        """Have a register do what a :class:`Drive` says it may."""
        drive.ensure(register)
        Drive.objects.filter(name=register).update(**faults)

    def printed(self, register: str = FIRST) -> list[Document]:
        """Receipts on a drive."""
        rows = Document.objects.filter(drive__name=register, type=Document.Type.RECEIPT)
        return list(rows.order_by("number"))

    def wait(self) -> None:
        """All pauses are over: what waits is due, and who was away is asked again."""
        Receipt.objects.exclude(due=None).update(due=Now(), token="")
        RegisterHealth.objects.update(away_until=None, token="")
        register_receipts()

    def look_after(self) -> None:
        """The regular work."""
        look_after()

    def tell(self) -> None:
        """What has waited in the outbox leaves."""
        Circuit.objects.all().delete()
        Message.objects.filter(state=Message.State.PENDING).update(due=Now())
        deliver_pending()

    def pass_time(self, **time: float) -> None:
        """Shifts, documents and registers' last words are so much older."""
        age(timedelta(**time))

    def shifts(self) -> list[tuple[int, datetime | None]]:
        return list(Shift.objects.order_by("pk").values_list("number", "closed"))
