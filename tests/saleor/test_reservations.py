"""Reservation on a real Saleor, end to end: its GraphQL on one side, stock and orders on the other.

Time is moved by the clock that Saleor and this plugin read; no worker runs.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from inspect import signature
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone
from saleor.account.models import User
from saleor.channel.models import Channel
from saleor.checkout import complete_checkout
from saleor.checkout.models import Checkout, CheckoutLine
from saleor.checkout.tasks import delete_expired_checkouts
from saleor.core.jwt import create_access_token
from saleor.discount.models import Promotion, PromotionRule
from saleor.order.actions import cancel_order
from saleor.order.models import Order
from saleor.payment.models import TransactionItem
from saleor.plugins.manager import get_plugins_manager
from saleor.product.models import ProductVariant
from saleor.shipping.models import ShippingZone
from saleor.site.models import SiteSettings
from saleor.warehouse.models import Allocation, Reservation, Stock, Warehouse

from saleor_1c_plugin.reservations import holds
from saleor_1c_plugin.reservations.models import End, Hold
from saleor_1c_plugin.store import current_store
from saleor_1c_plugin.store.ports import Missing, PriceWrite, StockWrite

from .carts import available, goods_sum, pk, promotion, recount_promotions
from .sales import ADDRESS, api, committed, complete, delivery, gid, goods, sell_on_trust, start
from .shop import configure

URL = "/plugins/saleor1c.reservations/graphql/"
MINUTE = timedelta(minutes=1)
MODES = ["automatic", "on_request"]
_RESERVE = """mutation ($id: ID!, $lines: [ID!]) {
  reservationCreate(checkoutId: $id, lineIds: $lines) {
  reservations { frozenPrice { amount } expiresAt } errors { code lines } } }"""
_BEGIN = """mutation ($input: CheckoutCreateInput!) { checkoutCreate(input: $input) {
  errors { field message code } } }"""
_ADD = """mutation ($id: ID!, $lines: [CheckoutLineInput!]!) { checkoutLinesAdd(
  id: $id, lines: $lines) { errors { field message code } } }"""
_UPDATE = """mutation ($id: ID!, $lines: [CheckoutLineUpdateInput!]!) { checkoutLinesUpdate(
  id: $id, lines: $lines) { errors { field message code } } }"""
_SHIP = """mutation ($id: ID!, $address: AddressInput!) { checkoutShippingAddressUpdate(
  id: $id, shippingAddress: $address) { errors { field message code } } }"""
_FACTS = """query ($id: ID!) { checkout(id: $id) { until: metafield(key: "onec.reserved_until")
  notice: metafield(key: "onec.reservation_notice") lines {
  until: metafield(key: "onec.reserved_until") } } }"""


def _site_settings() -> Mapping[str, Any]:
    """3.23 wants them for what 3.22 does without."""
    is_wanted = "site_settings" in signature(cancel_order).parameters
    return {"site_settings": SiteSettings.objects.get()} if is_wanted else {}


class Clock:
    """What time it is, by the application."""

    def __init__(self) -> None:
        self.offset = timedelta(0)
        self._now = timezone.now

    def __call__(self) -> datetime:
        return self._now() + self.offset

    def move(self, offset: timedelta) -> None:
        self.offset += offset


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(timezone, "now", clock)
    return clock


@pytest.fixture(autouse=True)
def _reserving(shop: None) -> None:
    sell_on_trust()
    delivery("300")
    reserve("on_request")


def reserve(mode: str, **values: object) -> None:
    configure("reservations", channel="main", mode=mode, **values)


def begin(wanted: Mapping[ProductVariant, int], user: User | None = None) -> str:
    """A cart whose lines are held, in either mode; its global id."""
    with committed():
        checkout, _ = start(wanted)
    if user is not None:
        Checkout.objects.filter(pk=pk(checkout)).update(user=user)
    if not Hold.objects.in_cart(pk(checkout)).exists():
        assert ask(_RESERVE, id=checkout)["errors"] == []
    return checkout


def ask(query: str, token: str = "", **variables: object) -> Mapping[str, Any]:
    """Ask for something of reservations."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    body = json.dumps({"query": query, "variables": variables})
    with committed():
        response = Client(headers=headers).post(URL, body, content_type="application/json")
    answer = response.json()
    assert "errors" not in answer, answer
    [found] = answer["data"].values()
    return found  # type: ignore[no-any-return]


