"""The whole way: 1C's client, HTTP, a Saleor with a worker, and its storefront."""

import re
from pathlib import Path

import pytest
import requests
from saleor.warehouse.models import Stock

from saleor_1c_plugin.onec.answers import Answer
from saleor_1c_plugin.onec.client import Client
from saleor_1c_plugin.onec.package import open_package
from tests.catalog.support import DATA

from .live import LiveShop

REAL = ("off-doc-1c", "bitrix-module-6")
QUERY = """{ products(first: 100, channel: "main") { edges { node { name externalReference
  pricing { priceRange { start { gross { amount } } } } variants { quantityAvailable } } } } }"""


def upload(address: str, folder: Path) -> dict[str, dict[str, int]]:
    """Counts that the server told at the end of each file."""
    said: dict[str, dict[str, int]] = {}

    def listen(request: str, answer: Answer | None) -> None:
        if answer is not None and request.startswith("import "):
            counts = re.findall(r"([а-я][а-я ]*) (\d+)", answer.message)
            said[request] = {name: int(count) for name, count in counts}

    Client(address, "1c", "secret", listener=listen, patience=180).upload(open_package([folder]))
    return said


@pytest.mark.skipif(not DATA.is_dir(), reason="the real 1C files are not beside the checkout")
def test_real_exports_reach_the_storefront_and_the_second_time_change_nothing(
    live: LiveShop,
) -> None:
    address = f"{live.base}/plugins/saleor1c.exchange/"
    for folder in REAL:
        for name, counts in upload(address, DATA / folder).items():
            assert counts["с ошибками"] == 0, (folder, name, counts)
    for folder in REAL:
        for name, counts in upload(address, DATA / folder).items():
            assert counts["создано"] == counts["обновлено"] == 0, (folder, name, counts)
            assert counts["без изменений"] == counts["объектов"], (folder, name, counts)
    answer = requests.post(f"{live.base}/graphql/", json={"query": QUERY}, timeout=60).json()
    found = [edge["node"] for edge in answer["data"]["products"]["edges"]]
    # Other tests have goods of their own in this shop.
    shown = [product for product in found if not product["name"].startswith("Товар ")]
    assert len(shown) > 10
    assert all(product["externalReference"] for product in shown)
    assert any(product["pricing"]["priceRange"]["start"] for product in shown)
    # The real files say that nothing is in stock.
    assert {v["quantityAvailable"] for product in shown for v in product["variants"]} == {0}
    assert Stock.objects.filter(warehouse__slug="main").count() > 50
