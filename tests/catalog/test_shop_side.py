"""What people do in the shop by hand, and what 1C says next."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import pytest
from django.db import connection

from saleor_1c_plugin.commerceml.model import ItemKind
from saleor_1c_plugin.report import Level
from saleor_1c_plugin.sandbox.models import Price, Product, Stock, Variant
from saleor_1c_plugin.sandbox.store import SandboxStore
from saleor_1c_plugin.store.ports import VariantWrite, Written

from .support import PRICE_TYPES, Exchange, catalogue, good, offer, offers

pytestmark = pytest.mark.django_db

GOODS = catalogue(good("p1") + good("p2", "Стол"))
TRADE = offers(offer("p1") + offer("p2"), head=PRICE_TYPES)


def exchange() -> tuple[dict[str, int], dict[str, int]]:
    """An export of everything, unchanged; what became of the goods and of the offers."""
    now = Exchange()
    goods = now.send(GOODS).of(ItemKind.PRODUCT)
    return goods, now.send(TRADE).of(ItemKind.OFFER)


def test_a_product_deleted_by_hand_comes_back_with_the_next_export() -> None:
    exchange()
    Product.objects.get(key="p1").delete()
    assert exchange() == (
        {"seen": 2, "created": 1, "unchanged": 1},
        {"seen": 2, "created": 1, "unchanged": 1},
    )
    assert Price.objects.filter(variant__key="p1").exists()
    assert Stock.objects.get(variant__key="p1").quantity == 5
    assert exchange() == ({"seen": 2, "unchanged": 2}, {"seen": 2, "unchanged": 2})


def test_a_variant_deleted_by_hand_comes_back_with_its_price() -> None:
    exchange()
    Variant.objects.get(key="p1").delete()
    assert exchange()[1] == {"seen": 2, "created": 1, "unchanged": 1}
    assert Price.objects.filter(variant__key="p1").exists()


def test_a_price_for_a_product_deleted_by_hand_waits_for_its_card() -> None:
    exchange()
    Product.objects.get(key="p1").delete()
    report = Exchange().send(offers(offer("p1", "70"), only_changes="true"))
    assert report.of(ItemKind.OFFER) == {"seen": 1, "unchanged": 1}
    assert report.problems[0][0] is Level.WARNING
    Exchange().send(GOODS)
    assert Price.objects.get(variant__key="p1").amount == 70


def test_a_later_word_in_the_same_file_wins() -> None:
    exchange()
    body = offer("p1", "10", "1") + offer("p2", "20", "2") + offer("p1", "30", "3")
    Exchange().send(offers(body, only_changes="true"))
    assert Price.objects.get(variant__key="p1").amount == 30
    assert Stock.objects.get(variant__key="p1").quantity == 3
    assert Price.objects.get(variant__key="p2").amount == 20


def test_prices_and_stock_are_judged_apart() -> None:
    exchange()
    Price.objects.update(amount=1)
    Stock.objects.update(quantity=1)
    Exchange().send(offers(offer("p1", "100.00", "6"), only_changes="true"))
    assert Stock.objects.get(variant__key="p1").quantity == 6
    # The price is what 1C said before: an editor's stays.
    assert Price.objects.get(variant__key="p1").amount == 1


@pytest.mark.django_db(transaction=True)
def test_a_product_deleted_while_its_offers_are_being_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Exchange().send(GOODS)
    write = SandboxStore.write_variants
    calls = count()

    def late(store: SandboxStore, writes: Sequence[VariantWrite]) -> Written:
        if next(calls) == 0:
            with ThreadPoolExecutor(1) as editor:
                # Another session: foreign keys are checked at our commit.
                editor.submit(lambda: Product.objects.get(key="p1").delete()).result()
                editor.submit(lambda: connection.close()).result()
        return write(store, writes)

    monkeypatch.setattr(SandboxStore, "write_variants", late)
    Exchange().send(TRADE)
    assert list(Variant.objects.values_list("key", flat=True)) == ["p2"]
    Exchange().send(GOODS)
    assert set(Variant.objects.values_list("key", flat=True)) == {"p1", "p2"}


def test_a_price_in_a_channel_that_1c_does_not_serve_is_the_editors(settings: Any) -> None:
    settings.ONEC_CONFIGURATION = {"catalog": {"price_types": "Розничная = default-channel"}}
    exchange()
    Price.objects.create(variant=Variant.objects.get(key="p1"), channel="usd", amount=9)
    Exchange().send(offers(offer("p1", "120"), only_changes="true"))
    prices = dict(Price.objects.filter(variant__key="p1").values_list("channel", "amount"))
    assert prices == {"default-channel": 120, "usd": 9}


@pytest.mark.parametrize(("zero_price", "shown"), [("false", []), ("true", [0])])
def test_a_price_of_nought_is_no_price_unless_set(
    settings: Any, zero_price: str, shown: list[int]
) -> None:
    settings.ONEC_CONFIGURATION = {
        "catalog": {"price_types": "* = default-channel", "zero_price": zero_price}
    }
    exchange()
    report = Exchange().send(offers(offer("p1", "0.00"), only_changes="true"))
    amounts = Price.objects.filter(variant__key="p1").values_list("amount", flat=True)
    assert list(amounts) == shown
    assert any("нулевые цены" in text for text in report.messages) is not bool(shown)
