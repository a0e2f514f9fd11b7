"""What people do in the CRM comes back, once, and what we do there does not."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.test import Client

from saleor_1c_plugin.crm import adapter, back, erasing
from saleor_1c_plugin.crm.models import Link, Look, Turn
from saleor_1c_plugin.crm.timeline import text
from saleor_1c_plugin.history import journal
from saleor_1c_plugin.history.event import CRM_CHANGES, Event, Kind
from saleor_1c_plugin.outbox.tasks import deliver_pending
from saleor_1c_plugin.sandbox.models import Customer, Order, Remark
from saleor_1c_plugin.sandbox.standins.bitrix24 import Bitrix24
from saleor_1c_plugin.sandbox.standins.faults import Fault
from saleor_1c_plugin.store import current_orders
from saleor_1c_plugin.store.orders import Address, Buyer, LineChange, NewOrder
from tests.history.published import hold
from tests.receipts import sales
from tests.sandbox.goods import CHANNEL

from .conftest import FAST, configure, look, mirrored, settle
from .test_mirroring import deal_of

TOKEN = "51856fefc120afa4b628cc82d3935cce"
BACK = {
    "back_minutes": "5",
    "back_actions": "FINAL_INVOICE = confirm\nLOSE = cancel",
    "contacts_back": "true",
    "application_token": TOKEN,
}


@pytest.fixture
def portal(transactional_db: None, settings: Any) -> Iterator[Bitrix24]:
    with Bitrix24(per_second=FAST, burst=FAST * 25) as made:
        mirrored(settings, made, **BACK)
        look()
        yield made


def private(order: Order) -> dict[str, str]:
    order.refresh_from_db()
    head = "onec.crm.bitrix24."
    return {key.removeprefix(head): value for key, value in order.private_metadata.items()}


def told() -> list[Event]:
    return [event for _number, event in journal.after(0, 1000, [Kind.CRM_CHANGED])]


def brief() -> list[tuple[str, str]]:
    return [(event.data["what"], event.data["value"]) for event in told()]


def account(**fields: str) -> tuple[Customer, Order]:
    """A customer with an order of his."""
    customer = Customer.objects.create(
        **{"email": "anna@shop.example", "first_name": "Анна", "last_name": "Ли", **fields}
    )
    line = LineChange(1, variant_id=str(sales.cups("100.00").pk))
    buyer = Buyer(str(customer.pk), customer.email, "Анна", "Ли")
    address = Address("Анна", "Ли", country_code="RU", phone=fields.get("phone", ""))
    with transaction.atomic():
        order_id = current_orders().create_order(
            NewOrder(str(uuid4()), CHANNEL, buyer, (line,), address)
        )
    return customer, Order.objects.get(key=order_id)


def test_what_we_do_ourselves_does_not_come_back(portal: Bitrix24) -> None:
    order = sales.order()
    look()
    sales.pay(order, "200.00")
    look()
    sales.ship(order)
    look()
    look()
    record, deal = deal_of(portal, order)
    assert deal["STAGE_ID"] == "WON"
    assert portal.comments("deal", record)
    assert told() == []
    assert not Remark.objects.exists()
    seen = private(order)
    assert (seen["stage"], seen["stage_name"]) == ("WON", "Won")


def test_a_deal_that_people_have_moved(portal: Bitrix24) -> None:
    order = sales.order()
    look()
    record, deal = deal_of(portal, order)
    comments = portal.comments("deal", record)
    for stage in ("EXECUTING", "PREPARATION", "EXECUTING"):
        portal.change("deal", record, STAGE_ID=stage)
        look()
        look()
        assert private(order)["stage"] == stage
    assert brief() == [("stage", one) for one in ("EXECUTING", "PREPARATION", "EXECUTING")]
    hold(journal.after(0, 1000, [Kind.CRM_CHANGED]))
    event = told()[0]
    assert (event.order_id, event.data["system"]) == (str(order.key), "bitrix24")
    assert event.customer.email == "anna@shop.example"
    # It is known there: no entry of the timeline tells of it.
    assert portal.comments("deal", record) == comments
    # What the order's state says goes before, and is none of theirs.
    sales.ship(order)
    look()
    assert deal["STAGE_ID"] == "WON"
    assert len(told()) == 3
    # Back to where it was: that is theirs again.
    portal.change("deal", record, STAGE_ID="EXECUTING")
    look()
    assert len(told()) == 4


def test_moved_before_the_first_look(portal: Bitrix24) -> None:
    order = sales.order()
    settle()
    record, _deal = deal_of(portal, order)
    portal.change("deal", record, STAGE_ID="EXECUTING")
    look()
    assert brief() == [("stage", "EXECUTING")]


def test_who_is_in_charge(portal: Bitrix24) -> None:
    customer, order = account()
    look()
    record, _deal = deal_of(portal, order)
    (contact,) = portal.rows["contact"]
    portal.change("deal", record, ASSIGNED_BY_ID="1")
    look()
    assert private(order)["responsible"] == "Иван Петров"
    for kind, one in (("deal", record), ("contact", contact)):
        portal.change(kind, one, ASSIGNED_BY_ID="7")
        look()
    assert private(order)["responsible"] == "Мария Кац"
    assert private(order)["responsible_id"] == "7"
    customer.refresh_from_db()
    assert customer.private_metadata["onec.crm.bitrix24.responsible"] == "Мария Кац"
    assert brief() == [("responsible", "1"), ("responsible", "7"), ("responsible", "7")]
    # Whoever may not read the portal's users has no names, and all else.
    portal.users.clear()
    portal.change("deal", record, ASSIGNED_BY_ID="1", STAGE_ID="EXECUTING")
    look()
    seen = private(order)
    assert (seen["stage"], seen["responsible_id"]) == ("EXECUTING", "1")
    assert "responsible" not in seen


@pytest.mark.parametrize("is_list", [True, False])
def test_tags_are_values_of_a_field(portal: Bitrix24, settings: Any, is_list: bool) -> None:
    mirrored(settings, portal, **{**BACK, "tags_field": "uf_crm_tags"})
    if is_list:
        items = [{"ID": "41", "VALUE": "Опт"}, {"ID": "42", "VALUE": "VIP"}]
        portal.lists["UF_CRM_TAGS"] = items
    order = sales.order()
    look()
    record, _deal = deal_of(portal, order)
    assert "tags" not in private(order)
    given: list[Any] = [41, "42"] if is_list else ["Опт", "VIP"]
    portal.change("deal", record, UF_CRM_TAGS=given)
    look()
    assert private(order)["tags"] == "VIP, Опт"
    portal.change("deal", record, UF_CRM_TAGS=False)
    look()
    assert "tags" not in private(order)
    assert brief() == [("tags", "VIP, Опт"), ("tags", "")]


def test_comments_are_notes_of_the_order(portal: Bitrix24) -> None:
    order = sales.order()
    look()
    record, _deal = deal_of(portal, order)
    portal.comment(record, "Просит [b]перезвонить[/b]")
    look()
    portal.comment(record, "Перезвонил\0", author="1")
    look()
    look()
    assert [(note.order_id, note.text) for note in Remark.objects.order_by("pk")] == [
        (order.pk, "Bitrix24, Мария Кац: Просит перезвонить"),
        (order.pk, "Bitrix24, Иван Петров: Перезвонил"),
    ]
    assert [what for what, _value in brief()] == ["comment", "comment"]
    # What was written may tell who the customer is.
    assert "ерезвон" not in str([event.data for event in told()])


def test_comments_from_before_are_not_told(portal: Bitrix24) -> None:
    order = sales.order()
    settle()
    record, _deal = deal_of(portal, order)
    portal.later(-timedelta(days=1))
    portal.comment(record, "Вчера")
    portal.later(timedelta(days=1))
    portal.change("deal", record, STAGE_ID="EXECUTING")
    look()
    assert not Remark.objects.exists()


def test_a_note_of_ours_whose_answer_was_lost_is_none_of_theirs(portal: Bitrix24) -> None:
    order = sales.order()
    look()
    Link.objects.filter(of="fact").update(theirs="")
    record, _deal = deal_of(portal, order)
    portal.change("deal", record, STAGE_ID="EXECUTING")
    look()
    assert portal.comments("deal", record)
    assert not Remark.objects.exists()


def test_a_stage_may_confirm_and_cancel(portal: Bitrix24) -> None:
    order = sales.order()
    Order.objects.filter(pk=order.pk).update(status="unconfirmed")
    look()
    record, _deal = deal_of(portal, order)
    portal.change("deal", record, STAGE_ID="FINAL_INVOICE")
    look()
    order.refresh_from_db()
    assert order.status == "open"
    portal.change("deal", record, STAGE_ID="LOSE")
    look()
    order.refresh_from_db()
    assert order.status == "cancelled"
    assert not Remark.objects.exists()


def test_what_can_t_be_done_is_said(portal: Bitrix24) -> None:
    order = sales.order()
    sales.ship(order)
    look()
    record, _deal = deal_of(portal, order)
    portal.change("deal", record, STAGE_ID="LOSE")
    for _ in range(2):
        look()
    order.refresh_from_db()
    assert order.status == "shipped"
    assert Remark.objects.get().text.startswith("Bitrix24, Lose: Заказ")
    assert private(order)["stage"] == "LOSE"


def test_we_do_not_act_on_what_we_have_done(portal: Bitrix24, settings: Any) -> None:
    mirrored(settings, portal, **{**BACK, "back_actions": "WON = cancel\nEXECUTING = cancel"})
    order = sales.order()
    sales.pay(order, "200.00")
    look()
    look()
    order.refresh_from_db()
    assert order.status == "open"


def test_names_and_phones_come_back(portal: Bitrix24) -> None:
    customer, _order = account(phone="+79990000001")
    look()
    (contact,) = portal.rows["contact"]
    portal.change("contact", contact, LAST_NAME="Ким", PHONE=["8 (999) 000-00-02"])
    look()
    customer.refresh_from_db()
    assert (customer.first_name, customer.last_name) == ("Анна", "Ким")
    assert (customer.phone, customer.email) == ("+79990000002", "anna@shop.example")
    assert brief() == [("contact", "")]
    assert "Ким" not in str([event.data for event in told()])
    # One more number leaves the one that there is.
    portal.change("contact", contact, PHONE=["+79990000003", "+79990000002"], EMAIL=[])
    look()
    customer.refresh_from_db()
    assert (customer.phone, customer.email) == ("+79990000002", "anna@shop.example")


def test_names_stay_where_nobody_wants_them_back(portal: Bitrix24, settings: Any) -> None:
    mirrored(settings, portal, **{**BACK, "contacts_back": "false"})
    customer, _order = account()
    look()
    (contact,) = portal.rows["contact"]
    portal.change("contact", contact, LAST_NAME="Ким")
    look()
    customer.refresh_from_db()
    assert customer.last_name == "Ли"
    assert told() == []


def test_a_phone_that_we_have_written_there_ourselves_does_not_come_back(portal: Bitrix24) -> None:
    customer, _order = account()
    look()
    (contact,) = portal.rows["contact"]
    assert not portal.rows["contact"][contact].get("PHONE")
    line = LineChange(1, variant_id=str(sales.cups("100.00").pk))
    buyer = Buyer(str(customer.pk), customer.email, "Анна", "Ли")
    address = Address("Анна", "Ли", country_code="RU", phone="+79990000004")
    with transaction.atomic():
        current_orders().create_order(NewOrder(str(uuid4()), CHANNEL, buyer, (line,), address))
    look()
    assert portal.rows["contact"][contact]["PHONE"]
    look()
    customer.refresh_from_db()
    assert customer.phone == ""
    assert told() == []
    # One that they have found out does.
    portal.change("contact", contact, PHONE=[])
    look()
    portal.change("contact", contact, PHONE=["+79990000005"])
    look()
    customer.refresh_from_db()
    assert customer.phone == "+79990000005"


def test_other_crms_are_told_what_was_done() -> None:
    data = {"system": "amocrm", "what": "stage", "value": "142", "name": "Успешно"}
    event = Event("e", Kind.CRM_CHANGED, journal.now(), data=data)
    assert text(event, "en") == "amocrm: the stage is “Успешно” now"
    for what in (*CRM_CHANGES, "something new"):
        told = Event("e", Kind.CRM_CHANGED, journal.now(), data={**data, "what": what})
        assert text(told, "en").startswith("amocrm: ")


def call(client: Client, token: str = TOKEN, **more: str) -> int:
    fields = {"event": "ONCRMDEALUPDATE", "data[FIELDS][ID]": "1", **more}
    given = {**fields, "auth[application_token]": token} if token else fields
    return client.post("/crm/bitrix24/changed", given).status_code


def test_a_webhook_only_wakes(portal: Bitrix24, client: Client) -> None:
    order = sales.order()
    look()
    record, _deal = deal_of(portal, order)
    portal.change("deal", record, STAGE_ID="EXECUTING")
    Look.objects.update(asked="2020-01-01T00:00:00Z")
    for token in ("", "x", TOKEN[:-1], "é"):
        assert call(client, token) == 403
    assert private(order)["stage"] != "EXECUTING"
    assert client.get("/crm/bitrix24/changed").status_code == 405
    assert client.post("/crm/nobody/changed").status_code == 404
    assert client.post("/crm/bitrix24/other").status_code == 404
    assert call(client, **{"data[FIELDS][ID]": "nonsense"}) == 204
    assert private(order)["stage"] == "EXECUTING"
    # However often it calls, it is asked once, and then again only after a while.
    asked = Look.objects.get().number
    for _ in range(5):
        assert call(client) == 204
    assert Look.objects.get().number == asked
    assert Look.objects.get().is_woken
    back.look_around()
    assert Look.objects.get().number == asked + 1


def test_without_a_token_nobody_wakes_it(portal: Bitrix24, settings: Any, client: Client) -> None:
    mirrored(settings, portal, **{**BACK, "application_token": ""})
    assert call(client, "") == 403


def test_it_is_asked_when_its_time_has_come(portal: Bitrix24, settings: Any) -> None:
    asked = Look.objects.get().number
    back.look_around()
    assert Look.objects.get().number == asked
    Look.objects.update(asked=Look.objects.get().asked - timedelta(minutes=6))
    back.look_around()
    back.look_around()
    assert Look.objects.get().number == asked + 1
    mirrored(settings, portal)
    Look.objects.update(asked=None)
    back.look_around()
    assert Look.objects.get().number == asked + 1


def test_more_than_a_page_in_one_second(
    portal: Bitrix24, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(settings, bitrix24=None)
    orders = [sales.order() for _ in range(60)]
    frozen = portal.now()
    monkeypatch.setattr(portal, "now", lambda: frozen)
    for order in orders:
        record = portal.keep("deal", ORIGIN_ID=f"{order.key}", STAGE_ID="EXECUTING")
        Link.objects.create(
            system="bitrix24", of="deal", ours=f"{order.key}", theirs=f"{record}", stage="NEW"
        )
    mirrored(settings, portal, **BACK)
    look()
    assert {private(order)["stage"] for order in orders} == {"EXECUTING"}
    assert len(told()) == len(orders)
    # Nothing is read of what was seen.
    for link in Link.objects.filter(of="deal"):
        link.seen["is_sure"] = True
        link.save()
    before = len(portal.exchanges)
    look()
    assert len(portal.exchanges) - before <= 3


def test_what_is_being_written_is_looked_at_behind_that(portal: Bitrix24) -> None:
    order = sales.order()
    look()
    record, _deal = deal_of(portal, order)
    portal.change("deal", record, STAGE_ID="EXECUTING")
    person = Link.objects.get(of="contact").ours
    Turn.objects.create(
        system="bitrix24", object=person, token="somebody", until="2999-01-01T00:00:00Z"
    )
    Look.objects.update(asked=None)
    found = adapter.system("bitrix24")
    assert found is not None
    back.wake(found)
    deliver_pending()
    assert private(order)["stage"] != "EXECUTING"
    Turn.objects.all().delete()
    settle()
    assert private(order)["stage"] == "EXECUTING"
    journal.read_on()
    assert brief() == [("stage", "EXECUTING")]


@pytest.mark.parametrize("dies", ["deals_there", "contacts_there", "after"])
def test_a_worker_that_dies_takes_nothing_twice(
    portal: Bitrix24, monkeypatch: pytest.MonkeyPatch, dies: str
) -> None:
    orders = [sales.order(email=f"buyer{number}@shop.example") for number in range(3)]
    look()
    for order in orders:
        record, _deal = deal_of(portal, order)
        portal.change("deal", record, STAGE_ID="EXECUTING")
        portal.comment(record, f"Заказ {order.pk}")
    faults = [Fault.LOST, Fault.DROPPED, Fault.CUT, Fault.DOWN]
    portal.faults.script += faults
    where: Any = back.applying if dies == "after" else type(adapter.system("bitrix24"))
    name = "contact" if dies == "after" else dies
    real: Callable[..., Any] = getattr(where, name)
    deaths = 0

    def killed(*args: Any, **kwargs: Any) -> Any:
        nonlocal deaths
        answer = real(*args, **kwargs)
        deaths += 1
        if deaths < 4:
            raise SystemError("killed")
        return answer

    monkeypatch.setattr(where, name, killed)
    for _ in range(3):
        (contact, *_rest) = portal.rows["contact"]
        portal.change("contact", contact, NAME="Аня")
        look()
    assert deaths
    assert sorted(private(order)["stage"] for order in orders) == ["EXECUTING"] * 3
    assert sorted(note.text.partition(": ")[2] for note in Remark.objects.all()) == sorted(
        f"Заказ {order.pk}" for order in orders
    )
    assert (
        sorted(what for what, _value in brief() if what != "contact")
        == ["comment"] * 3 + ["stage"] * 3
    )


def test_records_that_are_nobody_s_are_passed_over(portal: Bitrix24) -> None:
    order = sales.order()
    look()
    stranger = portal.keep("deal", TITLE="Ничья", STAGE_ID="NEW")
    portal.comment(stranger, "Ничей")
    record, _deal = deal_of(portal, order)
    portal.remove("deal", record)
    look()
    assert told() == []
    assert not Remark.objects.exists()


def test_of_whoever_was_forgotten_the_deal_still_comes_back(portal: Bitrix24) -> None:
    order = sales.order()
    look()
    erasing.erase(email="anna@shop.example")
    settle()
    assert not portal.rows["contact"]
    record, _deal = deal_of(portal, order)
    portal.change("deal", record, STAGE_ID="EXECUTING")
    look()
    assert private(order)["stage"] == "EXECUTING"
