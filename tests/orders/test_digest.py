"""An order's digest is of what its documents say, and of that alone."""

from dataclasses import fields, is_dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from saleor_1c_plugin.commerceml.documents import Container
from saleor_1c_plugin.orders.outgoing.compose import compose, digest
from saleor_1c_plugin.store.orders import Order

from .samples import ORDER
from .strategies import TERMS, orders

many = settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
NOT_CONTENT = {"onec_number", "onec_issued", "version", "line", "attributes"}


@many
@given(orders(), orders())
def test_equal_documents_have_equal_digests_and_others_others(one: Order, two: Order) -> None:
    first, second = compose(one, TERMS), compose(two, TERMS)
    assert (digest(first) == digest(second)) == (first == second)
    assert digest(compose(one, TERMS)) == digest(first)


@many
@given(orders())
def test_a_save_that_changes_nothing_is_no_news(order: Order) -> None:
    saved = replace(order, updated=order.updated + timedelta(days=1))
    assert digest(compose(saved, TERMS)) == digest(compose(order, TERMS))


@many
@given(orders())
def test_what_1c_called_the_order_is_no_news(order: Order) -> None:
    numbered = replace(TERMS, onec_number="УТ-000001", onec_issued=date(2026, 1, 2))
    assert digest(compose(order, numbered)) == digest(compose(order, TERMS))
    assert compose(order, numbered).order.onec_number == "УТ-000001"


def test_where_a_document_was_read_is_no_news() -> None:
    document = compose(ORDER, TERMS).order
    read = replace(document, version="AAAC", line=7)
    assert digest(Container(read)) == digest(Container(document))


def test_zeros_behind_the_point_are_no_news() -> None:
    document = compose(ORDER, TERMS).order
    shown = replace(document, amount=Decimal("1800.000"), rate=Decimal("1.0"))
    assert shown.amount == document.amount
    assert digest(Container(shown)) == digest(Container(document))


def changed(value: Any) -> list[Any]:
    """`value` with one thing in it another, for every thing that there is."""
    if isinstance(value, tuple):
        if not value:
            return [("x",)]
        return [
            (*value[:i], item, *value[i + 1 :])
            for i, old in enumerate(value)
            for item in changed(old)
        ] + [value[1:], (*value, value[0])]
    if is_dataclass(value) and not isinstance(value, type):
        return [
            replace(value, **{field.name: item})
            for field in fields(value)
            if field.name not in NOT_CONTENT
            for item in changed(getattr(value, field.name))
        ]
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, str):
        return [f"{value}!"]
    if isinstance(value, Decimal):
        return [value + Decimal("0.01")]
    if value is None:
        return ["x"]
    return [value.replace(day=28) if isinstance(value, date) else value.replace(second=59)]


def test_anything_else_is_news() -> None:
    container = compose(ORDER, TERMS)
    variants = changed(container)
    assert len(variants) > 200
    digests = {digest(container)} | {digest(item) for item in variants}
    assert len(digests) == 1 + len(set(variants))


@pytest.mark.parametrize("terms", [replace(TERMS, site="x"), replace(TERMS, rate=Decimal("90.5"))])
def test_terms_are_content(terms: Any) -> None:
    assert digest(compose(ORDER, terms)) != digest(compose(ORDER, TERMS))
