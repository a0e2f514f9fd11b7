"""The journal in a real Saleor: orders, carts and accounts become events, and systems read them."""

import hmac
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from saleor.account.models import Address, User
from saleor.channel.models import Channel
from saleor.checkout.models import Checkout
from saleor.order.models import Order
from saleor.plugins.models import PluginConfiguration

from saleor_1c_plugin import remembered
from saleor_1c_plugin.history import finding, journal
from saleor_1c_plugin.history.event import Event, Kind
from saleor_1c_plugin.history.models import Mark
from saleor_1c_plugin.history.settings import HistorySettings
from saleor_1c_plugin.store.orders import Account, Buyer
from saleor_1c_plugin.store.saleor.carts import SaleorCartStore
from saleor_1c_plugin.store.saleor.orders import SaleorOrderStore
from tests.history.system import System

from .carts import pk
from .live import EMAIL, PASSWORD, LiveShop, OneC, local
from .paying import wait
from .sales import ADDRESS, delivery, gid, goods, start
from .shop import configure
from .test_receipts import ship

SECRET, TOKEN = "letters-of-a-secret", "letters-of-the-token"
ADDRESS_OF_ROOM = "/plugins/saleor1c.history"
_UPDATE = """mutation ($id: ID!, $values: [ConfigurationItemInput!]!) {
  pluginUpdate(id: $id, input: { active: true, configuration: $values }) {
    plugin { globalConfiguration { configuration { name value } } }
    errors { field message } } }"""
_MARK_PAID = """mutation ($id: ID!) { orderMarkAsPaid(id: $id) { errors { field message } } }"""


def set_up(live: LiveShop, **values: str) -> dict[str, Any]:
    """As staff do; what they are shown then."""
    given = [{"name": name, "value": value} for name, value in values.items()]
    answer = live.staff.ask(_UPDATE, {"id": "saleor1c.history", "values": given})["pluginUpdate"]
    rows = answer["plugin"]["globalConfiguration"]["configuration"]
    return {row["name"]: row["value"] for row in rows}


@pytest.fixture(scope="module")
def system(live: LiveShop) -> Iterator[System]:
    OneC(live).export({"told-cup": 1000}, price="450.50")
    server = System()
    shown = set_up(live, webhooks=server.url, secret=SECRET, feed_token=TOKEN)
    assert SECRET not in str(shown)
    assert TOKEN not in str(shown)
    # The processes have remembered that nobody wanted to know.
    time.sleep(remembered.SECONDS)
    yield server
    PluginConfiguration.objects.filter(identifier="saleor1c.history").delete()
    server.stop()


def feed(live: LiveShop, token: str = TOKEN, **query: object) -> requests.Response:
    return requests.get(
        f"{live.base}{ADDRESS_OF_ROOM}/feed",
        params=query,
        headers={"Authorization": f"Bearer {token}"},
        timeout=30,
    )


def events(live: LiveShop, order_id: str) -> Sequence[dict[str, Any]]:
    """Of an order, as a system reads them."""
    answer = feed(live, limit=1000)
    assert answer.status_code == 200, answer.text
    return [event for event in answer.json()["events"] if event["order"]["id"] == order_id]


def test_an_order_s_whole_way_is_read_and_posted(live: LiveShop, system: System) -> None:
    guest = live.guest()
    order_id = local(guest.complete(guest.checkout({live.variant("told-cup"): 2})))
    order = Order.objects.get(pk=order_id)
    live.staff.ask(_MARK_PAID, {"id": gid(order)})
    ship(live, order_id)
    whole = {"order.placed", "order.status", "payment.charged", "order.paid", "shipment.sent"}
    wait(lambda: whole <= {event["kind"] for event in events(live, order_id)})
    told = events(live, order_id)
    assert told[0]["kind"] == "order.placed"
    assert told[0]["order"]["number"] == str(order.number)
    assert told[0]["customer"]["email"] == order.user_email
    assert told[0]["data"]["lines"][0]["quantity"] == 2
    numbers = [event["number"] for event in told]
    assert numbers == sorted(set(numbers))

    def posted() -> list[Any]:
        return [event for event in system.told if event["order"]["id"] == order_id]

    wait(lambda: len(posted()) >= len(told))
    assert posted()[: len(told)] == told
    head, body = system.requests[-1]
    text = head["x-onec-timestamp"].encode() + b"." + body
    assert head["x-onec-signature"] == hmac.new(SECRET.encode(), text, "sha256").hexdigest()


def test_nobody_else_reads_it(live: LiveShop, system: System) -> None:
    assert feed(live, token="another-token-of-it").status_code == 401
    assert feed(live, after="x").status_code == 400
    posted = requests.post(f"{live.base}{ADDRESS_OF_ROOM}/feed", timeout=30)
    assert posted.status_code == 405
    schema = requests.get(f"{live.base}{ADDRESS_OF_ROOM}/schema", timeout=30)
    assert schema.headers["Content-Type"] == "application/schema+json"
    assert "order.placed" in schema.json()["$defs"]


