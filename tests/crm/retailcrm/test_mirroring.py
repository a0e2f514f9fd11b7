"""What happens in the shop is in RetailCRM, once, and nothing that its people wrote is lost."""

import threading
from decimal import Decimal
from typing import Any

from django.db import connections, transaction

from saleor_1c_plugin.crm import resync
from saleor_1c_plugin.crm.adapter import Deal, Row, system
from saleor_1c_plugin.crm.models import Link, Person, Resync
from saleor_1c_plugin.crm.retailcrm.system import RetailCrm as System
from saleor_1c_plugin.history import journal
from saleor_1c_plugin.history.event import Customer as EventCustomer
from saleor_1c_plugin.history.event import Event, Kind
from saleor_1c_plugin.outbox.models import Message
from saleor_1c_plugin.outbox.tasks import deliver_pending
from saleor_1c_plugin.sandbox.standins.faults import Fault
from tests.crm.conftest import links, settle
from tests.crm.standins.retailcrm import KEY, RetailCrm
from tests.receipts import sales

from .conftest import ANNA, mirrored, order_of, placed, saved


def test_an_order_s_whole_way(account: RetailCrm, settings: Any) -> None:
    mirrored(settings, account, payment_type="bank-card", manager="7")
    order = sales.order(3, "100.00")
    settle()
    ((customer, anna),) = account.rows["customers"].items()
    assert (anna["firstName"], anna["lastName"], anna["email"]) == ("Анна", "Ли", ANNA)
    assert links("contact") == [f"{customer}"]
    record, there = order_of(account, order)
    assert there["customer"] == {"id": customer}
    assert (there["status"], there["managerId"]) == ("client-confirmed", 7)
    assert (there["number"], there["email"], there["firstName"]) == (str(order.pk), ANNA, "Анна")
    assert [(row["initialPrice"], row["quantity"]) for row in there["items"]] == [(100.0, 3)]
    assert not there["payments"]
    sales.pay(order, "300.00")
    settle()
    assert there["status"] == "prepayed"
    assert [row["amount"] for row in there["payments"]] == [300.0]
    sales.ship(order)
    sales.give_back(order, "100.00")
    settle()
    assert there["status"] == "complete"
    assert [row["amount"] for row in there["payments"]] == [200.0]
    notes = account.notes(customer)
    assert len(notes) == len(set(notes)) == 10
    assert all(note.startswith(f"№ {order.pk}\n") for note in notes)
    assert "The order is placed: 300.00 RUB" in notes[0]
    assert len(account.rows["customers"]) == len(account.rows["orders"]) == 1
    assert links("deal") == [f"{record}"]
    assert not account.limited


def test_what_people_have_written_stays(account: RetailCrm) -> None:
    order = sales.order(2, "100.00")
    settle()
    record, there = order_of(account, order)
    account.change(
        "orders",
        record,
        status="assembling",
        managerComment="Позвонить",
        items=[*there["items"], {"id": 1, "productName": "Подарок", "initialPrice": 0}],
    )
    sales.pay(order, "10.00")
    settle()
    assert (there["status"], there["managerComment"]) == ("assembling", "Позвонить")
    rows = (Row("Чашка", Decimal("100.00"), 5), Row("Блюдце", Decimal("50.00"), 1))
    delivery = Row("Курьер", Decimal("300.00"), 1, is_delivery=True)
    deal = Deal(str(order.key), "1", "RUB", Decimal("850.00"), (*rows, delivery))
    given = saved(account)
    for _ in range(2):
        assert System().change_deals(given, [(f"{record}", deal)])[0].id == f"{record}"
        names = [(row["productName"], row.get("quantity")) for row in there["items"]]
        assert names == [("Чашка", 5), ("Блюдце", 1), ("Подарок", None)]
    assert there["delivery"] == {"cost": 300.0}
    assert (there["status"], there["managerComment"]) == ("assembling", "Позвонить")
    assert account.called.count("POST v#/orders/#/edit") == 1


