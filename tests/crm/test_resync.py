"""Everybody and everything is sent anew: to the end, once, whatever goes wrong on the way."""

import threading
from datetime import timedelta
from typing import Any

from django.db import connections
from django.db.models.functions import Now

from saleor_1c_plugin.crm import resync
from saleor_1c_plugin.crm.adapter import System, system
from saleor_1c_plugin.crm.bitrix24.client import Client
from saleor_1c_plugin.crm.bitrix24.settings import Bitrix24Settings
from saleor_1c_plugin.crm.models import Link, Resync, Turn
from saleor_1c_plugin.outbox.models import Circuit, Message, Pace
from saleor_1c_plugin.outbox.tasks import deliver_pending
from saleor_1c_plugin.sandbox.models import Customer
from saleor_1c_plugin.sandbox.standins.bitrix24 import Bitrix24
from saleor_1c_plugin.sandbox.standins.faults import Faults
from tests.receipts import sales

from .conftest import configure, links, mirrored, settle

MANY = 230
ORDERS = 8


def bitrix24() -> System:
    found = system("bitrix24")
    assert found is not None
    return found


def crowd(settings: Any, portal: Bitrix24) -> None:
    """A shop that had customers and orders before it had a CRM."""
    configure(settings, bitrix24=None)
    Customer.objects.bulk_create(
        Customer(
            email=f"buyer{number}@shop.example",
            first_name="Имя",
            last_name=f"Фамилия {number}",
            phone=f"+7999{number:07}",
        )
        for number in range(MANY)
    )
    for number in range(ORDERS):
        sales.order(email=f"guest{number}@shop.example")
    mirrored(settings, portal)


def assert_everybody_is_there_once(portal: Bitrix24) -> None:
    emails = [row["EMAIL"][0]["VALUE"] for row in portal.rows["contact"].values()]
    assert len(emails) == len(set(emails)) == MANY + ORDERS
    origins = [row["ORIGIN_ID"] for row in portal.rows["deal"].values()]
    assert len(origins) == len(set(origins)) == ORDERS
    assert links("contact") == sorted(map(str, portal.rows["contact"]))
    row = Resync.objects.get()
    assert row.ended
    assert (row.customers_done, row.customers_total) == (MANY, MANY)
    assert (row.orders_done, row.orders_total) == (ORDERS, ORDERS)
    assert row.problems == 0


def test_a_resync_of_all(portal: Bitrix24, settings: Any) -> None:
    crowd(settings, portal)
    resync.begin(bitrix24())
    settle()
    assert_everybody_is_there_once(portal)
    assert not portal.limited
    # Many in one call: each customer takes a fraction of one.
    assert len(portal.exchanges) < MANY / 4
    # Once more, with nothing new: nobody is written again.
    before = len(portal.called)
    resync.begin(bitrix24())
    settle()
    assert_everybody_is_there_once(portal)
    assert len(portal.called) == before


def test_a_resync_with_all_that_goes_wrong(portal: Bitrix24, settings: Any) -> None:
    crowd(settings, portal)
    portal.faults.share = 0.3
    portal.refusals += [("QUERY_LIMIT_EXCEEDED", 503), ("OPERATION_TIME_LIMIT", 429)] * 3
    # By hand, before: found by the e-mail and by the phone.
    portal.keep("contact", NAME="Имя", EMAIL=["BUYER7@shop.example"])
    portal.keep("contact", NAME="Имя", LAST_NAME="Ф", EMAIL=["buyer8@shop.example"])
    resync.begin(bitrix24())
    workers = [threading.Thread(target=_deliver) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    portal.faults.share = 0.0
    settle()
    assert portal.faults.met
    assert not portal.refusals
    rows = list(portal.rows["contact"].values())
    assert len(rows) == MANY + ORDERS
    emails = {one["VALUE"].lower() for row in rows for one in row["EMAIL"]}
    assert len(emails) == MANY + ORDERS
    assert len(portal.rows["deal"]) == ORDERS
    assert Resync.objects.get().customers_done == MANY


def _deliver() -> None:
    try:
        settle(120)
    finally:
        connections.close_all()


def test_a_worker_that_dies_costs_nothing_twice(
    portal: Bitrix24, settings: Any, monkeypatch: Any
) -> None:
    """It dies after a call, before it has noted what came of it; again and again."""
    crowd(settings, portal)
    calls = 0
    real = Client._exchange

    def dies(self: Client, method: str, params: Any) -> Any:
        nonlocal calls
        calls += 1
        answer = real(self, method, params)
        if calls % 4 == 2:
            raise SystemError("killed")
        return answer

    monkeypatch.setattr(Client, "_exchange", dies)
    resync.begin(bitrix24())
    for _ in range(400):
        deliver_pending()
        # The time has passed after which others may go on.
        Turn.objects.all().delete()
        Circuit.objects.all().delete()
        waiting = Message.objects.filter(state=Message.State.PENDING)
        waiting.filter(due__gt=Now(), token="").update(due=Now())
        if not waiting.exists():
            break
    assert_everybody_is_there_once(portal)


def test_it_is_not_asked_too_often(transactional_db: None, settings: Any) -> None:
    """By the documented limits: a burst of 50, then two a second."""
    with Bitrix24(Faults()) as portal:
        mirrored(settings, portal, per_second="2")
        client = Client(_settings(portal))
        for _ in range(42):
            client.call("profile", {})
        assert portal.limited == 0
        # Somebody else has used the webhook up.
        portal._level = 500.0
        Pace.objects.all().delete()
        sales.order(email="anna@shop.example")
        deliver_pending()
        assert portal.limited >= 1
        assert not portal.rows["contact"]
        portal.later(timedelta(minutes=10))
        settle()
        assert len(portal.rows["contact"]) == Link.objects.filter(of="contact").count() == 1


def _settings(portal: Bitrix24) -> Any:

    return Bitrix24Settings.from_configuration({"webhook": portal.webhook, "per_second": "2"})
