"""What 1C does to orders of a real Saleor: as its staff would, once, and heard by everybody."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from saleor.app.models import App
from saleor.core.models import EventDelivery
from saleor.order.models import Fulfillment, OrderEvent
from saleor.order.models import Order as OrderRow
from saleor.payment.models import Payment as PaymentRow
from saleor.payment.models import Transaction, TransactionItem
from saleor.permission.models import Permission
from saleor.product.models import ProductVariant
from saleor.site.models import SiteSettings
from saleor.warehouse.models import Allocation, Stock, Warehouse
from saleor.webhook.models import Webhook
from saleor.webhook.transport.asynchronous import transport

from saleor_1c_plugin.store.orders import (
    Forbidden,
    NewPayment,
    NewShipment,
    OrderStatus,
    PaymentKind,
    ShipmentLine,
)
from saleor_1c_plugin.store.ports import StockWrite
from saleor_1c_plugin.store.saleor import trade

from .sales import STORE, committed, delivery, goods, place, read, sell_on_trust

pytestmark = pytest.mark.usefixtures("_open")

ORDER_EVENTS = (
    *("order_confirmed", "order_cancelled", "order_updated", "order_paid", "order_fully_paid"),
    *("order_refunded", "order_fulfilled", "fulfillment_created"),
    *("fulfillment_tracking_number_updated", "order_metadata_updated"),
)


@pytest.fixture
def _open(shop: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A shop on trust, and an app that hears of everything that happens to orders."""
    sell_on_trust()
    delivery("300")
    app = App.objects.create(name="listener", is_active=True)
    app.permissions.add(Permission.objects.get(codename="manage_orders"))
    hook = Webhook.objects.create(app=app, name="all", target_url="http://127.0.0.1:9/")
    for event in ORDER_EVENTS:
        hook.events.create(event_type=event)
    monkeypatch.setattr(
        transport.send_webhook_request_async, "apply_async", lambda *args, **kwargs: None
    )


def told() -> set[str]:
    """Events that webhooks were told of since the last time."""
    found = set(EventDelivery.objects.values_list("event_type", flat=True))
    EventDelivery.objects.all().delete()
    return found


def order_of(wanted: Mapping[ProductVariant, int], *, confirmed: bool = True) -> str:
    pk = place(wanted)
    if confirmed:
        with committed():
            assert STORE.confirm(pk)
    told()
    return pk


def history(pk: str) -> list[tuple[str, str | None]]:
    events = OrderEvent.objects.filter(order_id=pk).order_by("pk")
    return [(str(kind).lower(), name) for kind, name in events.values_list("type", "app__name")]


def status(pk: str) -> OrderStatus:
    return read(pk).status


# --- confirmation and cancellation


def test_an_order_is_confirmed_once() -> None:
    pk = order_of({goods("a", "100"): 1}, confirmed=False)
    with committed():
        assert STORE.confirm(pk)
        assert told() == set()
    assert status(pk) is OrderStatus.OPEN
    assert "order_confirmed" in told()
    assert ("confirmed", "1C") in history(pk)
    with committed():
        assert not STORE.confirm(pk)
    assert told() == set()


def test_confirming_leaves_an_authorised_payment_to_be_captured() -> None:
    pk = order_of({goods("a", "100"): 1}, confirmed=False)
    payment = PaymentRow.objects.create(
        order_id=pk, gateway="mirumee.payments.dummy", total=400, currency="RUB", is_active=True
    )
    Transaction.objects.create(
        payment=payment, kind="auth", amount=400, is_success=True, gateway_response={}
    )
    with committed():
        assert STORE.confirm(pk)
    payment.refresh_from_db()
    assert (payment.charge_status, payment.captured_amount) == ("not-charged", 0)


@pytest.mark.parametrize("gone", ["canceled", "expired"])
def test_a_cancelled_order_is_neither_confirmed_nor_shipped_nor_cancelled(gone: str) -> None:
    pk = order_of({goods("a", "100"): 1})
    OrderRow.objects.filter(pk=pk).update(status=gone)
    with pytest.raises(Forbidden, match="отменён"):
        STORE.confirm(pk)
    with pytest.raises(Forbidden, match="отменён"):
        STORE.ship(pk, NewShipment("s1"))
    assert not STORE.cancel(pk)


def test_an_order_without_goods_is_not_confirmed() -> None:
    pk = order_of({goods("a", "100"): 1}, confirmed=False)
    OrderRow.objects.get(pk=pk).lines.all().delete()
    with pytest.raises(Forbidden, match="нет товаров"):
        STORE.confirm(pk)


