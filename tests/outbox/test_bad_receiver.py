"""A receiver that fails at random loses nothing and sees every object's messages in order.

One request in five meets an answer of 5xx, no answer at all or a connection that is dropped, now
before and now after the receiver has processed the message.
"""

import os
import random
from collections.abc import Callable

import pytest

from saleor_1c_plugin.outbox.models import Message
from saleor_1c_plugin.sandbox.children import Child
from saleor_1c_plugin.sandbox.valkey import Valkey

from .receiver import Receiver
from .workers import Crew, fill

pytestmark = pytest.mark.django_db(transaction=True)


def test_nothing_is_lost_and_nothing_comes_out_of_order(
    start_worker: Callable[..., Child], valkey: Valkey
) -> None:
    seed = int(os.environ.get("ONEC_TEST_SEED") or random.SystemRandom().randrange(1 << 32))
    print(f"ONEC_TEST_SEED={seed}")
    receiver = Receiver(faults=0.2, seed=seed)
    expected = fill(objects=60, each=10)
    Crew(start_worker, receiver, valkey.url).wait()
    receiver.stop()
    print(dict(receiver.misbehaved))
    assert receiver.processed == expected
    assert len(receiver.misbehaved) == 6, "every kind of fault was met"
    assert Message.objects.filter(attempts__gt=1).exists()
