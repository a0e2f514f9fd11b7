"""Thousands of payments, registers that fail and workers that are killed: one receipt each.

``ONEC_RECEIPT_STORM`` is how many payments there are (10000: the whole storm),
``ONEC_STORM_SEED`` the lots that all draw.
"""

import os
import random
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from saleor_1c_plugin.receipts import upkeep
from saleor_1c_plugin.receipts.emulator import drive
from saleor_1c_plugin.receipts.emulator.models import Drive
from saleor_1c_plugin.receipts.models import Receipt, RegisterHealth
from saleor_1c_plugin.sandbox.celery import app
from saleor_1c_plugin.sandbox.children import Child
from saleor_1c_plugin.sandbox.valkey import Valkey
from tests.storms import apart

from . import storm_checks, storm_settings
from .sales import cups
from .storm import PRICES, Crew, Diary, buy
from .support import FIRST, SECOND

PAYMENTS = int(os.environ.get("ONEC_RECEIPT_STORM", "60"))
SEED = int(os.environ.get("ONEC_STORM_SEED") or random.SystemRandom().randrange(1 << 32))
SETTINGS = "tests.receipts.storm_settings"
#: Buyers at a time.
_CROWD = 3
#: Between two kills: a worker takes its time to begin.
_KILL_SECONDS = (4.0, 30.0)
_KILLS = 3 + PAYMENTS // 250
#: Percent of calls.
_FAULTS = {"fails": 8, "loses": 8}


@pytest.fixture
def shop(
    transactional_db: None, valkey: Valkey, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A shop whose workers are processes of their own; here are its rows, and its buyers."""
    settings.ONEC_CONFIGURATION = storm_settings.ONEC_CONFIGURATION
    monkeypatch.setitem(app.conf, "task_always_eager", False)
    monkeypatch.setitem(app.conf, "broker_url", valkey.url)
    for name in (FIRST, SECOND):
        drive.ensure(name)
    Drive.objects.update(**_FAULTS)


def test_storm(shop: None, start_worker: Callable[..., Child], valkey: Valkey) -> None:
    print(f"ONEC_STORM_SEED={SEED}")
    began = time.monotonic()
    diary = Diary()

    def hire() -> Child:
        return start_worker("--loglevel", "WARNING", DJANGO_SETTINGS_MODULE=SETTINGS)

    crew = Crew(hire, valkey.url, diary, SEED)
    # Two who make the same goods at a time wait for each other.
    for price in PRICES:
        cups(price)
    rage(diary, crew)
    raged = time.monotonic() - began
    settle(crew, 240 + PAYMENTS)
    print(f"{PAYMENTS} payments in {raged:.0f} s, settled after {time.monotonic() - began:.0f} s")
    print(dict(sorted(diary.done.items())))
    assert not diary.complaints
    assert any("kill" in what for what in diary.done)
    storm_checks.check_receipts(diary)
    storm_checks.check_money(diary)
    storm_checks.check_drives()
    look_once_more()
    storm_checks.check_shifts()
    storm_checks.check_order()


def look_once_more() -> None:
    """What a register did when its last answer was lost, the next regular look at it finds."""
    Drive.objects.update(fails=0, loses=0)
    RegisterHealth.objects.update(away_until=None, checked=None, token="")
    upkeep.look_after()


def rage(diary: Diary, crew: Crew) -> None:
    """Until the last payment was made."""
    lots = random.Random(SEED)
    lock = threading.Lock()
    left = PAYMENTS

    def shopping() -> None:
        nonlocal left
        while True:
            with lock:
                seed, most = lots.randrange(1 << 32), left
                # As if all parts were paid; what was not is given back below.
                left -= min(most, 6)
            if most <= 0:
                return
            made = buy(random.Random(seed), diary, min(most, 6))
            with lock:
                left += min(most, 6) - made

    with apart(diary, [shopping] * _CROWD) as crowd:
        while any(thread.is_alive() for thread in crowd):
            crew.look(_KILL_SECONDS, _KILLS)
            time.sleep(0.5)


def settle(crew: Crew, seconds: float) -> None:
    """Until every receipt is registered, with as many faults as before."""
    deadline = time.monotonic() + seconds
    said = 0.0
    while left := storm_checks.unsettled():
        assert "failed" not in left, list(Receipt.objects.filter(state="failed")[:5].values())
        assert time.monotonic() < deadline, (left, crew.tails())
        if time.monotonic() > said + 30:
            said = time.monotonic()
            print(time.strftime("%H:%M:%S"), left, flush=True)
        crew.look(_KILL_SECONDS, _KILLS)
        time.sleep(0.5)
