"""A mini-shop whose orders are paid by YooKassa, and what its provider has moved meanwhile.

The shop's clock stays the real one, in a zone where it is about noon: no test meets midnight.
"""

import uuid
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from saleor_1c_plugin.orders import known
from saleor_1c_plugin.outbox.models import Circuit, Message, RegularRun
from saleor_1c_plugin.outbox.tasks import deliver_pending
from saleor_1c_plugin.payments.models import Attempt, RegistryEntry, RegistryRun
from saleor_1c_plugin.payments.registry import asking
from saleor_1c_plugin.payments.tasks import ask_for_registries, poll
from saleor_1c_plugin.sandbox import payments
from saleor_1c_plugin.sandbox.models import Order
from saleor_1c_plugin.sandbox.orders import SandboxOrderStore
from saleor_1c_plugin.store.orders import Address, Buyer, LineChange, NewOrder
from tests.exchange.conftest import LOGIN, PASSWORD
from tests.sandbox.goods import CHANNEL, goods

from .standins.yookassa import YooKassa
from .standins.yookassa_objects import Payment, Refund

SAVED = {"shop_id": "100500", "secret_key": "test_secret-key", "networks": "127.0.0.1"}
DAY = timedelta(days=1)


def noon() -> str:
    """The name of a zone in which it is about noon."""
    offset = 12 - datetime.now(UTC).hour
    return f"Etc/GMT{-offset:+d}" if offset else "Etc/GMT"


def today() -> date:
    return datetime.now(known.zone()).date()


class Books:
    def __init__(self, settings: Any, yookassa: YooKassa) -> None:
        self._settings = settings
        self.yookassa = yookassa
        self._orders = 0
        self.configure("exchange", login=LOGIN, password=PASSWORD)
        self.configure("orders", time_zone=noon())
        self.configure("yookassa", **SAVED)

    def configure(self, plugin: str, **values: object) -> None:
        saved = self._settings.ONEC_CONFIGURATION
        self._settings.ONEC_CONFIGURATION = {
            **saved,
            plugin: {**(saved.get(plugin) or {}), **values},
        }

    # What buyers and the provider do.

    def order(self, quantity: int = 1) -> Order:
        self._orders += 1
        line = LineChange(quantity, variant_id=str(goods(quantity=1000).pk))
        buyer, address = Buyer(email="anna@example.com"), Address(first_name="Анна", city="Москва")
        with transaction.atomic():
            order_id = SandboxOrderStore().create_order(
                NewOrder(f"made-{self._orders}", CHANNEL, buyer, (line,), address)
            )
        # The buyer has made it here, not 1C.
        Order.objects.filter(key=order_id).update(onec_reference="")
        return Order.objects.get(key=order_id)

    def begun(self, order: Order | None = None) -> Attempt:
        """A buyer is at the provider's."""
        order = order or self.order()
        payments.pay(payments.ways(order)[0], order, "https://shop.example/back")
        return Attempt.objects.get(about_id=str(order.key))

    def paid(self, order: Order | None = None, ago: timedelta = DAY) -> Attempt:
        """Somebody has paid, and everybody here knows."""
        attempt = self.begun(order)
        self.pay(attempt.payment_id, ago)
        Attempt.objects.filter(pk=attempt.pk).update(next_poll=Now())
        poll()
        attempt.refresh_from_db()
        assert attempt.status == "charged"
        return attempt

    def pay(self, payment_id: str, ago: timedelta = DAY) -> None:
        """Somebody has paid so long ago; the shop is not told."""
        with self.back(ago):
            self.yookassa.pay(payment_id)

    def give_back(self, payment_id: str, amount: Decimal, ago: timedelta = DAY) -> Refund:
        """In the provider's cabinet."""
        with self.back(ago):
            return self.yookassa.give_back(payment_id, amount)

    def foreign(
        self, amount: str = "77.70", ago: timedelta = DAY, payment_id: str = "", **more: Any
    ) -> Payment:
        """Another site has sold something by the same account."""
        at = self.yookassa.now() - ago
        made = Payment(
            # All have so many signs.
            id=payment_id.ljust(36, ".") if payment_id else str(uuid.uuid4()),
            shop="100500",
            number=len(self.yookassa.payments) + 1000,
            amount=Decimal(amount),
            currency="RUB",
            created=at,
            asked={"confirmation": {}},
            confirmation={},
            is_test=True,
            **{"fee": Decimal("0.028"), "status": "succeeded", "method": "bank_card"} | more,
        )
        made.captured = at
        self.yookassa.payments[made.id] = made
        return made

    def back(self, ago: timedelta) -> "_Back":
        return _Back(self.yookassa, ago)

    # What is done here.

    def load(self, first: int = 1, last: int = 0) -> None:
        """Days from so many days ago to so many days ago."""
        asking.ask(today() - first * DAY, today() - last * DAY)

    def night(self) -> None:
        """The next night: the regular work comes by, as if all else had been a day ago."""
        RegistryRun.objects.exclude(asked_at=None).update(asked_at=F("asked_at") - DAY)
        ask_for_registries()

    def work(self) -> None:
        """Another try of what has failed."""
        RegularRun.objects.all().delete()
        Circuit.objects.all().delete()
        Message.objects.filter(state="pending", token="").update(due=Now())
        deliver_pending()

    def references(self) -> set[str]:
        return set(RegistryEntry.objects.values_list("reference", flat=True))

    def calls(self, path: str = "/v3/payments") -> int:
        """How often a list was asked for."""
        return sum(
            (one.request.method, one.request.path) == ("GET", path)
            for one in self.yookassa.exchanges
        )


class _Back:
    """The provider's clock is so much behind."""

    def __init__(self, yookassa: YooKassa, ago: timedelta) -> None:
        self._yookassa, self._ago = yookassa, ago

    def __enter__(self) -> None:
        self._yookassa.later(-self._ago)

    def __exit__(self, *_: object) -> None:
        self._yookassa.later(self._ago)
