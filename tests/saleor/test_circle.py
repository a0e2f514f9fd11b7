"""The whole circle on a Saleor that runs: its storefront, 1C over HTTP, and back."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from saleor.warehouse.models import Warehouse

from saleor_1c_plugin.sandbox.storefront import Buyer
from tests.outbox.receiver import Receiver, header

from .live import LiveShop, OneC, configured, journal, local, order_row
from .sales import gid

_WEBHOOK = """mutation ($input: WebhookCreateInput!) { webhookCreate(input: $input) {
  webhook { id } errors { field message } } }"""
_APP = """mutation { appCreate(input: { name: "Наблюдатель", permissions: [MANAGE_ORDERS] }) {
  app { id } errors { field message } } }"""
_EVENTS = ["ORDER_CONFIRMED", "ORDER_FULLY_PAID", "FULFILLMENT_CREATED", "ORDER_FULFILLED"]
_MINE = """{ me { orders(first: 5) { edges { node { id status isPaid
  fulfillments { trackingNumber } } } } } }"""
_CHARGED = """query ($id: ID!) { order(id: $id) { statusDisplay
  transactions { id name chargedAmount { amount } } events { type message } } }"""
_PAY = """mutation ($id: ID!, $paid: TransactionCreateInput!) { transactionCreate(
  id: $id, transaction: $paid) { transaction { id } errors { field message } } }"""
_REFUND = """mutation ($id: ID!, $given: TransactionUpdateInput!) { transactionUpdate(
  id: $id, transaction: $given) { errors { field message } } }"""
_UPDATE = """mutation ($id: ID!, $input: OrderUpdateInput!) { orderUpdate(
  id: $id, input: $input) { errors { field message } } }"""
_CONFIRM = "mutation ($id: ID!) { orderConfirm(id: $id) { errors { field message } } }"
_MARK_PAID = "mutation ($id: ID!) { orderMarkAsPaid(id: $id) { errors { field message } } }"
_LINES = "query ($id: ID!) { order(id: $id) { lines { id } } }"
_FULFILL = """mutation ($id: ID!, $lines: [OrderFulfillLineInput!]!) { orderFulfill(
  order: $id, input: { lines: $lines, trackingNumber: "RA6" }) { errors { field message } } }"""
_NOTE = """mutation ($id: ID!) { orderNoteAdd(order: $id, input: { message: "Позвонить" }) {
  errors { field message } } }"""
_CANCEL = "mutation ($id: ID!) { orderCancel(id: $id) { errors { field message } } }"


@pytest.fixture
def onec(live: LiveShop) -> OneC:
    """A 1C that has taken whatever others left."""
    return OneC(live)


@pytest.fixture
def hooks(live: LiveShop) -> Iterator[Receiver]:
    """An app that hears of orders."""
    receiver = Receiver(keep_requests=True)
    app = live.staff.ask(_APP)["appCreate"]["app"]["id"]
    wanted = {"name": "all", "targetUrl": receiver.url, "app": app, "asyncEvents": _EVENTS}
    live.staff.ask(_WEBHOOK, {"input": wanted})
    yield receiver
    receiver.stop()


def heard(receiver: Receiver, events: set[str]) -> None:
    """Wait until the app has heard of all these."""
    deadline = time.monotonic() + 60
    while missing := events - {
        header(head, b"saleor-event").decode() for head, _ in receiver.requests
    }:
        assert time.monotonic() < deadline, missing
        time.sleep(0.2)


@pytest.mark.parametrize("version", ["", "3.1"])
def test_a_guest_orders_and_1c_confirms_is_paid_and_ships_in_two_parts(
    live: LiveShop, hooks: Receiver, version: str
) -> None:
    onec, key = OneC(live, version=version), f"cup-{version}"
    onec.export({key: 10})
    guest = live.guest()
    checkout = guest.checkout(
        {live.variant(key): 4},
        company="ООО «Рога»",
        metadata={"inn": "7707083893", "kpp": "773601001"},
    )
    order = guest.complete(checkout)
    assert guest.see(order)["status"] == "UNCONFIRMED"
    assert live.stock(key) == (10, 4)
    assert onec.fetch() == [local(order)]
    assert onec.fetch() == []
    taken = onec.books[local(order)].order
    [buyer] = taken.counterparties
    assert (buyer.inn, buyer.kpp) == ("7707083893", "773601001")
    assert (taken.amount, taken.number) == (750, guest.see(order)["number"])

    onec.books.post(local(order))
    onec.send(local(order))
    seen = guest.see(order)
    assert (seen["status"], seen["metafield"]) == (
        "UNFULFILLED",
        onec.books[local(order)].number,
    )
    assert onec.fetch() == []

    onec.books.pay(local(order))
    onec.send(local(order))
    seen = guest.see(order)
    assert (seen["isPaid"], seen["chargeStatus"]) == (True, "FULL")
    assert seen["totalCharged"]["amount"] == 750
    assert onec.fetch() == []

    time.sleep(1)
    onec.books.ship(local(order), "RA1", {key: Decimal(1)})
    onec.send(local(order))
    seen = guest.see(order)
    assert seen["status"] == "PARTIALLY_FULFILLED"
    assert live.stock(key) == (9, 3)
    assert onec.fetch() == []

    onec.books.ship(local(order), "RA2")
    onec.send(local(order))
    seen = guest.see(order)
    assert seen["status"] == "FULFILLED"
    shipped = {
        item["trackingNumber"]: [line["quantity"] for line in item["lines"]]
        for item in seen["fulfillments"]
    }
    assert shipped == {"RA1": [1], "RA2": [3]}
    assert live.stock(key) == (6, 0)
    assert onec.fetch() == []
    # Told once more, nothing happens twice.
    onec.send(local(order))
    assert guest.see(order) == seen
    assert onec.fetch() == []
    assert all("с ошибками 0" in answer for answer in onec.told), onec.told
    [transaction] = live.staff.ask(_CHARGED, {"id": order})["order"]["transactions"]
    assert transaction["chargedAmount"]["amount"] == 750
    heard(hooks, {name.lower() for name in _EVENTS})


def test_a_customer_pays_at_the_site_and_1c_ships(live: LiveShop, onec: OneC) -> None:
    onec.export({"paid-cup": 5})
    customer = live.user("maria@example.com")
    buyer = Buyer(customer, "main")
    checkout = buyer.checkout({live.variant("paid-cup"): 1})
    paid = {"name": "Карта", "pspReference": "psp-1"}
    paid |= {"amountCharged": {"amount": 450, "currency": "RUB"}}  # type: ignore[dict-item]
    live.staff.ask(_PAY, {"id": checkout, "paid": paid})
    order = buyer.complete(checkout)
    assert onec.fetch() == [local(order)]
    entry = onec.books[local(order)]
    assert (entry.paid, entry.order.amount) == (450, 450)
    assert not onec.books.pay(local(order))
    onec.books.post(local(order))
    onec.books.ship(local(order), "RA3")
    onec.send(local(order))
    assert onec.fetch() == []
    [edge] = customer.ask(_MINE)["me"]["orders"]["edges"]
    assert edge["node"] == {
        "id": order,
        "status": "FULFILLED",
        "isPaid": True,
        "fulfillments": [{"trackingNumber": "RA3"}],
    }
    shown = live.staff.ask(_CHARGED, {"id": order})["order"]
    [transaction] = shown["transactions"]
    assert (transaction["name"], transaction["chargedAmount"]["amount"]) == ("Карта", 450)

    # The staff give money back: news, once.
    given = {"amountRefunded": {"amount": 100, "currency": "RUB"}}
    given["amountCharged"] = {"amount": 350, "currency": "RUB"}
    live.staff.ask(_REFUND, {"id": transaction["id"], "given": given})
    assert onec.fetch() == [local(order)]
    assert onec.books[local(order)].paid == 350
    assert onec.fetch() == []


def test_what_the_staff_do_is_news_once(live: LiveShop, onec: OneC) -> None:
    onec.export({"staff-cup": 5})
    guest = live.guest()
    order = guest.complete(guest.checkout({live.variant("staff-cup"): 2}))
    assert onec.fetch() == [local(order)]
    # No document tells of a remark of the staff's.
    live.staff.ask(_NOTE, {"id": order})
    assert onec.fetch() == []
    live.staff.ask(_UPDATE, {"id": order, "input": {"userEmail": "new@example.com"}})
    assert onec.fetch() == [local(order)]
    [buyer] = onec.books[local(order)].order.counterparties
    assert "new@example.com" in [contact.value for contact in buyer.contacts]
    assert onec.fetch() == []
    live.staff.ask(_CANCEL, {"id": order})
    assert onec.fetch() == [local(order)]
    assert onec.books[local(order)].order.requisite("Отменен") == "true"
    assert onec.fetch() == []
    assert live.stock("staff-cup") == (5, 0)


def test_what_the_staff_confirm_are_paid_for_and_ship_is_in_1c_too(
    live: LiveShop, onec: OneC
) -> None:
    onec.export({"hand-cup": 5})
    guest = live.guest()
    order = guest.complete(guest.checkout({live.variant("hand-cup"): 2}))
    onec.fetch()
    entry = onec.books[local(order)]
    live.staff.ask(_CONFIRM, {"id": order})
    live.staff.ask(_MARK_PAID, {"id": order})
    [line] = live.staff.ask(_LINES, {"id": order})["order"]["lines"]
    stocks = [{"quantity": 2, "warehouse": gid(Warehouse.objects.get(slug="main"))}]
    lines = [{"orderLineId": line["id"], "stocks": stocks}]
    live.staff.ask(_FULFILL, {"id": order, "lines": lines})
    assert onec.fetch() == [local(order)]
    assert onec.fetch() == []
    assert (entry.paid, entry.left()) == (entry.order.amount, {})
    assert "RA6" in [one.requisite("Идентификатор отправления") for one in entry.told.values()]
    seen = guest.see(order)
    # 1C has nothing to add: it tells of what it heard.
    assert not onec.books.pay(local(order))
    assert not onec.books.ship(local(order))
    onec.books.post(local(order))
    onec.send(local(order))
    assert guest.see(order) == seen | {"metafield": entry.number}
    assert live.stock("hand-cup") == (3, 0)
    assert onec.fetch() == []


@pytest.mark.parametrize("first", ["stock", "shipment"])
def test_what_1c_ships_leaves_the_stock_once(live: LiveShop, onec: OneC, first: str) -> None:
    key = f"once-{first}"
    onec.export({key: 10})
    guest = live.guest()
    order = guest.complete(guest.checkout({live.variant(key): 3}))
    onec.fetch()
    onec.books.post(local(order))
    onec.send(local(order))
    # 1C's documents know no parts of a second.
    time.sleep(1)
    onec.books.ship(local(order), "RA4")
    if first == "stock":
        onec.export({key: 7})
        onec.send(local(order))
    else:
        onec.send(local(order))
        assert live.stock(key) == (7, 0)
        onec.export({key: 7})
    assert guest.see(order)["status"] == "FULFILLED"
    assert live.stock(key) == (7, 0)
    onec.export({key: 7})
    assert live.stock(key) == (7, 0)


def test_an_order_that_1c_cancels_frees_its_goods(live: LiveShop, onec: OneC) -> None:
    onec.export({"free-cup": 5})
    guest = live.guest()
    order = guest.complete(guest.checkout({live.variant("free-cup"): 2}))
    assert live.stock("free-cup") == (5, 2)
    onec.fetch()
    onec.books.cancel(local(order))
    onec.send(local(order))
    assert guest.see(order)["status"] == "CANCELED"
    assert live.stock("free-cup") == (5, 0)
    assert onec.fetch() == []


def test_an_order_typed_into_1c_appears_where_that_is_set(live: LiveShop, onec: OneC) -> None:
    onec.export({"typed-cup": 5})
    guest = live.guest()
    sample = guest.complete(guest.checkout({live.variant("typed-cup"): 2}))
    onec.fetch()
    goods = [line for line in onec.books[local(sample)].order.lines if not line.is_service]
    typed = replace(
        onec.books[local(sample)].order,
        id="c0ffee00-0000-4000-8000-000000000001",
        number="ТД-77",
        onec_number="ТД-77",
        lines=tuple(goods),
        amount=sum((line.amount for line in goods), Decimal(0)),
        taxes=(),
        requisites=(("Проведен", "true"),),
    )
    onec.tell(typed)
    assert "с ошибками 1" in onec.told[-1]
    with configured("orders", create_orders=True, new_order_channel="main"):
        onec.tell(typed)
        assert "создано 1" in onec.told[-1], journal()
        onec.tell(typed)
        assert "без изменений 1" in onec.told[-1]
    made = live.staff.ask(
        """{ order(externalReference: "c0ffee00-0000-4000-8000-000000000001") {
        status metafield(key: "onec.number") total { gross { amount } }
        lines { quantity } } }"""
    )["order"]
    assert made == {
        "status": "UNFULFILLED",
        "metafield": "ТД-77",
        "total": {"gross": {"amount": 200.0}},
        "lines": [{"quantity": 2}],
    }
    assert onec.fetch() == []


@pytest.mark.parametrize(("winner", "quantity"), [("onec", 3), ("shop", 2)])
def test_an_order_changed_in_both_places(
    live: LiveShop, onec: OneC, winner: str, quantity: int
) -> None:
    key = f"both-{winner}"
    onec.export({key: 10})
    guest = live.guest()
    order = guest.complete(guest.checkout({live.variant(key): 2}))
    onec.fetch()
    onec.books.change(local(order), key, Decimal(3))
    onec.books.post(local(order))
    live.staff.ask(_UPDATE, {"id": order, "input": {"userEmail": "both@example.com"}})
    with configured("orders", conflict=winner):
        onec.send(local(order))
    assert [line.quantity for line in order_row(order).lines.all()] == [quantity]
    seen = guest.see(order)
    assert seen["status"] == ("UNFULFILLED" if winner == "onec" else "UNCONFIRMED")
    assert "Заказ изменён и в магазине, и в 1С" in journal()
    # 1C hears how it ended, once.
    assert onec.fetch() == [local(order)]
    assert onec.books[local(order)].order.lines[0].quantity == quantity
    assert onec.fetch() == []


def test_a_1c_of_old_does_it_all_in_windows_1251_and_in_an_archive(live: LiveShop) -> None:
    with configured("exchange", login="1c", password="secret", encoding="windows-1251"):
        onec = OneC(live, version="", encoding="windows-1251")
        onec.export({"old-cup": 5})
        guest = live.guest()
        order = guest.complete(guest.checkout({live.variant("old-cup"): 1}))
        assert onec.fetch() == [local(order)]
        at = f"{datetime.now(UTC):%Y-%m-%d}"
        told = replace(
            onec.books[local(order)].order,
            onec_number="ЗК-000001",
            requisites=(
                ("Номер по 1С", "ЗК-000001"),
                ("Дата по 1С", at),
                ("Проведен", "true"),
                ("Номер оплаты по 1С", "ПП-1"),
                ("Дата оплаты по 1С", at),
                ("Номер отгрузки по 1С", "РН-1"),
                ("Дата отгрузки по 1С", at),
                ("Идентификатор отправления", "RA5"),
            ),
        )
        onec.tell(told, encoding="windows-1251", zipped=True)
        seen = guest.see(order)
        assert (seen["status"], seen["isPaid"], seen["metafield"]) == (
            "FULFILLED",
            True,
            "ЗК-000001",
        )
        assert [item["trackingNumber"] for item in seen["fulfillments"]] == ["RA5"]
        assert onec.fetch() == []