def test_an_order_is_cancelled_once_and_its_goods_are_free() -> None:
    pk = order_of({goods("a", "100"): 5})
    assert Allocation.objects.get().quantity_allocated == 5
    with committed():
        assert STORE.cancel(pk)
        assert not STORE.cancel(pk)
    assert status(pk) is OrderStatus.CANCELLED
    assert not Allocation.objects.filter(quantity_allocated__gt=0).exists()
    assert {"order_cancelled", "order_updated"} <= told()
    assert ("canceled", "1C") in history(pk)


def test_a_shipped_order_is_not_cancelled() -> None:
    pk = order_of({goods("a", "100"): 1})
    STORE.ship(pk, NewShipment("s1"))
    with pytest.raises(Forbidden, match="с отгрузками нельзя отменить"):
        STORE.cancel(pk)
    assert status(pk) is OrderStatus.SHIPPED


@pytest.mark.parametrize("pk", ["nonsense", "00000000-0000-0000-0000-000000000000"])
def test_nothing_is_done_to_an_order_that_is_not_there(pk: str) -> None:
    assert not STORE.lock(pk)
    for act in (
        lambda: STORE.confirm(pk),
        lambda: STORE.cancel(pk),
        lambda: STORE.ship(pk, NewShipment("s")),
        lambda: STORE.record_payment(pk, NewPayment("p", Decimal(1), "Оплата")),
        lambda: STORE.add_note(pk, "текст"),
        lambda: STORE.write_metadata(pk, {"a": "b"}),
        lambda: STORE.change_lines(pk, []),
    ):
        with pytest.raises(Forbidden, match="Такого заказа"):
            act()


def test_an_app_that_is_switched_off_does_nothing() -> None:
    pk = order_of({goods("a", "100"): 1})
    App.objects.filter(name="1C").update(is_active=False)
    with pytest.raises(Forbidden, match="выключено"):
        STORE.cancel(pk)


# --- money


def test_a_payment_is_one_however_often_it_is_told() -> None:
    pk = order_of({goods("a", "100"): 2})
    at = datetime(2026, 3, 1, 12, tzinfo=UTC)
    payment = NewPayment("onec-1", Decimal("500"), "Поступление на счёт", at)
    with committed():
        assert STORE.record_payment(pk, payment)
        assert not STORE.record_payment(pk, payment)
    order = read(pk)
    (fact,) = order.payments
    assert (fact.kind, fact.amount, fact.at) == (PaymentKind.CHARGE, Decimal("500.00"), at)
    assert (fact.method, fact.reference) == ("Поступление на счёт", "onec-1")
    assert fact.from_onec
    assert order.paid == 500
    assert OrderRow.objects.get(pk=pk).charge_status == "full"
    assert {"order_paid", "order_fully_paid", "order_updated"} <= told()


def test_parts_are_paid_one_by_one_and_given_back() -> None:
    pk = order_of({goods("a", "100"): 2})
    with committed():
        STORE.record_payment(pk, NewPayment("p1", Decimal(200), "Касса"))
        STORE.record_payment(pk, NewPayment("p2", Decimal(300), "Банк"))
    assert OrderRow.objects.get(pk=pk).charge_status == "full"
    told()
    refund = NewPayment("r1", Decimal(250), "Возврат", refund=True)
    with committed():
        assert STORE.record_payment(pk, refund)
        assert not STORE.record_payment(pk, refund)
    order = read(pk)
    assert order.paid == 250
    fact = order.payments[-1]
    assert (fact.kind, fact.amount, fact.from_onec) == (PaymentKind.REFUND, 250, True)
    assert fact.refunds == order.payments[1].id
    assert "order_refunded" in told()


def test_money_that_a_provider_took_is_given_back_by_1c() -> None:
    pk = order_of({goods("a", "100"): 2})
    item = TransactionItem.objects.create(order_id=pk, currency="RUB", app_identifier="yookassa")
    item.events.create(
        type="charge_success",
        amount_value=500,
        currency="RUB",
        psp_reference="y1",
        include_in_calculations=True,
    )
    TransactionItem.objects.filter(pk=item.pk).update(charged_value=500)
    OrderRow.objects.filter(pk=pk).update(total_charged_amount=500)
    with committed():
        assert STORE.record_payment(pk, NewPayment("r1", Decimal(200), "Возврат", refund=True))
    order = read(pk)
    assert order.paid == 300
    assert [(row.amount, row.from_onec) for row in order.payments] == [(500, False), (200, True)]


