"""What happens in the shop is in the CRM, once."""

import threading
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from django.db import connections, transaction

from saleor_1c_plugin.crm import erasing, proposals
from saleor_1c_plugin.crm.adapter import system
from saleor_1c_plugin.crm.models import Held, Link, Mark, Person, Proposal
from saleor_1c_plugin.crm.taking import take
from saleor_1c_plugin.history import journal
from saleor_1c_plugin.history.event import Customer, Event, Kind
from saleor_1c_plugin.orders.models import CustomerLink
from saleor_1c_plugin.outbox.models import Message
from saleor_1c_plugin.outbox.tasks import deliver_pending
from saleor_1c_plugin.sandbox.models import Order
from saleor_1c_plugin.sandbox.standins.bitrix24 import Bitrix24
from saleor_1c_plugin.sandbox.standins.faults import Fault
from saleor_1c_plugin.store import current_orders
from saleor_1c_plugin.store.orders import Address, Buyer, LineChange, NewOrder
from tests.receipts import sales
from tests.sandbox.goods import CHANNEL

from .conftest import configure, links, mirrored, settle

ANNA = "anna@shop.example"


def deal_of(portal: Bitrix24, order: Order) -> tuple[int, dict[str, Any]]:
    (found,) = [
        (record, row)
        for record, row in portal.rows["deal"].items()
        if row.get("ORIGIN_ID") == str(order.key)
    ]
    return found


def placed(email: str = ANNA, metadata: Mapping[str, str] | None = None, **fields: str) -> Order:
    """An order with an address of the buyer's."""
    address = Address("Анна", "Ли", country_code="RU", **fields)
    line = LineChange(2, variant_id=str(sales.cups("100.00").pk))
    new = NewOrder(
        str(uuid4()), CHANNEL, Buyer(email=email), (line,), address, metadata=metadata or {}
    )
    with transaction.atomic():
        return Order.objects.get(key=current_orders().create_order(new))


def test_an_order_s_whole_way(portal: Bitrix24) -> None:
    order = sales.order(3, "100.00")
    settle()
    (contact,) = portal.rows["contact"].values()
    assert (contact["NAME"], contact["LAST_NAME"]) == ("Анна", "Ли")
    assert contact["EMAIL"] == [{"VALUE": ANNA, "VALUE_TYPE": "HOME"}]
    record, deal = deal_of(portal, order)
    assert (deal["STAGE_ID"], deal["CURRENCY_ID"]) == ("PREPARATION", "RUB")
    assert deal["CONTACT_ID"] == links("contact")[0]
    assert [(row["PRICE"], row["QUANTITY"]) for row in portal.products[record]] == [("100.00", "3")]
    sales.pay(order, "300.00")
    settle()
    assert deal["STAGE_ID"] == "EXECUTING"
    sales.ship(order)
    sales.give_back(order, "100.00")
    settle()
    assert deal["STAGE_ID"] == "WON"
    heads = [text.splitlines()[0] for text in portal.comments("deal", record)]
    assert len(heads) == len(set(portal.comments("deal", record))) == 10
    assert heads[0].startswith("The order is placed: 300.00 RUB")
    assert any(head.startswith("Refund: 100.00 RUB") for head in heads)
    assert len(portal.rows["contact"]) == len(portal.rows["deal"]) == 1
    assert not portal.limited


def test_what_is_heard_twice_is_written_once(portal: Bitrix24) -> None:
    sales.order()
    settle()
    written = [len(rows) for rows in portal.rows.values()]
    events = journal.after(0, 100)
    Message.objects.all().delete()
    with transaction.atomic():
        take(events)
    settle()
    assert [len(rows) for rows in portal.rows.values()] == written


def test_answers_that_are_lost_make_nothing_twice(portal: Bitrix24) -> None:
    order = sales.order()
    # Every call of these fails; most of what it asks for is done all the same.
    faults = [Fault.LOST, Fault.DROPPED, Fault.CUT, Fault.DOWN, Fault.UNHEARD] * 3
    for fault in faults:
        portal.faults.script += [fault, *([None] if fault is Fault.DOWN else [])]
    settle()
    sales.pay(order, "200.00")
    settle()
    assert sum(portal.faults.met.values()) == len(faults)
    assert len(portal.rows["contact"]) == len(portal.rows["deal"]) == 1
    record, deal = deal_of(portal, order)
    assert deal["STAGE_ID"] == "EXECUTING"
    comments = portal.comments("deal", record)
    assert len(comments) == len(set(comments)) == Link.objects.filter(of="fact").count() == 5


