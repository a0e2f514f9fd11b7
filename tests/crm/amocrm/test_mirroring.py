"""What happens in the shop is in amoCRM, once."""

import threading
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections, transaction

from saleor_1c_plugin.crm import erasing, proposals
from saleor_1c_plugin.crm.adapter import Contact, Deal, Row, system
from saleor_1c_plugin.crm.amocrm import fields
from saleor_1c_plugin.crm.amocrm.models import Good
from saleor_1c_plugin.crm.models import Held, Link, Mark, Person, Proposal
from saleor_1c_plugin.crm.taking import take
from saleor_1c_plugin.history import journal
from saleor_1c_plugin.history.event import Customer, Event, Kind
from saleor_1c_plugin.orders.models import CustomerLink
from saleor_1c_plugin.outbox.models import Circuit, Message, Pace
from saleor_1c_plugin.outbox.tasks import deliver_pending
from saleor_1c_plugin.sandbox.models import Order
from saleor_1c_plugin.sandbox.standins.faults import Fault
from saleor_1c_plugin.store import current_orders
from saleor_1c_plugin.store.orders import Address, Buyer, LineChange, NewOrder
from tests.crm.conftest import links, settle
from tests.crm.standins.amocrm import STAGES, TOKEN, AmoCrm
from tests.receipts import sales
from tests.sandbox.goods import CHANNEL

from .conftest import mirrored

ANNA = "anna@shop.example"


def deal_of(account: AmoCrm, order: Order) -> tuple[int, dict[str, Any]]:
    (found,) = [
        (record, row)
        for record, row in account.there("leads").items()
        if account.value("leads", record, "ONEC_KEY") == [str(order.key)]
    ]
    return found


def placed(
    email: str = ANNA, metadata: Mapping[str, str] | None = None, quantity: int = 2, **given: str
) -> Order:
    """An order with an address of the buyer's."""
    address = Address("Анна", "Ли", country_code="RU", **given)
    line = LineChange(quantity, variant_id=str(sales.cups("100.00").pk))
    new = NewOrder(
        str(uuid4()), CHANNEL, Buyer(email=email), (line,), address, metadata=metadata or {}
    )
    with transaction.atomic():
        return Order.objects.get(key=current_orders().create_order(new))


def test_an_order_s_whole_way(account: AmoCrm) -> None:
    order = sales.order(3, "100.00")
    settle()
    ((contact, row),) = account.rows["contacts"].items()
    assert (row["name"], row["first_name"], row["last_name"]) == ("Анна Ли", "Анна", "Ли")
    assert account.value("contacts", contact, "EMAIL") == [ANNA]
    record, deal = deal_of(account, order)
    assert (deal["status_id"], deal["pipeline_id"]) == (STAGES["Переговоры"], 500)
    assert (deal["price"], deal["name"][:9]) == (300, "Order No.")
    assert account.links[record].keys() == {("contacts", contact)}
    (goods,) = account.value("leads", record, "ONEC_GOODS")
    assert "× 3 × 100.00" in goods
    assert goods.endswith("= 300.00 RUB")
    # Of states that follow each other at once only the last one may be noticed.
    sales.pay(order, "300.00")
    settle()
    sales.ship(order)
    settle()
    sales.give_back(order, "100.00")
    settle()
    assert deal["status_id"] == STAGES["Успешно реализовано"]
    heads = [text.splitlines()[0] for text in account.notes("leads", record)]
    assert len(heads) == len(set(account.notes("leads", record))) == 10
    assert heads[0].startswith("The order is placed: 300.00 RUB")
    assert any(head.startswith("Refund: 100.00 RUB") for head in heads)
    assert len(account.rows["contacts"]) == len(account.rows["leads"]) == 1
    assert not account.limited


def test_what_is_heard_twice_is_written_once(account: AmoCrm) -> None:
    sales.order()
    settle()
    written = [len(rows) for rows in account.rows.values()]
    events = journal.after(0, 100)
    Message.objects.all().delete()
    with transaction.atomic():
        take(events)
    settle()
    assert [len(rows) for rows in account.rows.values()] == written


