"""The mini-shop keeps the rules of the carts' port."""

from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from threading import Barrier
from time import sleep
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, connections, transaction
from django.test import Client, RequestFactory
from django.utils import timezone

from saleor_1c_plugin.sandbox import cart_events, checkout
from saleor_1c_plugin.sandbox.carts import SandboxCartStore
from saleor_1c_plugin.sandbox.checkout import Wishes
from saleor_1c_plugin.sandbox.models import (
    Cart,
    CartLine,
    Category,
    Customer,
    Order,
    OrderLine,
    Price,
    Product,
    Reservation,
    Stock,
    Variant,
    Warehouse,
)
from saleor_1c_plugin.sandbox.order_reading import order_data
from saleor_1c_plugin.sandbox.orders import SandboxOrderStore
from saleor_1c_plugin.sandbox.stock import with_free
from saleor_1c_plugin.sandbox.store import SandboxStore
from saleor_1c_plugin.store import current_carts
from saleor_1c_plugin.store.carts import BuyerKind, Lack, Wanted
from saleor_1c_plugin.store.carts import Cart as CartData
from saleor_1c_plugin.store.orders import Address, Forbidden, LineChange, NewShipment
from saleor_1c_plugin.store.ports import Missing, PriceWrite, StockWrite

from .goods import CHANNEL, goods

pytestmark = pytest.mark.django_db
STORE = SandboxCartStore()
WISHES = Wishes("anna@example.com", Address(first_name="Анна"), delivery="courier")


def units(line_ids: list[str]) -> dict[str, int]:
    """How much is held for these lines."""
    return {line_id: held.units for line_id, held in STORE.held(line_ids).items()}


def soon(minutes: float = 10) -> datetime:
    return timezone.now() + timedelta(minutes=minutes)


def line_of(quantity: int = 2, variant: Variant | None = None, **values: Any) -> CartLine:
    """A line in a cart of its own."""
    cart = Cart.objects.create(channel=CHANNEL, **values)
    return cart.lines.create(variant=variant or goods(), quantity=quantity)


@transaction.atomic
def hold(*lines: CartLine, until: datetime | None = None, share: int = 100) -> dict[str, Lack]:
    cart_id = id_of(lines[0])
    assert STORE.lock_cart(cart_id)
    cart = STORE.read_cart(cart_id)
    assert cart is not None
    return dict(STORE.hold(cart, [Wanted(str(one.pk), until or soon(), share) for one in lines]))


def id_of(line: CartLine) -> str:
    return str(line.cart.key)


def free(variant: Variant, cart: Cart | None = None) -> int:
    rows = with_free(Stock.objects.filter(variant=variant), cart)
    return sum(row.free for row in rows)  # type: ignore[attr-defined]


def on_hand(variant: Variant, quantity: int, warehouse: int = 0) -> None:
    """1C says how much there is."""
    store = SandboxStore()
    place = store.warehouses()[warehouse].id
    with transaction.atomic():
        store.write_stocks([StockWrite(str(variant.pk), place, quantity)])


def price(variant: Variant, amount: str | None) -> None:
    """1C says what it costs."""
    value = None if amount is None else Decimal(amount)
    write = PriceWrite(str(variant.pk), str(variant.product_id), CHANNEL, value)
    with transaction.atomic():
        SandboxStore().write_prices([write])


def test_the_port_is_set_up() -> None:
    assert isinstance(current_carts(), SandboxCartStore)


def test_a_cart_is_read_with_its_lines() -> None:
    line = line_of(3)
    top = Category.objects.create(key="dishes", name="Посуда")
    below = Category.objects.create(key="cups", name="Чашки", parent=top)
    Product.objects.update(category=below)
    STORE.freeze(id_of(line), {str(line.pk): Decimal("90.5")})
    cart = STORE.read_cart(id_of(line), recount=True)
    assert cart is not None
    assert (cart.id, cart.channel, cart.currency) == (id_of(line), CHANNEL, "RUB")
    assert (cart.kind, cart.buyer_id, cart.is_being_paid) == (BuyerKind.GUEST, "", False)
    [read] = cart.lines
    assert (read.id, read.variant_id, read.quantity) == (str(line.pk), str(line.variant.pk), 3)
    assert (read.price, read.frozen) == (Decimal(100), Decimal("90.5"))
    assert read.categories == ("cups", "dishes")