def say(text: str, name: str, **variables: object) -> Mapping[str, Any]:
    """Ask Saleor for a change."""
    with committed():
        return api(text, name, **variables)


def refused(text: str, token: str = "", **variables: object) -> set[str]:
    """Codes of the errors that Saleor answers with."""
    body = json.dumps({"query": text, "variables": variables})
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    with committed():
        response = Client(headers=headers).post("/graphql/", body, content_type="application/json")
    [found] = response.json()["data"].values()
    return {error["code"] for error in found["errors"]}


def facts(checkout: str) -> Mapping[str, Any]:
    return api(_FACTS, "checkout", id=checkout)


def ends(checkout: str) -> list[str]:
    return list(
        Hold.objects.in_cart(pk(checkout)).order_by("began", "pk").values_list("end", flat=True)
    )


def on_hand(variant: ProductVariant, quantity: int, warehouse: str = "main") -> None:
    place = str(Warehouse.objects.get(slug=warehouse).pk)
    with committed():
        current_store().write_stocks([StockWrite(str(variant.pk), place, quantity)])


def price(variant: ProductVariant, amount: str) -> None:
    write = PriceWrite(str(variant.pk), str(variant.product_id), "main", Decimal(amount))
    with committed():
        current_store().write_prices([write])
    recount_promotions()


def warehouse(slug: str, *countries: str) -> Warehouse:
    """Another warehouse of the channel, that sells to these countries."""
    main, channel = Warehouse.objects.get(slug="main"), Channel.objects.get(slug="main")
    made = Warehouse.objects.create(name=slug, slug=slug, address=main.address.get_copy())
    made.channels.add(channel)
    zone = ShippingZone.objects.create(name=slug, countries=list(countries))
    zone.channels.add(channel)
    made.shipping_zones.add(zone)
    return made


def fine(*checkouts: str) -> None:
    """Nothing is held that is not there, and what is held is there in whole."""
    for stock in Stock.objects.all():
        sold = sum(stock.allocations.values_list("quantity_allocated", flat=True))
        held = stock.reservations.not_expired().values_list("quantity_reserved", flat=True)
        assert sold + sum(held) <= stock.quantity
    for checkout in checkouts:
        for hold in Hold.objects.live().in_cart(pk(checkout)):
            rows = Reservation.objects.filter(checkout_line=hold.line_id).not_expired()
            assert sum(rows.values_list("quantity_reserved", flat=True)) == hold.quantity


@pytest.mark.parametrize("mode", MODES)
def test_stock_and_price_are_held_until_the_order(mode: str) -> None:
    reserve(mode)
    variant = goods("a", "100", stock=5)
    checkout = begin({variant: 3})
    assert available(variant) == 2
    assert facts(checkout)["until"]
    assert facts(checkout)["lines"][0]["until"] == facts(checkout)["until"]
    price(variant, "170")
    assert goods_sum(pk(checkout)) == 300
    order = Order.objects.get(pk=complete(checkout))
    assert order.subtotal_gross_amount == 300
    assert order.metadata["onec.reserved_until"]
    assert ends(checkout) == [End.BOUGHT]
    assert not Reservation.objects.exists()
    assert available(variant) == 2
    fine()


@pytest.mark.parametrize("mode", MODES)
def test_a_line_that_is_added(mode: str) -> None:
    reserve(mode)
    cup, plate = goods("a", "100", stock=5), goods("b", "50", stock=5)
    checkout = begin({cup: 3})
    say(_ADD, "checkoutLinesAdd", id=checkout, lines=[{"variantId": gid(plate), "quantity": 2}])
    assert (available(cup), available(plate)) == (2, 3 if mode == "automatic" else 5)
    ask(_RESERVE, id=checkout)
    assert (available(cup), available(plate)) == (2, 3)
    say(_ADD, "checkoutLinesAdd", id=checkout, lines=[{"variantId": gid(cup), "quantity": 2}])
    assert available(cup) == 0
    assert ends(checkout) == ["", ""]
    fine(checkout)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("minutes", [(None, None), (0, 0), (1, 1), (60, 60)])
