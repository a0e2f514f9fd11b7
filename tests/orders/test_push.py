"""Where 1C publishes an HTTP service, orders are there at once: signed, retried, newest last."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.test import Client

from saleor_1c_plugin.commerceml.documents import Operation
from saleor_1c_plugin.exchange.models import JournalEntry
from saleor_1c_plugin.orders.models import OrderRecord, Watermark
from saleor_1c_plugin.orders.outgoing import push
from saleor_1c_plugin.orders.tasks import look_through
from saleor_1c_plugin.outbox import messages
from saleor_1c_plugin.outbox.models import Message
from saleor_1c_plugin.outbox.tasks import deliver_pending
from saleor_1c_plugin.remembered import Remembered
from saleor_1c_plugin.reservations import holds
from saleor_1c_plugin.sandbox import checkout
from saleor_1c_plugin.sandbox.models import Order as Row
from saleor_1c_plugin.sandbox.orders import SandboxOrderStore
from saleor_1c_plugin.sandbox.settings import ONEC_CONFIGURATION
from saleor_1c_plugin.store.orders import OrderStatus
from tests.exchange.conftest import LOGIN, PASSWORD
from tests.exchange.test_orders_out import Sale, order, touch
from tests.exchange.test_reservations import cart, is_withdrawn, later
from tests.outbox.conftest import make_due

from .onec import document, read, send
from .service import SECRET, Service, serving

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def service() -> Iterator[Service]:
    with serving() as running:
        yield running


@pytest.fixture(autouse=True)
def _pushing(service: Service, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    # Tests empty the table that the migration began.
    Watermark.objects.all().delete()
    configure(settings, monkeypatch, push_url=service.url, push_secret=SECRET)


def configure(settings: Any, monkeypatch: pytest.MonkeyPatch, **orders: Any) -> None:
    settings.ONEC_CONFIGURATION = {
        **ONEC_CONFIGURATION,
        "exchange": {"login": LOGIN, "password": PASSWORD},
        "orders": orders,
    }
    Remembered.forget_all()


def sale() -> Sale:
    client = Sale()
    client.log_in()
    return client


def pay(order_id: str) -> None:
    checkout.pay(Row.objects.get(key=order_id))


def again() -> None:
    """Let all pauses be over."""
    make_due()
    deliver_pending()


def test_a_new_order_is_there_at_once_and_comes_no_second_time(service: Service) -> None:
    order_id = order()
    (came,) = service.orders
    assert (came.id, came.amount, came.lines[0].id) == (order_id, 200, "cup#1")
    assert came.counterparties[0].name == "Анна"
    # 1C that asks all the same has nothing to hear.
    assert sale().query() == []
    again()
    assert len(service.packages) == 1
    assert Row.objects.get().taken


def test_a_paid_order_comes_again_with_its_payment(service: Service) -> None:
    order_id = order()
    pay(order_id)
    assert [len(package) for package in service.packages] == [1, 2]
    (payment,) = [item for item in service.packages[1] if item.operation is not Operation.ORDER]
    assert (payment.operation, payment.amount, payment.basis) == (
        Operation.CARD_PAYMENT,
        200,
        order_id,
    )
    assert service.orders[1].requisite("Заказ оплачен") == "true"
    assert sale().query() == []


def test_a_reservation_is_there_at_once_and_withdrawn_when_it_is_over(
    service: Service, settings: Any
) -> None:
    settings.ONEC_CONFIGURATION["reservations"] = {"to_onec": "true"}
    cart_id = cart()
    holds.create(cart_id)
    assert [came.id for came in service.orders] == [f"res-{cart_id}"]
    later(60)
    look_through()
    again()
    assert [is_withdrawn(came) for came in service.orders] == [False, True]
    assert sale().query() == []


@pytest.mark.parametrize("written", ["2.08", "2.09", "3.1"])
def test_the_documents_are_in_the_version_that_is_set(
    service: Service, settings: Any, monkeypatch: pytest.MonkeyPatch, written: str
) -> None:
    configure(settings, monkeypatch, push_url=service.url, push_secret=SECRET, schema=written)
    order_id = order()
    assert [came.id for came in service.orders] == [order_id]


def test_a_service_that_fails_gets_the_newest_state_later(service: Service) -> None:
    service.statuses = [500, 503]
    first, second = order("1"), order("2")
    assert service.packages == []
    touch(first, "Позвоните")
    touch(first, "Не звоните")
    assert len(sale().query()) == 2
    again()
    assert {(came.id, came.comment) for came in service.orders} == {
        (first, "Не звоните"),
        (second, ""),
    }
    assert service.answers == [500, 503, 200, 200]
    assert sale().query() == []
    assert set(Message.objects.values_list("state", flat=True)) == {"delivered"}


def test_a_change_made_meanwhile_is_not_swallowed(service: Service) -> None:
    order_id = order("1")
    left = ["Во время", "И снова"]

    def change() -> None:
        if left:
            touch(order_id, left.pop(0))
        connections.close_all()

    service.meanwhile = change
    touch(order_id, "Сначала")
    assert [came.comment for came in service.orders] == ["", "Сначала", "Во время", "И снова"]
    record = OrderRecord.objects.get()
    assert record.version == record.confirmed
    assert sale().query() == []


def test_1c_that_is_wrong_meanwhile_is_told_once_more(service: Service) -> None:
    order_id = order()
    wrong = [document(order_id, requisites={"Отменен": "true"})]

    def cancel() -> None:
        if wrong:
            with transaction.atomic():
                send(wrong.pop())
        connections.close_all()

    service.meanwhile = cancel
    with transaction.atomic():
        row = Row.objects.get(key=order_id)
        row.status = OrderStatus.SHIPPED
        row.save()
    assert [came.requisite("Финальный статус") for came in service.orders] == [
        "false",
        "true",
        "true",
    ]
    assert sale().query() == []


def test_every_state_has_a_key_of_its_own(service: Service) -> None:
    order_id = order()
    touch(order_id, "Иначе")
    touch(order_id, "")
    # 1C's service may leave out a key that it has seen: the first state is news once more.
    assert [came.comment for came in service.orders] == ["", "Иначе", ""]
    assert len(set(service.keys)) == 3


def test_an_answer_that_is_lost_comes_again_under_the_same_key(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as database:
        # The worker dies before it has written down that 1C has the order.
        database.setattr(SandboxOrderStore, "mark_taken", lambda *_: 1 / 0)
        order_id = order()
    assert OrderRecord.objects.get().confirmed == 0
    again()
    assert [came.id for came in service.orders] == [order_id, order_id]
    assert len(set(service.keys)) == 1


def test_what_is_refused_waits_for_a_person_and_goes_by_the_exchange(service: Service) -> None:
    service.statuses = [400]
    order_id = order()
    message = Message.objects.get()
    assert (message.state, message.reason) == ("dead", "HTTP 400")
    client = sale()
    assert [came.id for came in client.query()] == [order_id]
    client.ask("success")
    # 1C has it by now: sent again, it is not told twice.
    messages.send_again(Message.objects.all())
    assert Message.objects.get().state == "delivered"
    assert service.answers == [400]


def test_what_was_refused_once_does_not_keep_back_what_follows(service: Service) -> None:
    service.statuses = [400, 400]
    order_id = order()
    touch(order_id, "Позвоните")
    message = Message.objects.get()
    assert (message.state, service.packages) == ("dead", [])
    pay(order_id)
    assert service.orders[0].requisite("Заказ оплачен") == "true"
    assert service.answers == [400, 400, 200]
    assert Message.objects.get().state == "delivered"
    assert sale().query() == []


def test_a_wrong_key_is_refused(
    service: Service, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(settings, monkeypatch, push_url=service.url, push_secret="другой ключ")
    order()
    assert service.answers == [401]
    assert Message.objects.get().state == "dead"


def test_what_1c_tells_is_not_told_back(service: Service) -> None:
    order_id = order(quantity=2)
    with transaction.atomic():
        report = send(document(order_id, requisites={"Номер по 1С": "К1", "Проведен": "true"}))
    assert report.messages == []
    assert read(order_id).metadata["onec.number"] == "К1"
    assert len(service.packages) == 1
    # Unless the shop does not do as 1C thinks.
    Row.objects.filter(key=order_id).update(status=OrderStatus.SHIPPED)
    with transaction.atomic():
        send(document(order_id, requisites={"Отменен": "true"}))
    assert service.orders[-1].requisite("Отменен") == "false"
    assert len(service.packages) == 2


def test_only_what_the_merchant_chose_is_sent(
    service: Service, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = service.url
    configure(settings, monkeypatch, push_url=url, push_secret=SECRET, only_paid="true")
    order_id = order()
    assert service.packages == []
    pay(order_id)
    assert [len(package) for package in service.packages] == [2]


def test_without_an_address_nothing_is_put_into_the_outbox(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(settings, monkeypatch)
    touch(order())
    assert not Message.objects.exists()
    assert len(sale().query()) == 1


def test_what_waits_when_the_service_is_switched_off_is_dropped_and_asked_for(
    service: Service, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.statuses = [500]
    order()
    configure(settings, monkeypatch)
    again()
    assert Message.objects.get().state == "delivered"
    assert service.answers == [500]
    assert len(sale().query()) == 1


def test_nothing_is_sent_of_what_is_rolled_back(service: Service) -> None:
    with transaction.atomic():
        order()
        transaction.set_rollback(True)
    assert not Message.objects.exists()
    assert service.packages == []


def test_a_row_that_is_written_without_a_transaction_is_no_error(service: Service) -> None:
    order_id = order()
    row = Row.objects.get(key=order_id)
    row.note = "Позвоните"
    row.save()
    assert service.orders[-1].comment == "Позвоните"


def test_the_key_and_the_address_are_told_to_nobody(
    service: Service,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    secret_url = service.url.replace("http://", "http://shop:пароль@")
    configure(settings, monkeypatch, push_url=secret_url, push_secret=SECRET)
    service.statuses = [400, 500]
    order("1")
    order("2")
    order("3")
    configure(settings, monkeypatch, push_url="http://shop:пароль@[::1", push_secret=SECRET)
    order("4")
    configure(settings, monkeypatch, push_url="http://shop:пароль@127.0.0.1:1/", push_secret=SECRET)
    order("5")
    configure(settings, monkeypatch, push_url="shop:пароль@1c", push_secret=SECRET)
    again()
    assert len(sale().ask("query")) > 0
    pages = [
        Client().get(f"/outbox/{query}").content.decode()
        for query in ("", "?state=pending", "?state=delivered")
    ]
    said = [
        caplog.text,
        *pages,
        *JournalEntry.objects.values_list("message", flat=True),
        *Message.objects.values_list("reason", flat=True),
        *map(str, Message.objects.values_list("payload", flat=True)),
    ]
    assert not [text for text in said if SECRET in text or "пароль" in text]


@pytest.mark.parametrize("is_pushed", [True, False])
def test_nobody_who_writes_an_order_waits_for_1c_and_1c_for_him(
    service: Service, is_pushed: bool
) -> None:
    service.statuses = [500]
    order_id = order()
    message = Message.objects.get()
    client = sale()
    client.query()
    given = OrderRecord.objects.get().version

    def take() -> None:
        try:
            push.deliver(message) if is_pushed else client.ask("success")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as onec, transaction.atomic():
        row = Row.objects.select_for_update().get(key=order_id)
        taking = onec.submit(take)
        wait_for_a_waiter()
        # Counts the change: with the order in hand, its record is wanted.
        row.save()
    taking.result()
    assert Row.objects.get().taken
    record = OrderRecord.objects.get()
    assert record.version == given + 1
    assert record.confirmed >= given


def wait_for_a_waiter() -> None:
    """Until another connection waits for a lock."""
    query = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = %s"
    deadline = time.monotonic() + 30
    with connection.cursor() as cursor:
        while True:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(query, [connection.settings_dict["NAME"]])
            if cursor.fetchone():
                return
            assert time.monotonic() < deadline
            time.sleep(0.02)