def test_who_buys() -> None:
    anna = Customer.objects.create(email="anna@example.com")
    for values, kind, buyer in [
        ({"customer": anna}, BuyerKind.CUSTOMER, str(anna.pk)),
        ({"customer": anna, "for_company": True}, BuyerKind.COMPANY, str(anna.pk)),
        ({"for_company": True}, BuyerKind.COMPANY, ""),
    ]:
        cart = STORE.read_cart(id_of(line_of(**values)))
        assert cart is not None
        assert (cart.kind, cart.buyer_id) == (kind, buyer)


def test_a_circle_of_categories_ends() -> None:
    line = line_of()
    one = Category.objects.create(key="one", name="1")
    two = Category.objects.create(key="two", name="2", parent=one)
    Category.objects.filter(pk=one.pk).update(parent=two)
    Product.objects.update(category=one)
    cart = STORE.read_cart(id_of(line))
    assert cart is not None
    assert cart.lines[0].categories == ("one", "two")


@pytest.mark.parametrize("cart_id", ["", "x", "1", "\0", str(UUID(int=7, version=4))])
def test_what_is_no_cart(cart_id: str) -> None:
    line = line_of()
    assert STORE.read_cart(cart_id) is None
    assert not STORE.lock_cart(cart_id)
    gone = CartData(cart_id, CHANNEL, "RUB", BuyerKind.GUEST)
    assert STORE.hold(gone, [Wanted(str(line.pk), soon())]) == {str(line.pk): Lack.STOCK}
    STORE.freeze(cart_id, {str(line.pk): Decimal(1)})
    STORE.tell(cart_id, {"a": "b"}, {str(line.pk): {"a": "b"}})
    line.refresh_from_db()
    assert (line.frozen, line.metadata, free(line.variant)) == (None, {}, 10)


@pytest.mark.parametrize("line_id", ["", "x", "0", "-1", "9" * 30, "१"])
def test_what_is_no_line(line_id: str) -> None:
    cart = STORE.read_cart(id_of(line_of()))
    assert cart is not None
    assert STORE.hold(cart, [Wanted(line_id, soon())]) == {line_id: Lack.STOCK}
    STORE.set_until({line_id: soon()})
    STORE.release([line_id])
    assert units([line_id]) == {}
    assert set(STORE.gone([line_id])) == {line_id}
    assert not STORE.unavailable([line_id])


def test_what_is_held_is_not_free_for_others() -> None:
    line = line_of(4)
    assert hold(line) == {}
    assert units([str(line.pk)]) == {str(line.pk): 4}
    assert (free(line.variant), free(line.variant, line.cart)) == (6, 10)
    other = line_of(7)
    assert hold(other) == {str(other.pk): Lack.STOCK}
    assert units([str(other.pk)]) == {}
    with pytest.raises(Forbidden):
        checkout.place(other.cart, WISHES)
    assert hold(line_of(6)) == {}
    assert free(line.variant) == 0


def test_the_pages_show_what_is_left() -> None:
    line = line_of(4)
    hold(line)
    client = Client()
    product = client.get(f"/goods/{line.variant.product_id}/").content.decode()
    assert "Основной склад: 6" in product
    client.post("/cart/", {"variant": line.variant_id, "quantity": 7})
    page = client.get("/cart/")
    assert [row.free for row in page.context["rows"]] == [6]
    assert not page.context["may_buy"]
    client.cookies["onec_cart"] = id_of(line)
    assert [row.free for row in client.get("/cart/").context["rows"]] == [10]


def test_a_line_is_held_whole_or_not_at_all() -> None:
    cup = goods(quantity=3)
    on_hand(cup, 3, warehouse=1)
    plate = goods("plate")
    line = line_of(4, cup)
    second = line.cart.lines.create(variant=plate, quantity=1)
    # Six of them, but in no warehouse four: an order's line comes from one.
    assert hold(line, second) == {str(line.pk): Lack.STOCK}
    assert units([str(line.pk), str(second.pk)]) == {str(second.pk): 1}