def test_saleor_s_own_reservation(mode: str, minutes: tuple[int | None, int | None]) -> None:
    """Whatever it is set to, others can't have what is held, and the term is ours."""
    reserve(mode)
    settings = SiteSettings.objects.get()
    settings.reserve_stock_duration_anonymous_user = minutes[0]
    settings.reserve_stock_duration_authenticated_user = minutes[1]
    settings.save()
    variant = goods("a", "100", stock=5)
    checkout = begin({variant: 3})
    line = gid(CheckoutLine.objects.get())
    say(_UPDATE, "checkoutLinesUpdate", id=checkout, lines=[{"lineId": line, "quantity": 4}])
    [hold] = Hold.objects.live()
    assert hold.quantity == 4
    assert 14 * MINUTE < hold.ends - timezone.now() <= 15 * MINUTE
    assert set(Reservation.objects.values_list("reserved_until", flat=True)) == {hold.ends}
    assert available(variant) == 1
    made = {"channel": "main", "lines": [{"variantId": gid(variant), "quantity": 2}]}
    assert refused(_BEGIN, input=made) == {"INSUFFICIENT_STOCK"}
    complete(checkout)


def test_an_account_reserves_for_longer() -> None:
    anna = User.objects.create(email="anna@example.com", is_active=True)
    checkout = begin({goods("a", "100"): 1}, anna)
    [hold] = Hold.objects.live()
    assert (hold.buyer_id, hold.term - hold.began) == (str(anna.pk), 30 * MINUTE)
    own = ask("{ reservations { checkoutId } }", create_access_token(anna))
    assert own == [{"checkoutId": checkout}]


@pytest.mark.parametrize("mode", MODES)
def test_the_end_needs_nobody(mode: str, clock: Clock) -> None:
    reserve(mode)
    variant = goods("a", "100", stock=5)
    checkout = begin({variant: 3})
    price(variant, "170")
    clock.move(14 * MINUTE)
    assert (goods_sum(pk(checkout)), available(variant)) == (300, 2)
    clock.move(MINUTE)
    # Whichever is asked first.
    assert available(variant) == 5
    assert goods_sum(pk(checkout)) == 510
    told = facts(checkout)
    assert (told["until"], told["lines"][0]["until"]) == (None, None)
    [notice] = json.loads(told["notice"])
    assert (notice["end"], notice["price"], notice["livePrice"]) == (
        "expired",
        "100.00",
        "170.00",
    )
    order = Order.objects.get(pk=complete(checkout))
    assert order.subtotal_gross_amount == 510
    assert ends(checkout) == [End.EXPIRED]


def test_who_completes_after_the_end_pays_the_price_of_then(clock: Clock) -> None:
    variant = goods("a", "100", stock=5)
    checkout = begin({variant: 3})
    price(variant, "170")
    clock.move(15 * MINUTE)
    order = Order.objects.get(pk=complete(checkout))
    assert order.subtotal_gross_amount == 510
    assert ends(checkout) == [End.EXPIRED]


def test_the_clock_jumps_forward(clock: Clock) -> None:
    variant = goods("a", "100", stock=5)
    checkout = begin({variant: 3})
    clock.move(timedelta(days=400))
    assert available(variant) == 5
    other = begin({variant: 5})
    assert ends(other) == [""]
    assert ask(_RESERVE, id=checkout)["errors"][0]["code"] == "INSUFFICIENT_STOCK"
    # And back: the first one has lost what it had, for somebody else has it.
    clock.move(timedelta(days=-400))
    holds.sweep()
    fine(checkout, other)
    assert Hold.objects.live().in_cart(pk(other)).exists()
    assert available(variant) == 0
    complete(other)


def test_the_clock_jumps_back(clock: Clock) -> None:
    """No hold lasts longer, counted from now, than the longest that there could have been."""
    variant = goods("a", "100", stock=5)
    reserve("on_request", longest_minutes=40, payment_minutes=20)
    checkout = begin({variant: 3})
    clock.move(timedelta(days=-400))
    holds.review(pk(checkout))
    [hold] = Hold.objects.live()
    assert hold.ends <= timezone.now() + 40 * MINUTE
    assert set(Reservation.objects.values_list("reserved_until", flat=True)) == {hold.ends}
    TransactionItem.objects.create(checkout_id=pk(checkout), currency="RUB").events.create(
        type="charge_request", currency="RUB", amount_value=1
    )
    for _ in range(3):
        clock.move(10 * MINUTE)
        holds.review(pk(checkout))
    assert Hold.objects.live().exists()
    clock.move(5 * MINUTE)
    assert available(variant) == 5
    assert not Hold.objects.live().exists()


