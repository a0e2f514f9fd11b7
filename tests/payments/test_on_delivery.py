"""Cash or card on delivery: the shop relies on the promise, 1C and staff say when it is kept."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from saleor_1c_plugin.configuration import SettingsError
from saleor_1c_plugin.payments.models import Attempt, Operation
from saleor_1c_plugin.payments.on_delivery.settings import OnDeliverySettings
from saleor_1c_plugin.payments.provider import Status
from saleor_1c_plugin.payments.sessions import Unusable
from saleor_1c_plugin.store.orders import PaymentKind
from saleor_1c_plugin.store.payments import Action

from .promising import OWED, Counter, books_of, configured

PROMISED, CHARGE, REFUND = PaymentKind.PROMISED, PaymentKind.CHARGE, PaymentKind.REFUND


@pytest.fixture
def door(transactional_db: None, settings: Any) -> Counter:
    configured(settings, on_delivery={"most": "30000"})
    return Counter("on_delivery")


def test_a_promise_is_relied_on_and_1c_hears_of_no_money(door: Counter) -> None:
    began = door.promise(method="cash")
    assert (began.status, began.amount) == (Status.AUTHORISED, OWED)
    assert began.actions == (Action.CHARGE, Action.CANCEL)
    assert began.data["confirmation"] == {
        "type": "onDelivery",
        "method": "cash",
        "amount": "500.00",
    }
    assert door.moves() == [(PROMISED, OWED)]
    container = door.document()
    assert not container.others
    document = container.order
    assert document.requisite("Метод оплаты") == "Наличные при получении"
    assert document.requisite("Метод оплаты ИД") == "saleor1c.on_delivery"
    assert document.requisite("Заказ оплачен") == "false"
    for name in ("Авторизовано", "Сумма оплаты", "Дата оплаты", "Номер платежного документа"):
        assert not document.requisite(name)
    # Again, it is the same promise.
    assert door.promise(method="cash") == began
    assert Attempt.objects.count() == 1
    assert door.attempt.next_poll is None


def test_what_1c_tells_in_parts_is_paid_on_the_promise(door: Counter) -> None:
    door.promise(method="card")
    books_of(door)
    for _ in range(2):
        assert not door.onec(200, "part-1").problems
        assert door.moves() == [(CHARGE, Decimal(200)), (PROMISED, OWED - 200)]
    assert door.attempt.status == Status.AUTHORISED
    assert not door.onec(300, "part-2").problems
    assert (door.attempt.status, door.attempt.charged) == (Status.CHARGED, OWED)
    assert door.moves() == [(CHARGE, Decimal(200)), (CHARGE, Decimal(300))]
    assert {(row.gateway, row.method) for row in door.order.payments} == {
        (door.gateway, "Карта при получении")
    }
    # A storefront that asks is told of what the shop knows, and of no third payment.
    ended = door.promise(method="card")
    assert (ended.status, ended.reference, ended.amount) == (Status.CHARGED, "part-2", 300)
    # 1C knows of it: nothing of it goes back.
    assert not door.document().others
    assert not door.is_news()
    # What comes when nothing is promised any more is another payment of 1C's.
    assert not door.onec(50, "tip").problems
    assert door.attempt.charged == OWED
    assert door.order.payments[-1].gateway != door.gateway


def test_what_1c_gives_back_is_given_back_of_the_promise(door: Counter) -> None:
    door.promise(method="cash")
    door.onec(OWED, "all")
    for _ in range(2):
        assert not door.refund(120, "back").problems
    assert door.moves() == [(CHARGE, OWED), (REFUND, Decimal(120))]
    assert door.order.payments[-1].gateway == door.gateway
    (given,) = Operation.objects.filter(kind=Operation.Kind.REFUND)
    assert (given.amount, given.state) == (Decimal(120), Operation.State.DONE)
    # More than is left of it is not of this promise.
    door.refund(390, "more")
    assert Operation.objects.filter(kind=Operation.Kind.REFUND).count() == 1


def test_staff_take_what_a_courier_brings_and_give_some_back(door: Counter) -> None:
    door.promise(method="cash")
    assert door.staff(Action.CHARGE, Decimal(450), "1").state == Operation.State.DONE
    assert door.attempt.status == Status.AUTHORISED
    assert door.promise(method="cash").actions == (Action.CHARGE, Action.CANCEL, Action.REFUND)
    # No more than is left.
    refused = door.staff(Action.CHARGE, Decimal(51), "2")
    assert (refused.state, refused.reason) == (
        Operation.State.FAILED,
        "Only 50.00 RUB is to be paid",
    )
    door.staff(Action.CANCEL, Decimal(50), "3")
    assert (door.attempt.status, door.attempt.charged) == (Status.CHARGED, Decimal(450))
    door.staff(Action.REFUND, Decimal(100), "4")
    assert door.staff(Action.REFUND, Decimal(351), "5").state == Operation.State.FAILED
    assert door.moves() == [(CHARGE, Decimal(450)), (REFUND, Decimal(100))]
    # This is news to 1C, in words by which it books cash.
    paid, back = door.document().others
    assert (paid.kind, paid.amount) == ("Выплата наличных денег", Decimal(450))
    assert (back.amount, back.requisite("Возврат")) == (Decimal(100), "true")


def test_staff_let_a_promise_go(door: Counter) -> None:
    door.promise(method="cash")
    door.staff(Action.CANCEL)
    assert door.attempt.status == Status.CANCELLED
    assert not door.moves()
    assert not door.document().order.requisite("Метод оплаты")
    # Who pays then has not kept it: it is a payment of 1C's own.
    door.onec(OWED, "late")
    assert door.attempt.charged == 0
    assert door.order.paid == OWED
    assert door.staff(Action.CHARGE, Decimal(1), "2").state == Operation.State.FAILED


def test_the_last_promise_is_the_one_that_is_kept(door: Counter) -> None:
    door.promise(1, method="cash")
    door.staff(Action.CANCEL)
    door.promise(2, method="card")
    door.onec(OWED, "all")
    first, last = Attempt.objects.order_by("created")
    assert (first.status, last.status) == (Status.CANCELLED, Status.CHARGED)
    assert door.order.payments[-1].method == "Карта при получении"


def test_an_order_that_is_cancelled_waits_for_nothing(door: Counter) -> None:
    door.promise(method="cash")
    door.cancel()
    assert door.attempt.status == Status.CANCELLED
    assert not door.moves()


def test_1c_and_staff_are_told_the_same_whoever_is_first(door: Counter) -> None:
    door.promise(method="cash")
    door.onec(OWED, "all")
    assert door.staff(Action.CHARGE).state == Operation.State.FAILED
    assert door.moves() == [(CHARGE, OWED)]


@pytest.mark.parametrize(
    ("given", "amount", "why"),
    [
        ({}, OWED, "cash, card"),
        ({"method": "cash"}, Decimal("30000.01"), "At most 30000 RUB"),
    ],
)
def test_what_is_not_offered_is_refused(
    door: Counter, given: dict[str, object], amount: Decimal, why: str
) -> None:
    answer = door.promise(amount=amount, **given)
    assert answer.status is Status.CANCELLED
    assert why in answer.message
    assert not door.moves()


def test_another_way_begins_nothing(door: Counter) -> None:
    with pytest.raises(Unusable):
        door.promise(method="gold")
    assert not Attempt.objects.exists()


def test_nobody_notifies(door: Counter) -> None:
    door.promise(method="cash")
    address = reverse("notified", args=["on_delivery"])
    for client in (Client().get(address), Client().post(address, {"paid": "true"})):
        assert client.status_code == 404
    page = reverse("payment-page", args=["on_delivery", "1"])
    assert Client().get(page).status_code == 404
    assert door.attempt.status == Status.AUTHORISED


@pytest.mark.parametrize(
    ("saved", "key"),
    [
        ({"methods": "cash, gold"}, "methods"),
        ({"methods": ","}, "methods"),
        ({"most": "0"}, "most"),
        ({"most": "many"}, "most"),
        ({"most": "NaN"}, "most"),
    ],
)
def test_settings_that_can_not_be_used(saved: dict[str, object], key: str) -> None:
    with pytest.raises(SettingsError) as caught:
        OnDeliverySettings.from_configuration(saved)
    assert caught.value.faults.keys() == {key}


def test_settings() -> None:
    settings = OnDeliverySettings.from_configuration({"methods": "Card", "most": "10 000,50"})
    assert (settings.methods, settings.most) == (("card",), Decimal("10000.50"))