def test_events_of_one_customer_at_the_same_time(portal: Bitrix24) -> None:
    """As a guest and with an account, in several orders, by several workers."""
    for _ in range(4):
        sales.order(email=ANNA)
    sales.order(email=ANNA.upper())
    workers = [threading.Thread(target=_deliver) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    settle()
    assert len(portal.rows["contact"]) == Person.objects.count() == 1
    assert len(portal.rows["deal"]) == 5


def _deliver() -> None:
    try:
        settle()
    finally:
        connections.close_all()


def test_whoever_is_there_already_is_found(portal: Bitrix24) -> None:
    by_phone = portal.keep("contact", NAME="Аня", PHONE=["8 (999) 000-00-00"])
    placed(phone="+79990000000")
    settle()
    (row,) = portal.rows["contact"].values()
    assert links("contact") == [str(by_phone)]
    # What people have written stays, what was missing is there now.
    assert (row["NAME"], row["LAST_NAME"], len(row["PHONE"])) == ("Аня", "Ли", 1)
    assert [one["VALUE"] for one in row["EMAIL"]] == [ANNA]
    assert "ORIGIN_ID" not in row


def test_1c_s_id_says_who_it_is(portal: Bitrix24) -> None:
    wanted = portal.keep("contact", NAME="Анна", ORIGIN_ID="uuid-of-1c", ORIGINATOR_ID="1C")
    portal.keep("contact", NAME="Другая", EMAIL=[ANNA])
    CustomerLink.objects.create(buyer=f"email:{ANNA}", onec_id="uuid-of-1c")
    sales.order()
    settle()
    assert links("contact") == [str(wanted)]
    assert len(portal.rows["contact"]) == 2


def test_a_doubt_is_for_people(portal: Bitrix24) -> None:
    first = portal.keep("contact", NAME="Анна", EMAIL=[ANNA])
    second = portal.keep("contact", NAME="Аня", EMAIL=[ANNA.upper()])
    order = sales.order()
    settle()
    assert not portal.rows["deal"]
    assert len(portal.rows["contact"]) == 2
    proposal = Proposal.objects.get()
    assert [one["id"] for one in proposal.candidates] == [f"{first}", f"{second}"]
    assert Held.objects.count() == 2
    bitrix24 = system("bitrix24")
    assert bitrix24 is not None
    assert not proposals.decide(bitrix24, proposal.pk, "999")
    assert proposals.decide(bitrix24, proposal.pk, f"{second}")
    assert not proposals.decide(bitrix24, proposal.pk, f"{first}")
    settle()
    record, deal = deal_of(portal, order)
    assert deal["CONTACT_ID"] == f"{second}"
    assert len(portal.comments("deal", record)) == 2
    assert not Held.objects.exists()


def test_none_of_them_is_a_decision_too(portal: Bitrix24) -> None:
    for _ in range(2):
        portal.keep("contact", NAME="Анна", EMAIL=[ANNA])
    sales.order()
    settle()
    bitrix24 = system("bitrix24")
    assert bitrix24 is not None
    assert proposals.decide(bitrix24, Proposal.objects.get().pk, "")
    settle()
    assert len(portal.rows["contact"]) == 3
    assert len(portal.rows["deal"]) == 1


def test_a_family_s_phone_is_a_doubt(portal: Bitrix24) -> None:
    for email in (ANNA, "ivan@shop.example"):
        placed(email, phone="+79990000000")
        settle()
    assert len(portal.rows["contact"]) == 1
    assert Proposal.objects.get().candidates == [{"id": links("contact")[0], "why": ["phone"]}]


def test_a_stage_that_people_have_moved_stays(portal: Bitrix24) -> None:
    order = sales.order()
    settle()
    _record, deal = deal_of(portal, order)
    deal["STAGE_ID"] = "FINAL_INVOICE"
    sales.pay(order, "10.00")
    settle()
    assert deal["STAGE_ID"] == "FINAL_INVOICE"
    sales.ship(order)
    settle()
    assert deal["STAGE_ID"] == "WON"


def test_a_company_is_known_by_its_inn(portal: Bitrix24) -> None:
    for number in range(2):
        numbers = {"ИНН": "7707083893", "КПП": "773601001"}
        placed(f"{number}@shop.example", numbers, company="ООО «Чашка»")
        settle()
    (record,) = portal.rows["company"]
    (requisite,) = portal.rows["requisite"].values()
    assert (requisite["RQ_INN"], requisite["ENTITY_ID"]) == ("7707083893", str(record))
    assert {row["COMPANY_ID"] for row in portal.rows["deal"].values()} == {str(record)}


def test_what_was_deleted_there_is_made_again(portal: Bitrix24) -> None:
    order = sales.order()
    settle()
    record, _deal = deal_of(portal, order)
    portal.remove("deal", record)
    sales.pay(order, "200.00")
    settle()
    assert deal_of(portal, order)[1]["STAGE_ID"] == "EXECUTING"


def test_whoever_wants_it_is_forgotten(portal: Bitrix24) -> None:
    order = sales.order()
    settle()
    assert erasing.erase(email=ANNA) == 1
    settle()
    assert not portal.rows["contact"]
    assert len(portal.rows["deal"]) == 1
    assert not Mark.objects.exists()
    assert not links("contact")
    assert ANNA not in str([deal_of(portal, order), portal.rows["comment"]])


def test_a_closed_portal_is_named_and_the_secret_is_not(portal: Bitrix24) -> None:
    portal.is_closed = True
    sales.order()
    journal.read_on()
    deliver_pending()
    reasons = {
        row.reason for row in Message.objects.filter(topic="crm.bitrix24").exclude(reason="")
    }
    (reason,) = reasons
    assert "does not let us in" in reason
    assert "b24secret" not in reason
    portal.is_closed = False
    settle()
    assert len(portal.rows["deal"]) == 1


def test_what_has_no_order_is_in_the_timeline_of_the_customer(portal: Bitrix24) -> None:
    event = Event(
        "cart:1",
        Kind.CART_LEFT,
        journal.now(),
        Customer(email=ANNA, phone="+79990000000", name="Анна Ли"),
        data={"total": "500.00", "currency": "RUB"},
    )
    with transaction.atomic():
        journal.record([event])
    settle()
    (record,) = portal.rows["contact"]
    (text,) = portal.comments("contact", record)
    assert text.startswith("A cart was left: 500.00 RUB")


def test_nothing_is_taken_while_it_is_switched_off(portal: Bitrix24, settings: Any) -> None:
    configure(settings, bitrix24=None)
    sales.order()
    settle()
    assert not Message.objects.filter(topic="crm.bitrix24").exists()
    assert not portal.called
    mirrored(settings, portal)