def test_no_jump_lets_a_hold_outlast_its_longest_and_the_grace(clock: Clock) -> None:
    variant = goods("a", "100", stock=5)
    reserve("on_request", longest_minutes=40, payment_minutes=20)
    checkout = begin({variant: 3})
    paid = TransactionItem.objects.create(checkout_id=pk(checkout), currency="RUB")
    paid.events.create(type="charge_request", currency="RUB", amount_value=1)
    extend = """mutation ($id: ID!) { reservationExtend(checkoutId: $id) { errors { code } } }"""
    [hold] = Hold.objects.all()
    while clock() < hold.latest + 20 * MINUTE:
        assert Hold.objects.live().exists() == (Hold.objects.get().ends > clock())
        assert Hold.objects.get().ends <= hold.latest + 20 * MINUTE
        ask(extend, id=checkout)
        clock.move(7 * MINUTE)
        holds.review(pk(checkout))
        clock.move(-2 * MINUTE)
        holds.review(pk(checkout))
    assert available(variant) == 5
    assert goods_sum(pk(checkout)) == 300
    assert ends(checkout) == [End.EXPIRED]


def test_a_payment_prolongs_within_bounds(clock: Clock) -> None:
    variant = goods("a", "100", stock=5)
    checkout = begin({variant: 3})
    paid = TransactionItem.objects.create(checkout_id=pk(checkout), currency="RUB")
    paid.events.create(type="charge_action_required", currency="RUB", amount_value=1)
    price(variant, "170")
    clock.move(16 * MINUTE)
    assert (available(variant), goods_sum(pk(checkout))) == (2, 300)
    clock.move(18 * MINUTE)
    assert (available(variant), goods_sum(pk(checkout))) == (2, 300)
    clock.move(MINUTE)
    assert (available(variant), goods_sum(pk(checkout))) == (5, 510)


def test_a_payment_that_fails_ends_its_grace(clock: Clock) -> None:
    variant = goods("a", "100", stock=5)
    checkout = begin({variant: 3})
    paid = TransactionItem.objects.create(checkout_id=pk(checkout), currency="RUB")
    paid.events.create(type="charge_action_required", currency="RUB", amount_value=1)
    price(variant, "170")
    clock.move(16 * MINUTE)
    assert available(variant) == 2
    paid.events.create(type="charge_failure", currency="RUB", amount_value=1)
    assert (available(variant), goods_sum(pk(checkout))) == (5, 510)


def test_an_address_in_another_country() -> None:
    variant = goods("a", "100", stock=5)
    far = warehouse("far", "KZ")
    Stock.objects.create(product_variant=variant, warehouse=far, quantity=3)
    checkout = begin({variant: 3})
    there = {**ADDRESS, "country": "KZ", "city": "Алматы", "postalCode": "050000"}
    say(_SHIP, "checkoutShippingAddressUpdate", id=checkout, address=there)
    rows = Reservation.objects.values_list("stock__warehouse__slug", "quantity_reserved")
    assert list(rows) == [("far", 3)]
    assert ends(checkout) == [""]
    fine(checkout)
    # Here there is less by now.
    other = begin({variant: 4})
    say(_SHIP, "checkoutShippingAddressUpdate", id=checkout, address=ADDRESS)
    assert ends(checkout) == [End.CHANGED]
    assert [one["end"] for one in json.loads(facts(checkout)["notice"])] == ["changed"]
    fine(other)


@pytest.mark.parametrize("mode", MODES)
def test_a_guest_s_cart_becomes_an_account_s(mode: str) -> None:
    reserve(mode)
    variant = goods("a", "100", stock=5)
    checkout = begin({variant: 3})
    [before] = Hold.objects.live()
    anna = User.objects.create(email="anna@example.com", is_active=True)
    attach = """mutation ($id: ID!) { checkoutCustomerAttach(id: $id) { errors { code } } }"""
    assert refused(attach, create_access_token(anna), id=checkout) == set()
    [hold] = Hold.objects.live()
    assert (hold.pk, hold.buyer_id, hold.ends) == (before.pk, str(anna.pk), before.ends)
    assert available(variant) == 2
    fine(checkout)


