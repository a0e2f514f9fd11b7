"""The mini-shop keeps the rules of the orders' port."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from saleor_1c_plugin.sandbox import order_events
from saleor_1c_plugin.sandbox.amounts import spread
from saleor_1c_plugin.sandbox.models import Customer, Discount, Order, Remark, Stock, Variant
from saleor_1c_plugin.sandbox.order_lines import take_off
from saleor_1c_plugin.sandbox.orders import SandboxOrderStore
from saleor_1c_plugin.sandbox.store import SandboxStore
from saleor_1c_plugin.store import current_orders
from saleor_1c_plugin.store.orders import (
    Address,
    Buyer,
    CustomerChange,
    DiscountKind,
    Forbidden,
    LineChange,
    NewCustomer,
    NewOrder,
    NewPayment,
    NewShipment,
    OrderStatus,
    ShipmentLine,
)
from saleor_1c_plugin.store.orders import Order as OrderData
from saleor_1c_plugin.store.ports import Missing, StockWrite

from .goods import CHANNEL, goods

#: No id comes after it.
LAST = "ffffffff-ffff-ffff-ffff-ffffffffffff"
pytestmark = pytest.mark.django_db


@pytest.fixture
def store() -> SandboxOrderStore:
    return SandboxOrderStore()


@pytest.fixture
def heard() -> Iterator[list[str]]:
    """Ids of orders that were told of."""
    ids: list[str] = []

    def changed(order_ids: Collection[str]) -> None:
        ids.extend(order_ids)

    SandboxOrderStore().listen(changed)
    yield ids
    order_events._listeners.remove(changed)


def order(*quantities: int, reference: str = "1", unconfirmed: bool = False) -> str:
    """An order of so many of each of some goods, at 100 each."""
    lines = [
        LineChange(quantity, variant_id=str(goods(f"cup{number}").pk))
        for number, quantity in enumerate(quantities or (3,))
    ]
    id_ = SandboxOrderStore().create_order(
        NewOrder(reference, CHANNEL, Buyer(email="a@example.com"), tuple(lines))
    )
    if unconfirmed:
        Order.objects.update(status=OrderStatus.UNCONFIRMED)
    return id_


def read(id_: str) -> OrderData:
    return SandboxOrderStore().read_orders([id_])[0]


def on_hand() -> list[int]:
    return [row.quantity for row in Stock.objects.order_by("pk")]


def test_the_setting_names_this_store() -> None:
    assert isinstance(current_orders(), SandboxOrderStore)


def test_an_order_is_read_as_the_port_says(store: SandboxOrderStore) -> None:
    address = Address(first_name="Анна", company="ООО «Ромашка»", metadata={"inn": "7707083893"})
    new = NewOrder(
        "ref",
        CHANNEL,
        Buyer(email="anna@example.com", first_name="Анна"),
        (LineChange(3, variant_id=str(goods().pk)),),
        address,
        note="Позвонить",
        metadata={"from": "1c"},
    )
    data = read(store.create_order(new))
    line = data.lines[0]
    assert (data.status, data.currency, data.channel) == (OrderStatus.OPEN, "RUB", CHANNEL)
    assert (line.key, line.product_key, line.sku) == ("cup#1", "cup", "SKU-cup")
    assert (line.name, line.variant_name) == ("Чашка cup", "Синяя")
    assert (line.total_gross, line.undiscounted) == (Decimal(300), Decimal(300))
    assert (line.total_net, line.tax_rate) == (Decimal("245.90"), Decimal("0.22"))
    assert line.metadata == {"unit": "шт"}
    assert line.warehouse_id == SandboxStore().warehouses()[0].id
    assert (data.total_gross, data.total_net) == (Decimal(300), Decimal("245.90"))
    assert (data.billing, data.shipping) == (address, address)
    assert data.buyer == Buyer(email="anna@example.com", first_name="Анна")
    assert (data.note, data.metadata) == ("Позвонить", {"from": "1c"})
    assert store.find_orders([data.number, "999", "нет", "9" * 30]) == {data.number: data.id}


def test_orders_come_in_the_order_asked_for_and_those_gone_are_left_out(
    store: SandboxOrderStore,
) -> None:
    first, second = order(reference="1"), order(reference="2")
    asked = [second, str(uuid4()), "36", first]
    assert [item.id for item in store.read_orders(asked)] == [second, first]


def test_orders_of_an_account_come_newest_first(store: SandboxOrderStore) -> None:
    mine = Customer.objects.create(email="anna@example.com")
    orders = [order(reference=str(number)) for number in range(3)]
    Order.objects.filter(key__in=orders[:2]).update(customer=mine)
    assert store.orders_of(str(mine.pk), 5) == [orders[1], orders[0]]
    assert store.orders_of(str(mine.pk), 1) == [orders[1]]
    for nobody in ("", "x", "9" * 30, f"{mine.pk + 1}"):
        assert store.orders_of(nobody, 5) == []


def test_reading_takes_as_many_queries_for_many_as_for_one(
    store: SandboxOrderStore, django_assert_num_queries: Any
) -> None:
    ids = [order(1, 1, reference=str(number)) for number in range(4)]
    for id_ in ids:
        store.record_payment(id_, NewPayment("p", Decimal(5), "Касса"))
        store.ship(id_, NewShipment("s"))
    for asked in (ids[:1], ids):
        with django_assert_num_queries(8):
            assert all(item.shipments[0].lines for item in store.read_orders(asked))


def test_an_order_of_1c_s_is_made_once(store: SandboxOrderStore) -> None:
    assert order() == order()
    assert Order.objects.count() == 1
    assert Order.objects.get().lines.count() == 1


@pytest.mark.parametrize(
    ("channel", "quantity", "reason"),
    [("usd", 1, "нет цены"), ("none", 1, "нет канала"), (CHANNEL, 11, "нет на складе")],
)
def test_an_order_that_cannot_be(
    store: SandboxOrderStore, channel: str, quantity: int, reason: str
) -> None:
    line = LineChange(quantity, variant_id=str(goods().pk))
    with pytest.raises(Forbidden, match=reason), transaction.atomic():
        store.create_order(NewOrder("r", channel, Buyer(), (line,)))
    assert not Order.objects.exists()


def test_held_goods_are_nobody_elses(store: SandboxOrderStore) -> None:
    id_ = order(7)
    with pytest.raises(Forbidden, match="нет на складе"), transaction.atomic():
        order(4, reference="2")
    store.cancel(id_)
    order(4, reference="2")
    assert on_hand() == [10]


def test_confirming(store: SandboxOrderStore) -> None:
    id_ = order(unconfirmed=True)
    assert store.confirm(id_)
    assert not store.confirm(id_)
    assert read(id_).status is OrderStatus.OPEN
    store.cancel(id_)
    with pytest.raises(Forbidden, match="отменён"):
        store.confirm(id_)


def test_cancelling(store: SandboxOrderStore) -> None:
    id_ = order()
    assert store.cancel(id_)
    assert not store.cancel(id_)
    assert read(id_).status is OrderStatus.CANCELLED
    with pytest.raises(Forbidden, match="отменён"):
        store.ship(id_, NewShipment("s"))


def test_what_is_on_its_way_is_not_cancelled(store: SandboxOrderStore) -> None:
    id_ = order(3)
    line = read(id_).lines[0].id
    store.ship(id_, NewShipment("s", (ShipmentLine(line, 1),)))
    with pytest.raises(Forbidden, match="отгружается"):
        store.cancel(id_)
    assert read(id_).status is OrderStatus.PARTLY_SHIPPED


def test_shipping_takes_goods_off_the_stock(store: SandboxOrderStore) -> None:
    id_ = order(3, 2)
    first, _ = read(id_).lines
    at = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
    part = NewShipment("s1", (ShipmentLine(first.id, 2),), "T1", at=at)
    assert store.ship(id_, part)
    assert read(id_).status is OrderStatus.PARTLY_SHIPPED
    assert on_hand() == [8, 10]
    # One of the three is left to hold, of the ten eight are on hand: seven are free.
    with pytest.raises(Forbidden), transaction.atomic():
        order(8, reference="2")
    assert store.ship(id_, NewShipment("s2"))
    data = read(id_)
    assert data.status is OrderStatus.SHIPPED
    assert on_hand() == [7, 8]
    assert [line.shipped for line in data.lines] == [3, 2]
    assert [(item.tracking, len(item.lines)) for item in data.shipments] == [("T1", 1), ("", 2)]
    assert (data.shipments[0].at, data.shipments[0].from_onec) == (at, True)


def test_a_shipment_told_again_changes_its_tracking_only(store: SandboxOrderStore) -> None:
    id_ = order(3)
    new = NewShipment("s", tracking="T1")
    assert store.ship(id_, new)
    assert not store.ship(id_, new)
    assert not store.ship(id_, replace(new, tracking=""))
    assert store.ship(id_, replace(new, tracking="T2"))
    assert [item.tracking for item in read(id_).shipments] == ["T2"]
    assert on_hand() == [7]


def test_no_more_is_shipped_than_is_left(store: SandboxOrderStore) -> None:
    id_ = order(3)
    line = read(id_).lines[0].id
    for parts in ([(line, 4)], [(line, 2), (line, 2)], [(line, 0)], [("0", 1)]):
        lines = tuple(ShipmentLine(*part) for part in parts)
        with pytest.raises(Forbidden, match="отгружается"):
            store.ship(id_, NewShipment("s", lines))
    store.ship(id_, NewShipment("s"))
    with pytest.raises(Forbidden, match="целиком"):
        store.ship(id_, NewShipment("again"))
    assert on_hand() == [7]


def test_no_more_is_shipped_than_is_in_stock(store: SandboxOrderStore) -> None:
    id_ = order(3)
    Stock.objects.update(quantity=2)
    with pytest.raises(Forbidden, match="на складе 2"):
        store.ship(id_, NewShipment("s"))
    main, other = (warehouse.id for warehouse in SandboxStore().warehouses())
    variant = str(Variant.objects.get().pk)
    with pytest.raises(Forbidden, match="на складе 0"):
        store.ship(id_, NewShipment("s", warehouse_id=other))
    SandboxStore().write_stocks([StockWrite(variant, other, 5)])
    store.ship(id_, NewShipment("s", warehouse_id=other))
    rows = dict(Stock.objects.values_list("warehouse_id", "quantity"))
    assert rows == {int(main): 2, int(other): 2}
    assert read(id_).shipments[0].warehouse_id == other


def test_an_unconfirmed_order_is_not_shipped(store: SandboxOrderStore) -> None:
    with pytest.raises(Forbidden, match="не подтверждён"):
        store.ship(order(unconfirmed=True), NewShipment("s"))


def test_lines_change_while_the_order_is_unconfirmed(store: SandboxOrderStore) -> None:
    id_ = order(3, 2, unconfirmed=True)
    first, second = read(id_).lines
    added = goods("new", quantity=5, price="7.50")
    changes = [
        LineChange(10, id=first.id, unit_price=Decimal(90)),
        LineChange(4, variant_id=str(added.pk)),
    ]
    assert store.change_lines(id_, changes)
    data = read(id_)
    assert [(line.quantity, line.total_gross) for line in data.lines] == [
        (10, Decimal(900)),
        (4, Decimal(30)),
    ]
    assert second.id not in {line.id for line in data.lines}
    same = [LineChange(line.quantity, id=line.id) for line in data.lines]
    assert not store.change_lines(id_, same)
    store.confirm(id_)
    assert not store.change_lines(id_, same)
    with pytest.raises(Forbidden, match="подтверждён"):
        store.change_lines(id_, same[:1])


@pytest.mark.parametrize("quantity", [0, -1, 11])
def test_lines_that_cannot_be(store: SandboxOrderStore, quantity: int) -> None:
    id_ = order(3, unconfirmed=True)
    line = read(id_).lines[0].id
    with pytest.raises(Forbidden), transaction.atomic():
        store.change_lines(id_, [LineChange(quantity, id=line)])
    with pytest.raises(Forbidden), transaction.atomic():
        store.change_lines(id_, [])
    with pytest.raises(Forbidden), transaction.atomic():
        store.change_lines(id_, [LineChange(1, id="0")])
    assert [row.quantity for row in read(id_).lines] == [3]


def test_a_discount_is_spread_over_the_lines(store: SandboxOrderStore) -> None:
    id_ = order(1, 1, 1, unconfirmed=True)
    row = Order.objects.get()
    take_off(Discount(order=row, kind=DiscountKind.MANUAL, name="За ожидание", amount=Decimal(100)))
    data = read(id_)
    assert sorted(line.total_gross for line in data.lines) == [
        Decimal("66.66"),
        Decimal("66.67"),
        Decimal("66.67"),
    ]
    assert data.total_gross == 200
    assert [(item.kind, item.amount) for item in data.discounts] == [
        (DiscountKind.MANUAL, Decimal(100))
    ]
    # More than the goods that are left cost: they come for nothing.
    store.change_lines(id_, [LineChange(1, id=data.lines[0].id, unit_price=Decimal(60))])
    assert read(id_).total_gross == 0


def test_a_discount_in_percent_follows_the_lines(store: SandboxOrderStore) -> None:
    id_ = order(3, unconfirmed=True)
    row = Order.objects.get()
    take_off(Discount(order=row, kind=DiscountKind.VOUCHER, name="10 %", percent=Decimal(10)))
    assert read(id_).total_gross == 270
    store.change_lines(id_, [LineChange(2, id=read(id_).lines[0].id)])
    data = read(id_)
    assert (data.total_gross, data.discounts[0].amount) == (Decimal(180), Decimal(20))


@given(st.lists(st.decimals(0, 10_000, places=2), min_size=1, max_size=8), st.data())
def test_shares_are_the_amount_and_none_is_more_than_its_sum(
    sums: list[Decimal], data: st.DataObject
) -> None:
    amount = data.draw(st.decimals(0, sum(sums), places=2))
    shares = spread(amount, sums)
    assert sum(shares) == amount
    assert all(0 <= share <= part for share, part in zip(shares, sums, strict=True))


def test_money_is_recorded_once(store: SandboxOrderStore) -> None:
    id_ = order(3)
    at = datetime(2026, 1, 2, tzinfo=UTC)
    paid = NewPayment("p1", Decimal("250.5"), "Касса", at)
    assert store.record_payment(id_, paid)
    assert not store.record_payment(id_, paid)
    assert store.record_payment(id_, NewPayment("p2", Decimal(50), "Возврат", refund=True))
    data = read(id_)
    assert data.paid == Decimal("200.5")
    first = data.payments[0]
    assert (first.reference, first.method, first.at, first.from_onec) == ("p1", "Касса", at, True)


def test_metadata_is_laid_over(store: SandboxOrderStore) -> None:
    id_ = order()
    assert store.write_metadata(id_, {"a": "1", "b": "2"})
    assert store.write_metadata(id_, {"b": "3"})
    assert not store.write_metadata(id_, {"a": "1"})
    assert read(id_).metadata == {"a": "1", "b": "3"}


def test_what_only_staff_see_is_no_change_of_the_order(
    store: SandboxOrderStore, heard: list[str]
) -> None:
    id_ = order()
    heard.clear()
    before = read(id_)
    assert store.write_private_metadata(id_, {"a": "1", "b": "2"})
    assert store.write_private_metadata(id_, {"b": "", "c": "3"})
    assert not store.write_private_metadata(id_, {"a": "1", "b": ""})
    assert Order.objects.get().private_metadata == {"a": "1", "c": "3"}
    assert read(id_) == before
    assert heard == []


def test_a_customer_is_changed(store: SandboxOrderStore) -> None:
    anna = Customer.objects.create(
        email="anna@example.com", first_name="Анна", phone="+79001234567"
    )
    id_ = str(anna.pk)
    assert not store.change_customer(id_, CustomerChange(first_name="Анна"))
    assert store.change_customer(id_, CustomerChange(last_name="Ли", phone="+79001234568"))
    assert store.write_customer_metadata(id_, {"a": "1"})
    assert not store.write_customer_metadata(id_, {"a": "1", "b": ""})
    anna.refresh_from_db()
    assert (anna.first_name, anna.last_name, anna.phone) == ("Анна", "Ли", "+79001234568")
    assert anna.private_metadata == {"a": "1"}
    for nobody in ("", "x", "999999", "9" * 30):
        with pytest.raises(Forbidden):
            store.change_customer(nobody, CustomerChange())


def test_every_change_is_told_of(store: SandboxOrderStore, heard: list[str]) -> None:
    moment = datetime(2000, 1, 1, tzinfo=UTC)
    id_ = order(3, unconfirmed=True)

    def is_told() -> bool:
        nonlocal moment
        told = set(heard) == {id_}
        found = store.changed_since(moment, LAST)
        moment = found[-1][0] if found else moment
        heard.clear()
        return told and [key for _, key in found] == [id_]

    assert is_told()
    line = read(id_).lines[0]
    store.change_lines(id_, [LineChange(2, id=line.id)])
    assert is_told()
    store.confirm(id_)
    assert is_told()
    store.record_payment(id_, NewPayment("p", Decimal(1), "Касса"))
    assert is_told()
    store.ship(id_, NewShipment("s", tracking="1"))
    assert is_told()
    store.ship(id_, NewShipment("s", tracking="2"))
    assert is_told()
    store.write_metadata(id_, {"a": "1"})
    assert is_told()
    # Nothing is different after these.
    store.write_metadata(id_, {"a": "1"})
    store.confirm(id_)
    store.mark_taken([id_])
    assert not is_told()
    assert Order.objects.get().taken


def test_changes_are_found_page_by_page(store: SandboxOrderStore) -> None:
    ids = [order(1, reference=str(number)) for number in range(5)]
    at = datetime(2026, 1, 2, tzinfo=UTC)
    Order.objects.update(updated=at)
    seen: list[str] = []
    after = ""
    while page := store.changed_since(at, after, limit=2):
        seen += [key for _, key in page]
        after = seen[-1]
    assert seen == sorted(ids)


def test_orders_are_told_of_within_the_transaction(
    store: SandboxOrderStore, heard: list[str]
) -> None:
    seen: list[bool] = []

    def changed(order_ids: Collection[str]) -> None:
        seen.append(transaction.get_connection().in_atomic_block)

    store.listen(changed)
    order()
    order_events._listeners.remove(changed)
    assert all(seen)
    assert seen


def test_an_order_outlives_its_goods(store: SandboxOrderStore) -> None:
    id_ = order(3)
    SandboxStore().retire_products([str(Variant.objects.get().product_id)], Missing.DELETE)
    line = read(id_).lines[0]
    assert (line.key, line.name, line.total_gross) == ("", "Чашка cup0", Decimal(300))
    assert store.ship(id_, NewShipment("s"))


def test_what_is_not_there(store: SandboxOrderStore) -> None:
    assert not store.lock("36")
    assert store.lock(order())
    for id_ in ("36", str(uuid4())):
        with pytest.raises(Forbidden, match="нет"):
            store.cancel(id_)


def test_a_remark_is_for_the_staff(store: SandboxOrderStore) -> None:
    store.add_note(order(), "Клиент перезвонит")
    assert [remark.text for remark in Remark.objects.all()] == ["Клиент перезвонит"]


def test_customers(store: SandboxOrderStore) -> None:
    new = NewCustomer("Anna@Example.com", "Анна", "Ли", "+79001234567", {"inn": "1"})
    id_ = store.create_customer(new)
    assert store.create_customer(new) == id_
    buyer = Buyer(id_, "anna@example.com", "Анна", "Ли", {"inn": "1"})
    for found in (
        store.find_customers(["anna@example.com"], []),
        store.find_customers([], ["+79001234567", ""]),
    ):
        assert found == [(buyer, "+79001234567")]
    assert store.find_customers([], [""]) == []
    line = LineChange(1, variant_id=str(goods().pk))
    assert read(store.create_order(NewOrder("r", CHANNEL, buyer, (line,)))).buyer == buyer


def test_goods_are_found_by_1c_s_ids(store: SandboxOrderStore) -> None:
    variant = goods()
    assert store.variants_by_key(["cup#1", "none"]) == {"cup#1": str(variant.pk)}


def test_lists_for_1c_s_mapping_dialog(store: SandboxOrderStore) -> None:
    lists = store.reference_lists()
    assert ("shipped", "Отгружен") in [(item.id, item.name) for item in lists.statuses]
    assert [item.id for item in lists.deliveries] == ["courier"]
    assert [item.id for item in lists.payments] == ["card"]
