"""CRMs in a real Saleor: their plugins, who buys there, and what comes back from them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from saleor.account.models import Address, User
from saleor.order.models import Order, OrderEvent
from saleor.plugins.manager import get_plugins_manager

from saleor_1c_plugin.crm import back, taking
from saleor_1c_plugin.crm.adapter import System, system
from saleor_1c_plugin.crm.models import Link, Look, Mark, Person
from saleor_1c_plugin.history import journal
from saleor_1c_plugin.history.event import Event, Kind
from saleor_1c_plugin.outbox.models import Message
from saleor_1c_plugin.sandbox.standins.bitrix24 import Bitrix24
from saleor_1c_plugin.store import current_store
from saleor_1c_plugin.store.orders import Account, Buyer, CustomerChange, Forbidden

from .sales import STORE, committed, delivery, goods, place, read, sell_on_trust
from .shop import configure
from .test_bots import save

pytestmark = pytest.mark.usefixtures("shop")

PLUGIN = "saleor1c.bitrix24"
TOKEN = "51856fefc120afa4b628cc82d3935cce"
BACK = {
    "back_minutes": "5",
    "back_actions": "LOSE = cancel",
    "contacts_back": "true",
    "application_token": TOKEN,
    "per_second": "50",
}
PHONE = "+79161234567"


@pytest.fixture
def portal() -> Iterator[Bitrix24]:
    """A portal, and a shop that has been mirrored into it."""
    with Bitrix24(per_second=50, burst=1000) as made:
        configure("history")
        configure("crm", language="en")
        configure("bitrix24", webhook=made.webhook, **BACK)
        sell_on_trust()
        delivery("300")
        yield made


def bitrix24() -> System:
    found = system("bitrix24")
    assert found is not None
    return found


def look() -> None:
    """What was changed there comes back."""
    saved = current_store().configuration("bitrix24")
    assert saved is not None
    Look.objects.get_or_create(system="bitrix24")
    with committed():
        back.step(bitrix24(), saved, 1)


def mirrored(portal: Bitrix24) -> tuple[str, int]:
    """An order and its deal."""
    order_id = place({goods("a", "100"): 1})
    record = portal.keep("deal", ORIGIN_ID=order_id, STAGE_ID="NEW", ASSIGNED_BY_ID="1")
    Link.objects.create(
        system="bitrix24", of="deal", ours=order_id, theirs=f"{record}", stage="NEW"
    )
    look()
    look()
    return order_id, record


def told() -> list[Event]:
    journal.number()
    return [event for _number, event in journal.after(0, 100, [Kind.CRM_CHANGED])]


def test_settings_are_tried_out_when_they_are_saved() -> None:
    with Bitrix24(per_second=50, burst=1000) as portal:
        secret = portal.webhook.rstrip("/").rpartition("/")[2]
        _shown, faults = save(PLUGIN, webhook=portal.webhook)
        assert set(faults) == {"webhook"}
        configure("history")
        configure("crm")
        shown, faults = save(PLUGIN, webhook=portal.webhook, **BACK)
        assert faults == {}
        assert "Иван Петров" in shown["connection"]
        assert secret not in str(shown)
        assert TOKEN not in str(shown)
        _shown, faults = save(PLUGIN, back_actions="WON = ship", back_minutes="x")
        assert set(faults) == {"backActions", "backMinutes"}
        portal.is_closed = True
        _shown, faults = save(PLUGIN, category="0")
        assert set(faults) == {"webhook"}
        assert secret not in str(faults)


def test_crms_need_the_journal() -> None:
    _shown, faults = save("saleor1c.crm", timeline="order.placed")
    assert set(faults) == {"timeline"}
    configure("history")
    assert save("saleor1c.crm", timeline="order.placed")[1] == {}


def test_the_page_is_for_staff() -> None:
    configure("crm")
    assert Client().get("/plugins/saleor1c.crm/").status_code == 401


def test_accounts_are_read() -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    at = Address.objects.create(city="Казань", country="RU", phone=PHONE)
    users = [
        User.objects.create(
            email=f"n{number}@example.com",
            first_name="Анна",
            last_name="Ли",
            date_joined=now + timedelta(seconds=number),
            default_shipping_address=at if number else None,
        )
        for number in range(2)
    ]
    buyers = [Buyer(str(user.pk), user.email, "Анна", "Ли", {}) for user in users]
    phones = ["", PHONE]
    ids = [*(str(user.pk) for user in users), "999999", "x", ""]
    assert STORE.read_customers(ids) == list(zip(buyers, phones, strict=True))
    assert STORE.registered_since(now) == [
        Account(user.date_joined, buyer, phone)
        for user, buyer, phone in zip(users, buyers, phones, strict=True)
    ]


def test_events_go_to_crms_that_are_on(portal: Bitrix24) -> None:
    order_id = place({goods("a", "100"): 1})
    event = Event(f"{order_id}:x", Kind.ORDER_PLACED, journal.now(), order_id=order_id)
    taking.take([(1, event)])
    assert not Message.objects.filter(topic="crm.bitrix24").exists()
    order = Order.objects.get(pk=order_id)
    known = journal.Customer(email=order.user_email)
    changed = {"system": "bitrix24", "what": "stage", "value": "WON", "name": ""}
    taking.take(
        [
            (2, Event("x", Kind.ORDER_PLACED, journal.now(), known, order_id=order_id)),
            (3, Event("y", Kind.CRM_CHANGED, journal.now(), known, data=changed)),
        ]
    )
    assert list(Message.objects.filter(topic="crm.bitrix24").values_list("key", flat=True)) == ["x"]


def test_what_people_do_with_a_deal_is_seen_by_staff_alone(portal: Bitrix24) -> None:
    order_id, record = mirrored(portal)
    row = Order.objects.get(pk=order_id)
    assert row.private_metadata["onec.crm.bitrix24.stage"] == "NEW"
    assert told() == []
    before = read(order_id)
    portal.change("deal", record, STAGE_ID="EXECUTING", ASSIGNED_BY_ID="7")
    portal.comment(record, "Просит перезвонить")
    for _ in range(2):
        look()
    row.refresh_from_db()
    head = "onec.crm.bitrix24."
    assert {key: value for key, value in row.private_metadata.items() if key.startswith(head)} == {
        f"{head}stage": "EXECUTING",
        f"{head}stage_name": "Executing",
        f"{head}responsible": "Мария Кац",
        f"{head}responsible_id": "7",
        f"{head}comment": "Просит перезвонить",
    }
    assert read(order_id).metadata == before.metadata
    (note,) = OrderEvent.objects.filter(order_id=order_id, type="note_added")
    assert note.parameters["message"] == "Bitrix24, Мария Кац: Просит перезвонить"
    assert sorted(event.data["what"] for event in told()) == ["comment", "responsible", "stage"]
    # Nobody is in charge any more.
    portal.change("deal", record, ASSIGNED_BY_ID="0")
    look()
    row.refresh_from_db()
    assert f"{head}responsible" not in row.private_metadata


def test_a_stage_may_cancel_the_order(portal: Bitrix24) -> None:
    order_id, record = mirrored(portal)
    portal.change("deal", record, STAGE_ID="LOSE")
    look()
    assert Order.objects.get(pk=order_id).status == "canceled"
    look()
    assert [event.data["value"] for event in told()] == ["LOSE"]


def test_names_and_phones_come_back(portal: Bitrix24) -> None:
    at = Address.objects.create(city="Казань", country="RU", phone=PHONE)
    anna = User.objects.create(
        email="anna@example.com",
        first_name="Анна",
        last_name="Ли",
        default_billing_address=at,
        default_shipping_address=at,
    )
    person = Person.objects.create()
    Mark.objects.create(mark=f"user:{anna.pk}", person=person)
    record = portal.keep("contact", NAME="Анна", LAST_NAME="Ли", PHONE=[PHONE])
    Link.objects.create(system="bitrix24", of="contact", ours=f"{person.pk}", theirs=f"{record}")
    look()
    look()
    portal.change("contact", record, LAST_NAME="Ким", PHONE=["8 916 765-43-21"], ASSIGNED_BY_ID="7")
    look()
    anna.refresh_from_db()
    at.refresh_from_db()
    assert (anna.first_name, anna.last_name, anna.email) == ("Анна", "Ким", "anna@example.com")
    assert str(at.phone) == "+79167654321"
    assert anna.private_metadata["onec.crm.bitrix24.responsible"] == "Мария Кац"
    assert [event.data["what"] for event in told()] == ["responsible", "contact"]


def test_accounts_of_staff_are_changed_by_nobody() -> None:
    staff = User.objects.create(email="staff@example.com", is_staff=True)
    for one in (f"{staff.pk}", "999999", "x", ""):
        with pytest.raises(Forbidden):
            STORE.change_customer(one, CustomerChange(first_name="Анна"))
        with pytest.raises(Forbidden):
            STORE.write_customer_metadata(one, {"a": "b"})


def test_a_phone_of_whoever_has_no_address() -> None:
    anna = User.objects.create(email="anna@example.com")
    change = CustomerChange(first_name="А" * 300, phone=PHONE)
    assert STORE.change_customer(f"{anna.pk}", change)
    assert not STORE.change_customer(f"{anna.pk}", change)
    anna.refresh_from_db()
    assert anna.first_name == "А" * 256
    assert [str(row.phone) for row in anna.addresses.all()] == [PHONE]


def call(client: Client, token: str) -> Any:
    given = {"event": "ONCRMDEALUPDATE", "auth[application_token]": token}
    return client.post(f"/plugins/{PLUGIN}/changed", given).status_code


def test_the_portal_calls(portal: Bitrix24) -> None:
    client = Client(enforce_csrf_checks=True)
    assert call(client, "forged") == 403
    assert not Look.objects.exists()
    assert call(client, TOKEN) == 204
    assert Look.objects.get().number == 1
    assert Message.objects.filter(topic="crm.bitrix24", object="back").count() == 1
    configure("bitrix24", active=False)
    get_plugins_manager(allow_replica=False)
    assert call(client, TOKEN) == 404
