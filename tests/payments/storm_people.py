"""Who buys in a stormy mini-shop, and how its staff press buttons.

Each decides by lots of its own, so that a seed gives the same wishes again; what meets whom is up
to the machine.
"""

import random
import time
from decimal import Decimal
from uuid import uuid4

import requests
from django.db import transaction

from saleor_1c_plugin.payments import operations, sessions
from saleor_1c_plugin.payments.models import Attempt
from saleor_1c_plugin.payments.yookassa.provider import YooKassa as Provider
from saleor_1c_plugin.sandbox import checkout
from saleor_1c_plugin.sandbox.checkout import Wishes
from saleor_1c_plugin.sandbox.models import Cart, Order, Variant
from saleor_1c_plugin.store.orders import Address
from saleor_1c_plugin.store.payments import Action, Session
from tests.storms import Diary

from .standins import buyers
from .standins.yookassa import YooKassa

CHANNELS = ("default-channel", "held")
#: Somebody's token against forged forms: the page takes whatever cookie and form agree on.
_TOKEN = "t" * 32
_SECONDS = 60


class Buyer:
    """Orders, goes to pay, and does it, or not, or twice."""

    def __init__(self, shop: str, yookassa: YooKassa, diary: Diary, seed: int) -> None:
        self._shop, self._yookassa, self._diary = shop, yookassa, diary
        self._lots = random.Random(seed)
        self._browser = requests.Session()
        self._browser.trust_env = False
        self._browser.cookies.set("csrftoken", _TOKEN)

    def shop(self) -> None:
        order = self._order()
        lot = self._lots.random()
        if lot < 0.07:
            self._press(order)
            self._diary.note("left without paying")
            return
        if lot < 0.15:
            if url := self._insist(order):
                buyers.decline(url)
                self._diary.note("declined")
                self._come_back(order)
            if self._lots.random() < 0.4:
                return
        url = self._insist(order)
        if url is None:
            self._diary.note("gave up: no page to pay on")
            return
        second = self._second_window(order) if lot > 0.93 else None
        try:
            buyers.pay(url)
            self._diary.note("paid")
        except buyers.PageOver:
            # The shop does not know yet that the one which was declined is over.
            self._diary.note("came to a page that was over")
        if second:
            self._yookassa.pay(second, "sbp")
            self._diary.note("paid a second time")
        if self._lots.random() < 0.7:
            self._come_back(order)

    def _order(self) -> Order:
        lots = self._lots
        channel = lots.choice(CHANNELS)
        variants = list(Variant.objects.order_by("pk"))
        with transaction.atomic():
            cart = Cart.objects.create(channel=channel)
            for variant in lots.sample(variants, lots.choice((1, 1, 2, 3))):
                cart.lines.create(variant=variant, quantity=lots.choice((1, 1, 2, 5)))
        address = Address(
            first_name="Анна",
            last_name="Ли",
            phone="+79001234567",
            city="Москва",
            postal_code="101000",
            street_1="Мясницкая, 1",
            country_code="RU",
        )
        email = f"buyer{lots.randrange(10**9)}@example.com"
        placed = checkout.place(cart, Wishes(email, address, lots.choice(("courier", ""))))
        assert placed
        return placed

    def _press(self, order: Order) -> str | None:
        """Where the shop sends the buyer; ``None``: the provider has not answered."""
        answer = self._browser.post(
            f"{self._shop}orders/{order.key}/pay/",
            {"csrfmiddlewaretoken": _TOKEN},
            timeout=_SECONDS,
            allow_redirects=False,
        )
        assert answer.status_code == 302, (answer.status_code, answer.text[:500])
        away = answer.headers["Location"]
        return away if away.startswith(self._yookassa.address) else None

    def _insist(self, order: Order) -> str | None:
        for _ in range(self._lots.randint(3, 12)):
            if url := self._press(order):
                return url
            time.sleep(self._lots.uniform(0.05, 0.5))
        return None

    def _come_back(self, order: Order) -> None:
        answer = self._browser.get(f"{self._shop}orders/{order.key}/", timeout=_SECONDS)
        assert answer.status_code == 200, answer.text[:500]

    def _second_window(self, order: Order) -> str | None:
        """A payment of the same order that the first window knows nothing of."""
        key = str(order.key)
        given = {"returnUrl": f"{self._shop}orders/{key}/"}
        owed = checkout.to_pay(order)
        second = Session(f"{key}.9", "Оплата", key, order.channel, owed, "RUB", given=given)
        payment = sessions.pay(Provider(), second).data["paymentId"]
        return str(payment) if payment else None


def press(row: Attempt, action: Action, amount: Decimal) -> None:
    """Have staff's request carried out; their button is pressed twice."""
    asked = uuid4().hex
    for _ in range(2):
        with transaction.atomic():
            assert operations.request(Provider(), row.transaction, action, amount, asked)
