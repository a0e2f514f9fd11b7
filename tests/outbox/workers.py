"""Real workers that deliver to a receiver of the tests, while time goes by faster."""

import itertools
import time
from collections.abc import Callable
from typing import Any

from celery import Celery
from django.db.models.functions import Now

from saleor_1c_plugin.outbox.models import Circuit, Deliverer, Message
from saleor_1c_plugin.sandbox.children import Child
from tests.storms import kill_pool

from .receiver import Receiver
from .room.apps import TOPIC


def fill(objects: int, each: int) -> dict[str, list[int]]:
    """Messages about some objects, in a mixed order; returns what should arrive."""
    numbers = itertools.product(range(each), range(objects))
    Message.objects.bulk_create(
        Message(topic=TOPIC, object=f"o{n}", key=f"o{n}/{number}", payload={"number": number})
        for number, n in numbers
    )
    return {f"o{n}": list(range(each)) for n in range(objects)}


class Crew:
    """Workers on the tests' database."""

    def __init__(self, start: Callable[..., Child], receiver: Receiver, broker: str) -> None:
        self._start = start
        self._receiver = receiver
        self._app = Celery("tests", broker=broker, set_as_current=False, fixups=[])
        self.workers = [self._hire(), self._hire()]

    def _hire(self) -> Child:
        return self._start(
            DJANGO_SETTINGS_MODULE="tests.outbox.worker_settings",
            ONEC_TEST_RECEIVER=self._receiver.url,
        )

    def call(self) -> None:
        """Have the workers look, as every commit does."""
        self._app.send_task("saleor_1c_plugin.outbox.deliver_pending")

    def hurry(self) -> None:
        """Let all pauses be over: minutes and hours in a test would only be waiting."""
        waiting = Message.objects.filter(state="pending", token="", due__gt=Now())
        waiting.update(due=Now())
        Circuit.objects.update(open_until=None)

    def kill(self, number: int, *, pool_only: bool) -> None:
        """``kill -9`` a worker, or the process of its pool that delivers, which is replaced."""
        worker = self.workers[number]
        if pool_only:
            kill_pool(worker)
        else:
            worker.kill()
            self.workers[number] = self._hire()

    def expire(self) -> int:
        """Let all leases be over, of the dead and of the living; how many messages had one.

        To the living it is as if they had been held up.
        """
        Deliverer.objects.update(lease_until=Now())
        return Message.objects.exclude(token="").filter(state="pending").update(due=Now())

    def wait(self, each: Callable[[], Any] = lambda: None, seconds: float = 240) -> None:
        """Until everything is delivered."""
        deadline = time.monotonic() + seconds
        left = Message.objects.filter(topic=TOPIC).exclude(state="delivered")
        while count := left.count():
            assert time.monotonic() < deadline, (count, left.values()[:3], self._tails())
            each()
            self.hurry()
            self.call()
            time.sleep(0.2)

    def _tails(self) -> list[str]:
        return [worker.tail()[-1500:] for worker in self.workers]