def test_1c_hides_the_goods() -> None:
    variant, other = goods("a", "100", stock=5), goods("b", "100", stock=5)
    checkout = begin({variant: 3, other: 1})
    with committed():
        current_store().retire_products([str(variant.product_id)], Missing.HIDE)
    holds.sweep()
    assert sorted(ends(checkout)) == ["", End.UNAVAILABLE]
    assert not Reservation.objects.filter(stock__product_variant=variant).exists()
    assert [one["end"] for one in json.loads(facts(checkout)["notice"])] == ["unavailable"]
    fine(checkout)


@pytest.mark.parametrize("how", ["product", "variant"])
def test_1c_deletes_the_goods(how: str) -> None:
    variant, other = goods("a", "100", stock=5), goods("b", "100", stock=5)
    checkout = begin({variant: 3, other: 1})
    with committed():
        if how == "product":
            current_store().retire_products([str(variant.product_id)], Missing.DELETE)
        else:
            current_store().retire_variants([str(variant.pk)], Missing.DELETE)
    assert Reservation.objects.count() == 1
    holds.sweep()
    assert sorted(ends(checkout)) == ["", End.REMOVED]
    complete(checkout)


@pytest.mark.parametrize("better", [True, False])
def test_1c_changes_the_price(better: bool) -> None:
    reserve("on_request", better_price=better)
    variant = goods("a", "100", stock=5)
    checkout = begin({variant: 2})
    for said, paid in (("170", "200"), ("60", "120"), ("170", "200"), ("80", "160")):
        price(variant, said)
        Checkout.objects.update(price_expiration=timezone.now())
        assert goods_sum(pk(checkout)) == Decimal(paid if better else "200")
    order = Order.objects.get(pk=complete(checkout))
    assert order.subtotal_gross_amount == (160 if better else 200)


@pytest.mark.parametrize("kind", ["percentage", "fixed"])
def test_promotions_begin_and_end(kind: str) -> None:
    reserve("on_request", better_price=False)
    variant = goods("a", "100", stock=5)
    promotion(variant, kind, "20")
    checkout = begin({variant: 2})
    assert goods_sum(pk(checkout)) == 160
    promotion(variant, kind, "50")
    Checkout.objects.update(price_expiration=timezone.now())
    assert goods_sum(pk(checkout)) == 160
    Promotion.objects.all().delete()
    price(variant, "300")
    Checkout.objects.update(price_expiration=timezone.now())
    assert goods_sum(pk(checkout)) == 160
    order = Order.objects.get(pk=complete(checkout))
    assert order.subtotal_gross_amount == 160


def test_a_promotion_that_begins_is_the_buyer_s_too() -> None:
    variant = goods("a", "100", stock=5)
    checkout = begin({variant: 2})
    price(variant, "170")
    promotion(variant, "percentage", "90")
    Checkout.objects.update(price_expiration=timezone.now())
    assert goods_sum(pk(checkout)) == 34
    assert Order.objects.get(pk=complete(checkout)).subtotal_gross_amount == 34


@pytest.mark.parametrize("mode", MODES)
def test_a_present(mode: str) -> None:
    """It comes by itself, is not held, and costs nothing."""
    reserve(mode)
    variant, present = goods("a", "100", stock=5), goods("b", "50", stock=5)
    rule = PromotionRule.objects.create(
        promotion=Promotion.objects.create(name="Подарок", type="order"),
        order_predicate={
            "discountedObjectPredicate": {"baseSubtotalPrice": {"range": {"gte": 20}}}
        },
        reward_type="gift",
    )
    rule.channels.add(Channel.objects.get(slug="main"))
    rule.gifts.set([present])
    checkout = begin({variant: 2})
    price(variant, "170")
    assert goods_sum(pk(checkout)) == 200
    assert CheckoutLine.objects.filter(is_gift=True).count() == 1
    holds.review(pk(checkout))
    [hold] = Hold.objects.all()
    assert hold.variant_id == str(variant.pk)
    order = Order.objects.get(pk=complete(checkout))
    assert (order.subtotal_gross_amount, order.lines.count()) == (200, 2)


def test_an_order_that_is_cancelled_gives_the_stock_back() -> None:
    variant = goods("a", "100", stock=5)
    checkout = begin({variant: 3})
    order = Order.objects.get(pk=complete(checkout))
    assert available(variant) == 2
    with committed():
        cancel_order(
            order, None, None, get_plugins_manager(allow_replica=False), **_site_settings()
        )
    assert available(variant) == 5
    assert ends(begin({variant: 5})) == [""]
    fine()