def test_staff_see_the_journal_and_nobody_else_does(live: LiveShop, system: System) -> None:
    page = f"{live.base}{ADDRESS_OF_ROOM}/"
    assert requests.get(page, timeout=30).status_code == 401
    seen = requests.get(page, auth=(EMAIL, PASSWORD), timeout=30)
    assert seen.status_code == 200
    assert "order.placed" in seen.text
    assert requests.get(f"{page}nonsense", auth=(EMAIL, PASSWORD), timeout=30).status_code == 404


def test_settings_that_can_t_be_used_are_refused(live: LiveShop, system: System) -> None:
    given = [{"name": "webhooks", "value": "nonsense"}]
    with pytest.raises(Exception, match="Address 1"):
        live.staff.ask(_UPDATE, {"id": "saleor1c.history", "values": given})


@pytest.mark.usefixtures("shop")
def test_carts_that_were_left() -> None:
    delivery("300")
    chair = goods("a", "100")
    now = datetime.now(UTC)
    first, second = (pk(start({chair: 2})[0]) for _ in range(2))
    known = Checkout.objects.create(
        channel=Channel.objects.get(slug="main"),
        currency="RUB",
        user=User.objects.create(email="anna@example.com"),
    )
    known.lines.create(variant=chair, quantity=1, currency="RUB")
    touched, paid, nobody = (pk(start({chair: 1})[0]) for _ in range(3))
    Checkout.objects.exclude(pk=touched).update(last_change=now - timedelta(hours=4))
    Checkout.objects.filter(pk=first).update(last_change=now - timedelta(hours=5))
    Checkout.objects.filter(pk=paid).update(charge_status="full")
    Checkout.objects.filter(pk=nobody).update(email="")
    empty = Checkout.objects.create(
        channel=Channel.objects.get(slug="main"), currency="RUB", email="ivan@example.com"
    )
    Checkout.objects.filter(pk=empty.pk).update(last_change=now - timedelta(hours=4))
    store = SaleorCartStore()
    since, until = now - timedelta(hours=9), now - timedelta(hours=3)
    found = store.left(since, "", until)
    at_once = sorted([second, str(known.pk)])
    assert [cart_id for _at, cart_id in found] == [first, *at_once]
    assert store.left(since, "", until, limit=1) == found[:1]
    assert store.left(*found[0], until) == found[1:]
    assert store.left(*found[1], until) == found[2:]
    assert store.left(*found[2], until) == []

    configure("history", cart_hours="3")
    Mark.objects.create(began=since, moment=since, carts=since)
    for _ in range(2):
        finding.left_carts(HistorySettings(cart_hours=3))
    journal.number()
    left = [event for _number, event in journal.after(0, 10, [Kind.CART_LEFT])]
    assert [event.key for event in left] == [f"cart:{one}:left" for one in (first, *at_once)]
    assert left[0].customer.email == "ivan@example.com"
    assert left[0].customer.phone == ADDRESS["phone"]
    assert (left[0].channel, left[0].data["total"]) == ("main", "200.00")
    assert left[0].data["lines"][0]["sku"] == "sku-a"


@pytest.mark.usefixtures("shop")
def test_accounts_that_were_made() -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    at = Address.objects.create(city="Казань", country="RU", phone="+79161234567")
    User.objects.create(email="old@example.com", date_joined=now - timedelta(days=1))
    User.objects.create(email="staff@example.com", is_staff=True, date_joined=now)
    users = [
        User.objects.create(
            email=f"n{number}@example.com",
            first_name="Анна",
            last_name="Ли",
            date_joined=now + timedelta(seconds=min(number, 1)),
            default_billing_address=at if number == 1 else None,
        )
        for number in range(3)
    ]
    store = SaleorOrderStore()
    found = store.registered_since(now)
    assert found == [
        Account(
            user.date_joined,
            Buyer(str(user.pk), user.email, "Анна", "Ли", {}),
            "+79161234567" if number == 1 else "",
        )
        for number, user in enumerate(users)
    ]
    for number, account in enumerate(found):
        assert store.registered_since(account.made, account.buyer.id) == found[number + 1 :]
    assert store.registered_since(now, limit=2) == found[:2]
    Mark.objects.create(began=now, moment=now)
    for _ in range(2):
        finding.new_accounts()
    journal.number()
    told: list[Event] = [event for _number, event in journal.after(0, 10)]
    assert [event.key for event in told] == [f"customer:{user.pk}:registered" for user in users]
    assert (told[1].customer.phone, told[1].customer.name) == ("+79161234567", "Анна Ли")
