"""Carts of a real Saleor behind the port: what is held, what is charged, who hears of it."""

import json
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Sum
from django.utils import timezone
from saleor.account.models import User
from saleor.channel.models import Channel
from saleor.checkout.models import Checkout, CheckoutLine
from saleor.discount.models import (
    CheckoutLineDiscount,
    Promotion,
    Voucher,
    VoucherChannelListing,
    VoucherCode,
)
from saleor.order.models import Order as OrderRow
from saleor.payment.models import TransactionItem
from saleor.product.models import (
    Category,
    Product,
    ProductChannelListing,
    ProductVariant,
)
from saleor.site.models import SiteSettings
from saleor.warehouse.models import Allocation, Reservation, Stock, Warehouse

from saleor_1c_plugin.store.carts import BuyerKind, Cart, CartLine, Held, Lack, Wanted
from saleor_1c_plugin.store.ports import StockWrite
from saleor_1c_plugin.store.saleor import cart_events, trade
from saleor_1c_plugin.store.saleor.carts import SaleorCartStore

from .carts import (
    available,
    cart_gid,
    expire_prices,
    goods_sum,
    pk,
    promotion,
    reprice,
    shown,
)
from .sales import (
    ADDRESS,
    api,
    charge_taxes,
    committed,
    complete,
    delivery,
    gid,
    goods,
    sell_on_trust,
    start,
    tax_class,
)
from .shop import configure

CARTS = SaleorCartStore()
SOON = timedelta(minutes=10)

pytestmark = pytest.mark.usefixtures("heard")


