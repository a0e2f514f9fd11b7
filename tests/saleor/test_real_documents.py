"""Documents that real configurations of 1C wrote, sent to a Saleor that does not know them."""

import re

import pytest
from saleor.order.models import Order

from saleor_1c_plugin.commerceml.documents import Document, DocumentLine
from saleor_1c_plugin.commerceml.model import ItemKind
from saleor_1c_plugin.commerceml.reader import scan
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


@pytest.mark.parametrize("file", FILES)
def test_documents_of_unknown_orders_are_named_and_nothing_is_made(
    live: LiveShop, file: str
) -> None:
    onec, before = OneC(live), set(Order.objects.values_list("pk", "status", "updated_at"))
    JournalEntry.objects.all().delete()
    told = send(onec, file)
    assert told["с ошибками"] > 0
    assert told["создано"] == told["обновлено"] == 0
    assert "нет в магазине" in journal()
    assert set(Order.objects.values_list("pk", "status", "updated_at")) == before
    assert onec.fetch() == []


def test_orders_of_goods_that_are_here_are_made_where_that_is_set(live: LiveShop) -> None:
    onec, told = OneC(live), {item.id: item for file in FILES for item in documents(file)}
    onec.export({line.id: 1000 for item in told.values() for line in goods(item)})
    with configured("orders", create_orders=True, new_order_channel="main"):
        assert [send(onec, file)["создано"] for file in FILES[:3]] == [1, 1, 14]
        send(onec, FILES[3])
        made = Order.objects.filter(external_reference__in=told)
        sums = {order.external_reference: order.total_gross_amount for order in made}
        assert len(sums) >= 16
        # Each is whole, and costs what its goods cost in 1C.
        for onec_id, amount in sums.items():
            assert amount == sum(line.amount for line in goods(told[onec_id])), onec_id
        assert {order.status for order in made} == {"unfulfilled", "fulfilled"}
        assert all(order.metadata["onec.number"] for order in made)
        assert [send(onec, file)["создано"] for file in FILES] == [0, 0, 0, 0]
        assert made.count() == len(sums)
    assert onec.fetch() == []


def send(onec: OneC, file: str) -> dict[str, int]:
    """The counts that the shop answers with."""
    onec.upload_package("sale", open_package([DATA / file]))
    return {name: int(n) for name, n in re.findall(r"([а-я][а-я ]*) (\d+)", onec.told[-1])}


def documents(file: str) -> list[Document]:
    with (DATA / file).open("rb") as source:
        found = [node.parse() for node in scan(source) if node.kind is ItemKind.DOCUMENT]
    return [item for item in found if isinstance(item, Document)]


def goods(document: Document) -> list[DocumentLine]:
    return [line for line in document.lines if not line.is_service]
