"""A mini-shop whose orders are paid past every provider: what its buyer, its staff and 1C do."""

from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F

from saleor_1c_plugin.commerceml.documents import Container
from saleor_1c_plugin.commerceml.writer import write
from saleor_1c_plugin.onec.books import Books
from saleor_1c_plugin.orders.incoming.apply import import_documents
from saleor_1c_plugin.orders.models import OrderRecord
from saleor_1c_plugin.orders.outgoing.documents import Composer
from saleor_1c_plugin.orders.outgoing.settings import OutgoingSettings
from saleor_1c_plugin.payments import operations, sessions
from saleor_1c_plugin.payments.invoice.models import Invoice
from saleor_1c_plugin.payments.models import Attempt, Operation
from saleor_1c_plugin.payments.provider import providers
from saleor_1c_plugin.payments.sessions import Answer
from saleor_1c_plugin.payments.tasks import poll
from saleor_1c_plugin.sandbox.orders import SandboxOrderStore
from saleor_1c_plugin.store.orders import Order, OrderStatus, PaymentKind
from saleor_1c_plugin.store.payments import Action, Session
from tests.orders.onec import Journal, document, payment, read, send, shop_order, taken

ZONE = ZoneInfo("Europe/Moscow")
CHANNEL = "default-channel"
#: Of the order.
OWED = Decimal(500)


class Counter:
    """One order of 500 roubles, and a gateway by which it is paid."""

    def __init__(self, name: str) -> None:
        self.provider = providers()[name]
        self.gateway = f"saleor1c.{name}"
        with transaction.atomic():
            self.order_id = shop_order(5, status=OrderStatus.OPEN)

    def promise(
        self, number: int = 1, amount: Decimal = OWED, currency: str = "RUB", **given: object
    ) -> Answer:
        """A storefront's call, of either kind."""
        session = Session(
            f"{self.order_id}.{number}",
            *("Оплата заказа № 7", self.order_id, CHANNEL, amount, currency),
            payer="ООО «Рога и копыта», ИНН 7708004767",
            given=given,
        )
        return sessions.pay(self.provider, session)

    def staff(self, action: Action, amount: Decimal = OWED, asked: str = "1") -> Operation:
        name = f"{self.order_id}.1"
        made = operations.request(self.provider, name, action, amount, asked)
        assert made is not None
        made.refresh_from_db()
        return made

    def onec(self, amount: object, onec_id: str, **more: str) -> Journal:
        """1C tells of money."""
        return send(payment(self.order_id, f"{amount}", onec_id, **{"number": onec_id, **more}))

    def onec_says_paid(self) -> Journal:
        """Of the order as a whole, as older configurations do."""
        paid = document(self.order_id, amount="500", requisites={"Оплачен": "true"})
        return send(paid, created="2126-01-01T12:00:00")

    def refund(self, amount: object, onec_id: str) -> Journal:
        return self.onec(amount, onec_id, kind="Возврат безналичных денег")

    @property
    def attempt(self) -> Attempt:
        return Attempt.objects.order_by("created").last() or Attempt()

    @property
    def order(self) -> Order:
        return read(self.order_id)

    def moves(self) -> list[tuple[PaymentKind, Decimal]]:
        return [(payment.kind, payment.amount) for payment in self.order.payments]

    def document(self) -> Container:
        """What 1C gets of the order as it is."""
        record = OrderRecord.objects.get(order_id=self.order_id)
        (found,) = Composer(OutgoingSettings.load()).documents([record])
        assert found.container is not None
        return found.container

    def is_news(self) -> bool:
        record = OrderRecord.objects.get(order_id=self.order_id)
        return record.version != record.confirmed

    def cancel(self) -> None:
        with transaction.atomic():
            SandboxOrderStore().cancel(self.order_id)

    def pass_days(self, days: int) -> None:
        back = timedelta(days=days)
        Attempt.objects.exclude(next_poll=None).update(next_poll=F("next_poll") - back)
        Invoice.objects.update(ends=F("ends") - back)
        poll()


def books_of(counter: Counter) -> Books:
    """Those of a 1C that has taken the order as it is."""
    file = BytesIO()
    created = counter.order.updated
    write(file, [counter.document()], schema="3.1", encoding="utf-8", created=created)
    file.seek(0)
    books = Books(zone=ZONE)
    books.take(file)
    taken(counter.order_id)
    return books


def bring(books: Books, counter: Counter) -> Journal:
    """1C tells what its books say of the order."""
    file, report = BytesIO(), Journal()
    books.write(file, [counter.order_id])
    file.seek(0)
    import_documents(file, report)
    return report


def configured(settings: Any, **plugins: dict[str, object] | None) -> None:
    settings.ONEC_CONFIGURATION = {**settings.ONEC_CONFIGURATION, "orders": {}, **plugins}