@pytest.mark.parametrize("catalog", ["", "900"])
def test_answers_that_are_lost_make_nothing_twice(
    account: AmoCrm, settings: Any, catalog: str
) -> None:
    mirrored(settings, account, catalog=catalog)
    order = sales.order()
    # Every call of these fails; most of what it asks for is done all the same.
    faults = [Fault.LOST, Fault.DROPPED, Fault.CUT, Fault.DOWN, Fault.UNHEARD] * 5
    for fault in faults:
        account.faults.script += [fault, *([None] * 3 if fault is Fault.DOWN else [])]
    settle(120)
    sales.pay(order, "200.00")
    settle()
    assert sum(account.faults.met.values()) == len(faults)
    assert len(account.rows["contacts"]) == len(account.rows["leads"]) == 1
    assert len(account.rows["elements"]) == (1 if catalog else 0)
    record, _deal = deal_of(account, order)
    notes = account.notes("leads", record)
    assert len(notes) == len(set(notes)) == Link.objects.filter(of="fact").count() == 5


def test_events_of_one_customer_at_the_same_time(account: AmoCrm) -> None:
    for _ in range(4):
        sales.order(email=ANNA)
    sales.order(email=ANNA.upper())
    workers = [threading.Thread(target=_deliver) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    settle()
    assert len(account.rows["contacts"]) == Person.objects.count() == 1
    assert len(account.rows["leads"]) == 5


def _deliver() -> None:
    try:
        settle()
    finally:
        connections.close_all()


@pytest.mark.parametrize("written", ["8 (999) 000-00-00", "+7 999 000 00 00", "9990000000"])
def test_whoever_is_there_already_is_found(account: AmoCrm, written: str) -> None:
    by_phone = account.keep("contacts", name="Аня", phone=[written], birthday="1 мая")
    placed(phone="+79990000000")
    settle()
    (row,) = account.rows["contacts"].values()
    assert links("contact") == [str(by_phone)]
    # What people have written stays, what was missing is there now.
    assert row["name"] == "Аня Ли"
    assert account.value("contacts", by_phone, "PHONE") == [written]
    assert account.value("contacts", by_phone, "EMAIL") == [ANNA]
    assert account.value("contacts", by_phone, "BIRTHDAY") == ["1 мая"]
    assert not account.value("contacts", by_phone, "ONEC_KEY")


def test_a_name_that_is_told_later(account: AmoCrm, settings: Any) -> None:
    amocrm = system("amocrm")
    assert amocrm is not None
    saved = settings.ONEC_CONFIGURATION["amocrm"]
    (made,) = amocrm.make_contacts(saved, [Contact("key", email=ANNA)])
    row = account.rows["contacts"][int(made.id)]
    assert row["name"] == ANNA
    amocrm.complete_contacts(saved, [(made.id, Contact("key", "Анна", "Ли", ANNA))])
    assert (row["name"], row["first_name"], row["last_name"]) == ("Анна Ли", "Анна", "Ли")
    # Now it is somebody's own word.
    amocrm.complete_contacts(saved, [(made.id, Contact("key", "Нюра", "Ким", ANNA))])
    assert row["name"] == "Анна Ли"


def test_customers_who_are_one_contact(account: AmoCrm, settings: Any) -> None:
    amocrm = system("amocrm")
    assert amocrm is not None
    record = account.keep("contacts", name="Семья", email=["home@shop.example"])
    other = account.keep("contacts", name="Сосед")
    emails = [f"{number}@shop.example" for number in range(3)]
    given = [(f"{record}", Contact(email, email=email)) for email in emails]
    given.insert(1, (f"{other}", Contact("key", email="next@shop.example")))
    written = amocrm.complete_contacts(settings.ONEC_CONFIGURATION["amocrm"], given)
    assert [one.id for one in written] == [one for one, _contact in given]
    assert account.value("contacts", record, "EMAIL") == ["home@shop.example", *emails]
    assert account.value("contacts", other, "EMAIL") == ["next@shop.example"]


def test_a_field_that_was_deleted_is_made_again(account: AmoCrm, settings: Any) -> None:
    amocrm = system("amocrm")
    assert amocrm is not None
    saved = settings.ONEC_CONFIGURATION["amocrm"]
    amocrm.make_contacts(saved, [Contact("first", "Анна")])
    del account.fields["contacts"]["ONEC_KEY"]
    (refused,) = amocrm.make_contacts(saved, [Contact("second", "Анна")])
    assert "no such field" in refused.problem
    (made,) = amocrm.make_contacts(saved, [Contact("second", "Анна")])
    assert made.id


def test_what_the_search_finds_is_looked_at(account: AmoCrm) -> None:
    """It finds parts of words, and in any field."""
    account.keep("contacts", name="Другая", email=[f"joh{ANNA}"])
    account.keep("contacts", name=ANNA, phone=["+7 999 000-00-00-1"])
    placed(phone="+79990000000")
    settle()
    assert len(account.rows["contacts"]) == 3
    assert not Proposal.objects.exists()


def test_1c_s_id_says_who_it_is(account: AmoCrm) -> None:
    wanted = account.keep("contacts", name="Анна", onec_id="uuid-of-1c")
    account.keep("contacts", name="Другая", email=[ANNA])
    CustomerLink.objects.create(buyer=f"email:{ANNA}", onec_id="uuid-of-1c")
    sales.order()
    settle()
    assert links("contact") == [str(wanted)]
    assert len(account.rows["contacts"]) == 2


def test_a_doubt_is_for_people(account: AmoCrm) -> None:
    first = account.keep("contacts", name="Анна", email=[ANNA])
    second = account.keep("contacts", name="Аня", email=[ANNA.upper()])
    order = sales.order()
    settle()
    assert not account.rows["leads"]
    proposal = Proposal.objects.get()
    assert {one["id"] for one in proposal.candidates} == {f"{first}", f"{second}"}
    amocrm = system("amocrm")
    assert amocrm is not None
    assert proposals.decide(amocrm, proposal.pk, f"{second}")
    settle()
    record, _deal = deal_of(account, order)
    assert ("contacts", second) in account.links[record]
    assert len(account.notes("leads", record)) == 2
    assert not Held.objects.exists()


def test_a_stage_that_people_have_moved_stays(account: AmoCrm) -> None:
    order = sales.order()
    settle()
    _record, deal = deal_of(account, order)
    deal["status_id"] = STAGES["Первичный контакт"]
    sales.pay(order, "10.00")
    settle()
    assert deal["status_id"] == STAGES["Первичный контакт"]
    sales.ship(order)
    settle()
    assert deal["status_id"] == 142


def test_a_company_is_known_by_its_inn(account: AmoCrm) -> None:
    for number in range(2):
        numbers = {"ИНН": "7707083893", "КПП": "773601001"}
        placed(f"{number}@shop.example", numbers, company="ООО «Чашка»")
        settle()
    (company,) = account.rows["companies"]
    assert account.value("companies", company, "ONEC_INN") == ["7707083893"]
    assert account.value("companies", company, "ONEC_KPP") == ["773601001"]
    assert all(("companies", company) in tied for tied in account.links.values())


def test_a_company_of_the_merchant_s_is_found_by_any_field(account: AmoCrm) -> None:
    account.keep("companies", name="Филиал", phone=["7707083893"], inn="77070838930")
    wanted = account.keep("companies", name="Чашка", requisites="7707083893")
    account.remove("companies", wanted - 1)
    placed(metadata={"ИНН": "7707083893"}, company="ООО «Чашка»")
    settle()
    assert links("company") == [str(wanted)]


def test_goods_are_elements_of_the_list(account: AmoCrm, settings: Any) -> None:
    mirrored(settings, account, catalog=f"{account.catalog}")
    orders = [placed(quantity=count) for count in (2, 3)]
    settle()
    ((element, row),) = account.rows["elements"].items()
    (price,) = row["custom_fields_values"]
    assert price == {"field_code": "PRICE", "values": [{"value": "100.00"}]}
    for order, count in zip(orders, (2, 3), strict=True):
        record, _deal = deal_of(account, order)
        tied = account.links[record]["catalog_elements", element]
        assert tied == {"catalog_id": account.catalog, "quantity": count}
    # Somebody deletes it: the next order makes it anew.
    account.remove("elements", element)
    placed()
    settle()
    assert len(account.there("elements")) == 1
    assert Good.objects.count() == 1


def test_goods_that_are_no_more_in_an_order(account: AmoCrm, settings: Any) -> None:
    mirrored(settings, account, catalog=f"{account.catalog}")
    order = placed()
    settle()
    record, _deal = deal_of(account, order)
    other = account._made("elements", {"name": "Старое"})
    account.links[record]["catalog_elements", other] = {
        "catalog_id": account.catalog,
        "quantity": 1,
    }
    account.links[record]["catalog_elements", other + 1] = {"catalog_id": 5, "quantity": 1}
    sales.pay(order, "200.00")
    current = current_orders().read_orders([str(order.key)])[0]
    amocrm = system("amocrm")
    assert amocrm is not None
    deal = Deal(
        current.id,
        "Заказ",
        "RUB",
        current.total_gross,
        (Row("Чашка", current.total_gross, 1),),
        contact=links("contact")[0],
    )
    amocrm.change_deals(settings.ONEC_CONFIGURATION["amocrm"], [(str(record), deal)])
    tied = {key for of, key in account.links[record] if of == "catalog_elements"}
    # What is of another list is not ours.
    assert other not in tied
    assert other + 1 in tied
    assert len(tied) == 2


def test_what_was_deleted_there_is_made_again(account: AmoCrm) -> None:
    order = sales.order()
    settle()
    record, _deal = deal_of(account, order)
    account.remove("leads", record)
    sales.pay(order, "200.00")
    settle()
    again, _deal = deal_of(account, order)
    assert again != record
    account.remove("contacts", int(links("contact")[0]))
    sales.ship(order)
    settle()
    assert len(account.there("contacts")) == 1


def test_whoever_wants_it_is_forgotten(account: AmoCrm) -> None:
    placed(phone="+79990000000")
    settle()
    (contact,) = account.rows["contacts"]
    account.change("contacts", contact, tags=["Анна"])
    for _ in range(2):
        # The answer to the first time is lost.
        account.faults.script += [None, None, None, None, Fault.LOST]
    assert erasing.erase(email=ANNA) == 1
    settle()
    account.faults.script.clear()
    (row,) = account.rows["contacts"].values()
    for told in ("Анна", "Ли", ANNA, "9990000000"):
        assert told not in str(row)
    assert not row["tags"]
    # What the API can't do somebody is asked for, once.
    (task,) = account.rows["tasks"].values()
    assert (task["entity_id"], task["entity_type"]) == (contact, "contacts")
    assert "заб" in task["text"] or "forgotten" in task["text"]
    assert len(account.rows["leads"]) == 1
    assert not Mark.objects.exists()
    assert not links("contact")
    # Nobody is found by what he was.
    placed(phone="+79990000000")
    settle()
    assert len(account.rows["contacts"]) == 2


def test_a_closed_account_is_named_and_the_token_is_not(account: AmoCrm) -> None:
    account.is_closed = True
    sales.order()
    journal.read_on()
    deliver_pending()
    (reason,) = {
        row.reason for row in Message.objects.filter(topic="crm.amocrm").exclude(reason="")
    }
    assert "does not let us in" in reason
    assert TOKEN not in reason
    account.is_closed = False
    settle()
    assert len(account.rows["leads"]) == 1


def test_one_record_at_fault_does_not_hold_the_others_up(account: AmoCrm, settings: Any) -> None:
    """All of a call are done, or none: it says which are at fault."""
    amocrm = system("amocrm")
    assert amocrm is not None
    people = [Contact(f"key-{number}", "Имя") for number in range(4)]
    people[1] = Contact("key-1", "И" * 300)
    people[2] = Contact("key-2", "Имя", onec_id="x" * 300)
    written = amocrm.make_contacts(settings.ONEC_CONFIGURATION["amocrm"], people)
    assert [bool(one.id) for one in written] == [True, True, False, True]
    assert "too long" in written[2].problem
    assert len(account.rows["contacts"]) == 3


def test_a_stage_that_is_no_more_is_a_problem_to_be_seen(account: AmoCrm, settings: Any) -> None:
    mirrored(settings, account, stages="open = Оплачено")
    sales.order()
    for _ in range(3):
        deliver_pending()
    dead = Message.objects.filter(state=Message.State.DEAD)
    assert [row.reason for row in dead] == ["amoCRM has no such stage: Оплачено"]


def test_another_currency_is_not_taken_for_the_account_s() -> None:
    rows = (Row("Чашка", Decimal("9.99"), 1),)
    deal = Deal("1", "Заказ", "USD", Decimal("9.99"), rows)
    assert fields.deal(deal, "USD")["price"] == 10
    written = fields.deal(deal, "RUB")
    assert "price" not in written
    assert "9.99 USD" in str(written)


def test_what_has_no_order_is_in_the_timeline_of_the_customer(account: AmoCrm) -> None:
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
    (record,) = account.rows["contacts"]
    (text,) = account.notes("contacts", record)
    assert text.startswith("A cart was left: 500.00 RUB")


def test_whoever_calls_too_often_rests(account: AmoCrm, settings: Any) -> None:
    """By the documented seven a second; a door that is shut is not knocked at."""
    account._per_second = 7
    mirrored(settings, account, per_second="7")
    sales.order()
    deliver_pending()
    assert account.limited == 0
    # Somebody else uses the limit up.
    account._calls.extend([account._calls[-1] + 3] * 7)
    Pace.objects.all().delete()
    Circuit.objects.all().delete()
    sales.order()
    deliver_pending()
    assert account.limited == 1
    account._calls.clear()
    account._per_second = 100
    settle()
    assert len(account.rows["leads"]) == 2
