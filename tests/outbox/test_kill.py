"""``kill -9`` of workers while they deliver: nothing is lost, and order per object is kept."""

import os
import random
from collections.abc import Callable

import pytest

from saleor_1c_plugin.sandbox.children import Child
from saleor_1c_plugin.sandbox.valkey import Valkey

from .receiver import Receiver
from .workers import Crew, fill

pytestmark = pytest.mark.django_db(transaction=True)

KILLS = int(os.environ.get("ONEC_TEST_KILLS", "6"))


def test_workers_are_killed_while_they_deliver(
    start_worker: Callable[..., Child], valkey: Valkey
) -> None:
    seed = int(os.environ.get("ONEC_TEST_SEED") or random.SystemRandom().randrange(1 << 32))
    print(f"ONEC_TEST_SEED={seed}")
    chance = random.Random(seed)
    receiver = Receiver(faults=0.1, seed=seed, seconds=0.005)
    expected = fill(objects=120, each=20)
    crew = Crew(start_worker, receiver, valkey.url)
    kills = cut_off = seen = 0

    def shoot() -> None:
        nonlocal kills, cut_off, seen
        if kills == KILLS or len(receiver.keys) <= seen:
            return
        seen = len(receiver.keys)
        number = chance.randrange(2)
        crew.kill(number, pool_only=chance.random() < 0.5)
        kills += 1
        cut_off += crew.expire()

    crew.wait(shoot)
    receiver.stop()
    print(f"{kills} workers were killed with {cut_off} messages in hand")
    assert receiver.processed == expected
    assert kills == KILLS
    assert cut_off
