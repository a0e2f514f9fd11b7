"""Catalogues that different configurations of 1C wrote, whole, and a second time."""

import os
from pathlib import Path

import pytest

from saleor_1c_plugin.commerceml.model import ItemKind
from saleor_1c_plugin.sandbox.models import Product, Variant

from .support import Exchange

DATA = Path(os.environ.get("ONEC_SHARED_DATA", Path(__file__).parents[3] / "shared/data"))
DATA = DATA / "commerceml"

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not DATA.is_dir(), reason="the real 1C files are not beside the checkout"),
]

PACKAGES = {
    "off-doc-1c": ["import.xml", "offers.xml"],
    "bitrix-module-6": [
        "import.xml",
        "properties/1/import.xml",
        "properties/1/offers.xml",
        "goods/1/import.xml",
        "goods/1/offers.xml",
        "goods/1/prices.xml",
        "goods/1/rests.xml",
    ],
    "umi-cms": ["import.xml", "offers.xml"],
    "ready-script": ["import.xml", "offers.xml"],
    "carono": ["classifier.xml", "import.xml", "offers.xml"],
    "bigperson": ["classifier.xml", "import.xml", "offers.xml"],
    "avdivo": ["import.xml", "offers.xml"],
}


@pytest.mark.parametrize("package", PACKAGES)
def test_a_second_exchange_of_the_same_changes_nothing(package: str) -> None:
    first = Exchange()
    for name in PACKAGES[package]:
        first.send((DATA / package / name).read_bytes())
    products, variants = Product.objects.count(), Variant.objects.count()
    assert products
    second = Exchange()
    for name in PACKAGES[package]:
        report = second.send((DATA / package / name).read_bytes())
        for kind in (ItemKind.PRODUCT, ItemKind.OFFER):
            counts = report.of(kind)
            assert not {"created", "updated", "failed", "hidden"} & counts.keys(), (name, counts)
    assert (Product.objects.count(), Variant.objects.count()) == (products, variants)