class Heard:
    """A listener that keeps what it hears, and lets prices end when it is told to."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, object]] = []
        self.end: datetime | None = None

    def told(self, name: str) -> list[object]:
        return [what for called, what in self.calls if called == name]

    def cart_changed(self, cart_id: str) -> None:
        self.calls.append(("changed", cart_id))

    def cart_opened(self, cart_id: str) -> None:
        self.calls.append(("opened", cart_id))

    def prices_end(self, cart_id: str) -> datetime | None:
        return self.end

    def cart_bought(self, cart_id: str, order_id: str) -> None:
        self.calls.append(("bought", (cart_id, order_id)))

    def stock_changed(self, variant_ids: Collection[str]) -> None:
        self.calls.append(("stock", list(variant_ids)))

    def payment_changed(self, cart_id: str) -> None:
        self.calls.append(("payment", cart_id))


@pytest.fixture
def heard(shop: None, monkeypatch: pytest.MonkeyPatch) -> Heard:
    listener = Heard()
    sell_on_trust()
    delivery("300")
    CARTS.listen(listener)
    monkeypatch.setattr(cart_events, "_listeners", [listener])
    return listener


def units(line_ids: list[str]) -> dict[str, int]:
    """How much is held for these lines."""
    return {line_id: held.units for line_id, held in CARTS.held(line_ids).items()}


def begin(wanted: Mapping[ProductVariant, int], *codes: str) -> str:
    with committed():
        return pk(start(wanted, *codes)[0])


def cart_of(cart_id: str) -> Cart:
    found = CARTS.read_cart(cart_id)
    assert found is not None
    return found


def line_of(cart_id: str, variant: ProductVariant) -> CartLine:
    return next(line for line in cart_of(cart_id).lines if line.variant_id == str(variant.pk))


def hold(cart_id: str, *line_ids: str, share: int = 100, until: datetime | None = None) -> Any:
    assert CARTS.lock_cart(cart_id)
    cart = cart_of(cart_id)
    wanted = line_ids or [line.id for line in cart.lines]
    moment = until or timezone.now() + SOON
    return CARTS.hold(cart, [Wanted(one, moment, share) for one in wanted])


def freeze(cart_id: str) -> None:
    cart = cart_of(cart_id)
    CARTS.freeze(cart_id, {line.id: line.price for line in cart.lines if line.price is not None})


def test_a_cart_is_read_as_the_buyer_sees_it() -> None:
    variant = goods("a", "100")
    top = Category.objects.get(slug="all")
    below = Category.objects.create(name="Ниже", slug="below", parent=top)
    Product.objects.filter(pk=variant.product_id).update(category=below)
    promotion(variant, "percentage", "33")
    cart_id = begin({variant: 3})
    cart = cart_of(cart_id)
    assert (cart.channel, cart.currency, cart.kind, cart.buyer_id) == (
        *("main", "RUB", BuyerKind.GUEST),
        "",
    )
    (line,) = cart.lines
    assert (line.variant_id, line.quantity, line.price) == (str(variant.pk), 3, Decimal("67.000"))
    assert line.categories == ("all", "below")
    assert line.is_counted
    assert line.frozen is None
    assert not line.is_gift
    assert not line.has_own_price


def test_a_cart_shows_the_price_that_was_counted_while_it_is_valid() -> None:
    variant = goods("a", "100")
    cart_id = begin({variant: 2})
    assert goods_sum(cart_id) == 200
    reprice(variant, "150")
    assert line_of(cart_id, variant).price == 100
    expire_prices(cart_id)
    assert line_of(cart_id, variant).price == 150
    CARTS.read_cart(cart_id, recount=True)
    assert CheckoutLine.objects.get().total_price_gross_amount == 300


def test_who_buys() -> None:
    variant = goods("a", "100")
    cart_id = begin({variant: 1})
    user = User.objects.create(email="anna@example.com", is_active=True)
    Checkout.objects.filter(pk=cart_id).update(user=user)
    assert cart_of(cart_id).kind == BuyerKind.CUSTOMER
    assert cart_of(cart_id).buyer_id == str(user.pk)
    checkout = Checkout.objects.get(pk=cart_id)
    assert checkout.billing_address is not None
    checkout.billing_address.company_name = "ООО «Рога»"
    checkout.billing_address.save()
    assert cart_of(cart_id).kind == BuyerKind.COMPANY


@pytest.mark.parametrize("cart_id", ["", "nonsense", "b3b5d8a4-93a8-4f4e-8f50-2d7a4c1c7e11"])
def test_a_cart_that_is_not_there(cart_id: str) -> None:
    assert CARTS.read_cart(cart_id) is None
    assert CARTS.read_cart(cart_id, recount=True) is None
    assert not CARTS.lock_cart(cart_id)
    cart = Cart(cart_id, "main", "RUB", BuyerKind.GUEST)
    assert CARTS.hold(cart, [Wanted("nonsense", timezone.now())]) == {}


def test_what_is_held_is_not_for_others() -> None:
    configure("reservations", channel="main")
    variant = goods("a", "100", stock=5)
    mine, other = begin({variant: 3}), begin({variant: 3})
    assert hold(mine) == {}
    assert available(variant) == 2
    (line,) = cart_of(other).lines
    assert hold(other) == {line.id: Lack.STOCK}
    with pytest.raises(AssertionError, match="INSUFFICIENT_STOCK"):
        complete(cart_gid(other))
    with pytest.raises(AssertionError, match="Only 2 remaining"):
        begin({variant: 3})
    order = complete(cart_gid(mine))
    assert Allocation.objects.aggregate(sum=Sum("quantity_allocated"))["sum"] == 3
    assert OrderRow.objects.get(pk=order)
    assert not Reservation.objects.exists()


def test_the_time_ends_it_without_anybody() -> None:
    configure("reservations", channel="main")
    variant = goods("a", "100", stock=5)
    mine, other = begin({variant: 5}), begin({variant: 5})
    hold(mine, until=timezone.now() + timedelta(seconds=1.5))
    assert available(variant) == 0
    moment = timezone.now() + timedelta(seconds=1.5)
    while timezone.now() <= moment:
        pass
    assert available(variant) == 5
    assert units([line.id for line in cart_of(mine).lines]) == {}
    assert complete(cart_gid(other))


def test_a_line_is_held_whole_and_anew() -> None:
    variant, second = goods("a", "100", stock=5), goods("b", "50", stock=1)
    cart_id = begin({variant: 2, second: 1})
    assert hold(cart_id) == {}
    CheckoutLine.objects.filter(variant=variant).update(quantity=5)
    line = line_of(cart_id, variant)
    assert hold(cart_id, line.id) == {}
    assert units([line.id]) == {line.id: 5}
    CheckoutLine.objects.filter(variant=variant).update(quantity=6)
    assert hold(cart_id, line.id) == {line.id: Lack.STOCK}
    assert units([line.id]) == {line.id: 5}
    CARTS.release([line.id])
    assert units([line.id]) == {}
    other = line_of(cart_id, second)
    assert units([other.id]) == {other.id: 1}


def test_a_share_of_what_is_free() -> None:
    variant = goods("a", "100", stock=9)
    first, second = begin({variant: 4}), begin({variant: 1})
    (line,) = cart_of(second).lines
    assert hold(first, share=50) == {}
    assert hold(second, share=50) == {line.id: Lack.SHARE}
    assert hold(second, share=60) == {}


def test_stock_of_several_warehouses() -> None:
    variant = goods("a", "100", stock=2)
    spare = Warehouse.objects.create(
        name="Второй", slug="spare", address=Warehouse.objects.get(slug="main").address.get_copy()
    )
    channel = Channel.objects.get(slug="main")
    spare.channels.add(channel)
    spare.shipping_zones.add(*channel.shipping_zones.all())
    Stock.objects.create(product_variant=variant, warehouse=spare, quantity=3)
    cart_id = begin({variant: 4})
    assert hold(cart_id) == {}
    rows = Reservation.objects.values_list("stock__warehouse__slug", "quantity_reserved")
    assert dict(rows) == {"main": 2, "spare": 2}


def test_goods_whose_stock_nobody_counts_are_not_held() -> None:
    variant = goods("a", "100", stock=1)
    ProductVariant.objects.update(track_inventory=False)
    cart_id = begin({variant: 5})
    assert not line_of(cart_id, variant).is_counted
    assert hold(cart_id) == {}
    assert not Reservation.objects.exists()


@pytest.mark.parametrize("kind", ["percentage", "fixed"])
def test_a_frozen_price_is_discounted_once(kind: str) -> None:
    variant = goods("a", "100")
    promotion(variant, kind, "33")
    cart_id = begin({variant: 3})
    assert goods_sum(cart_id) == 201
    freeze(cart_id)
    assert line_of(cart_id, variant).frozen == 67
    assert goods_sum(cart_id) == 201
    expire_prices(cart_id)
    assert goods_sum(cart_id) == 201
    # The promotion ends, the price rises.
    Promotion.objects.all().delete()
    reprice(variant, "500")
    expire_prices(cart_id)
    assert goods_sum(cart_id) == 201
    assert line_of(cart_id, variant).price == 500
    # Another one begins.
    promotion(variant, "percentage", "90")
    expire_prices(cart_id)
    assert goods_sum(cart_id) == 201
    assert line_of(cart_id, variant).price == 50
    order = complete(cart_gid(cart_id))
    (line,) = OrderRow.objects.get(pk=order).lines.all()
    assert (line.total_price_gross_amount, line.unit_price_gross_amount) == (201, 67)


def test_a_thawed_line_costs_what_the_catalogue_asks() -> None:
    variant = goods("a", "100")
    cart_id = begin({variant: 2})
    freeze(cart_id)
    promotion(variant, "percentage", "10")
    reprice(variant, "200")
    expire_prices(cart_id)
    assert goods_sum(cart_id) == 200
    CARTS.thaw(cart_id, [line_of(cart_id, variant).id])
    assert goods_sum(cart_id) == 360
    assert line_of(cart_id, variant).frozen is None
    assert not CheckoutLineDiscount.objects.filter(type="manual").exists()


def test_a_price_set_by_hand_is_nobody_elses() -> None:
    variant = goods("a", "100")
    cart_id = begin({variant: 2})
    CheckoutLine.objects.update(price_override=Decimal(80))
    expire_prices(cart_id)
    line = line_of(cart_id, variant)
    assert line.has_own_price
    assert line.frozen is None
    CARTS.thaw(cart_id, [line.id])
    assert goods_sum(cart_id) == 160


def test_the_quantity_changes_under_a_frozen_price() -> None:
    variant = goods("a", "99.99")
    promotion(variant, "percentage", "7")
    cart_id = begin({variant: 1})
    unit = goods_sum(cart_id)
    freeze(cart_id)
    reprice(variant, "200")
    api(
        """mutation ($id: ID!, $lines: [CheckoutLineUpdateInput!]!) {
        checkoutLinesUpdate(id: $id, lines: $lines) { errors { field message code } } }""",
        "checkoutLinesUpdate",
        id=cart_gid(cart_id),
        lines=[{"variantId": gid(variant), "quantity": 7}],
    )
    assert goods_sum(cart_id) == unit * 7


@pytest.mark.parametrize("with_tax", [True, False])
def test_taxes_are_what_they_were(with_tax: bool) -> None:
    charge_taxes(with_tax=with_tax)
    variant = goods("a", "99.99", tax=tax_class("НДС22", "22"))
    promotion(variant, "percentage", "13")
    cart_id = begin({variant: 3})
    before = shown(cart_id)
    freeze(cart_id)
    reprice(variant, "300")
    expire_prices(cart_id)
    assert shown(cart_id) == before
    order = complete(cart_gid(cart_id))
    total = OrderRow.objects.get(pk=order).total
    assert float(total.gross.amount) == before["totalPrice"]["gross"]["amount"]
    assert float(total.net.amount) == before["totalPrice"]["net"]["amount"]


def test_a_currency_without_kopecks() -> None:
    channel = Channel.objects.get(slug="main")
    channel.currency_code = "JPY"
    channel.save()
    variant = goods("a", "1000")
    promotion(variant, "percentage", "33")
    cart_id = begin({variant: 3})
    before = goods_sum(cart_id)
    freeze(cart_id)
    reprice(variant, "5000")
    expire_prices(cart_id)
    assert goods_sum(cart_id) == before == 2010


@pytest.mark.parametrize("kind", ["entire_order", "specific_product"])
@pytest.mark.parametrize("once", [False, True])
def test_a_voucher_is_taken_off_a_frozen_price_once(kind: str, once: bool) -> None:
    variant = goods("a", "100")
    promotion(variant, "percentage", "20")
    voucher = Voucher.objects.create(
        type=kind, discount_value_type="percentage", apply_once_per_order=once
    )
    VoucherCode.objects.create(code="TEN", voucher=voucher)
    VoucherChannelListing.objects.create(
        voucher=voucher,
        channel=Channel.objects.get(slug="main"),
        discount_value=Decimal(10),
        currency="RUB",
    )
    if kind == "specific_product":
        voucher.variants.add(variant)
    cart_id = begin({variant: 2}, "TEN")
    before = goods_sum(cart_id)
    assert before == (152 if once else 144)
    freeze(cart_id)
    reprice(variant, "500")
    expire_prices(cart_id)
    assert goods_sum(cart_id) == before
    order = complete(cart_gid(cart_id))
    assert OrderRow.objects.get(pk=order).subtotal_gross_amount == before


def test_counted_prices_are_valid_until_the_hold_ends(heard: Heard) -> None:
    variant = goods("a", "100")
    cart_id = begin({variant: 1})
    heard.end = timezone.now() + timedelta(minutes=5)
    expire_prices(cart_id)
    goods_sum(cart_id)
    checkout = Checkout.objects.get(pk=cart_id)
    assert checkout.price_expiration == checkout.discount_expiration == heard.end
    heard.end = None
    expire_prices(cart_id)
    goods_sum(cart_id)
    assert Checkout.objects.get(pk=cart_id).price_expiration > timezone.now() + SOON


def test_a_cart_is_settled_before_it_is_counted(
    heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the listener does when a cart is opened is in the prices of that very request."""
    variant = goods("a", "100")
    cart_id = begin({variant: 2})
    line = line_of(cart_id, variant)
    freeze(cart_id)
    reprice(variant, "130")
    expire_prices(cart_id)
    assert goods_sum(cart_id) == 200
    expire_prices(cart_id)
    monkeypatch.setattr(heard, "cart_opened", lambda cart: CARTS.thaw(cart, [line.id]))
    assert goods_sum(cart_id) == 260
    # And what was counted was saved, not counted again and again.
    assert Checkout.objects.get(pk=cart_id).price_expiration > timezone.now()
    assert CheckoutLine.objects.get().total_price_gross_amount == 260


