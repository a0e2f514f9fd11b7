"""1C that was overruled, for it did not know what the shop had done, may insist once it does."""

from decimal import Decimal
from typing import Any

import pytest

from saleor_1c_plugin.sandbox.orders import SandboxOrderStore
from saleor_1c_plugin.store.orders import NewPayment, OrderStatus

from .onec import document, line, read, send, shop_order, taken

pytestmark = pytest.mark.django_db


def test_the_same_document_counts_once_1c_has_taken_what_the_shop_did(settings: Any) -> None:
    settings.ONEC_CONFIGURATION = {"orders": {"conflict": "shop"}}
    order_id = shop_order()
    told = document(order_id, line("cup0#1", "3", "300"), requisites={"Проведен": "true"})
    SandboxOrderStore().record_payment(order_id, NewPayment("x", Decimal(10), "Карта"))
    for _ in range(2):
        assert [text for text in send(told).messages if "и в магазине, и в 1С" in text]
        assert read(order_id).status is OrderStatus.UNCONFIRMED
    taken(order_id)
    assert send(told).messages == []
    order = read(order_id)
    assert (order.status, order.lines[0].quantity) == (OrderStatus.OPEN, 3)
