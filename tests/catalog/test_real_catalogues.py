"""Catalogues that different configurations of 1C wrote, whole, and a second time."""

import pytest

from saleor_1c_plugin.commerceml.model import ItemKind
from saleor_1c_plugin.sandbox.models import Product, Variant

from .support import DATA, PACKAGES, Exchange

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not DATA.is_dir(), reason="the real 1C files are not beside the checkout"),
]


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
