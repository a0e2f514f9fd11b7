"""What the shop does with orders, reservations and receipts becomes events."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import F
from django.utils import timezone

from saleor_1c_plugin.history import journal
from saleor_1c_plugin.history.event import Event, Kind
from saleor_1c_plugin.history.models import Mark, Record
from saleor_1c_plugin.history.tasks import look_through
from saleor_1c_plugin.outbox.models import Message
from saleor_1c_plugin.reservations import holds
from saleor_1c_plugin.sandbox.models import Payment
from tests.exchange.test_reservations import cart
from tests.receipts import sales

from .conftest import Listener, configure


def written(kind: Kind) -> list[Event]:
    return [event for _number, event in journal.after(0, 100, [kind])]


def test_an_order_s_whole_way(kept: Any, listener: Listener) -> None:
    order = sales.order(2)
    payment = sales.pay(order, "200.00")
    sales.ship(order)
    sales.give_back(order, "100.00")
    assert listener.kinds == [
        "order.placed",
        "order.status",
        "payment.charged",
        "order.paid",
        "receipt.registered",
        "shipment.sent",
        "order.status",
        "receipt.registered",
        "payment.refunded",
        "receipt.registered",
    ]
    (placed,) = written(Kind.ORDER_PLACED)
    assert (placed.order_id, placed.order_number) == (str(order.key), str(order.pk))
    assert (placed.customer.email, placed.customer.name) == ("anna@shop.example", "Анна Ли")
    assert (placed.data["total"], placed.data["currency"]) == ("200.00", "RUB")
    assert placed.data["lines"][0]["quantity"] == 2
    (paid,) = written(Kind.PAYMENT_CHARGED)
    assert paid.key == f"{order.key}:payment:{payment.pk}"
    assert (paid.data["amount"], paid.at) == ("200.00", payment.at)
    assert [event.data["status"] for event in written(Kind.ORDER_STATUS)] == ["open", "shipped"]
    assert [event.data["kind"] for event in written(Kind.RECEIPT_REGISTERED)] == [
        "sell",
        "sell",
        "sell_refund",
    ]


def test_nothing_is_told_twice(kept: Any, listener: Listener) -> None:
    order = sales.order()
    sales.pay(order, "200.00")
    before = list(listener.kinds)
    for _ in range(2):
        order.save()
        look_through()
    assert listener.kinds == before


def test_what_nobody_told_of_is_found(kept: Any, listener: Listener) -> None:
    order = sales.order()
    sales.pay_unheard(order, "200.00")
    assert "payment.charged" not in listener.kinds
    look_through()
    assert listener.kinds.count("payment.charged") == 1


def test_what_was_before_the_journal_is_not_told(kept: Any, settings: Any) -> None:
    configure(settings, history=None)
    order = sales.order()
    sales.pay(order, "50.00")
    assert not Record.objects.exists()
    assert not Message.objects.filter(topic="history.orders").exists()
    Payment.objects.update(at=F("at") - timedelta(hours=1))
    type(order).objects.update(created=F("created") - timedelta(hours=1))
    configure(settings, history={})
    sales.pay(order, "150.00")
    (paid,) = written(Kind.PAYMENT_CHARGED)
    assert Decimal(paid.data["amount"]) == 150
    assert not written(Kind.ORDER_PLACED)


def test_a_reservation_from_its_beginning_to_its_end(kept: Any, listener: Listener) -> None:
    configure(kept, reservations={"mode": "on_request", "guest_minutes": "15"})
    held = cart(2)
    (hold,) = holds.create(held)
    holds.cancel(held)
    made, ended = written(Kind.RESERVATION_MADE) + written(Kind.RESERVATION_ENDED)
    assert (made.data["reservation"], made.data["quantity"]) == (str(hold.pk), 2)
    assert (made.data["cart"], made.data["until"][:10]) == (held, f"{timezone.now():%Y-%m-%d}")
    assert ended.data["reason"] == "cancelled"


def test_how_far_it_was_looked_through_is_kept(kept: Any) -> None:
    began = timezone.now()
    sales.order()
    look_through()
    assert Mark.objects.get().moment >= began - timedelta(seconds=5)
