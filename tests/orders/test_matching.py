"""Lines of 1C's are compared by goods, and only a difference is written."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saleor_1c_plugin.commerceml.documents import (
    Document,
    DocumentDiscount,
    DocumentLine,
    DocumentTax,
)
from saleor_1c_plugin.commerceml.model import Unit
from saleor_1c_plugin.orders import matching
from saleor_1c_plugin.orders.errors import Refused
from saleor_1c_plugin.orders.lines import own_key
from saleor_1c_plugin.store.orders import (
    Buyer,
    LineChange,
    Order,
    OrderLine,
    OrderStatus,
    ShipmentLine,
)

AT = datetime(2026, 1, 1, tzinfo=UTC)
VARIANTS = {"bowl": "v-bowl"}


def own(key: str, quantity: int = 2, total: str = "200.00", **more: object) -> OrderLine:
    money = Decimal(total)
    fields: dict[str, object] = {
        "id": f"line-{key}",
        "name": key,
        "quantity": quantity,
        "total_net": money / 2,
        "total_gross": money,
        "undiscounted": money,
        "key": key,
        **more,
    }
    return OrderLine(**fields)  # type: ignore[arg-type]


def order(*items: OrderLine, with_tax: bool = True) -> Order:
    total = sum((line.total_gross for line in items), Decimal(0))
    return Order(
        id="o",
        number="1",
        status=OrderStatus.UNCONFIRMED,
        channel="c",
        currency="RUB",
        created=AT,
        updated=AT,
        buyer=Buyer(),
        lines=items,
        total_net=total / 2,
        total_gross=total,
        prices_with_tax=with_tax,
    )


def told(key: str, quantity: str = "2", amount: str = "200", **more: object) -> DocumentLine:
    return DocumentLine(key, key, Decimal(quantity), Decimal(amount), **more)  # type: ignore[arg-type]


def document(*items: DocumentLine, amount: str | None = None) -> Document:
    total = sum((line.amount for line in items), Decimal(0))
    return Document("d", amount=total if amount is None else Decimal(amount), lines=items)


def changes(shop: Order, *items: DocumentLine) -> list[LineChange] | None:
    found = matching.changes(shop, document(*items), VARIANTS)
    return None if found is None else list(found)


def test_equal_lines_are_no_change() -> None:
    assert changes(order(own("cup")), told("cup")) is None


def test_the_delivery_is_no_line_of_the_order() -> None:
    service = (("ТипНоменклатуры", "Услуга"),)
    shop = order(own("cup"))
    assert changes(shop, told("cup"), told("ORDER_DELIVERY", "1", "300")) is None
    assert changes(shop, told("cup"), told("d", "1", "300", requisites=service)) is None


def test_a_service_that_the_shop_sells_is_goods_like_any_other() -> None:
    service = (("ТипНоменклатуры", "Услуга"),)
    wrapped = told("wrapping", "3", "300", requisites=service)
    assert changes(order(own("wrapping")), wrapped) == [LineChange(3, id="line-wrapping")]


def test_another_quantity_leaves_the_price() -> None:
    assert changes(order(own("cup")), told("cup", "3", "300")) == [LineChange(3, id="line-cup")]


def test_another_price_of_one() -> None:
    assert changes(order(own("cup")), told("cup", "2", "180")) == [
        LineChange(2, id="line-cup", unit_price=Decimal("90.00"))
    ]


def test_goods_added_and_taken_out() -> None:
    shop = order(own("cup"), own("plate"))
    assert changes(shop, told("cup"), told("bowl", "1", "50")) == [
        LineChange(2, id="line-cup"),
        LineChange(1, variant_id="v-bowl", unit_price=Decimal("50.00")),
    ]


def test_goods_only_taken_out() -> None:
    assert changes(order(own("cup"), own("plate")), told("cup")) == [LineChange(2, id="line-cup")]


def test_a_line_of_none_is_taken_out() -> None:
    assert changes(order(own("cup"), own("plate")), told("cup"), told("plate", "0", "0")) == [
        LineChange(2, id="line-cup")
    ]


def test_lines_that_1c_has_joined_stay_as_they_are_in_the_shop() -> None:
    shop = order(own("cup"), own("cup", 1, "100", id="line-2"))
    assert changes(shop, told("cup", "3", "300")) is None


def test_goods_that_1c_has_no_id_of_are_known_by_the_one_that_they_went_out_by() -> None:
    shop = order(own("", name="Открытка"))
    assert changes(shop, told(own_key(shop.lines[0]))) is None


def test_tax_on_top_of_the_sums_is_part_of_prices_with_tax() -> None:
    tax = DocumentTax("НДС", Decimal(40), included=False)
    assert changes(order(own("cup", 2, "240.00")), told("cup", taxes=(tax,))) is None


def test_tax_within_the_sums_is_no_part_of_prices_without() -> None:
    tax = DocumentTax("НДС", Decimal(100))
    assert changes(order(own("cup"), with_tax=False), told("cup", taxes=(tax,))) is None


def test_a_discount_that_the_sum_does_not_have_yet_is_taken_off() -> None:
    discount = DocumentDiscount("Скидка", Decimal(20), included=False)
    assert changes(order(own("cup", 2, "180")), told("cup", discounts=(discount,))) is None


def test_packs_are_counted_in_pieces() -> None:
    pack = Unit("778", "упак", ratio=Decimal(6))
    assert changes(order(own("cup", 12, "1200")), told("cup", "2", "1200", unit=pack)) is None


def test_a_sum_that_does_not_divide_is_the_price_that_comes_nearest() -> None:
    shop = order(own("cup", 3, "99.99"))
    assert changes(shop, told("cup", "3", "100")) is None


@pytest.mark.parametrize(
    ("items", "message"),
    [
        ((told("fork"),), "«fork» .* нет"),
        ((told(""),), "нет"),
        ((told("cup", "1.5", "150"),), "целое"),
        ((), "не осталось товаров"),
        ((told("cup", "0", "0"),), "не осталось товаров"),
    ],
)
def test_what_the_shop_cannot_have_is_refused(
    items: tuple[DocumentLine, ...], message: str
) -> None:
    with pytest.raises(Refused, match=message):
        changes(order(own("cup")), *items)


@pytest.mark.parametrize("amount", ["200", "200.01", "199.98"])
def test_sums_that_add_up_to_a_kopeck_a_line(amount: str) -> None:
    matching.check_sums(document(told("a", "1", "100"), told("b", "1", "100"), amount=amount))


def test_tax_on_top_belongs_to_the_sum_of_the_document() -> None:
    tax = DocumentTax("НДС", Decimal(40), included=False)
    matching.check_sums(document(told("cup", taxes=(tax,)), amount="240"))
    matching.check_sums(replace(document(told("cup"), amount="240"), taxes=(tax,)))


@pytest.mark.parametrize(
    ("item", "amount"),
    [(told("cup"), "300"), (told("cup", "-2", "200"), "200"), (told("cup", "2", "-200"), "-200")],
)
def test_impossible_sums_are_refused(item: DocumentLine, amount: str) -> None:
    with pytest.raises(Refused):
        matching.check_sums(document(item, amount=amount))


def test_what_was_shipped_is_spread_over_the_lines_that_are_left() -> None:
    shop = order(own("cup", 2, shipped=1), own("cup", 3, id="line-2"), own("plate"))
    assert matching.shipped(shop, [told("cup", "3", "300"), told("ORDER_DELIVERY", "1")]) == (
        ShipmentLine("line-cup", 1),
        ShipmentLine("line-2", 2),
    )


def test_more_than_is_left_is_for_the_shop_to_refuse() -> None:
    assert matching.shipped(order(own("cup")), [told("cup", "5", "500")]) == (
        ShipmentLine("line-cup", 5),
    )


def test_shipped_goods_that_the_order_has_not_are_refused() -> None:
    with pytest.raises(Refused, match="«bowl»"):
        matching.shipped(order(own("cup")), [told("bowl")])


_ITEMS = st.lists(st.tuples(st.integers(1, 50), st.integers(1, 10**7)), min_size=1, max_size=6)


@given(_ITEMS)
def test_what_the_shop_has_comes_back_from_1c_as_no_change(items: list[tuple[int, int]]) -> None:
    shop = order(
        *(own(f"k{i}", n, str(Decimal(kopecks) / 100)) for i, (n, kopecks) in enumerate(items))
    )
    back = [told(line.key, str(line.quantity), str(line.total_gross)) for line in shop.lines]
    matching.check_sums(document(*back))
    assert changes(shop, *reversed(back)) is None


@given(_ITEMS, _ITEMS)
def test_changed_lines_are_as_1c_says_to_half_a_kopeck_of_each(
    before: list[tuple[int, int]], after: list[tuple[int, int]]
) -> None:
    shop = order(*(own(f"k{i}", n, str(Decimal(m) / 100)) for i, (n, m) in enumerate(before)))
    items = [told(f"k{i}", str(n), str(Decimal(m) / 100)) for i, (n, m) in enumerate(after)]
    variants = {item.id: f"v-{item.id}" for item in items}
    found = matching.changes(shop, document(*items), variants)
    rows = {line.id: line for line in shop.lines}
    for item, change in zip(items, found or [], strict=False):
        row = rows.get(change.id)
        price = change.unit_price
        if price is None:
            assert row is not None
            price = row.total_gross / row.quantity
        assert abs(price * change.quantity - item.amount) <= Decimal("0.01") * change.quantity
