"""What a storm of payments is made of, whatever the shop: workers that are killed, time that
hurries, a 1C that asks again and again; and what it has come to.
"""

import random
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from itertools import count

from celery import Celery
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from saleor_1c_plugin.commerceml.documents import Operation as Kind
from saleor_1c_plugin.onec.books import Books
from saleor_1c_plugin.onec.client import Client
from saleor_1c_plugin.onec.sale import fetch_orders
from saleor_1c_plugin.outbox.models import Circuit, Deliverer, Message
from saleor_1c_plugin.payments.models import Attempt, Operation
from saleor_1c_plugin.payments.provider import Status
from saleor_1c_plugin.sandbox.children import Child
from saleor_1c_plugin.store.payments import Action
from tests.storms import Diary, apart, kill_pool

from .standins.yookassa import YooKassa
from .storm_checks import NONE, Aftermath, Sums

KOPECK = Decimal("0.01")
#: Seconds that pass for the rows whenever time is hurried.
_HURRY = 10
#: Messages that are delivered between two kills: a worker is to have begun with something.
_BETWEEN_KILLS = 20
_EXCHANGE_SECONDS = 2.0
RECEIPTS = (Kind.CASH_PAYMENT, Kind.CASHLESS_PAYMENT, Kind.CARD_PAYMENT, Kind.OTHER)
REFUNDS = (Kind.CASH_REFUND, Kind.CASHLESS_REFUND)

#: A button of staff's: what is done with which payment.
Press = Callable[[Attempt, Action, Decimal], None]


class Staff:
    """Take what is held, let it go, give money back: here, and in the provider's cabinet."""

    def __init__(
        self, yookassa: YooKassa, diary: Diary, seed: int, attempts: QuerySet[Attempt], press: Press
    ) -> None:
        self._yookassa, self._diary, self._seed = yookassa, diary, seed
        self._attempts, self._press = attempts, press
        self._seen: set[tuple[object, str]] = set()
        #: Of payments that were given back in the cabinet.
        self.elsewhere: list[str] = []

    @property
    def is_told(self) -> bool:
        """Whether the shop knows of all that was given back in the cabinet."""
        known = Operation.objects.filter(attempt__payment_id__in=self.elsewhere, asked="")
        told = set(known.values_list("attempt__payment_id", flat=True))
        return told == set(self.elsewhere)

    def look(self) -> bool:
        """Decide on what is new; whether there was anything."""
        rows = self._attempts.filter(status__in=(Status.AUTHORISED, Status.CHARGED))
        new = set(rows.values_list("pk", "status")) - self._seen
        for row in self._attempts.filter(pk__in=[pk for pk, _ in new]):
            self._seen.add((row.pk, row.status))
            # The same whatever order they come in.
            lots = random.Random(f"{self._seed} {row.about_id} {row.transaction[-2:]} {row.status}")
            (self._held if row.status == Status.AUTHORISED else self._taken)(row, lots)
        return bool(new)

    def _held(self, row: Attempt, lots: random.Random) -> None:
        lot = lots.random()
        if lot < 0.5:
            self._ask(row, Action.CHARGE, row.amount)
        elif lot < 0.8:
            self._ask(row, Action.CHARGE, part(row.amount, lots))
        else:
            self._ask(row, Action.CANCEL, row.amount)
        if lots.random() < 0.1:
            # Somebody else's hand in it: of the two one is refused.
            self._ask(row, lots.choice((Action.CHARGE, Action.CANCEL)), row.amount)

    def _taken(self, row: Attempt, lots: random.Random) -> None:
        lot = lots.random()
        if lot < 0.05:
            self._ask(row, Action.REFUND, row.charged)
        elif lot < 0.3:
            for _ in range(lots.randint(1, 3)):
                self._ask(row, Action.REFUND, part(row.charged, lots))
        elif lot < 0.34:
            amount = part(row.charged, lots)
            if self._yookassa.payments[row.payment_id].refundable >= amount:
                self._yookassa.give_back(row.payment_id, amount)
                self.elsewhere.append(row.payment_id)
                self._diary.note("given back in the cabinet")

    def _ask(self, row: Attempt, action: Action, amount: Decimal) -> None:
        self._press(row, action, amount)
        self._diary.note(f"asked to {action.value}")


