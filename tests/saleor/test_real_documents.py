"""Documents that real configurations of 1C wrote, sent to a Saleor that does not know them."""

import re

import pytest
from saleor.order.models import Order
from saleor.warehouse.models import Stock

from saleor_1c_plugin.exchange.models import JournalEntry
from saleor_1c_plugin.onec.package import open_package
from tests.catalog.support import DATA

from .live import LiveShop, OneC, configured, journal

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="the real 1C files are not beside the checkout"
)
FILES = [
    "off-doc-1c/orders.xml",
    "carono/orders.xml",
    "bitrix-module-6/documents/1/documents.xml",
    "bitrix-module-6/documents/2/documents.xml",
]


def counts(answer: str) -> dict[str, int]:
    return {name: int(n) for name, n in re.findall(r"([а-я][а-я ]*) (\d+)", answer)}


@pytest.mark.parametrize("file", FILES)
def test_documents_of_unknown_orders_are_named_and_nothing_is_made(
    live: LiveShop, file: str
) -> None:
    onec, before = OneC(live), set(Order.objects.values_list("pk", "status", "updated_at"))
    JournalEntry.objects.all().delete()
    onec.upload_package("sale", open_package([DATA / file]))
    told = counts(onec.told[-1])
    assert told["с ошибками"] > 0
    assert told["создано"] == told["обновлено"] == 0
    assert "нет в магазине" in journal()
    assert set(Order.objects.values_list("pk", "status", "updated_at")) == before
    assert onec.fetch() == []


def test_orders_of_goods_that_are_here_are_made_where_that_is_set(live: LiveShop) -> None:
    onec = OneC(live)
    for folder in ("off-doc-1c", "bitrix-module-6"):
        onec.upload_package("catalog", open_package([DATA / folder]))
    # The real files say that nothing is in stock.
    Stock.objects.update(quantity=1000)
    before = Order.objects.count()
    with configured("orders", create_orders=True, new_order_channel="main"):
        for file in FILES:
            JournalEntry.objects.all().delete()
            onec.upload_package("sale", open_package([DATA / file]))
            print(file, onec.told[-1], journal(), sep="\n")
        made = Order.objects.count() - before
        assert made
        # Each is whole: confirmed, with 1C's number, and no news to 1C.
        orders = Order.objects.exclude(external_reference=None)
        assert all(order.metadata.get("onec.number") for order in orders)
        for file in FILES:
            onec.upload_package("sale", open_package([DATA / file]))
            assert counts(onec.told[-1])["создано"] == 0
    assert Order.objects.count() == before + made
    assert onec.fetch() == []
