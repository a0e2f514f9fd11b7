"""Facts of orders become receipts: each once, heard of or found."""

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from saleor_1c_plugin.outbox.models import Message
from saleor_1c_plugin.receipts import noticing
from saleor_1c_plugin.receipts.compose.document import Kind, PaymentMethod
from saleor_1c_plugin.receipts.emulator.models import Document
from saleor_1c_plugin.receipts.models import Receipt, Watermark
from saleor_1c_plugin.receipts.tasks import look_through
from saleor_1c_plugin.sandbox.models import Order, Payment

from . import sales
from .support import CHANNEL, FIRST, House

State = Receipt.State


def made() -> list[tuple[str, Decimal, str]]:
    rows = Receipt.objects.order_by("created")
    return [(row.kind, row.total, row.state) for row in rows]


def methods(row: Receipt) -> set[int]:
    return {item["method"] for item in row.document["items"]} if row.document else set()


def test_a_payment_a_shipment_and_a_refund_have_a_receipt_each(house: House) -> None:
    order = sales.order(2)
    sales.pay(order, "200.00")
    sales.ship(order)
    sales.give_back(order, "100.00")
    assert made() == [
        (Kind.SELL, Decimal(200), State.DONE),
        (Kind.SELL, Decimal(200), State.DONE),
        (Kind.SELL_REFUND, Decimal(100), State.DONE),
    ]
    paid, shipped, _ = Receipt.objects.order_by("created")
    assert methods(paid) == {PaymentMethod.FULL_PREPAYMENT}
    assert methods(shipped) == {PaymentMethod.FULL_PAYMENT}
    assert (paid.moved, shipped.moved) == (200, 0)
    assert paid.fact == f"{order.key}:payment:{Payment.objects.order_by('pk')[0].pk}"
    assert (paid.order_id, paid.order_number, paid.channel) == (
        str(order.key),
        str(order.pk),
        CHANNEL,
    )
    assert paid.deadline > paid.happened
    assert len(house.printed()) == 3


def test_the_same_facts_told_again_make_no_second_receipt(house: House) -> None:
    order = sales.order()
    sales.pay(order, "200.00")
    for _ in range(3):
        with transaction.atomic():
            Order.objects.get(pk=order.pk).save()
        look_through()
    assert made() == [(Kind.SELL, Decimal(200), State.DONE)]


def test_what_a_transaction_that_was_rolled_back_told_is_none(house: House) -> None:
    order = sales.order()

    class Abort(Exception):
        pass

    def fail() -> None:
        with transaction.atomic():
            sales.pay(order, "200.00")
            raise Abort

    with pytest.raises(Abort):
        fail()
    assert not Receipt.objects.exists()
    assert not Message.objects.exclude(state=Message.State.DELIVERED).exists()


def test_what_nobody_told_of_is_found(house: House) -> None:
    order = sales.order()
    sales.pay_unheard(order, "200.00")
    assert not Receipt.objects.exists()
    look_through()
    assert made() == [(Kind.SELL, Decimal(200), State.DONE)]
    # It is not looked at again and again.
    before = Message.objects.count()
    look_through()
    assert Message.objects.count() <= before + 1


def test_what_was_before_the_plugin_was_switched_on_is_somebody_else_s(house: House) -> None:
    house.configure(since="")
    order = sales.order(3)
    long_ago = timezone.now() - timedelta(days=1)
    sales.pay(order, "100.00", at=long_ago)
    assert not Receipt.objects.exists()
    sales.pay(order, "200.00")
    assert [total for _, total, _ in made()] == [200]
    # Until the merchant wants it otherwise.
    house.configure(since=long_ago.date().isoformat())
    look_through()
    assert [total for _, total, _ in made()] == [200, 100]


def test_nothing_is_made_while_the_plugin_is_off(house: House, settings: Any) -> None:
    settings.ONEC_CONFIGURATION = {**settings.ONEC_CONFIGURATION, "receipts": None}
    order = sales.order()
    sales.pay(order, "200.00")
    look_through()
    assert not Receipt.objects.exists()
    assert not Watermark.objects.exists()
    assert not Message.objects.filter(topic=noticing.TOPIC).exists()


def test_the_merchant_s_terms_are_kept(house: House) -> None:
    house.configure(without="saleor1c.invoice", way="one")
    order = sales.order(3)
    sales.pay(order, "100.00", gateway="saleor1c.invoice")
    sales.pay(order, "100.00", from_onec=True)
    assert not Receipt.objects.exists()
    whole = sales.order(2)
    sales.pay(whole, "200.00")
    (row,) = Receipt.objects.all()
    assert methods(row) == {PaymentMethod.FULL_PAYMENT}
    assert row.document is not None
    assert row.document["place"] == "https://shop.example"


def test_what_can_not_be_composed_is_shown_and_made_when_it_is_mended(house: House) -> None:
    order = sales.order(email="")
    sales.pay(order, "200.00")
    (row,) = Receipt.objects.all()
    assert (row.state, row.document, row.due) == (State.FAILED, None, None)
    assert row.reason
    assert not house.printed()
    with transaction.atomic():
        order.email = "anna@shop.example"
        order.save()
    assert house.row(row).state == State.DONE
    assert len(house.printed()) == 1


def test_the_shop_is_told_what_was_registered(house: House) -> None:
    order = sales.order()
    sales.pay(order, "200.00")
    order.refresh_from_db()
    (told,) = json.loads(order.metadata["onec.receipts"])
    (printed,) = house.printed()
    assert told["document"] == printed.number
    assert (told["sign"], told["total"], told["kind"]) == (printed.sign, "200.00", "sell")
    assert told["is_test"] is True
    sales.give_back(order, "50.00")
    order.refresh_from_db()
    assert len(json.loads(order.metadata["onec.receipts"])) == 2


def test_the_shop_is_told_later_what_is_registered_later(house: House) -> None:
    house.break_down(is_away=True)
    house.break_down("emulator:2", is_away=True)
    order = sales.order()
    sales.pay(order, "200.00")
    order.refresh_from_db()
    assert "onec.receipts" not in order.metadata
    house.break_down(is_away=False)
    house.wait()
    house.tell()
    order.refresh_from_db()
    assert json.loads(order.metadata["onec.receipts"])


def test_two_workers_that_look_at_an_order_at_a_time_make_one_receipt(house: House) -> None:
    order = sales.order()
    sales.pay(order, "200.00")
    message = Message.objects.filter(topic=noticing.TOPIC).order_by("-pk")[0]
    noticing.deliver(message)
    assert len(made()) == 1
    assert Document.objects.filter(drive__name=FIRST, type="receipt").count() == 1
