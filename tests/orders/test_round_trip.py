"""An order goes to a 1C, is worked on there and comes back: the shop does as 1C did, once."""

from decimal import Decimal
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest

from saleor_1c_plugin.commerceml.documents import DocumentWarehouse
from saleor_1c_plugin.commerceml.model import ItemKind
from saleor_1c_plugin.commerceml.writer import write
from saleor_1c_plugin.onec.books import Books
from saleor_1c_plugin.orders.apply import import_documents
from saleor_1c_plugin.orders.compose import compose
from saleor_1c_plugin.orders.customers import counterparty_ids
from saleor_1c_plugin.orders.models import OrderRecord
from saleor_1c_plugin.orders.terms import Terms
from saleor_1c_plugin.sandbox.models import Discount, Variant
from saleor_1c_plugin.sandbox.models import Order as Row
from saleor_1c_plugin.sandbox.order_lines import take_off
from saleor_1c_plugin.sandbox.orders import SandboxOrderStore
from saleor_1c_plugin.store.orders import DiscountKind, NewPayment, OrderStatus

from .onec import Journal, read, shop_order, taken

pytestmark = pytest.mark.django_db

ZONE = ZoneInfo("Europe/Moscow")


def voucher() -> None:
    """A discount that no quantity divides."""
    kind, amount = DiscountKind.VOUCHER, Decimal("33.33")
    take_off(Discount(order=Row.objects.get(), kind=kind, name="Осень", amount=amount))


def give(books: Books, order_id: str, schema: str = "3.1") -> None:
    """1C takes the order as it is."""
    order = read(order_id)
    terms = Terms(counterparty_ids([order])[order_id], ZONE, dict[str, DocumentWarehouse]())
    file = BytesIO()
    write(file, [compose(order, terms)], schema=schema, encoding="utf-8", created=order.updated)
    file.seek(0)
    books.take(file)
    taken(order_id)


def bring(books: Books, order_id: str) -> Journal:
    file, report = BytesIO(), Journal()
    books.write(file, [order_id])
    file.seek(0)
    import_documents(file, report)
    return report


@pytest.mark.parametrize("schema", ["2.08", "2.09", "3.1"])
def test_what_1c_only_took_comes_back_and_changes_nothing(schema: str) -> None:
    order_id = shop_order(3, 2, status=OrderStatus.OPEN)
    voucher()
    SandboxOrderStore().record_payment(order_id, NewPayment("p", Decimal(100), "Карта"))
    Variant.objects.filter(key="cup1#1").update(key="")
    before = read(order_id)
    books = Books(zone=ZONE)
    give(books, order_id, schema)
    report = bring(books, order_id)
    assert not report.problems
    after = read(order_id)
    assert (after.lines, after.payments, after.status) == (
        before.lines,
        before.payments,
        before.status,
    )
    assert after.metadata["onec.number"].startswith("ТД00-")


def test_confirmed_paid_and_shipped_in_parts() -> None:
    order_id = shop_order(3, 2)
    voucher()
    books = Books(zone=ZONE)
    give(books, order_id)
    books.post(order_id)
    assert not bring(books, order_id).problems
    assert read(order_id).status is OrderStatus.OPEN
    books.pay(order_id, Decimal(100))
    books.ship(order_id, "RA1", {"cup0#1": Decimal(2)})
    assert not bring(books, order_id).problems
    order = read(order_id)
    assert (order.status, order.paid) == (OrderStatus.PARTLY_SHIPPED, Decimal(100))
    books.pay(order_id)
    books.ship(order_id, "RA2")
    report = bring(books, order_id)
    assert not report.problems
    order = read(order_id)
    assert (order.status, order.paid) == (OrderStatus.SHIPPED, order.total_gross)
    assert [item.tracking for item in order.shipments] == ["RA1", "RA2"]
    record = OrderRecord.objects.get()
    assert record.version == record.confirmed, "1C knows of all of it"
    again = bring(books, order_id)
    assert again.of(ItemKind.DOCUMENT) == {"seen": 5, "unchanged": 5}


def test_another_quantity_then_confirmed() -> None:
    order_id = shop_order(3, 2)
    books = Books(zone=ZONE)
    give(books, order_id)
    books.change(order_id, "cup0#1", Decimal(1))
    books.change(order_id, "cup1#1", Decimal(0))
    books.post(order_id)
    assert not bring(books, order_id).problems
    order = read(order_id)
    assert [(row.key, row.quantity) for row in order.lines] == [("cup0#1", 1)]
    assert (order.status, order.total_gross) == (OrderStatus.OPEN, Decimal(100))


def test_cancelled() -> None:
    order_id = shop_order()
    books = Books(zone=ZONE)
    give(books, order_id)
    books.cancel(order_id)
    assert not bring(books, order_id).problems
    assert read(order_id).status is OrderStatus.CANCELLED