class Accountant:
    """A 1C that takes orders again and again."""

    def __init__(self, exchange: str, diary: Diary) -> None:
        self._exchange, self._diary = exchange, diary
        self.books = Books()
        self.fetch()

    def fetch(self) -> int:
        client = Client(self._exchange, "1c", "secret", kind="sale", patience=120)
        came = fetch_orders(client, self.books)
        self._diary.note("exchanges with 1C")
        return len(came)

    def sums(self, order: str) -> Sums:
        """What the documents of an order come to."""
        told = self.books[order].told.values()

        def total(kinds: Iterable[Kind]) -> Decimal:
            return sum((one.amount for one in told if one.operation in kinds), NONE)

        return total(RECEIPTS), total(REFUNDS)


class Crew:
    """Workers, who are killed; and their time, which goes by faster."""

    def __init__(
        self, hire: Callable[[], Child], broker: str, diary: Diary, seed: int, workers: list[Child]
    ) -> None:
        self._hire, self._diary = hire, diary
        self._lots = random.Random(seed)
        self._app = Celery("storm", broker=broker, set_as_current=False, fixups=[])
        self.workers = workers
        self._seen = 0

    def kill(self) -> None:
        """``kill -9`` one of them, or the process of its pool; what it had is taken up at once."""
        delivered = Message.objects.filter(state=Message.State.DELIVERED).count()
        if delivered < self._seen + _BETWEEN_KILLS:
            return
        self._seen = delivered
        number = self._lots.randrange(len(self.workers))
        worker = self.workers[number]
        if self._lots.random() < 0.6:
            kill_pool(worker)
            self._diary.note("kill -9 of a pool")
        else:
            worker.kill()
            self.workers[number] = self._hire()
            self._diary.note("kill -9 of a worker")
        Deliverer.objects.update(lease_until=Now())
        held = Message.objects.exclude(token="").filter(state="pending").update(due=Now())
        self._diary.done["messages in hand of the killed"] += held

    def hurry(self) -> None:
        """Retries are due at once, and polls much sooner; then have the workers look."""
        waiting = Message.objects.filter(state="pending", token="", due__gt=Now())
        waiting.update(due=Now())
        Circuit.objects.update(open_until=None)
        ahead = timedelta(seconds=_HURRY)
        Attempt.objects.filter(next_poll__gt=Now()).update(next_poll=F("next_poll") - ahead)
        for task in ("payments.poll", "outbox.deliver_pending"):
            self._app.send_task(f"saleor_1c_plugin.{task}")

    def tails(self) -> str:
        return "\n".join(worker.tail()[-1500:] for worker in self.workers)


@dataclass
class Storm:
    """What goes on around buyers."""

    diary: Diary
    staff: Staff
    onec: Accountant
    crew: Crew
    lots: random.Random
    #: Between two kills, least and most: a worker takes its time to begin.
    kill_seconds: tuple[float, float]

    def rage(self, shopping: Callable[[], None], crowd: int) -> None:
        """Have so many at a time go shopping, until the last is gone."""
        is_over = threading.Event()

        def exchange() -> None:
            # As long as there is something new, one goes on by itself.
            while not is_over.wait(_EXCHANGE_SECONDS):
                self.onec.fetch()

        with apart(self.diary, [exchange]), apart(self.diary, [shopping] * crowd) as buyers:
            kill_at = time.monotonic() + max(self.kill_seconds)
            while any(thread.is_alive() for thread in buyers):
                if time.monotonic() > kill_at:
                    self.crew.kill()
                    kill_at = time.monotonic() + self.lots.uniform(*self.kill_seconds)
                self.staff.look()
                self.crew.hurry()
                time.sleep(0.5)
            is_over.set()


def settle(
    yookassa: YooKassa, staff: Staff, crew: Crew, aftermath: Aftermath, seconds: float
) -> None:
    """Until nothing is under way any more; who has not paid by now does not pay."""
    deadline = time.monotonic() + seconds
    yookassa.faults.missing = 0.0
    for number in count():
        for payment in list(yookassa.payments.values()):
            # One whose answer was lost may have been made a moment ago.
            if payment.status == "pending":
                yookassa.decline(payment.id, "expired_on_confirmation")
        left = aftermath.unsettled()
        if not staff.look() and not left and number > 2 and staff.is_told:
            return
        assert time.monotonic() < deadline, (left, aftermath.stuck(), crew.tails())
        if number % 10 == 0:
            # Nothing else tells of what was done in the cabinet.
            for payment_id in staff.elsewhere:
                yookassa.tell_again(payment_id)
            # Thousands may wait to be told.
            yookassa.notifier.wait(max(deadline - time.monotonic(), 60))
        if number == 1:
            # At least once.
            crew.kill()
        crew.hurry()
        time.sleep(0.3)


def part(amount: Decimal, lots: random.Random) -> Decimal:
    """Up to a half of it."""
    most = int(amount / KOPECK)
    return lots.randint(1, max(most // 2, 1)) * KOPECK
