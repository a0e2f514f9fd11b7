"""Every kind of order becomes a file that 1C's published schema allows, and that adds up."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from io import BytesIO

import pytest
from hypothesis import HealthCheck, given, settings
from lxml import etree

from saleor_1c_plugin.commerceml import writer
from saleor_1c_plugin.commerceml.documents import Document
from saleor_1c_plugin.commerceml.reader import scan
from saleor_1c_plugin.orders.outgoing.compose import compose
from saleor_1c_plugin.store.orders import Order, OrderStatus
from tests.commerceml.shared import needs_data, published

from .samples import ORDER
from .strategies import TERMS, orders
from .test_sums import check_adds_up

#: Each differs from the whole one in what 1C sees differently.
KINDS = {
    "whole": ORDER,
    "guest": replace(ORDER, buyer=replace(ORDER.buyer, id="", first_name="", last_name="")),
    "company": replace(ORDER, metadata={"inn": "7707083893", "kpp": "773601001"}),
    "sole trader": replace(ORDER, metadata={"inn": "500100732259", "ogrn": "304500116000157"}),
    "wrong inn": replace(ORDER, metadata={"inn": "7707083894"}),
    "pick-up": replace(ORDER, shipping=None, pickup_id="w1", pickup_name="Магазин"),
    "no address": replace(ORDER, shipping=None, billing=None),
    "unpaid": replace(ORDER, payments=(), gift_cards=(), paid=Decimal(0)),
    "not shipped": replace(ORDER, shipments=(), status=OrderStatus.OPEN),
    "unconfirmed": replace(ORDER, shipments=(), status=OrderStatus.UNCONFIRMED),
    "cancelled": replace(ORDER, shipments=(), status=OrderStatus.CANCELLED),
    "returned": replace(ORDER, status=OrderStatus.RETURNED),
    "delivery free": replace(
        ORDER,
        delivery_net=Decimal(0),
        delivery_gross=Decimal(0),
        delivery_undiscounted=Decimal(0),
        delivery_tax_rate=None,
    ),
    "tax on top": replace(ORDER, prices_with_tax=False),
    "yen": replace(ORDER, currency="JPY"),
}

many = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def file_of(order: Order, schema: str, *, separate: bool = False) -> bytes:
    target = BytesIO()
    writer.write(
        target,
        [compose(order, TERMS)],
        schema=schema,
        encoding="utf-8",
        created=datetime(2026, 11, 25, 3, 0),  # noqa: DTZ001 - 1C's clock has no zone
        namespace=True,
        separate=separate,
    )
    return target.getvalue()


def documents(data: bytes) -> list[Document]:
    parsed = [node.parse() for node in scan(BytesIO(data))]
    return [item for item in parsed if isinstance(item, Document)]


@needs_data
@pytest.mark.parametrize("separate", [False, True], ids=["together", "separate"])
@pytest.mark.parametrize("schema", ["2.08", "2.09"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_of_order_is_valid(kind: str, schema: str, separate: bool) -> None:
    published(schema).assertValid(etree.fromstring(file_of(KINDS[kind], schema, separate=separate)))


@needs_data
@pytest.mark.parametrize("schema", ["2.08", "2.09"])
@many
@given(orders())
def test_any_order_is_valid(schema: str, order: Order) -> None:
    published(schema).assertValid(etree.fromstring(file_of(order, schema)))


@pytest.mark.parametrize("schema", ["2.08", "2.09", "3.1"])
@many
@given(orders().filter(lambda order: order.currency != "KWD"))
def test_what_1c_reads_adds_up(schema: str, order: Order) -> None:
    found = documents(file_of(order, schema))
    check_adds_up(found[0])
    assert found[0].amount == order.total_gross
    if schema == "3.1":
        # The order's payments and shipments are documents of their own, that name it.
        assert len(found) == 1 + len(compose(order, TERMS).others)
        assert {item.basis for item in found[1:]} <= {order.id}
