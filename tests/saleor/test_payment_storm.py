"""The storm of payments on a Saleor that runs: its storefront, its staff, its workers, its 1C.

``ONEC_STORM_PAYMENTS`` is how many buyers there are, ``ONEC_STORM_SEED`` the lots that all draw.
"""

import os
import random
import time
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from functools import partial

import graphene
import pytest
from django.utils import timezone
from saleor.payment.models import TransactionItem
from saleor.plugins.models import PluginConfiguration

from saleor_1c_plugin.payments.models import Attempt, Operation
from saleor_1c_plugin.payments.provider import Status
from saleor_1c_plugin.sandbox.children import Child
from saleor_1c_plugin.sandbox.standins.faults import Faults
from saleor_1c_plugin.store.payments import Action
from tests.payments.standins import buyers
from tests.payments.standins.yookassa import YooKassa
from tests.payments.storm import Accountant, Crew, Staff, Storm, settle
from tests.payments.storm_checks import NONE, Aftermath, Sums
from tests.storms import Diary

from .live import LiveShop, OneC
from .paying import YOOKASSA, Shopper, set_up_yookassa
from .sales import read
from .shop import configure

PAYMENTS = int(os.environ.get("ONEC_STORM_PAYMENTS", "14"))
SEED = int(os.environ.get("ONEC_STORM_SEED") or random.SystemRandom().randrange(1 << 32))
_PRICES = {"storm-spoon": "33.33", "storm-plate": "450.50", "storm-pot": "12345.67"}
#: Buyers at a time.
_CROWD = 6
#: Between two kills: a worker takes its time to begin.
_KILL_SECONDS = (2.0, 5.0)
#: For what is under way when the last buyer is gone; a payment takes a second more.
_SETTLE_SECONDS = 300
_REQUEST = """mutation ($id: ID!, $action: TransactionActionEnum!, $amount: PositiveDecimal) {
  transactionRequestAction(id: $id, actionType: $action, amount: $amount) {
    errors { field message } } }"""


@pytest.fixture
def yookassa(live: LiveShop) -> Iterator[YooKassa]:
    onec = OneC(live)
    for key, price in _PRICES.items():
        onec.export({key: 10**6}, price=price)
    faults = Faults(
        *(0.3, SEED), slow=0.1, slow_seconds=0.3, missing=0.2, repeated=0.3, reordered=0.3
    )
    port = live.ports["yookassa"]
    with YooKassa(faults=faults, holds_contract=False, senders=3, port=port) as server:
        server.notifier.url = f"{live.base}/plugins/{YOOKASSA}/"
        configure("payments", duplicates="refund")
        try:
            yield server
            server.notifier.wait()
        finally:
            configure("payments")
            PluginConfiguration.objects.filter(identifier=YOOKASSA).delete()


@pytest.fixture
def workers(live: LiveShop) -> Iterator[list[Child]]:
    """Those of the shop, and one more: of two, one is left when the other is killed."""
    workers = live.saleor.workers
    workers.append(live.saleor.hire())
    yield workers
    workers.pop().stop()


class Buyer:
    """Orders, and pays, or not, or twice."""

    def __init__(self, live: LiveShop, diary: Diary, seed: int) -> None:
        self._live, self._diary = live, diary
        self._lots = random.Random(seed)
        #: The order → the cart's transactions are its.
        self.order = ""

    def shop(self) -> None:
        lots, key = self._lots, self._lots.choice(list(_PRICES))
        shopper = Shopper(self._live, YOOKASSA, key)
        lot = lots.random()
        url = self._insist(shopper)
        if lot < 0.1:
            self._diary.note("left without paying")
            return
        if url and lot < 0.2:
            buyers.decline(url)
            self._diary.note("declined")
            shopper.come_back()
            url = self._insist(shopper)
        second = Shopper(self._live, YOOKASSA, key, shopper.checkout)
        if lot > 0.88 and (second_url := self._insist(second)):
            buyers.pay(second_url)
            self._diary.note("paid in a second window")
        if url:
            buyers.pay(url)
            self._diary.note("paid")
        if lots.random() < 0.7:
            shopper.come_back()
        self.order = shopper.complete()

    def _insist(self, shopper: Shopper) -> str:
        """Address of the page to pay on; empty: the provider never answered."""
        answer = shopper.choose()
        for _ in range(self._lots.randint(3, 12)):
            if confirmation := (answer["data"] or {}).get("confirmation"):
                return str(confirmation["url"])
            time.sleep(self._lots.uniform(0.05, 0.5))
            answer = shopper.come_back()
        return ""


