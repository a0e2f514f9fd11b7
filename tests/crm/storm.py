"""What a storm of customers is made of: workers that are killed, and time that hurries."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from celery import Celery
from django.db.models.functions import Now

from saleor_1c_plugin.clock import from_now
from saleor_1c_plugin.crm.models import Resync, Turn
from saleor_1c_plugin.crm.turns import SECONDS
from saleor_1c_plugin.outbox.models import Circuit, Deliverer, Message
from saleor_1c_plugin.sandbox.children import Child
from tests.storms import Diary, dead_pools

#: Whoever has had a turn for so long is dead: the living need a second or two.
_LONGEST_TURN = 60.0
_POOLS_FIRST = 2


class Crew:
    """Workers, who are killed; and their time, which goes by faster.

    Parameters
    ----------
    between
        Customers that are sent between two kills.
    """

    def __init__(
        self, hire: Callable[[], Child], broker: str, diary: Diary, seed: int, between: int
    ) -> None:
        self._hire, self._diary, self._between = hire, diary, between
        self._lots = random.Random(seed)
        self._app = Celery("storm", broker=broker, set_as_current=False, fixups=[])
        self.workers = [hire(), hire()]
        self._kill_at = self._between // 2

    def look(self, kills: int) -> None:
        """Kill somebody if it is time to, and have the others look for work.

        Parameters
        ----------
        kills
            At most so many.
        """
        for worker in self.workers:
            worker.check()
        done = Resync.objects.values_list("customers_done", flat=True).first() or 0
        if done >= self._kill_at and self._diary.done["kill -9"] < kills and self._kill():
            self._diary.note("kill -9")
            self._kill_at = done + self._lots.randint(self._between // 2, self._between * 3 // 2)
        self._hurry()

    def _kill(self) -> bool:
        """``kill -9`` of all who have something in hand; whether anybody has."""
        if not Turn.objects.exists():
            return False
        # Somewhere between two of the calls that a step is made of.
        time.sleep(self._lots.uniform(0, 0.1))
        # Those who do the tasks; in a long storm also everybody, as when a host dies: to begin anew
        # takes them most of a small one.
        is_host = self._diary.done["kill -9"] >= _POOLS_FIRST and self._lots.random() < 0.3
        with self._dead() if is_host else dead_pools(self.workers):
            # What a database does for a client that is gone comes to an end too.
            time.sleep(0.5)
            self._diary.done["messages in hand of the killed"] += self._expired()
        return True

    @contextmanager
    def _dead(self) -> Iterator[None]:
        for worker in self.workers:
            worker.kill()
        yield
        self.workers = [self._hire() for _ in self.workers]
        self._diary.note("all workers anew")

    def _expired(self) -> int:
        """All that the dead had is over; how many messages that were."""
        Turn.objects.all().delete()
        Deliverer.objects.update(lease_until=Now())
        return Message.objects.exclude(token="").filter(state="pending").update(due=Now())

    def _hurry(self) -> None:
        """Pauses are over; then have the workers look."""
        Message.objects.filter(state="pending", token="", due__gt=Now()).update(due=Now())
        Circuit.objects.update(open_until=None)
        Turn.objects.filter(until__lt=from_now(SECONDS - _LONGEST_TURN)).delete()
        for task in ("history.read_events", "outbox.deliver_pending"):
            self._app.send_task(f"saleor_1c_plugin.{task}")

    def tails(self) -> str:
        return "\n".join(worker.tail()[-1500:] for worker in self.workers)
