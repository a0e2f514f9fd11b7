"""Goods that 1C ships leave the shop's stock once, whichever exchange tells of it first."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction

from saleor_1c_plugin.sandbox.models import Order, Stock, Variant
from saleor_1c_plugin.sandbox.orders import SandboxOrderStore
from saleor_1c_plugin.store.orders import Buyer, LineChange, NewOrder
from tests.catalog.support import PRICE_TYPES, catalogue, good, offer, offers

from .conftest import OneC

pytestmark = pytest.mark.django_db(transaction=True)

MOSCOW = ZoneInfo("Europe/Moscow")


class Sale(OneC):
    kind = "sale"


@pytest.fixture(autouse=True)
def _orders_on(_configured: None, settings: Any) -> None:
    settings.ONEC_CONFIGURATION = {**settings.ONEC_CONFIGURATION, "orders": {}}


def export(quantity: int) -> None:
    """1C sends the whole catalogue: so many are on hand."""
    onec = OneC()
    onec.log_in()
    for name, body in (
        ("import.xml", catalogue(good("cup"))),
        ("offers.xml", offers(offer("cup", quantity=str(quantity)), head=PRICE_TYPES)),
    ):
        onec.send(name, body.encode())
        assert onec.load(name).startswith("success")


def order(quantity: int) -> str:
    """A buyer's order, that 1C has taken."""
    line = LineChange(quantity, variant_id=str(Variant.objects.get().pk))
    with transaction.atomic():
        order_id = SandboxOrderStore().create_order(
            NewOrder("1", "default-channel", Buyer(email="a@example.com"), (line,))
        )
        SandboxOrderStore().mark_taken([order_id])
    return order_id


def shipped(order_id: str, quantity: int, ago: timedelta, number: str = "1") -> None:
    """1C tells that goods were shipped so long ago by its own clock."""
    moment = datetime.now(MOSCOW) - ago
    body = (
        '<?xml version="1.0" encoding="UTF-8"?><КоммерческаяИнформация ВерсияСхемы="2.08" '
        f'ДатаФормирования="{datetime.now(MOSCOW):%Y-%m-%dT%H:%M:%S}">'
        f"<Документ><Ид>ship-{number}</Ид><Номер>{number}</Номер><Дата>{moment:%Y-%m-%d}</Дата>"
        f"<Время>{moment:%H:%M:%S}</Время><ХозОперация>Отпуск товара</ХозОперация>"
        f"<Основание>{order_id}</Основание><Валюта>RUB</Валюта><Сумма>{quantity * 100}</Сумма>"
        f"<Товары><Товар><Ид>cup</Ид><Наименование>Стул</Наименование>"
        f"<Количество>{quantity}</Количество><Сумма>{quantity * 100}</Сумма></Товар></Товары>"
        "</Документ></КоммерческаяИнформация>"
    )
    sale = Sale()
    sale.log_in()
    sale.ask("init", version="2.08")
    sale.send("documents.xml", body.encode())
    answer = sale.load("documents.xml")
    assert "с ошибками 0" in answer, answer


def on_hand() -> int:
    return Stock.objects.get().quantity


def test_the_shipment_first() -> None:
    export(10)
    order_id = order(3)
    shipped(order_id, 3, -timedelta(minutes=1))
    assert on_hand() == 7
    export(7)
    assert on_hand() == 7


def test_the_stock_first() -> None:
    export(10)
    order_id = order(3)
    export(7)
    shipped(order_id, 3, timedelta(hours=1))
    assert Order.objects.get().status == "shipped"
    assert on_hand() == 7
    export(7)
    assert on_hand() == 7


def test_the_last_piece_is_shipped_although_the_stock_says_none_is_left() -> None:
    export(2)
    order_id = order(2)
    export(0)
    shipped(order_id, 2, timedelta(hours=1))
    assert (Order.objects.get().status, on_hand()) == ("shipped", 0)


def test_half_before_the_stock_and_half_after() -> None:
    export(10)
    order_id = order(4)
    export(9)
    shipped(order_id, 1, timedelta(hours=1))
    assert on_hand() == 9
    shipped(order_id, 3, -timedelta(minutes=1), number="2")
    assert on_hand() == 6


def test_where_1c_tells_what_is_free(settings: Any) -> None:
    catalog = {**settings.ONEC_CONFIGURATION["catalog"], "stock_is_free": "true"}
    settings.ONEC_CONFIGURATION = {**settings.ONEC_CONFIGURATION, "catalog": catalog}
    export(10)
    order_id = order(3)
    # 1C has the three in reserve, and then shipped: seven are free all the time.
    export(7)
    assert on_hand() == 10
    shipped(order_id, 3, timedelta(hours=1))
    assert on_hand() == 7
    export(7)
    assert on_hand() == 7