def test_answers_that_are_lost_make_nothing_twice(account: RetailCrm, settings: Any) -> None:
    mirrored(settings, account, payment_type="bank-card")
    order = sales.order()
    # Every call of these fails; most of what it asks for is done all the same.
    met = [Fault.LOST, Fault.DROPPED, Fault.CUT, Fault.DOWN, Fault.UNHEARD] * 4
    for fault in met:
        account.faults.script += [fault, *([None] if fault is Fault.DOWN else [])]
    settle()
    sales.pay(order, "200.00")
    settle()
    assert sum(account.faults.met.values()) == len(met)
    ((customer, _anna),) = account.rows["customers"].items()
    _record, there = order_of(account, order)
    assert there["status"] == "prepayed"
    assert [row["amount"] for row in there["payments"]] == [200.0]
    notes = account.notes(customer)
    assert len(notes) == len(set(notes)) == Link.objects.filter(of="fact").count() == 5


def test_events_of_one_customer_at_the_same_time(account: RetailCrm) -> None:
    for _ in range(4):
        sales.order(email=ANNA)
    sales.order(email=ANNA.upper())
    workers = [threading.Thread(target=_deliver) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    settle()
    assert len(account.rows["customers"]) == Person.objects.count() == 1
    assert len(account.rows["orders"]) == 5


def _deliver() -> None:
    try:
        settle(120)
    finally:
        connections.close_all()


def test_what_was_deleted_there_is_made_again(account: RetailCrm) -> None:
    order = sales.order()
    settle()
    record, _there = order_of(account, order)
    account.remove("orders", record)
    for customer in list(account.rows["customers"]):
        account.remove("customers", customer)
    sales.pay(order, "200.00")
    settle()
    assert len(account.rows["customers"]) == 1
    assert order_of(account, order)[1]["status"] == "prepayed"


def test_orders_in_another_currency_are_notes(account: RetailCrm, settings: Any) -> None:
    mirrored(settings, account, currency="USD")
    sales.order()
    settle()
    ((customer, _anna),) = account.rows["customers"].items()
    assert not account.rows["orders"]
    assert "The order is placed: 200.00 RUB" in account.notes(customer)[0]
    retailcrm = system("retailcrm")
    assert retailcrm is not None
    resync.begin(retailcrm)
    settle()
    assert not account.rows["orders"]
    assert Resync.objects.get().ended


def test_goods_of_the_catalogue(account: RetailCrm) -> None:
    account.offers += [{"id": 41, "xmlId": "uuid#1"}, {"id": 42, "xmlId": "uuid#2"}]
    given = saved(account)
    customer = account.keep("customers", firstName="Анна")
    rows = tuple(
        Row(f"Чашка {number}", Decimal("100.00"), 1, onec_id=f"uuid#{number}")
        for number in (1, 2, 3)
    )
    deal = Deal("key", "Заказ", "RUB", Decimal("300.00"), rows, f"{customer}", number="17")
    for is_on, offers in (("true", [41, 42, None]), ("false", [None, None, None])):
        account.rows["orders"].clear()
        (written,) = System().make_deals({**given, "catalog": is_on}, [deal])
        there = account.rows["orders"][int(written.id)]
        assert [row.get("offer", {}).get("id") for row in there["items"]] == offers


def test_a_closed_account_is_named_and_the_key_is_not(account: RetailCrm) -> None:
    account.is_closed = True
    sales.order()
    journal.read_on()
    deliver_pending()
    reasons = Message.objects.filter(topic="crm.retailcrm").exclude(reason="")
    (reason,) = {row.reason for row in reasons}
    assert "does not let us in" in reason
    assert KEY not in reason
    account.is_closed = False
    settle()
    assert len(account.rows["orders"]) == 1


def test_what_has_no_order_is_a_note_of_the_customer(account: RetailCrm) -> None:
    event = Event(
        "cart:1",
        Kind.CART_LEFT,
        journal.now(),
        EventCustomer(email=ANNA, phone="+79990000000", name="Анна Ли"),
        data={"total": "500.00", "currency": "RUB"},
    )
    with transaction.atomic():
        journal.record([event])
    settle()
    (customer,) = account.rows["customers"]
    (text,) = account.notes(customer)
    assert text.startswith("A cart was left: 500.00 RUB")


def test_one_shop_of_several(account: RetailCrm, settings: Any) -> None:
    account.sites.append("second")
    mirrored(settings, account, site="shop")
    placed(metadata={"ИНН": "7707083893"}, company="ООО «Чашка»")
    settle()
    assert len(account.rows["orders"]) == len(account.rows["customers-corporate"]) == 1
