"""Thousands of payments, a provider that fails and workers that are killed: no kopeck is astray.

``ONEC_STORM_PAYMENTS`` is how many buyers there are (5000: the whole storm), ``ONEC_STORM_SEED``
the lots that all draw.
"""

import os
import random
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from saleor_1c_plugin.payments.models import Operation
from saleor_1c_plugin.sandbox.celery import app
from saleor_1c_plugin.sandbox.children import Child
from saleor_1c_plugin.sandbox.models import Order, Payment
from saleor_1c_plugin.sandbox.order_reading import order_data
from saleor_1c_plugin.sandbox.runner import wait_for
from saleor_1c_plugin.sandbox.standins.faults import Faults
from saleor_1c_plugin.sandbox.store import SandboxStore
from saleor_1c_plugin.sandbox.valkey import Valkey, free_port
from saleor_1c_plugin.store.orders import PaymentKind
from saleor_1c_plugin.store.ports import PriceWrite
from tests.sandbox.goods import goods
from tests.storms import Diary

from . import storm_settings
from .standins.yookassa import YooKassa
from .storm import Accountant, Crew, Staff, Storm, settle
from .storm_checks import NONE, Aftermath, Sums
from .storm_people import CHANNELS, Buyer, press

PAYMENTS = int(os.environ.get("ONEC_STORM_PAYMENTS", "20"))
SEED = int(os.environ.get("ONEC_STORM_SEED") or random.SystemRandom().randrange(1 << 32))
SETTINGS = "tests.payments.storm_settings"
#: Buyers at a time.
_CROWD = 12
#: Between two kills: a worker takes its time to begin.
_KILL_SECONDS = (1.0, 6.0)
_PRICES = ("33.33", "100.10", "0.99", "1999.99", "12345.67")


@pytest.fixture
def yookassa(monkeypatch: pytest.MonkeyPatch) -> Iterator[YooKassa]:
    faults = Faults(
        *(0.3, SEED),
        slow=0.1,
        slow_seconds=0.3,
        missing=0.2,
        repeated=0.3,
        reordered=0.3,
    )
    # To hold each message against the description would take longer than all the rest.
    with YooKassa(faults=faults, holds_contract=False, senders=3) as server:
        monkeypatch.setenv("ONEC_YOOKASSA_API", server.url)
        yield server


@pytest.fixture
def shop(
    yookassa: YooKassa,
    start_celery: Callable[..., Child],
    valkey: Valkey,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Iterator[str]:
    """Address of a mini-shop whose web server is a process of its own; here are its rows."""
    settings.ONEC_SANDBOX_CHANNELS = storm_settings.ONEC_SANDBOX_CHANNELS
    settings.ONEC_CONFIGURATION = storm_settings.ONEC_CONFIGURATION
    # What is committed here calls for a worker too.
    monkeypatch.setitem(app.conf, "task_always_eager", False)
    monkeypatch.setitem(app.conf, "broker_url", valkey.url)
    port = free_port()
    url = f"http://127.0.0.1:{port}/"
    web = Child(
        "web",
        [
            *(sys.executable, "-m", "uvicorn", "saleor_1c_plugin.sandbox.asgi:application"),
            *("--port", str(port), "--lifespan", "off", "--log-level", "warning"),
            # One answers one request at a time, and each may wait for the provider.
            *("--workers", "4"),
        ],
        {
            "DJANGO_SETTINGS_MODULE": SETTINGS,
            "ONEC_REDIS_URL": valkey.url,
            "ONEC_MEDIA_ROOT": settings.MEDIA_ROOT,
            "ONEC_SECRET_KEY": settings.SECRET_KEY,
        },
        tmp_path,
    )
    try:
        wait_for(url, web)
        yookassa.notifier.url = f"{url}payments/yookassa/"
        yield url
    finally:
        web.stop(5)


def fill() -> None:
    """Goods in both channels."""
    store = SandboxStore()
    for number, price in enumerate(_PRICES):
        variant = goods(f"storm-{number}", 10**6, price)
        with transaction.atomic():
            store.write_prices(
                [
                    PriceWrite(str(variant.pk), str(variant.product_id), channel, Decimal(price))
                    for channel in CHANNELS
                ]
            )


def test_storm(
    shop: str,
    yookassa: YooKassa,
    start_worker: Callable[..., Child],
    valkey: Valkey,
) -> None:
    print(f"ONEC_STORM_SEED={SEED}")
    began = time.monotonic()
    fill()
    aftermath = Aftermath(yookassa, timezone.now())
    diary = Diary()
    onec = Accountant(f"{shop}1c/", diary)
    staff = Staff(yookassa, diary, SEED, aftermath.attempts, press)

    def hire() -> Child:
        return start_worker("--loglevel", "WARNING", DJANGO_SETTINGS_MODULE=SETTINGS)

    crew = Crew(hire, valkey.url, diary, SEED, [hire(), hire()])
    lots = random.Random(SEED)
    seeds = iter([lots.randrange(1 << 32) for _ in range(PAYMENTS)])

    def shopping() -> None:
        while (seed := next(seeds, None)) is not None:
            Buyer(shop, yookassa, diary, seed).shop()

    Storm(diary, staff, onec, crew, lots, _KILL_SECONDS).rage(shopping, _CROWD)
    raged = time.monotonic() - began
    settle(yookassa, staff, crew, aftermath, 120 + PAYMENTS / 4)
    while onec.fetch():
        pass
    print(f"{PAYMENTS} buyers in {raged:.0f} s, settled after {time.monotonic() - began:.0f} s")
    print(dict(sorted(diary.done.items())))
    aftermath.show()
    assert not diary.complaints
    aftermath.check()
    check_orders(onec, aftermath)


def check_orders(onec: Accountant, aftermath: Aftermath) -> None:
    """The provider, the shop and 1C say the same of each order, and of all together."""
    book = aftermath.tally()
    expected: defaultdict[str, Sums] = defaultdict(lambda: (NONE, NONE))
    for row in aftermath.attempts.exclude(payment_id=""):
        charged, refunded = expected[row.about_id]
        more, less = book[row.payment_id]
        expected[row.about_id] = charged + more, refunded + less
    shop: defaultdict[str, Sums] = defaultdict(lambda: (NONE, NONE))
    for key, kind, amount in Payment.objects.values_list("order__key", "kind", "amount"):
        charged, refunded = shop[str(key)]
        if kind == PaymentKind.CHARGE:
            shop[str(key)] = charged + amount, refunded
        elif kind == PaymentKind.REFUND:
            shop[str(key)] = charged, refunded + amount
    orders = list(Order.objects.prefetch_related("lines", "payments", "discounts", "shipments"))
    assert len(orders) == PAYMENTS == len(onec.books)
    totals = NONE, NONE
    refused = set(
        Operation.objects.filter(
            asked__startswith="duplicate:", reason__contains="more than what is left"
        ).values_list("attempt__about_id", flat=True)
    )
    for order in orders:
        key = str(order.key)
        sums = expected[key]
        assert shop[key] == sums, key
        assert onec.sums(key) == sums, key
        assert onec.books[key].paid == sums[0] - sums[1] == order_data(order).paid
        # Whoever paid twice has got it back, but where staff were in the way.
        assert sums[0] - sums[1] <= order_data(order).total_gross or key in refused
        totals = totals[0] + sums[0], totals[1] + sums[1]
    assert totals == aftermath.totals()