def test_what_was_not_paid_is_not_given_back() -> None:
    pk = order_of({goods("a", "100"): 2})
    STORE.record_payment(pk, NewPayment("p1", Decimal(200), "Касса"))
    with pytest.raises(Forbidden, match="больше, чем оплачено"):
        STORE.record_payment(pk, NewPayment("r1", Decimal("200.01"), "Возврат", refund=True))
    with pytest.raises(Forbidden, match="больше нуля"):
        STORE.record_payment(pk, NewPayment("p2", Decimal(0), "Касса"))
    assert read(pk).paid == 200


# --- shipments


def test_everything_that_is_left_is_shipped_once() -> None:
    chair, table = goods("chair", "100", stock=10), goods("table", "200", stock=10)
    pk = order_of({chair: 3, table: 2})
    at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    shipment = NewShipment("onec-s", tracking="RA123", at=at)
    with committed():
        assert STORE.ship(pk, shipment)
        assert not STORE.ship(pk, shipment)
    order = read(pk)
    assert order.status is OrderStatus.SHIPPED
    (made,) = order.shipments
    warehouse = str(Warehouse.objects.get(slug="main").pk)
    assert (made.number, made.tracking) == (f"{order.number}-1", "RA123")
    assert (made.at, made.warehouse_id, made.from_onec) == (at, warehouse, True)
    assert [line.quantity for line in made.lines] == [3, 2]
    assert [line.shipped for line in order.lines] == [3, 2]
    assert [line.warehouse_id for line in order.lines] == [warehouse] * 2
    assert set(Stock.objects.values_list("quantity", flat=True)) == {7, 8}
    assert {"fulfillment_created", "order_fulfilled", "order_updated"} <= told()
    assert ("fulfillment_fulfilled_items", "1C") in history(pk)
    assert not STORE.ship(pk, NewShipment("another"))


def test_parts_are_shipped_and_no_more_than_is_left() -> None:
    pk = order_of({goods("chair", "100", stock=10): 3})
    line = read(pk).lines[0].id
    assert STORE.ship(pk, NewShipment("s1", (ShipmentLine(line, 2),)))
    order = read(pk)
    assert (order.status, order.lines[0].shipped) == (OrderStatus.PARTLY_SHIPPED, 2)
    with pytest.raises(Forbidden, match="больше, чем осталось"):
        STORE.ship(pk, NewShipment("s2", (ShipmentLine(line, 2),)))
    with pytest.raises(Forbidden, match="строка, которой нет"):
        STORE.ship(pk, NewShipment("s2", (ShipmentLine("nonsense", 1),)))
    assert STORE.ship(pk, NewShipment("s2"))
    assert (status(pk), read(pk).lines[0].shipped) == (OrderStatus.SHIPPED, 3)
    assert len(read(pk).shipments) == 2


def test_told_again_with_a_tracking_number_only_that_changes() -> None:
    pk = order_of({goods("chair", "100"): 1})
    with committed():
        STORE.ship(pk, NewShipment("s1"))
    told()
    with committed():
        assert STORE.ship(pk, NewShipment("s1", tracking="RA9"))
        assert not STORE.ship(pk, NewShipment("s1", tracking="RA9"))
        assert not STORE.ship(pk, NewShipment("s1"))
    assert [row.tracking for row in read(pk).shipments] == ["RA9"]
    assert "fulfillment_tracking_number_updated" in told()


def test_goods_leave_the_warehouse_that_1c_names() -> None:
    chair = goods("chair", "100", stock=10)
    main = Warehouse.objects.get(slug="main")
    other = Warehouse.objects.create(name="Второй", slug="second", address=main.address)
    other.channels.add(*main.channels.all())
    other.shipping_zones.add(*main.shipping_zones.all())
    Stock.objects.create(product_variant=chair, warehouse=other, quantity=0)
    pk = order_of({chair: 2})
    with pytest.raises(Forbidden, match="не хватает"):
        STORE.ship(pk, NewShipment("s1", warehouse_id=str(other.pk)))
    with pytest.raises(Forbidden, match="Такого склада"):
        STORE.ship(pk, NewShipment("s1", warehouse_id="nonsense"))
    assert read(pk).shipments == ()
    Stock.objects.filter(warehouse=other).update(quantity=5)
    assert STORE.ship(pk, NewShipment("s1", warehouse_id=str(other.pk)))
    assert read(pk).shipments[0].warehouse_id == str(other.pk)
    assert Stock.objects.get(warehouse=other).quantity == 3
    assert not Allocation.objects.filter(quantity_allocated__gt=0).exists()


