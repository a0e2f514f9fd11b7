"""A shop's customers are sent to a CRM that fails, by workers that are killed: each is there once.

``ONEC_CRM_STORM`` is how many customers there are (100000: the whole storm), ``ONEC_STORM_SEED``
the lots that all draw.
"""

import os
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F

from saleor_1c_plugin.crm import resync
from saleor_1c_plugin.crm.models import Link, Resync
from saleor_1c_plugin.history import journal
from saleor_1c_plugin.history.models import Reader, Record
from saleor_1c_plugin.outbox.models import Message
from saleor_1c_plugin.sandbox.celery import app
from saleor_1c_plugin.sandbox.children import Child
from saleor_1c_plugin.sandbox.models import Customer, Order
from saleor_1c_plugin.sandbox.standins.bitrix24 import Bitrix24
from saleor_1c_plugin.sandbox.standins.faults import Faults
from saleor_1c_plugin.sandbox.valkey import Valkey
from tests.receipts import sales
from tests.storms import Diary, apart

from . import worker_settings
from .conftest import configure
from .storm import Crew
from .test_resync import bitrix24

CUSTOMERS = int(os.environ.get("ONEC_CRM_STORM", "240"))
SEED = int(os.environ.get("ONEC_STORM_SEED") or random.SystemRandom().randrange(1 << 32))
SETTINGS = "tests.crm.worker_settings"
#: Before there was a CRM, and while everybody is sent.
OLD_ORDERS = max(8, CUSTOMERS // 200)
NEW_ORDERS = max(6, CUSTOMERS // 1000)
KILLS = 2 + CUSTOMERS // 4000
#: Calls a second that the portal lets be made; of a real one two.
PACE = 50
#: Of calls.
_FAULTS = 0.04
#: Every so many calls the portal says that it has had enough.
_REFUSED = 15
_REFUSALS = [
    ("QUERY_LIMIT_EXCEEDED", 503),
    ("OPERATION_TIME_LIMIT", 429),
    ("INTERNAL_SERVER_ERROR", 500),
]


@pytest.fixture
def portal() -> Iterator[Bitrix24]:
    with Bitrix24(Faults(_FAULTS, SEED), per_second=PACE, burst=PACE * 25) as made:
        yield made


@pytest.fixture
def shop(
    transactional_db: None, portal: Bitrix24, valkey: Valkey, settings: Any, monkeypatch: Any
) -> None:
    """A shop with many customers, whose workers are processes of their own."""
    configure(settings, history=None, crm=None, bitrix24=None)
    Customer.objects.bulk_create(
        (
            Customer(
                email=f"buyer{number}@shop.example",
                first_name="Имя",
                last_name=f"Фамилия {number}",
                phone=f"+79{number:09}",
            )
            for number in range(CUSTOMERS)
        ),
        batch_size=5000,
    )
    # The journal tells nobody of them: they are no news.
    Customer.objects.update(joined=F("joined") - timedelta(days=1))
    for number in range(OLD_ORDERS):
        sales.order(email=buyer(number))
    values = {**worker_settings.ONEC_CONFIGURATION["bitrix24"], "webhook": portal.webhook}
    configure(settings, history={}, crm={"language": "en"}, bitrix24=values)
    for name in ("crm", "messages"):
        Reader.objects.update_or_create(name=name, defaults={"number": journal.last()})
    monkeypatch.setitem(app.conf, "task_always_eager", False)
    monkeypatch.setitem(app.conf, "broker_url", valkey.url)


def buyer(number: int) -> str:
    """Some are customers with an account, some are guests."""
    return f"guest{number}@shop.example" if number % 4 == 0 else f"buyer{number}@shop.example"


def test_storm(
    shop: None, portal: Bitrix24, start_worker: Callable[..., Child], valkey: Valkey
) -> None:
    print(f"ONEC_STORM_SEED={SEED}")
    diary = Diary()

    def hire() -> Child:
        return start_worker(
            *("--loglevel", "WARNING"),
            DJANGO_SETTINGS_MODULE=SETTINGS,
            ONEC_TEST_CRM_WEBHOOK=portal.webhook,
            ONEC_TEST_CRM_PACE=f"{PACE}",
        )

    crew = Crew(hire, valkey.url, diary, SEED, CUSTOMERS // (KILLS + 1))
    began = time.monotonic()
    resync.begin(bitrix24())
    with apart(diary, [lambda: trade(diary)]):
        send_all(crew, portal, diary, began + 120 + CUSTOMERS / 10)
    settle(crew, began + 240 + CUSTOMERS / 10)
    print(f"{CUSTOMERS} customers after {time.monotonic() - began:.0f} s")
    print(dict(sorted((diary.done + portal.faults.met).items())))
    assert not diary.complaints
    assert diary.done["kill -9"] == KILLS
    assert diary.done["messages in hand of the killed"]
    assert_everybody_is_there_once(portal)
    assert_every_order_is_there_once(portal)
    # Nobody has asked more often than the portal lets.
    assert portal.limited == 0


def trade(diary: Diary) -> None:
    """Buyers go on buying meanwhile."""
    for number in range(OLD_ORDERS, OLD_ORDERS + NEW_ORDERS):
        order = sales.order(email=buyer(number))
        sales.pay(order, "200.00")
        diary.note("ordered")
        time.sleep(0.5)


def send_all(crew: Crew, portal: Bitrix24, diary: Diary, deadline: float) -> None:
    """Until everything was sent; how far that is never goes back."""
    seen = said = 0.0
    while True:
        row = Resync.objects.get()
        assert row.run == 1
        done = row.customers_done + row.orders_done
        assert done >= seen
        seen = done
        if row.ended:
            return
        assert time.monotonic() < deadline, (unsettled(), crew.tails())
        if time.monotonic() > said + 30:
            said = time.monotonic()
            print(time.strftime("%H:%M:%S"), f"{row.customers_done} of {row.customers_total}")
        forget_exchanges(portal, diary)
        crew.look(KILLS)
        time.sleep(0.2)


def forget_exchanges(portal: Bitrix24, diary: Diary) -> None:
    """Of a big storm they would be gigabytes."""
    calls = len(portal.exchanges)
    if calls > _REFUSED:
        del portal.exchanges[:calls]
        diary.done["calls"] += calls
        portal.refusals.append(_REFUSALS[diary.done["refusals"] % len(_REFUSALS)])
        diary.note("refusals")


def settle(crew: Crew, deadline: float) -> None:
    """Until nothing waits any more."""
    while left := unsettled():
        assert time.monotonic() < deadline, (left, crew.tails())
        crew.look(0)
        time.sleep(0.1)


def unsettled() -> list[Any]:
    waiting = Message.objects.exclude(state=Message.State.DELIVERED)
    found: list[Any] = list(waiting.values_list("object", "key", "state", "reason")[:5])
    return found + list(Record.objects.filter(number=None)[:1])


def assert_everybody_is_there_once(portal: Bitrix24) -> None:
    contacts = portal.rows["contact"]
    emails = Counter(one["VALUE"] for row in contacts.values() for one in row["EMAIL"])
    wanted = set(Customer.objects.values_list("email", flat=True))
    wanted.update(Order.objects.values_list("email", flat=True))
    assert emails.keys() == wanted
    assert set(emails.values()) == {1}
    assert len({row["ORIGIN_ID"] for row in contacts.values()}) == len(contacts) == len(wanted)
    links = Link.objects.filter(of="contact").values_list("theirs", flat=True)
    assert sorted(links) == sorted(map(str, contacts))
    row = Resync.objects.get()
    assert (row.customers_done, row.customers_total) == (CUSTOMERS, CUSTOMERS)
    assert row.problems == 0


def assert_every_order_is_there_once(portal: Bitrix24) -> None:
    """With its goods, its buyer and each event in its timeline."""
    deals = portal.rows["deal"]
    orders = {str(key) for key in Order.objects.values_list("key", flat=True)}
    assert sorted(row["ORIGIN_ID"] for row in deals.values()) == sorted(orders)
    assert all(int(row["CONTACT_ID"]) in portal.rows["contact"] for row in deals.values())
    assert portal.products.keys() == deals.keys()
    texts = Counter(row["COMMENT"] for row in portal.rows["comment"].values())
    assert set(texts.values()) == {1}
    assert len(texts) == Link.objects.filter(of="fact").count() == Record.objects.count()