def test_the_warehouse_that_has_them_is_taken() -> None:
    cup = goods(quantity=3)
    on_hand(cup, 5, warehouse=1)
    line = line_of(4, cup)
    assert hold(line) == {}
    assert Reservation.objects.get().stock.warehouse.slug == "store"
    assert free(cup) == 4


def test_a_hold_is_replaced_and_counts_as_free_for_it() -> None:
    line = line_of(6)
    hold(line)
    CartLine.objects.update(quantity=10)
    assert hold(line) == {}
    assert units([str(line.pk)]) == {str(line.pk): 10}
    until = Reservation.objects.get().reserved_until
    CartLine.objects.update(quantity=11)
    assert hold(line, until=soon(99)) == {str(line.pk): Lack.STOCK}
    # It stays as it was.
    assert units([str(line.pk)]) == {str(line.pk): 10}
    assert Reservation.objects.get().reserved_until == until


def test_a_line_of_another_cart_is_not_held() -> None:
    line, other = line_of(), line_of()
    cart = STORE.read_cart(id_of(line))
    assert cart is not None
    assert STORE.hold(cart, [Wanted(str(other.pk), soon())]) == {str(other.pk): Lack.STOCK}
    assert not Reservation.objects.exists()


def test_a_share_of_what_is_free_is_rounded_down() -> None:
    variant = goods(quantity=7)
    on_hand(variant, 4, warehouse=1)
    sold = line_of(1, variant)
    assert checkout.place(sold.cart, WISHES)
    # Ten are free; 45 % of them are 4.5.
    first, second = line_of(3, variant), line_of(2, variant)
    assert hold(first, share=45) == {}
    assert hold(second, share=45) == {str(second.pk): Lack.SHARE}
    CartLine.objects.filter(pk=second.pk).update(quantity=1)
    assert hold(second, share=45) == {}
    CartLine.objects.filter(pk=second.pk).update(quantity=5)
    assert hold(second, share=45) == {str(second.pk): Lack.STOCK}
    assert hold(first, share=45) == {}


def test_time_alone_ends_a_hold() -> None:
    line = line_of(8)
    hold(line, until=soon(-0.0001))
    assert Reservation.objects.exists()
    assert (free(line.variant), units([str(line.pk)])) == (10, {})
    other = line_of(9)
    assert hold(other) == {}
    # Somebody else has them by now: it does not come back to life.
    STORE.set_until({str(line.pk): soon()})
    assert units([str(line.pk)]) == {}
    assert STORE.overheld() == []


def test_the_end_is_moved() -> None:
    line = line_of(8)
    hold(line)
    moment = soon(55)
    STORE.set_until({str(line.pk): moment})
    assert Reservation.objects.get().reserved_until == moment
    STORE.set_until({str(line.pk): timezone.now()})
    assert free(line.variant) == 10


def test_a_released_line_is_free() -> None:
    line, other = line_of(3), line_of(3)
    hold(line)
    hold(other)
    STORE.release([str(line.pk), "12345"])
    assert units([str(line.pk), str(other.pk)]) == {str(other.pk): 3}
    assert free(line.variant) == 7


def test_what_goes_with_the_line() -> None:
    line = line_of(3)
    hold(line)
    line_id = str(line.pk)
    line.delete()
    assert free(goods()) == 10
    STORE.release([line_id])
    assert set(STORE.gone([line_id])) == {line_id}


def test_stock_below_what_is_held() -> None:
    sold = line_of(2)
    assert checkout.place(sold.cart, WISHES)
    first, second = line_of(3), line_of(4)
    hold(first)
    hold(second)
    assert STORE.overheld() == []
    on_hand(first.variant, 6)
    [over] = STORE.overheld([str(first.variant.pk)])
    assert (over.stock_id, over.variant_id) == (
        str(Stock.objects.get().pk),
        str(first.variant.pk),
    )
    assert (over.excess, over.lines) == (3, {str(first.pk): 3, str(second.pk): 4})
    assert STORE.overheld() == [over]
    assert STORE.overheld([str(goods("plate").pk)]) == []
    # Less than even the orders have: no more than what is held can be given back.
    on_hand(first.variant, 1)
    assert [over.excess for over in STORE.overheld()] == [7]
    STORE.release([str(first.pk), str(second.pk)])
    assert STORE.overheld() == []


