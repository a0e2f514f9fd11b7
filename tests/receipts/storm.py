"""What a storm of receipts is made of: buyers, workers that are killed, and time that hurries."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

from celery import Celery
from django.db.models.functions import Now

from saleor_1c_plugin.outbox.models import Circuit, Deliverer, Message
from saleor_1c_plugin.receipts.models import Receipt, RegisterHealth
from saleor_1c_plugin.sandbox.children import Child
from tests import storms

from . import sales
from .support import age

#: Receipts that are registered between two kills: a worker is to have begun with something.
_BETWEEN_KILLS = 10
PRICES = ("33.33", "100.10", "0.99", "1999.99", "12345.67")
_KOPECK = Decimal("0.01")


@dataclass
class Diary(storms.Diary):
    """What happened, and what money moved."""

    #: Fact's kind → money.
    money: dict[str, Decimal] = field(default_factory=dict)

    def move(self, what: str, amount: Decimal) -> None:
        self.note(what)
        with self._lock:
            self.money[what] = self.money.get(what, Decimal(0)) + amount


def buy(lots: random.Random, diary: Diary, most: int) -> int:
    """An order that is paid for in up to `most` parts, shipped, given back; how many parts."""
    quantity = lots.randint(1, 5)
    order = sales.order(quantity, lots.choice(PRICES), email=f"{lots.random()}@shop.example")
    total = sum((line.total for line in order.lines.all()), Decimal(0))
    parts = _parts(total, min(lots.choice((1, 1, 2, 4, 6)), most), lots)
    for amount in parts:
        sales.pay(order, f"{amount:f}")
        diary.move("paid", amount)
    if lots.random() < 0.4:
        sales.ship(order)
        diary.move("shipped", total)
    if lots.random() < 0.3:
        amount = lots.choice((total, *_parts(total, 2, lots)))
        sales.give_back(order, f"{amount:f}")
        diary.move("given back", amount)
    return len(parts)


def _parts(total: Decimal, count: int, lots: random.Random) -> list[Decimal]:
    """Some amounts that come to the total."""
    kopecks = int(total / _KOPECK)
    cuts = sorted(lots.sample(range(1, kopecks), min(count - 1, kopecks - 1)))
    edges = [0, *cuts, kopecks]
    return [(end - start) * _KOPECK for start, end in pairwise(edges)]


class Crew:
    """Workers, who are killed; and their time, which goes by faster."""

    def __init__(self, hire: Callable[[], Child], broker: str, diary: Diary, seed: int) -> None:
        self._hire, self._diary = hire, diary
        self._lots = random.Random(seed)
        self._app = Celery("storm", broker=broker, set_as_current=False, fixups=[])
        self.workers = [hire(), hire()]
        self._seen = self._kills = 0
        self._kill_at = time.monotonic()

    def look(self, pause: tuple[float, float], kills: int) -> None:
        """Kill somebody if it is time to, and let time go by.

        Parameters
        ----------
        pause
            Seconds between two kills: from, to.
        kills
            At most so many.
        """
        if self._kills < kills and time.monotonic() > self._kill_at and self.kill():
            self._kills += 1
            self._kill_at = time.monotonic() + self._lots.uniform(*pause)
        self.hurry()

    def kill(self) -> bool:
        """``kill -9``, once there was something to die with; whether anybody was.

        Either the process of a pool, which is replaced, and whose leases end by themselves; or all
        of them, as when a host dies: then nobody has anything any more, and all leases are over.
        """
        done = Receipt.objects.filter(state=Receipt.State.DONE).count()
        if done - self._seen < _BETWEEN_KILLS:
            return False
        self._seen = done
        if self._lots.random() < 0.3:
            worker = self._lots.choice(self.workers)
            storms.kill_pool(worker)
            self._diary.note("kill -9 of a pool")
            return True
        for worker in self.workers:
            worker.kill()
        # What a database does for a client that is gone comes to an end too.
        time.sleep(0.5)
        Deliverer.objects.update(lease_until=Now())
        held = Message.objects.exclude(token="").filter(state="pending").update(due=Now())
        busy = Receipt.objects.exclude(token="")
        self._diary.done["receipts in hand of the killed"] += busy.count()
        self._diary.done["sent, and the worker killed"] += busy.filter(state="sent").count()
        self._diary.done["messages in hand of the killed"] += held
        busy.update(due=Now(), token="")
        RegisterHealth.objects.update(token="")
        self.workers = [self._hire() for _ in self.workers]
        self._diary.note("kill -9 of all workers")
        return True

    def hurry(self) -> None:
        """Pauses are over and hours go by; then have the workers look."""
        waiting = Message.objects.filter(state="pending", token="", due__gt=Now())
        waiting.update(due=Now())
        Circuit.objects.update(open_until=None)
        Receipt.objects.filter(token="", due__gt=Now()).update(due=Now())
        RegisterHealth.objects.filter(away_until__gt=Now()).update(away_until=None)
        if self._lots.random() < 0.05:
            hours = self._lots.randint(1, 9)
            age(timedelta(hours=hours))
            self._diary.done["hours gone by"] += hours
        for task in ("outbox.deliver_pending", "receipts.look_after"):
            self._app.send_task(f"saleor_1c_plugin.{task}")

    def tails(self) -> str:
        return "\n".join(worker.tail()[-1500:] for worker in self.workers)
