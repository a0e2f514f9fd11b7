"""``kill -9`` of workers while they plan and send: every event is told, and none is told twice."""

import os
import random
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from celery import Celery
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from saleor_1c_plugin.history import journal
from saleor_1c_plugin.history.models import Reader, Record
from saleor_1c_plugin.messaging.models import Delivery
from saleor_1c_plugin.outbox.models import Circuit, Deliverer, Message
from saleor_1c_plugin.sandbox.children import Child
from saleor_1c_plugin.sandbox.valkey import Valkey
from tests.storms import kill_pool

from .mailserver import mail_server

pytestmark = pytest.mark.django_db(transaction=True)

KILLS = int(os.environ.get("ONEC_TEST_KILLS", "4"))
EVENTS = 120
OPEN = [Delivery.State.QUEUED, Delivery.State.SENDING]


def happen() -> None:
    """Orders of some buyers, written down and not read yet."""
    Reader.objects.create(name="messages", number=journal.last())
    Record.objects.bulk_create(
        Record(
            key=f"order-{number}:placed",
            kind="order.placed",
            at=timezone.now(),
            channel="default-channel",
            order_id=f"order-{number}",
            order_number=f"{number}",
            data={"total": "100.00", "currency": "RUB"},
            email=f"buyer-{number % 40}@shop.example",
        )
        for number in range(EVENTS)
    )


def hurry() -> None:
    """Let all leases and pauses be over, as if the dead had been dead for long."""
    Deliverer.objects.update(lease_until=Now())
    Message.objects.filter(state="pending", due__gt=Now()).update(due=Now())
    Circuit.objects.all().delete()
    Delivery.objects.filter(state="sending").update(began=F("began") - timedelta(minutes=3))


def test_workers_are_killed_while_they_send(
    start_worker: Callable[..., Child], valkey: Valkey
) -> None:
    seed = int(os.environ.get("ONEC_TEST_SEED") or random.SystemRandom().randrange(1 << 32))
    print(f"ONEC_TEST_SEED={seed}")
    chance = random.Random(seed)
    happen()
    app = Celery("tests", broker=valkey.url, set_as_current=False, fixups=[])
    kills = in_the_call = seen = 0
    with mail_server() as server:
        server.seconds = 0.05
        worker = start_worker(
            DJANGO_SETTINGS_MODULE="tests.messaging.worker_settings",
            ONEC_TEST_MAIL_PORT=f"{server.port}",
        )
        deadline = time.monotonic() + 240
        while Delivery.objects.count() < EVENTS or Delivery.objects.filter(state__in=OPEN).exists():
            worker.check()
            assert time.monotonic() < deadline, worker.tail()
            if kills < KILLS and len(server.taken) > seen + 5:
                seen = len(server.taken)
                kill_pool(worker)
                kills += 1
                in_the_call += Delivery.objects.filter(state="sending").count()
                hurry()
            elif chance.random() < 0.2:
                hurry()
            for task in ("history.read_events", "outbox.deliver_pending"):
                app.send_task(f"saleor_1c_plugin.{task}")
            time.sleep(0.2)
        worker.stop()
    letters = Counter(letter["Message-ID"] for _to, letter in server.taken)
    states = Counter(Delivery.objects.values_list("state", flat=True))
    print(f"{kills} kills, {in_the_call} messages in the call; {dict(states)}")
    assert kills == KILLS
    assert in_the_call
    assert Delivery.objects.values("event").distinct().count() == EVENTS
    assert Delivery.objects.count() == EVENTS
    assert set(letters.values()) == {1}
    assert states.keys() <= {"sent", "unknown"}
    for row in Delivery.objects.filter(state="sent"):
        assert letters[f"<saleor1c.{row.pk}@shop.example>"] == 1
    # Each message that was said is in the journal, once.
    assert Record.objects.filter(kind="message.sent").count() == states["sent"]
