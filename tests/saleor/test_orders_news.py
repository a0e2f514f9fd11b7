"""Whatever happens to an order in a real Saleor is heard, within the same transaction."""

from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db.models.signals import post_delete, post_save
from saleor.channel.models import Channel
from saleor.discount.models import OrderDiscount
from saleor.order.models import Fulfillment, FulfillmentLine
from saleor.order.models import Order as OrderRow
from saleor.order.tasks import expire_orders_task
from saleor.order.utils import update_order_status
from saleor.payment.models import Payment, Transaction, TransactionEvent, TransactionItem

from saleor_1c_plugin.store.orders import NewPayment, NewShipment

from .sales import STORE, delivery, goods, place, sell_on_trust

pytestmark = pytest.mark.usefixtures("_open")


@pytest.fixture
def _open(shop: None) -> None:
    sell_on_trust()
    delivery("300")


@pytest.fixture
def heard() -> Iterator[list[str]]:
    """Orders that a listener of our own was told of."""
    kept = {signal: signal.receivers for signal in (post_save, post_delete)}
    found: list[str] = []

    def changed(order_ids: Collection[str]) -> None:
        found.extend(order_ids)

    for signal in kept:
        signal.receivers = [row for row in kept[signal] if "onec.orders" not in str(row[0])]
        signal.sender_receivers_cache.clear()
    STORE.listen(changed)
    yield found
    for signal, receivers in kept.items():
        signal.receivers = receivers
        signal.sender_receivers_cache.clear()


def test_a_new_order_is_heard(heard: list[str]) -> None:
    pk = place({goods("a", "100"): 1})
    assert set(heard) == {pk}


def test_every_part_of_an_order_tells_of_it(heard: list[str]) -> None:
    pk = place({goods("a", "100"): 1})
    order = OrderRow.objects.get(pk=pk)
    line = order.lines.get()
    made = Fulfillment.objects.create(order=order)
    item = TransactionItem.objects.create(order=order, currency="RUB")
    payment = Payment.objects.create(order=order, gateway="g", currency="RUB")
    rows = [
        order,
        line,
        OrderDiscount.objects.create(order=order, currency="RUB", value=1, type="manual"),
        FulfillmentLine.objects.create(order_line=line, fulfillment=made, quantity=1),
        made,
        TransactionEvent.objects.create(transaction=item, currency="RUB"),
        item,
        Transaction.objects.create(payment=payment, kind="auth", gateway_response={}),
        payment,
    ]
    for row in rows:
        heard.clear()
        row.save()
        assert heard == [pk], row
    for row in (rows[3], rows[5], rows[7]):
        heard.clear()
        row.delete()
        assert heard == [pk], row


def test_what_1c_does_is_heard(heard: list[str]) -> None:
    pk = place({goods("a", "100"): 1})
    for act in (
        lambda: STORE.confirm(pk),
        lambda: STORE.record_payment(pk, NewPayment("p", Decimal(400), "Касса")),
        lambda: STORE.ship(pk, NewShipment("s")),
        lambda: STORE.ship(pk, NewShipment("s", tracking="RA1")),
    ):
        heard.clear()
        act()
        assert set(heard) == {pk}


def test_what_says_nothing_to_1c_is_not_told(heard: list[str]) -> None:
    pk = place({goods("a", "100"): 1})
    draft = OrderRow.objects.create(
        status="draft", lines_count=0, currency="RUB", channel=Channel.objects.get(slug="main")
    )
    order = OrderRow.objects.get(pk=pk)
    checkout_only = TransactionItem.objects.create(currency="RUB")
    heard.clear()
    order.save(update_fields=["search_vector", "updated_at"])
    order.save(update_fields=["private_metadata"])
    draft.save()
    OrderDiscount.objects.create(order=draft, currency="RUB", value=1, type="manual")
    TransactionEvent.objects.create(transaction=checkout_only, currency="RUB")
    STORE.mark_taken([pk])
    draft.delete()
    assert heard == []
    order.save(update_fields=["customer_note"])
    assert heard == [pk]


def test_a_status_that_is_saved_past_the_instance_is_heard(heard: list[str]) -> None:
    pk = place({goods("a", "100"): 1})
    heard.clear()
    update_order_status(OrderRow.objects.get(pk=pk))
    assert heard == [pk]


def test_what_nobody_told_of_is_found_by_its_time() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    chair = goods("a", "100")
    pks = sorted(place({chair: 1}) for _ in range(4))
    for index, pk in enumerate(pks):
        # Two at the same moment.
        at = start + timedelta(hours=min(index, 2))
        OrderRow.objects.filter(pk=pk).update(updated_at=at)
    times = [start + timedelta(hours=min(index, 2)) for index in range(4)]
    expected = list(zip(times, pks, strict=True))
    assert STORE.changed_since(start) == expected
    assert STORE.changed_since(start, limit=2) == expected[:2]
    assert STORE.changed_since(*expected[0]) == expected[1:]
    assert STORE.changed_since(*expected[2]) == expected[3:]
    assert STORE.changed_since(*expected[3]) == []
    OrderRow.objects.filter(pk=pks[0]).update(status="draft")
    assert STORE.changed_since(start) == expected[1:]


def test_an_order_that_expired_is_found() -> None:
    sell_on_trust(expire_orders_after=1)
    pk = place({goods("a", "100"): 1})
    long_ago = datetime(2026, 1, 1, tzinfo=UTC)
    OrderRow.objects.filter(pk=pk).update(created_at=long_ago, updated_at=long_ago)
    before = datetime.now(UTC)
    expire_orders_task()
    assert OrderRow.objects.get(pk=pk).status == "expired"
    ((at, found),) = STORE.changed_since(before)
    assert found == pk
    assert STORE.changed_since(at, pk) == []