def test_an_order_is_made_at_the_price_that_is_due(
    heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    variant = goods("a", "100")
    cart_id = begin({variant: 2})
    line = line_of(cart_id, variant)
    freeze(cart_id)
    assert goods_sum(cart_id) == 200
    reprice(variant, "130")
    expire_prices(cart_id)
    monkeypatch.setattr(heard, "cart_opened", lambda cart: CARTS.thaw(cart, [line.id]))
    order = complete(cart_gid(cart_id))
    assert OrderRow.objects.get(pk=order).subtotal_gross_amount == 260


def test_changes_of_a_cart_are_heard(heard: Heard) -> None:
    variant = goods("a", "100")
    cart_id = begin({variant: 1})
    assert cart_id in heard.told("changed")
    for text, name, variables in (
        (
            """mutation ($id: ID!, $lines: [CheckoutLineInput!]!) { checkoutLinesAdd(
            id: $id, lines: $lines) { errors { field message } } }""",
            "checkoutLinesAdd",
            {"lines": [{"variantId": gid(variant), "quantity": 1}]},
        ),
        (
            """mutation ($id: ID!, $address: AddressInput!) { checkoutShippingAddressUpdate(
            id: $id, shippingAddress: $address) { errors { field message } } }""",
            "checkoutShippingAddressUpdate",
            {"address": {**ADDRESS, "city": "Тверь"}},
        ),
        (
            """mutation ($id: ID!, $line: ID!) { checkoutLineDelete(id: $id, lineId: $line) {
            errors { field message } } }""",
            "checkoutLineDelete",
            {"line": gid(CheckoutLine.objects.get())},
        ),
    ):
        heard.calls.clear()
        with committed():
            api(text, name, id=cart_gid(cart_id), **variables)
        assert heard.told("changed") == [cart_id], name
    heard.calls.clear()
    goods_sum(cart_id)
    assert heard.told("changed") == []


def test_an_order_is_heard_of_and_its_prices_stay(heard: Heard) -> None:
    variant = goods("a", "100")
    cart_id = begin({variant: 1})
    freeze(cart_id)
    order = complete(cart_gid(cart_id))
    assert heard.told("bought") == [(cart_id, order)]
    (line,) = OrderRow.objects.get(pk=order).lines.all()
    assert [row.type for row in line.discounts.all()] == ["manual"]


def test_falling_stock_is_heard_of_whoever_writes_it(heard: Heard) -> None:
    variant = goods("a", "100", stock=5)
    main = Warehouse.objects.get(slug="main")
    heard.calls.clear()
    trade.write_stocks([StockWrite(str(variant.pk), str(main.pk), 7)])
    assert heard.told("stock") == []
    trade.write_stocks([StockWrite(str(variant.pk), str(main.pk), 3)])
    assert heard.told("stock") == [[str(variant.pk)]]
    stock = Stock.objects.get()
    stock.quantity = 2
    stock.save()
    assert heard.told("stock") == [[str(variant.pk)]] * 2


def test_payments_are_heard_of_and_seen(heard: Heard) -> None:
    variant = goods("a", "100")
    cart_id = begin({variant: 1})
    assert not cart_of(cart_id).is_being_paid
    item = TransactionItem.objects.create(checkout_id=cart_id, currency="RUB")
    assert heard.told("payment") == [cart_id]
    assert not cart_of(cart_id).is_being_paid
    for kind, paying in (
        ("charge_action_required", True),
        ("charge_failure", False),
        ("charge_request", True),
    ):
        item.events.create(type=kind, currency="RUB", amount_value=1)
        assert cart_of(cart_id).is_being_paid is paying, kind
    item.events.create(type="charge_failure", currency="RUB", amount_value=1)
    TransactionItem.objects.update(charged_value=10)
    assert cart_of(cart_id).is_being_paid


def test_a_listener_that_fails_harms_nobody(heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        Stock.objects.raw("SELECT nonsense")[0]

    for name in (
        *("cart_changed", "cart_opened", "prices_end", "cart_bought", "stock_changed"),
        "payment_changed",
    ):
        monkeypatch.setattr(heard, name, fail)
    variant = goods("a", "100")
    cart_id = begin({variant: 1})
    assert goods_sum(cart_id) == 100
    assert complete(cart_gid(cart_id))


def test_facts_are_in_the_metadata_and_go_into_the_order() -> None:
    variant = goods("a", "100")
    cart_id = begin({variant: 1})
    checkout = Checkout.objects.get(pk=cart_id)
    checkout.metadata_storage.store_value_in_metadata({"theirs": "1"})
    checkout.metadata_storage.save()
    (line,) = cart_of(cart_id).lines
    facts = {"onec.reserved_until": "soon", "onec.other": "x"}
    CARTS.tell(cart_id, facts, {line.id: facts})
    CARTS.tell(cart_id, {"onec.other": None}, {line.id: {"onec.other": None}})
    order = OrderRow.objects.get(pk=complete(cart_gid(cart_id)))
    assert order.metadata == {"theirs": "1", "onec.reserved_until": "soon"}
    assert order.lines.get().metadata == {"onec.reserved_until": "soon"}


def test_each_line_has_facts_of_its_own_and_no_other_cart_s_has_any() -> None:
    first, second = goods("a", "100"), goods("b", "100")
    cart_id, other = begin({first: 1, second: 1}), begin({first: 1})
    one, two, foreign = (
        *(line_of(cart_id, variant).id for variant in (first, second)),
        line_of(other, first).id,
    )
    CARTS.tell(cart_id, {}, {one: {"a": "1", "b": "1"}, two: {"a": "2"}, foreign: {"a": "3"}})
    CARTS.tell(cart_id, {}, {one: {"a": None}, two: {"b": "2"}, "nonsense": {"a": "1"}})
    told = dict(CheckoutLine.objects.values_list("pk", "metadata"))
    assert {str(pk): metadata for pk, metadata in told.items()} == {
        one: {"b": "1"},
        two: {"a": "2", "b": "2"},
        foreign: {},
    }


def test_each_line_has_an_end_of_its_own() -> None:
    first, second = goods("a", "100"), goods("b", "100")
    cart_id = begin({first: 1, second: 1})
    one, two = (line_of(cart_id, variant).id for variant in (first, second))
    hold(cart_id)
    now = timezone.now()
    CARTS.set_until({one: now + SOON / 2, two: now - SOON, "nonsense": now})
    assert CARTS.held([one, two]) == {one: Held(1, now + SOON / 2)}


def test_facts_of_a_cart_that_has_none_yet_or_is_gone() -> None:
    variant = goods("a", "100")
    cart_id = begin({variant: 1})
    Checkout.objects.get(pk=cart_id).metadata_storage.delete()
    CARTS.tell(cart_id, {"onec.a": "1"}, {})
    assert Checkout.objects.get(pk=cart_id).metadata_storage.metadata == {"onec.a": "1"}
    CARTS.tell("b3b5d8a4-93a8-4f4e-8f50-2d7a4c1c7e11", {"onec.a": "1"}, {})


def test_goods_that_can_not_be_bought_any_more() -> None:
    hidden, dear, gone = goods("a", "100"), goods("b", "100"), goods("c", "100")
    cart_id = begin({hidden: 1, dear: 1, gone: 1})
    ids = {line.variant_id: line.id for line in cart_of(cart_id).lines}
    ProductChannelListing.objects.filter(product=hidden.product).update(is_published=False)
    gone.product.delete()
    assert CARTS.unavailable(ids.values()) == [ids[str(hidden.pk)]]
    assert line_of(cart_id, hidden).price is None
    assert CARTS.gone(ids.values()) == [ids[str(gone.pk)]]


def test_more_is_held_than_there_is() -> None:
    variant, calm = goods("a", "100", stock=5), goods("b", "100", stock=5)
    first, second = begin({variant: 3, calm: 5}), begin({variant: 2})
    hold(first)
    hold(second)
    assert CARTS.overheld() == []
    Stock.objects.filter(product_variant=variant).update(quantity=4)
    (found,) = CARTS.overheld()
    assert (found.variant_id, found.excess) == (str(variant.pk), 1)
    assert found.lines == {
        line_of(first, variant).id: 3,
        line_of(second, variant).id: 2,
    }
    assert CARTS.overheld([str(calm.pk)]) == []
    Stock.objects.filter(product_variant=variant).update(quantity=-2)
    assert [found.excess for found in CARTS.overheld([str(variant.pk)])] == [5]


@pytest.mark.parametrize("theirs", [None, 0])
def test_saleor_counts_what_is_held_while_the_plugin_is_on(theirs: int | None) -> None:
    settings = SiteSettings.objects.get()

    def minutes(*given: int | None) -> tuple[int | None, int | None]:
        if given:
            settings.reserve_stock_duration_anonymous_user = given[0]
            settings.reserve_stock_duration_authenticated_user = given[1]
            settings.save()
        settings.refresh_from_db()
        return (
            settings.reserve_stock_duration_anonymous_user,
            settings.reserve_stock_duration_authenticated_user,
        )

    assert minutes(theirs, None) == (theirs, None)
    configure("reservations", channel="main")
    assert minutes() == (theirs, 1)
    # The merchant's own stay, and switching them off leaves what is needed.
    assert minutes(30, 60) == (30, 60)
    assert minutes(30, None) == (30, None)
    assert minutes(None, theirs) == (None, 1)


def test_metadata_is_json(heard: Heard) -> None:
    variant = goods("a", "100")
    cart_id = begin({variant: 1})
    notice = json.dumps([{"line": "x", "end": "expired"}])
    CARTS.tell(cart_id, {"onec.reservation_notice": notice}, {})
    assert Checkout.objects.get(pk=cart_id).metadata_storage.metadata == {
        "onec.reservation_notice": notice
    }