def test_a_frozen_price_is_what_is_charged() -> None:
    line = line_of(2)
    STORE.freeze(id_of(line), {str(line.pk): Decimal(100)})
    price(line.variant, "150")
    client = Client()
    client.cookies["onec_cart"] = id_of(line)
    [row] = client.get("/cart/").context["rows"]
    assert (row.price, row.live, row.sum) == (Decimal(100), Decimal(150), Decimal(200))
    order = checkout.place(line.cart, WISHES)
    assert order is not None
    data = order_data(order)
    assert [item.undiscounted for item in data.lines] == [Decimal(200)]
    assert data.total_gross == Decimal(550)


def test_a_voucher_takes_its_part_of_a_frozen_price() -> None:
    line = line_of(2)
    STORE.freeze(id_of(line), {str(line.pk): Decimal(80)})
    wishes = Wishes("anna@example.com", Address(first_name="Анна"), "courier", code="TEN")
    order = checkout.place(line.cart, wishes)
    assert order is not None
    assert [item.total_gross for item in order_data(order).lines] == [Decimal(144)]


def test_nothing_is_a_price_too() -> None:
    line = line_of(2)
    STORE.freeze(id_of(line), {str(line.pk): Decimal(0)})
    order = checkout.place(line.cart, WISHES)
    assert order is not None
    assert order_data(order).total_gross == Decimal(350)


def test_a_thawed_line_costs_what_is_asked() -> None:
    line = line_of(2)
    other = line.cart.lines.create(variant=goods("plate"), quantity=1)
    STORE.freeze(id_of(line), {str(line.pk): Decimal(80), str(other.pk): Decimal(70)})
    STORE.thaw(id_of(line), [str(line.pk)])
    STORE.thaw(id_of(line_of()), [str(other.pk)])  # not its line
    cart = STORE.read_cart(id_of(line))
    assert cart is not None
    assert [item.frozen for item in cart.lines] == [None, Decimal(70)]
    order = checkout.place(line.cart, WISHES)
    assert order is not None
    assert order_data(order).total_gross == Decimal(2 * 100 + 70 + 350)


def test_a_frozen_price_does_not_keep_goods_on_sale() -> None:
    lines = [line_of(1, goods(key)) for key in ("cup", "plate", "spoon")]
    ids = [str(line.pk) for line in lines]
    for line in lines:
        STORE.freeze(id_of(line), {str(line.pk): Decimal(80)})
    store = SandboxStore()
    store.retire_products([str(lines[0].variant.product_id)], Missing.HIDE)
    store.retire_variants([str(lines[1].variant_id)], Missing.HIDE)
    assert set(STORE.unavailable(ids)) == set(ids[:2])
    for line in lines[:2]:
        with pytest.raises(Forbidden):
            checkout.place(line.cart, WISHES)
        cart = STORE.read_cart(id_of(line))
        assert cart is not None
        assert cart.lines[0].price is None
    Price.objects.all().update(channel="usd")
    assert set(STORE.unavailable(ids)) == set(ids)


def test_the_order_takes_the_metadata_over() -> None:
    line = line_of()
    cart_id, line_id = id_of(line), str(line.pk)
    STORE.tell(
        cart_id,
        {"onec.reservation": "a", "gone": "b"},
        {line_id: {"until": "now", "gone": "b"}},
    )
    STORE.tell(cart_id, {"gone": None, "never": None, "more": "c"}, {line_id: {"gone": None}})
    line.refresh_from_db()
    assert line.metadata == {"until": "now"}
    order = checkout.place(line.cart, WISHES)
    assert order is not None
    order.refresh_from_db()
    assert order.metadata == {"onec.reservation": "a", "more": "c"}


def test_the_order_is_the_buyers() -> None:
    anna = Customer.objects.create(email="anna@example.com")
    order = checkout.place(line_of(customer=anna).cart, WISHES)
    assert order is not None
    assert order.customer == anna


