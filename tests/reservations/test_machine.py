"""Buyers, 1C and time in any order: what must be true after each of their steps."""

from collections import Counter
from decimal import Decimal
from typing import Any, ClassVar

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from saleor_1c_plugin.reservations import holds
from saleor_1c_plugin.reservations.errors import ReservationError
from saleor_1c_plugin.reservations.models import End, Hold
from saleor_1c_plugin.sandbox.models import (
    Cart,
    CartLine,
    Order,
    OrderLine,
    Reservation,
    Stock,
)
from saleor_1c_plugin.sandbox.orders import SandboxOrderStore
from saleor_1c_plugin.store.orders import Forbidden

from .support import Shop, cart_id, facts, goods, seen

BUYERS = ("", "", "anna@example.com", "anna@example.com")
KEYS = ("cup", "plate")
GRACE = 20

some = st.integers(0, 3)
key = st.sampled_from(KEYS)
#: So that two of them often meet in a price, and all of them in the stock.
price = st.integers(8, 12).map(lambda tens: str(tens * 10))
units = st.integers(1, 6)


class Buying(RuleBasedStateMachine):
    """`shop` is given by the test; every run begins with its carts and goods empty."""

    shop: ClassVar[Shop]

    @initialize(
        mode=st.sampled_from(["automatic", "on_request"]),
        better=st.booleans(),
        share=st.sampled_from([100, 60]),
        limit=st.sampled_from([0, 5]),
    )
    def open(self, mode: str, better: bool, share: int, limit: int) -> None:
        for model in (Hold, Reservation, CartLine, Cart, OrderLine, Order):
            model.objects.all().delete()  # type: ignore[attr-defined]
        self.better = better
        self.shop.set(
            mode=mode,
            better_price=str(better),
            share_percent=share,
            units_per_buyer=limit,
            longest_minutes=50,
            payment_minutes=GRACE,
        )
        self.prices = dict.fromkeys(KEYS, Decimal(100))
        for key in KEYS:
            self.shop.on_hand(goods(key), 10)
            self.shop.on_hand(goods(key), 0, warehouse=1)
            self.shop.price(goods(key), "100")
        self.carts = [self.shop.cart(buyer) for buyer in BUYERS]

    @rule(which=some, key=key, quantity=units)
    def want(self, which: int, key: str, quantity: int) -> None:
        line = self.carts[which].lines.filter(variant=goods(key)).first()
        if line is None:
            self.shop.line(quantity, goods(key), self.carts[which])
        else:
            self.shop.want(line, quantity)

    @rule(which=some)
    def take_out(self, which: int) -> None:
        line = self.carts[which].lines.first()
        if line is not None:
            line.delete()

    @rule(which=some, ask=st.sampled_from([holds.create, holds.extend, holds.cancel]))
    def ask(self, which: int, ask: Any) -> None:
        before = self._rows()
        try:
            answered = ask(cart_id(self.carts[which]))
        except ReservationError:
            assert self._rows() == before
        else:
            assert all((hold.end == "") == (ask is not holds.cancel) for hold in answered)

    @rule(which=some, begun=st.booleans())
    def pay(self, which: int, begun: bool) -> None:
        self.shop.pay(self.carts[which], begun)

    @rule(minutes=st.sampled_from([1, 5, 14, 16, 31]))
    def pass_time(self, minutes: int) -> None:
        self.shop.pass_time(minutes=minutes)

    @rule(which=some)
    def look(self, which: int) -> None:
        """Whoever sees the cart sees no price of a hold that is over."""
        line = self.carts[which].lines.first()
        if line is None:
            return
        live = {hold.line_id for hold in Hold.objects.live()}
        for item in seen(line).lines:
            assert item.frozen is None or item.id in live

    @rule()
    def sweep(self) -> None:
        holds.sweep()
        assert not Hold.objects.over().exists()
        assert not CartLine.objects.exclude(frozen=None).exclude(
            pk__in=[hold.line_id for hold in Hold.objects.live()]
        )

    @rule(key=key, quantity=st.integers(0, 12), warehouse=st.integers(0, 1))
    def import_stock(self, key: str, quantity: int, warehouse: int) -> None:
        self.shop.on_hand(goods(key), quantity, warehouse)

    @rule(key=key, amount=price)
    def import_price(self, key: str, amount: str) -> None:
        self.shop.price(goods(key), amount)
        self.prices[key] = Decimal(amount)

    @precondition(lambda self: any(cart.lines.exists() for cart in self.carts))
    @rule(which=some)
    def buy(self, which: int) -> None:
        cart = self.carts[which]
        if not cart.lines.exists():
            return
        held = {hold.variant_id: hold for hold in Hold.objects.live().filter(cart_id=cart_id(cart))}
        wanted = {str(line.variant_id) for line in cart.lines.all()}
        try:
            order = self.shop.buy(cart)
        except Forbidden:
            # Never of what is held.
            assert wanted - held.keys()
            return
        self.carts[which] = self.shop.cart(BUYERS[which])
        for line in order.lines.all():
            live = self.prices[line.variant.key.removesuffix("#1")]  # type: ignore[union-attr]
            hold = held.get(str(line.variant_id))
            due = live if hold is None or hold.price is None else hold.price
            assert line.price == (min(due, live) if self.better else due)
        ended = Hold.objects.filter(pk__in=[hold.pk for hold in held.values()])
        assert {hold.end for hold in ended} <= {End.BOUGHT}

    @precondition(lambda self: Order.objects.exclude(status="cancelled").exists())
    @rule()
    def cancel_order(self) -> None:
        order = Order.objects.exclude(status="cancelled").latest("pk")
        with transaction.atomic():
            SandboxOrderStore().cancel(str(order.key))

    @invariant()
    def nothing_is_promised_twice(self) -> None:
        now = timezone.now()
        for stock in Stock.objects.all():
            rows = Reservation.objects.filter(stock=stock, reserved_until__gt=now)
            held = sum(row.quantity for row in rows)
            sold = (
                OrderLine.objects.filter(variant=stock.variant, warehouse=stock.warehouse)
                .exclude(order__status="cancelled")
                .aggregate(units=Sum("quantity"))["units"]
                or 0
            )
            assert sold + held <= max(stock.quantity, sold)

    @invariant()
    def a_hold_is_whole(self) -> None:
        now = timezone.now()
        units = Counter[str]()
        for row in Reservation.objects.filter(reserved_until__gt=now):
            units[str(row.line_id)] += row.quantity
        live = {hold.line_id: hold for hold in Hold.objects.live()}
        lines = {str(line.pk): line.quantity for line in CartLine.objects.filter(pk__in=live)}
        quantities = {line_id: hold.quantity for line_id, hold in live.items()}
        assert quantities == dict(units) == lines

    @invariant()
    def no_hold_is_for_ever(self) -> None:
        for hold in Hold.objects.unsettled():
            assert hold.term <= hold.latest
            assert (hold.ends - hold.term).total_seconds() in (0, GRACE * 60)

    @invariant()
    def the_cart_tells_what_is_so(self) -> None:
        overdue = set(Hold.objects.over().values_list("cart_id", flat=True))
        for cart in self.carts:
            if cart_id(cart) not in overdue:
                ids = {str(hold.pk) for hold in Hold.objects.live().in_cart(cart_id(cart))}
                told = facts(cart).get("onec.reservation", "")
                assert ids == set(filter(None, told.split(",")))

    def _rows(self) -> list[object]:
        return [
            list(Hold.objects.order_by("pk").values()),
            list(Reservation.objects.order_by("pk").values()),
            list(CartLine.objects.order_by("pk").values()),
        ]


def test_whatever_happens(shop: Shop) -> None:
    Buying.shop = shop
    run_state_machine_as_test(
        Buying,
        settings=settings(
            max_examples=15,
            stateful_step_count=25,
            deadline=None,
            # A step takes a real database tens of milliseconds: to shrink takes minutes.
            phases=[Phase.explicit, Phase.reuse, Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