def test_saleor_deletes_an_old_cart(clock: Clock) -> None:
    variant = goods("a", "100", stock=5)
    reserve("on_request", guest_minutes=365 * 24 * 60)
    checkout = begin({variant: 3})
    Checkout.objects.update(email=None)
    clock.move(timedelta(days=100))
    assert available(variant) == 2
    with committed():
        delete_expired_checkouts()
    assert not Checkout.objects.exists()
    assert available(variant) == 5
    holds.sweep()
    assert ends(checkout) == [End.REMOVED]


def test_stock_that_falls_releases_the_newest() -> None:
    variant = goods("a", "100", stock=5)
    first, second, third = (begin({variant: n}) for n in (2, 2, 1))
    price(variant, "170")
    on_hand(variant, 3)
    fine(first, second, third)
    # The last one that is left is what the newest wanted: it was tried once more.
    assert (ends(first), ends(second), ends(third)) == ([""], [End.STOCK_FELL], [""])
    assert (goods_sum(pk(second)), goods_sum(pk(first))) == (340, 200)
    assert [one["end"] for one in json.loads(facts(second)["notice"])] == ["stock_fell"]
    complete(first)
    on_hand(variant, 0)
    assert ends(third) == [End.STOCK_FELL]
    assert available(variant) == 0
    on_hand(variant, 5)
    assert available(variant) == 3


def test_what_saleor_keeps_for_an_account_goes_before_a_hold() -> None:
    variant = goods("a", "100", stock=5)
    checkout = begin({variant: 2})
    anna = User.objects.create(email="anna@example.com", is_active=True)
    wanted = {"channel": "main", "lines": [{"variantId": gid(variant), "quantity": 3}]}
    assert refused(_BEGIN, create_access_token(anna), input=wanted) == set()
    assert available(variant) == 0
    on_hand(variant, 3)
    assert ends(checkout) == [""]
    assert [row.quantity_reserved for row in Reservation.objects.all()] == [2]
    assert available(variant) == 1


def test_an_order_takes_what_is_there_and_not_what_was_sold() -> None:
    """Each warehouse sells what it has: Saleor itself would sell out of the first one twice."""
    variant = goods("a", "100", stock=5)
    Stock.objects.create(product_variant=variant, warehouse=warehouse("spare", "RU"), quantity=5)
    checkouts = [begin({variant: n}) for n in (3, 4, 2)]
    for checkout in checkouts:
        complete(checkout)
        fine(*checkouts)
    assert available(variant) == 1


def test_units_that_one_warehouse_lacks_are_lacking() -> None:
    """Saleor takes them off what another one has: so nobody is promised those."""
    variant = goods("a", "100", stock=5)
    complete(start({variant: 5})[0])
    Stock.objects.create(product_variant=variant, warehouse=warehouse("spare", "RU"), quantity=5)
    first, second = begin({variant: 2}), begin({variant: 3})
    on_hand(variant, 3)
    assert (ends(first), ends(second)) == ([""], [End.STOCK_FELL])
    assert ask(_RESERVE, id=second)["errors"][0]["code"] == "INSUFFICIENT_STOCK"
    complete(first)


def test_of_two_who_pay_at_once_one_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Saleor looks at what is free before it charges, and not again when it makes the order."""
    variant = goods("a", "0", stock=5, shipped=False)
    first, second = (start({variant: n})[0] for n in (3, 4))
    between = complete_checkout._reserve_stocks_without_availability_check
    waiting = [first]

    def meanwhile(*args: Any) -> Any:
        if waiting:
            complete(waiting.pop())
        return between(*args)

    monkeypatch.setattr(complete_checkout, "_reserve_stocks_without_availability_check", meanwhile)
    manager = get_plugins_manager(allow_replica=False)
    with pytest.raises(ValidationError) as caught:
        # As checkoutComplete does where there is a payment of the older kind.
        complete_checkout.complete_checkout_with_payment(manager, pk(second), {}, False, None, None)
    assert {error.code for error in caught.value.error_list} == {"insufficient_stock"}
    assert [row.quantity_allocated for row in Allocation.objects.all()] == [3]