def test_nobody_ships_what_a_cart_holds() -> None:
    variant = goods(quantity=5)
    on_hand(variant, 2, warehouse=1)
    sold = line_of(2, variant)
    order = checkout.place(sold.cart, WISHES)
    assert order is not None
    orders = SandboxOrderStore()
    orders.confirm(str(order.key))
    line = line_of(2, variant)
    hold(line)
    other = Warehouse.objects.get(slug="store")
    Reservation.objects.update(stock=Stock.objects.get(warehouse=other))
    with pytest.raises(Forbidden):
        orders.ship(str(order.key), NewShipment("s", warehouse_id=str(other.pk)))
    STORE.release([str(line.pk)])
    assert orders.ship(str(order.key), NewShipment("s", warehouse_id=str(other.pk)))


def test_nobody_puts_what_a_cart_holds_into_an_order() -> None:
    order = checkout.place(line_of(2).cart, WISHES)
    assert order is not None
    line = line_of(5)
    hold(line)
    row = order.lines.get()
    orders = SandboxOrderStore()
    with pytest.raises(Forbidden):
        orders.change_lines(str(order.key), [LineChange(6, id=str(row.pk))])
    assert orders.change_lines(str(order.key), [LineChange(5, id=str(row.pk))])
    assert free(line.variant) == 0


