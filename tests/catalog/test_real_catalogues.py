"""Catalogues that different configurations of 1C wrote, whole, and a second time."""

from decimal import Decimal
from typing import Any
from xml.etree.ElementTree import Element, parse

import pytest

from saleor_1c_plugin.commerceml.model import ItemKind
from saleor_1c_plugin.sandbox.models import Category, Product, Variant

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


class Told:
    """What a package's files say, read a second time with the standard library."""

    def __init__(self, package: str) -> None:
        self.groups: dict[str, tuple[str, str | None]] = {}
        self.choices: dict[str, dict[str, str]] = {}
        self.goods: dict[str, Element] = {}
        self.offers: dict[str, list[Element]] = {}
        self.currencies: dict[str, str] = {}
        for name in PACKAGES[package]:
            self._walk(parse(DATA / package / name).getroot(), None)

    def _walk(self, element: Element, group: str | None) -> None:
        for child in element:
            name, own = local(child), text(child, "Ид")
            if name == "Группа" and local(element) == "Группы":
                self.groups[own] = (text(child, "Наименование"), group)
                self._walk(child, own)
                continue
            if name in ("Свойство", "СвойствоНоменклатуры") and local(element) == "Свойства":
                self.choices[own] = {
                    text(choice, "ИдЗначения"): text(choice, "Значение")
                    for choice in child.iter()
                    if local(choice) == "Справочник"
                }
            elif name == "Товар" and local(element) == "Товары":
                self.goods[own] = child
            elif name == "Предложение":
                self.offers.setdefault(own, []).append(child)
            elif name == "ТипЦены":
                self.currencies[own] = text(child, "Валюта")
            else:
                self._walk(child, group)

    def values(self, owner: Element) -> dict[str, list[str]]:
        """Values of a card's properties as a person reads them."""
        found: dict[str, list[str]] = {}
        for entry in parts(owner, "ЗначенияСвойств", "ЗначенияСвойства"):
            own = text(entry, "Ид")
            given = [(value.text or "").strip() for value in entry if local(value) == "Значение"]
            known = self.choices.get(own, {})
            found.setdefault(own, []).extend(known.get(value, value) for value in given if value)
        return {own: given for own, given in found.items() if given}

    def rubles(self, offer: Element) -> Decimal | None:
        """The first price in the currency of the shop's only channel."""
        for price in parts(offer, "Цены", "Цена"):
            currency = text(price, "Валюта") or self.currencies[text(price, "ИдТипаЦены")]
            if currency in ("руб", "RUB"):
                return Decimal(text(price, "ЦенаЗаЕдиницу"))
        return None


def local(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def parts(element: Element, around: str, name: str) -> list[Element]:
    return [part for box in element if local(box) == around for part in box if local(part) == name]


def text(element: Element, name: str) -> str:
    return next(((part.text or "").strip() for part in element if local(part) == name), "")


def stock(offer: Element) -> Decimal | None:
    """On all warehouses, or in total; ``None`` where the element does not speak of it."""
    by_warehouse = [
        Decimal(place.get("КоличествоНаСкладе") or text(place, "Количество"))
        for place in offer.iter()
        if local(place) == "Склад"
    ]
    total = text(offer, "Количество")
    if by_warehouse:
        return sum(by_warehouse, Decimal(0))
    return Decimal(total.replace(",", ".")) if total else None


def values_of(row: Product | Variant, told: dict[str, list[str]]) -> dict[str, list[str]]:
    """Values in the shop of the properties that were told."""
    found: dict[str, list[str]] = {}
    for value in row.attribute_values.select_related("attribute", "choice"):
        if value.attribute.key in told:
            found.setdefault(value.attribute.key, []).append(str(value.value))
    return found


@pytest.mark.parametrize("package", PACKAGES)
def test_the_shop_has_what_the_files_say(package: str, settings: Any) -> None:
    settings.ONEC_CONFIGURATION = {
        "catalog": {
            "price_types": "* = default-channel",
            "warehouses": "* = main",
            "default_warehouse": "main",
        }
    }
    exchange, told = Exchange(), Told(package)
    for name in PACKAGES[package]:
        exchange.send((DATA / package / name).read_bytes())
    categories = Category.objects.values_list("key", "name", "parent__key")
    assert {key: (name, parent) for key, name, parent in categories} == told.groups
    for onec_id, card in told.goods.items():
        product = Product.objects.get(key=onec_id.partition("#")[0])
        assert product.name == text(card, "Наименование")
        group = next((g.text for g in parts(card, "Группы", "Ид")), None)
        assert (product.category.key if product.category else None) == group
        values = told.values(card)
        assert values_of(product, values) == values
    for onec_id, elements in told.offers.items():
        deleted = any(text(element, "ПометкаУдаления") == "true" for element in elements)
        if deleted or not Product.objects.filter(key=onec_id.partition("#")[0]).exists():
            assert not Variant.objects.filter(key=onec_id).exists()
            continue
        variant = Variant.objects.get(key=onec_id)
        prices = [price for e in elements if (price := told.rubles(e)) is not None]
        assert list(variant.prices.values_list("amount", flat=True)) == prices
        stocks = [quantity for e in elements if (quantity := stock(e)) is not None]
        assert [Decimal(row.quantity) for row in variant.stocks.all()] == stocks
        values = told.values(elements[0])
        assert values_of(variant, values) == values
