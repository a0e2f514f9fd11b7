"""What the people of an account do comes back, once."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.db.models.functions import Now

from saleor_1c_plugin.crm.models import Link, Look
from saleor_1c_plugin.history.event import Kind
from saleor_1c_plugin.history.models import Record
from saleor_1c_plugin.sandbox.models import Customer, Order
from saleor_1c_plugin.sandbox.standins.faults import Fault
from saleor_1c_plugin.store import current_orders
from saleor_1c_plugin.store.orders import Address, Buyer, LineChange, NewOrder, OrderStatus
from tests.crm.conftest import look, settle
from tests.crm.standins.retailcrm import RetailCrm
from tests.receipts import sales
from tests.sandbox.goods import CHANNEL

from .conftest import ANNA, mirrored, order_of

SECRET = "hooksecret0123456789"


def metadata(order: Order) -> dict[str, str]:
    order.refresh_from_db()
    found: dict[str, str] = {
        key: value
        for key, value in order.private_metadata.items()
        if key.startswith("onec.crm.retailcrm.")
    }
    return found


def test_what_people_do_there_comes_back_once(account: RetailCrm, settings: Any) -> None:
    mirrored(settings, account, back_minutes="10", payment_type="bank-card")
    look("retailcrm")
    order = sales.order()
    settle()
    look("retailcrm")
    record, there = order_of(account, order)
    # Our own writing is no news.
    assert not Record.objects.filter(kind=Kind.CRM_CHANGED).exists()
    account.change("orders", record, status="assembling", managerId=7)
    account.change("orders", record, managerComment="Позвонить до 12")
    look("retailcrm")
    assert metadata(order) == {
        "onec.crm.retailcrm.stage": "assembling",
        "onec.crm.retailcrm.stage_name": "Комплектуется",
        "onec.crm.retailcrm.responsible": "Ольга Смирнова",
        "onec.crm.retailcrm.responsible_id": "7",
        "onec.crm.retailcrm.comment": "Позвонить до 12",
    }
    (comment,) = Link.objects.filter(of=Link.Of.COMMENT)
    assert comment.theirs.startswith("history:")
    told = Record.objects.filter(kind=Kind.CRM_CHANGED).count()
    assert told >= 2
    called = len(account.called)
    look("retailcrm")
    # Two journals without anything new.
    assert account.called[called:] == ["GET v#/orders/history", "GET v#/customers/history"]
    # What came back does not go there again.
    assert len(account.notes(there["customer"]["id"])) == 2
    account.change("orders", record, managerComment="Позвонить после 12")
    sales.pay(order, "200.00")
    settle()
    look("retailcrm")
    assert metadata(order)["onec.crm.retailcrm.comment"] == "Позвонить после 12"
    assert metadata(order)["onec.crm.retailcrm.stage"] == "prepayed"
    assert Link.objects.filter(of=Link.Of.COMMENT).count() == 2
    assert Record.objects.filter(kind=Kind.CRM_CHANGED).count() == told + 1
    assert there["managerComment"] == "Позвонить после 12"


def test_a_status_may_cancel_the_order(account: RetailCrm, settings: Any) -> None:
    mirrored(settings, account, back_minutes="10", back_actions="cancel-other = cancel")
    look("retailcrm")
    order = sales.order()
    settle()
    look("retailcrm")
    record, _there = order_of(account, order)
    account.change("orders", record, status="cancel-other")
    look("retailcrm")
    order.refresh_from_db()
    assert order.status == OrderStatus.CANCELLED


def test_details_of_a_customer_come_back_to_the_account(account: RetailCrm, settings: Any) -> None:
    mirrored(settings, account, back_minutes="10", contacts_back="true")
    look("retailcrm")
    anna = Customer.objects.create(email=ANNA, first_name="Анна", last_name="Ли")
    line = LineChange(1, variant_id=str(sales.cups("100.00").pk))
    new = NewOrder(str(uuid4()), CHANNEL, Buyer(id=str(anna.pk), email=ANNA), (line,), Address())
    with transaction.atomic():
        current_orders().create_order(new)
    settle()
    look("retailcrm")
    ((customer, _row),) = account.rows["customers"].items()
    account.change(
        "customers",
        customer,
        lastName="Ким",
        email="other@shop.example",
        phones=[{"number": "8 999 000-00-00"}],
        tags=[{"name": "опт"}],
    )
    look("retailcrm")
    anna.refresh_from_db()
    assert (anna.email, anna.last_name, anna.phone) == (ANNA, "Ким", "+79990000000")


def test_more_than_a_page_of_a_journal(account: RetailCrm, settings: Any) -> None:
    mirrored(settings, account, back_minutes="10")
    look("retailcrm")
    orders = [sales.order(email=f"guest{number}@shop.example") for number in range(3)]
    settle()
    look("retailcrm")
    records = [order_of(account, order)[0] for order in orders]
    for number in range(30):
        for record in records[:2]:
            account.change("orders", record, managerComment=f"{number}")
    account.change("orders", records[2], status="assembling")
    account.faults.script += [None, Fault.DOWN, None, Fault.CUT]
    look("retailcrm")
    assert metadata(orders[0])["onec.crm.retailcrm.comment"] == "29"
    assert metadata(orders[2])["onec.crm.retailcrm.stage"] == "assembling"


def test_a_trigger_has_it_looked_at(account: RetailCrm, settings: Any, client: Any) -> None:
    mirrored(settings, account, back_minutes="10", hook_secret=SECRET)
    look("retailcrm")
    order = sales.order()
    settle()
    record, _there = order_of(account, order)
    account.change("orders", record, status="assembling")
    Look.objects.update(asked=Now() - timedelta(minutes=1))
    for forged in ("", "/", f"/{SECRET[:-1]}", f"/{SECRET}x", "/секрет"):
        assert client.post(f"/crm/retailcrm/changed{forged}").status_code in (403, 404)
    settle()
    assert not metadata(order)
    assert client.get(f"/crm/retailcrm/changed/{SECRET}").status_code == 405
    assert client.post(f"/crm/retailcrm/changed/{SECRET}", {"id": "1"}).status_code == 204
    settle()
    assert metadata(order)["onec.crm.retailcrm.stage"] == "assembling"
    mirrored(settings, account, back_minutes="10")
    assert client.post("/crm/retailcrm/changed/").status_code in (403, 404)
