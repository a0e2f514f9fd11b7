"""What buyers, staff, the provider and time do to a payment.

Time passes by moving the times of the rows back: the clock stays the real one.
"""

import json
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import F
from django.db.models.functions import Now
from django.http import HttpResponse
from django.test import RequestFactory

from saleor_1c_plugin.outbox.models import Circuit, Message
from saleor_1c_plugin.outbox.tasks import deliver_pending
from saleor_1c_plugin.payments import intake, operations, sessions
from saleor_1c_plugin.payments.models import Attempt, Notification, Operation
from saleor_1c_plugin.payments.sessions import Answer
from saleor_1c_plugin.payments.tasks import poll
from saleor_1c_plugin.store.payments import Action, Session

from .bank import Bank

CHANNEL = "default-channel"
AMOUNT = Decimal("1500.50")


class Till:
    def __init__(self, bank: Bank) -> None:
        self.bank = bank

    def pay(self, transaction: str = "t1", amount: Decimal = AMOUNT, **values: Any) -> Answer:
        """A storefront's call, of either kind."""
        given = {"returnUrl": "https://shop.example/thanks"}
        fields = {"currency": "RUB", "given": given, **values}
        session = Session(transaction, "Заказ", "cart-1", CHANNEL, amount, **fields)
        return sessions.pay(self.bank, session)

    def staff(self, action: Action, amount: Decimal = AMOUNT, asked: str = "1") -> Operation:
        made = operations.request(self.bank, "t1", action, amount, asked)
        assert made is not None
        return made

    def notify(
        self,
        told: Mapping[str, object] | bytes,
        *,
        source: str = "bank",
        signature: str = "good",
    ) -> HttpResponse:
        body = told if isinstance(told, bytes) else json.dumps(told).encode()
        request = RequestFactory().post(
            "/",
            body,
            content_type="application/json",
            headers={"X-Source": source, "X-Signature": signature},
        )
        return intake.receive(self.bank, request)

    def attempt(self, transaction: str = "t1") -> Attempt:
        return Attempt.objects.get(transaction=transaction)

    def pass_time(self, seconds: float) -> None:
        """Everything is so much older; what is due then is done."""
        back = timedelta(seconds=seconds)
        Attempt.objects.update(created=F("created") - back)
        Attempt.objects.exclude(next_poll=None).update(next_poll=F("next_poll") - back)
        Notification.objects.update(received=F("received") - back)
        Operation.objects.exclude(begun=None).update(begun=F("begun") - back)
        self.work()

    def work(self) -> None:
        """The regular work, and another try of what has failed."""
        poll()
        Circuit.objects.all().delete()
        Message.objects.filter(state=Message.State.PENDING).update(due=Now())
        deliver_pending()
