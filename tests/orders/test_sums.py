"""Kopecks neither appear nor vanish between a shop's order and its documents."""

from collections import defaultdict
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings

from saleor_1c_plugin.commerceml.documents import Document, DocumentLine, Operation
from saleor_1c_plugin.money import smallest_unit
from saleor_1c_plugin.orders.outgoing.compose import compose
from saleor_1c_plugin.orders.outgoing.sums import cost, tax_rate
from saleor_1c_plugin.store.orders import Order

from .strategies import TERMS, orders

many = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


def discount(line: DocumentLine) -> Decimal:
    return sum((item.amount for item in line.discounts), Decimal(0))


def check_adds_up(document: Document) -> None:
    on_top = [tax.amount for tax in document.taxes if not tax.included]
    assert document.amount == sum(line.amount for line in document.lines) + sum(on_top)
    by_rate: dict[object, Decimal] = defaultdict(Decimal)
    for line in document.lines:
        assert line.price is not None
        assert line.price * line.quantity - discount(line) == line.amount
        assert all(item.amount > 0 and item.included for item in line.discounts)
        for tax in line.taxes:
            by_rate[tax.rate, tax.included] += tax.amount
    rates = {(tax.rate, tax.included): tax.amount for tax in document.taxes}
    assert rates == {key: sum_ for key, sum_ in by_rate.items() if key in rates or sum_}


@many
@given(orders())
def test_the_order_is_what_the_goods_and_the_delivery_cost(order: Order) -> None:
    document = compose(order, TERMS).order
    check_adds_up(document)
    assert document.amount == order.total_gross
    tax = sum(tax.amount for tax in document.taxes)
    assert tax == order.total_gross - order.total_net
    assert all(tax.included == order.prices_with_tax for tax in document.taxes)
    assert document.requisite("Сумма на сайте") == ""


@many
@given(orders())
def test_lines_are_the_orders_own(order: Order) -> None:
    unit = smallest_unit(order.currency)
    for line, row in zip(order.lines, compose(order, TERMS).order.lines, strict=False):
        assert row.quantity == line.quantity
        assert row.amount == (line.total_gross if order.prices_with_tax else line.total_net)
        assert row.price is not None
        assert row.price % unit == 0
        exact = line.undiscounted / line.quantity
        if exact % unit == 0:
            assert row.price == exact
            assert discount(row) == line.undiscounted - row.amount
        else:
            assert 0 < row.price - exact < unit


@many
@given(orders(shipped=True))
def test_shipments_of_all_come_to_the_order(order: Order) -> None:
    container = compose(order, TERMS)
    shipments = [item for item in container.others if item.operation is Operation.SHIPMENT]
    for document in shipments:
        check_adds_up(document)
    assert sum(document.amount for document in shipments) == container.order.amount
    taxes = sum(tax.amount for document in shipments for tax in document.taxes)
    assert taxes == order.total_gross - order.total_net


def test_a_total_that_cannot_be_divided() -> None:
    costs = cost(
        3,
        Decimal("8.20"),
        Decimal("10.00"),
        Decimal("10.00"),
        with_tax=True,
        unit=Decimal("0.01"),
    )
    assert costs.price == Decimal("3.34")
    assert [(item.name, item.amount) for item in costs.discounts("Скидка")] == [
        ("Округление цены", Decimal("0.02"))
    ]


def test_free_goods_keep_their_price() -> None:
    costs = cost(2, Decimal(0), Decimal(0), Decimal("9.98"), with_tax=True, unit=Decimal("0.01"))
    assert costs.price == Decimal("4.99")
    assert [item.amount for item in costs.discounts("Промокод")] == [Decimal("9.98")]


@pytest.mark.parametrize(
    ("currency", "unit"), [("RUB", "0.01"), ("JPY", "1"), ("KWD", "0.001"), ("", "0.01")]
)
def test_smallest_unit(currency: str, unit: str) -> None:
    assert smallest_unit(currency) == Decimal(unit)


@pytest.mark.parametrize(
    ("rate", "percent"),
    [("0.22", "22"), ("0.20", "20"), ("0.2000", "20"), ("0", "0"), ("0.0625", "6.25")],
)
def test_rates_are_written_plainly(rate: str, percent: str) -> None:
    assert str(tax_rate(Decimal(rate)).percent) == percent


def test_goods_without_tax_say_so() -> None:
    assert tax_rate(None).percent is None