def test_storm(live: LiveShop, yookassa: YooKassa, workers: list[Child]) -> None:
    print(f"ONEC_STORM_SEED={SEED}")
    began = time.monotonic()
    aftermath = Aftermath(yookassa, timezone.now())
    diary = Diary()
    onec = Accountant(f"{live.base}/plugins/saleor1c.exchange/", diary)
    staff = Staff(yookassa, diary, SEED, aftermath.attempts, Press(live))
    crew = Crew(live.saleor.hire, live.saleor.broker, diary, SEED, workers)
    lots = random.Random(SEED)
    storm = Storm(diary, staff, onec, crew, lots, _KILL_SECONDS)
    crowd = [Buyer(live, diary, lots.randrange(1 << 32)) for _ in range(PAYMENTS)]
    half = PAYMENTS // 2
    for two_stage, some in (("false", crowd[:half]), ("true", crowd[half:])):
        set_up_yookassa(live, two_stage=two_stage)
        storm.rage(partial(shop, iter(some)), _CROWD)
    raged = time.monotonic() - began
    settle(yookassa, staff, crew, aftermath, _SETTLE_SECONDS + PAYMENTS)
    while onec.fetch():
        pass
    print(f"{PAYMENTS} buyers in {raged:.0f} s, settled after {time.monotonic() - began:.0f} s")
    print(dict(sorted(diary.done.items())))
    aftermath.show()
    assert not diary.complaints
    assert any(what.startswith("kill -9") for what in diary.done)
    aftermath.check()
    check_transactions(aftermath)
    check_orders([buyer.order for buyer in crowd if buyer.order], aftermath, onec)


def shop(waiting: Iterator[Buyer]) -> None:
    """Let one buyer after another do what he came for."""
    for buyer in waiting:
        buyer.shop()


class Press:
    """Staff's buttons in the dashboard."""

    def __init__(self, live: LiveShop) -> None:
        self._live = live

    def __call__(self, row: Attempt, action: Action, amount: Decimal) -> None:
        global_id = graphene.Node.to_global_id("TransactionItem", row.transaction)
        values = {"id": global_id, "action": action.value.upper(), "amount": f"{amount:f}"}
        self._live.staff.ask(_REQUEST, values)


def check_transactions(aftermath: Aftermath) -> None:
    """Saleor's own sums of each transaction are the provider's, and nothing is pending."""
    book = aftermath.tally()
    items = {str(item.token): item for item in TransactionItem.objects.all()}
    totals = NONE, NONE
    for row in aftermath.attempts:
        item = items[row.transaction]
        charged, refunded = book.get(row.payment_id, (NONE, NONE))
        assert (item.charged_value, item.refunded_value) == (charged - refunded, refunded), row
        held = row.amount if row.status == Status.AUTHORISED else NONE
        assert item.authorized_value == held
        assert item.authorize_pending_value == item.charge_pending_value == 0
        assert item.refund_pending_value == item.cancel_pending_value == 0
        taken = item.charged_value + item.refunded_value
        totals = totals[0] + taken, totals[1] + item.refunded_value
    assert totals == aftermath.totals()


def check_orders(orders: list[str], aftermath: Aftermath, onec: Accountant) -> None:
    """The provider, Saleor and 1C say the same of each order, and of all together."""
    book = aftermath.tally()
    rows = TransactionItem.objects.filter(order__in=orders)
    order_of = {str(item.token): str(item.order_id) for item in rows}
    expected: defaultdict[str, Sums] = defaultdict(lambda: (NONE, NONE))
    for row in aftermath.attempts.exclude(payment_id=""):
        more, less = book[row.payment_id]
        order = order_of.get(row.transaction, "")
        charged, refunded = expected[order]
        expected[order] = charged + more, refunded + less
    # Whoever went without an order has not paid.
    assert expected.pop("", (NONE, NONE)) == (NONE, NONE)
    refused = set(
        Operation.objects.filter(
            asked__startswith="duplicate:", reason__contains="more than what is left"
        ).values_list("attempt__transaction", flat=True)
    )
    excused = {order_of[name] for name in refused if name in order_of}
    totals = NONE, NONE
    for order in orders:
        charged, refunded = expected[order]
        data = read(order)
        assert data.paid == charged - refunded, order
        assert onec.sums(order) == (charged, refunded), order
        assert onec.books[order].paid == data.paid
        # Whoever paid twice has got it back, but where staff were in the way.
        assert data.paid <= data.total_gross or order in excused
        totals = totals[0] + charged, totals[1] + refunded
    assert totals == aftermath.totals()