def test_goods_without_inventory_leave_from_anywhere() -> None:
    chair = goods("chair", "100", stock=0)
    ProductVariant.objects.filter(pk=chair.pk).update(track_inventory=False)
    pk = order_of({chair: 2})
    assert STORE.ship(pk, NewShipment("s1"))
    assert status(pk) is OrderStatus.SHIPPED


def test_goods_that_the_shop_no_longer_has_are_not_shipped() -> None:
    chair = goods("chair", "100")
    pk = order_of({chair: 2})
    chair.product.delete()
    with pytest.raises(Forbidden, match="нет ни на одном складе"):
        STORE.ship(pk, NewShipment("s1"))


def test_an_unconfirmed_order_is_not_shipped() -> None:
    pk = order_of({goods("a", "100"): 1}, confirmed=False)
    with pytest.raises(Forbidden, match="не подтверждён"):
        STORE.ship(pk, NewShipment("s1"))


def test_unpaid_goods_leave_only_where_the_shop_allows_it() -> None:
    SiteSettings.objects.update(fulfillment_allow_unpaid=False)
    from django.contrib.sites.models import Site

    Site.objects.clear_cache()
    pk = order_of({goods("a", "100"): 1})
    with pytest.raises(Forbidden, match="неоплаченный"):
        STORE.ship(pk, NewShipment("s1"))
    STORE.record_payment(pk, NewPayment("p1", Decimal(400), "Касса"))
    assert STORE.ship(pk, NewShipment("s1"))
    Site.objects.clear_cache()


def test_what_waits_for_approval_has_not_left() -> None:
    SiteSettings.objects.update(fulfillment_auto_approve=False)
    from django.contrib.sites.models import Site

    Site.objects.clear_cache()
    pk = order_of({goods("a", "100"): 1})
    assert STORE.ship(pk, NewShipment("s1"))
    assert read(pk).shipments == ()
    assert read(pk).lines[0].shipped == 0
    assert not STORE.ship(pk, NewShipment("s1"))
    Fulfillment.objects.update(status="fulfilled")
    assert read(pk).lines[0].shipped == 1
    Site.objects.clear_cache()


def test_goods_that_came_back_or_never_left() -> None:
    pk = order_of({goods("a", "100"): 3})
    STORE.ship(pk, NewShipment("s1"))
    Fulfillment.objects.update(status="refunded_and_returned")
    order = read(pk)
    assert [(row.returned, row.cancelled) for row in order.shipments] == [(True, False)]
    Fulfillment.objects.update(status="refunded")
    assert [row.returned for row in read(pk).shipments] == [False]
    Fulfillment.objects.get().lines.update(stock=None)
    assert read(pk).shipments == ()
    Fulfillment.objects.update(status="canceled")
    order = read(pk)
    assert [row.cancelled for row in order.shipments] == [True]
    assert order.lines[0].shipped == 0


# --- notes, metadata, stock


def test_a_note_stands_in_the_history() -> None:
    pk = order_of({goods("a", "100"): 1})
    STORE.add_note(pk, "Проведено в 1С")
    event = OrderEvent.objects.filter(order_id=pk).latest("pk")
    assert (event.type.lower(), event.app.name) == ("note_added", "1C")
    assert event.parameters["message"] == "Проведено в 1С"


def test_metadata_is_laid_over_what_is_there() -> None:
    pk = order_of({goods("a", "100"): 1})
    OrderRow.objects.filter(pk=pk).update(metadata={"theirs": "1", "onec.number": "old"})
    assert STORE.write_metadata(pk, {"onec.number": "А-1"})
    assert read(pk).metadata == {"theirs": "1", "onec.number": "А-1"}
    before = read(pk).updated
    assert not STORE.write_metadata(pk, {"onec.number": "А-1"})
    assert read(pk).updated == before


def test_taken_orders_are_added_to_1c_s_free_stock_once() -> None:
    chair = goods("chair", "100", stock=10)
    taken, other = order_of({chair: 2}), order_of({chair: 3})
    OrderRow.objects.filter(pk=taken).update(private_metadata={"theirs": "1"})
    before = read(taken).updated
    STORE.mark_taken([taken, "nonsense"])
    STORE.mark_taken([taken])
    assert read(taken).updated == before
    assert OrderRow.objects.get(pk=taken).private_metadata == {
        "theirs": "1",
        trade.TAKEN: "true",
    }
    assert trade.TAKEN not in OrderRow.objects.get(pk=other).private_metadata
    warehouse = str(Warehouse.objects.get(slug="main").pk)
    trade.write_stocks([StockWrite(str(chair.pk), warehouse, 5, is_free=True)])
    assert Stock.objects.get().quantity == 7