class Recorder:
    """Hears of everything; `then` is what it does about it."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, ...]] = []
        self.then: Callable[[str], None] = lambda name: None

    def _hear(self, *what: str) -> None:
        self.heard.append(what)
        self.then(what[0])

    def cart_changed(self, cart_id: str) -> None:
        self._hear("changed", cart_id)

    def cart_opened(self, cart_id: str) -> None:
        self._hear("opened", cart_id)

    def prices_end(self, cart_id: str) -> datetime | None:
        return None

    def cart_bought(self, cart_id: str, order_id: str) -> None:
        self._hear("bought", cart_id, order_id)

    def stock_changed(self, variant_ids: Collection[str]) -> None:
        self._hear("stock", *sorted(variant_ids))

    def payment_changed(self, cart_id: str) -> None:
        self._hear("payment", cart_id)


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    monkeypatch.setattr(cart_events, "_listeners", [])
    listener = Recorder()
    for _ in range(2):
        STORE.listen(listener)
    return listener


Committing = Callable[..., AbstractContextManager[list[Callable[[], object]]]]


def test_changes_of_a_cart_are_heard_once_they_are_committed(
    recorder: Recorder, django_capture_on_commit_callbacks: Committing
) -> None:
    client, variant = Client(), goods()

    def heard_of(path: str, **values: object) -> set[tuple[str, ...]]:
        recorder.heard.clear()
        with django_capture_on_commit_callbacks() as callbacks:
            client.post(path, values)
        assert not recorder.heard
        for callback in callbacks:
            callback()
        return set(recorder.heard)

    news = heard_of("/cart/", variant=variant.pk, quantity=2)
    cart_id = str(Cart.objects.get().key)
    assert news == {("changed", cart_id)}
    assert heard_of("/cart/", variant=variant.pk, quantity=3) == news
    assert heard_of("/cart/buyer/", email="anna@example.com") == news
    assert heard_of("/cart/", variant=variant.pk, quantity=0) == news
    client.post("/cart/", {"variant": variant.pk, "quantity": 2})
    recorder.heard.clear()
    with django_capture_on_commit_callbacks(execute=True):
        SandboxStore().retire_variants([str(variant.pk)], Missing.DELETE)
    assert recorder.heard == [("changed", cart_id)]


def test_what_the_room_writes_is_no_news(
    recorder: Recorder, django_capture_on_commit_callbacks: Committing
) -> None:
    line = line_of()
    cart_id, line_id = id_of(line), str(line.pk)
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        hold(line)
        STORE.freeze(cart_id, {line_id: Decimal(1)})
        STORE.thaw(cart_id, [line_id])
        STORE.tell(cart_id, {"a": "b"}, {line_id: {"a": "b"}})
        STORE.release([line_id])
    assert not callbacks


def test_what_is_over_is_settled_before_prices_are_shown_or_charged(recorder: Recorder) -> None:
    line = line_of()
    STORE.freeze(id_of(line), {str(line.pk): Decimal(80)})
    client = Client()
    client.cookies["onec_cart"] = id_of(line)

    def settle(name: str) -> None:
        if name == "opened":
            STORE.thaw(id_of(line), [str(line.pk)])

    assert [row.price for row in client.get("/cart/").context["rows"]] == [Decimal(80)]
    assert recorder.heard == [("opened", id_of(line))]
    recorder.then = settle
    assert [row.price for row in client.get("/cart/").context["rows"]] == [Decimal(100)]
    STORE.freeze(id_of(line), {str(line.pk): Decimal(80)})
    order = checkout.place(line.cart, WISHES)
    assert order is not None
    assert order_data(order).total_gross == Decimal(550)


def test_less_stock_is_heard_of_with_the_stock_in_place(recorder: Recorder) -> None:
    cup, plate = goods(), goods("plate")
    on_hand(cup, 12)
    on_hand(cup, 12)
    assert not recorder.heard
    seen: list[int] = []
    recorder.then = lambda name: seen.append(Stock.objects.get(variant=cup).quantity)
    on_hand(cup, 3)
    assert (recorder.heard, seen) == ([("stock", str(cup.pk))], [3])
    recorder.heard.clear()
    order = checkout.place(line_of(1, cup).cart, WISHES)
    assert order is not None
    SandboxOrderStore().confirm(str(order.key))
    recorder.heard.clear()
    SandboxOrderStore().ship(str(order.key), NewShipment("s"))
    assert recorder.heard == [("stock", str(cup.pk))]
    recorder.heard.clear()
    SandboxStore().retire_products([str(plate.product_id)], Missing.ZERO)
    assert recorder.heard == [("stock", str(plate.pk))]


def test_a_payment_is_heard_of(recorder: Recorder) -> None:
    line = line_of()
    for begun in (True, False):
        checkout.set_being_paid(line.cart, begun)
        cart = STORE.read_cart(id_of(line))
        assert cart is not None
        assert cart.is_being_paid is begun
    assert recorder.heard == [("payment", id_of(line))] * 2


def test_a_listener_that_fails_harms_nobody(
    recorder: Recorder, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(name: str) -> None:
        Cart.objects.update(metadata={"half": "done"})
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")

    recorder.then = fail
    client, variant = Client(), goods()
    client.post("/cart/", {"variant": variant.pk, "quantity": 2})
    assert client.get("/cart/").status_code == 200
    on_hand(variant, 7)
    assert Stock.objects.get().quantity == 7
    order = checkout.place(Cart.objects.get(), WISHES)
    assert order is not None
    order.refresh_from_db()
    assert order.metadata == {}
    failed = [record.exc_text for record in caplog.records if record.name == cart_events.__name__]
    assert len(failed) == len(recorder.heard) == 4
    assert all("division by zero" in (text or "") for text in failed)


@pytest.mark.django_db(transaction=True)
def test_a_listener_that_fails_after_the_commit_harms_nobody(
    recorder: Recorder, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(name: str) -> None:
        raise ValueError("no good")

    recorder.then = fail
    answer = Client().post("/cart/", {"variant": goods().pk, "quantity": 2})
    assert answer.status_code == 302
    assert ("changed", str(Cart.objects.get().key)) in recorder.heard
    assert "no good" in caplog.text


def test_who_has_signed_in() -> None:
    client = Client()
    client.post("/cart/", {"variant": goods().pk, "quantity": 2})
    client.post("/cart/buyer/", {"email": "Anna@Example.com", "for_company": "on"})
    anna = Customer.objects.get(email="anna@example.com")
    assert "anna@example.com" in client.get("/cart/").content.decode()
    cart = STORE.read_cart(str(Cart.objects.get().key))
    assert cart is not None
    assert (cart.buyer_id, cart.kind) == (str(anna.pk), BuyerKind.COMPANY)
    request = RequestFactory().get("/")
    assert STORE.buyer_of(request) == ""
    request.COOKIES["onec_buyer"] = client.cookies["onec_buyer"].value
    assert STORE.buyer_of(request) == str(anna.pk)
    request.COOKIES["onec_buyer"] = f"{anna.pk} :forged"
    assert STORE.buyer_of(request) == ""
    client.post("/cart/buyer/", {"email": ""})
    assert "anna@example.com" not in client.get("/cart/").content.decode()
    cart = STORE.read_cart(str(Cart.objects.get().key))
    assert cart is not None
    assert (cart.buyer_id, cart.kind) == ("", BuyerKind.GUEST)
    assert client.post("/cart/buyer/", {"email": "anna"}).status_code == 400


def test_a_cart_that_is_begun_later_is_theirs_too() -> None:
    client = Client()
    client.post("/cart/buyer/", {"email": "anna@example.com", "for_company": "on"})
    client.post("/cart/", {"variant": goods().pk, "quantity": 2})
    cart = Cart.objects.get()
    assert (cart.customer, cart.for_company) == (Customer.objects.get(), True)


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """What the calls return, each made by a thread of its own, all at one moment."""
    ready = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        try:
            connection.ensure_connection()
            ready.wait()
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def try_to_buy(line: CartLine) -> bool:
    try:
        return checkout.place(line.cart, WISHES) is not None
    except Forbidden:
        return False


@pytest.mark.django_db(transaction=True)
def test_two_never_both_hold_the_last_one() -> None:
    variant = goods(quantity=1)
    lines = [line_of(1, variant) for _ in range(6)]
    results = at_once(*(partial(hold, line) for line in lines))
    assert sorted(map(len, results)) == [0, 1, 1, 1, 1, 1]
    assert Reservation.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_one_holds_and_another_buys_the_last_one() -> None:
    variant = goods(quantity=1)
    for _ in range(8):
        holder, buyer = line_of(1, variant), line_of(1, variant)
        held, bought = at_once(lambda: not hold(holder), lambda: try_to_buy(buyer))  # noqa: B023
        assert held is not bought
        Order.objects.all().delete()
        Reservation.objects.all().delete()


@pytest.mark.django_db(transaction=True)
def test_between_the_hold_and_the_order_nobody_slips_in() -> None:
    variant = goods(quantity=1)
    for _ in range(8):
        line, other = line_of(1, variant), line_of(1, variant)
        hold(line)

        def seen() -> set[int]:
            return {free(variant) for _ in range(40)}

        bought, lacks, free_units, _ = at_once(
            lambda: try_to_buy(line),  # noqa: B023
            lambda: [hold(other) for _ in range(10)],  # noqa: B023
            seen,
            lambda: try_to_buy(other),  # noqa: B023
        )
        assert bought
        assert all(lacks)
        assert free_units == {0}
        assert not Reservation.objects.exists()
        assert OrderLine.objects.get().quantity == 1
        Order.objects.all().delete()


@pytest.mark.django_db(transaction=True)
def test_a_hold_is_whole_again_after_a_failed_checkout() -> None:
    line = line_of(2)
    second = line.cart.lines.create(variant=goods("plate", quantity=1), quantity=2)
    hold(line)
    assert not try_to_buy(second)
    assert units([str(line.pk)]) == {str(line.pk): 2}
    assert not Order.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_what_is_extended_in_time_is_not_given_away_before_the_commit() -> None:
    line = line_of(1, goods(quantity=1))
    other = line_of(1, line.variant)
    end = timezone.now() + timedelta(seconds=0.3)
    hold(line, until=end)

    def extend() -> None:
        with transaction.atomic():
            STORE.set_until({str(line.pk): soon()})
            sleep(0.6)

    def take() -> dict[str, Lack]:
        sleep(0.4)
        return hold(other)

    _, lacks = at_once(extend, take)
    assert lacks == {str(other.pk): Lack.STOCK}
    assert STORE.overheld() == []


@pytest.mark.django_db(transaction=True)
def test_who_hears_of_a_cart_has_transactions_of_his_own(recorder: Recorder) -> None:
    inside: dict[str, bool] = {}

    def look(name: str) -> None:
        inside[name] = connection.in_atomic_block

    recorder.then = look
    client, variant = Client(), goods()
    client.post("/cart/", {"variant": variant.pk, "quantity": 2})
    on_hand(variant, 7)
    checkout.set_being_paid(Cart.objects.get(), True)
    checkout.place(Cart.objects.get(), WISHES)
    # To try again after a deadlock, it must be able to begin again.
    assert inside == {
        "changed": False,
        "opened": False,
        "stock": True,
        "payment": True,
        "bought": True,
    }
