"""Any offer that is written out is read back equal."""

from decimal import Decimal
from io import BytesIO
from xml.sax.saxutils import escape, quoteattr

from hypothesis import given, settings
from hypothesis import strategies as st

from saleor_1c_plugin.commerceml.model import (
    Characteristic,
    ItemKind,
    Offer,
    Picture,
    Price,
    PropertyValue,
    Stock,
    Unit,
)
from saleor_1c_plugin.commerceml.reader import parse_raw, scan

from .packages import NAMESPACES, offers, package

texts = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn", "Co"]),
    min_size=1,
    max_size=20,
).filter(lambda text: text == text.strip())
names = texts.filter(lambda text: not text.isdigit())
ids = st.uuids().map(str)
numbers = st.decimals(min_value=-(10**9), max_value=10**9, places=3, allow_nan=False)
prices = st.builds(
    Price,
    type_id=ids,
    amount=numbers,
    currency=st.sampled_from(["", "руб", "USD"]),
    unit=st.sampled_from(["", "шт"]),
    ratio=st.integers(1, 1000).map(Decimal),
    min_quantity=st.none() | numbers,
)
cards = st.builds(
    Offer,
    id=st.builds("{}#{}".format, ids, ids),
    name=texts,
    article=st.just("") | texts,
    barcodes=st.lists(ids, max_size=3, unique=True).map(tuple),
    unit=st.none() | st.builds(Unit, code=st.sampled_from(["796", "166"]), name=names),
    characteristics=st.lists(st.builds(Characteristic, texts, texts), max_size=3).map(tuple),
    properties=st.lists(
        st.builds(PropertyValue, ids, st.lists(texts, max_size=3).map(tuple)), max_size=3
    ).map(tuple),
    pictures=st.none()
    | st.lists(
        st.builds(Picture, texts.map(lambda text: text.replace("\\", "/")), texts),
        min_size=1,
        max_size=3,
    ).map(tuple),
    prices=st.none() | st.lists(prices, max_size=3).map(tuple),
    stocks=st.none() | st.lists(st.builds(Stock, ids, numbers), min_size=1, max_size=3).map(tuple),
    quantity=st.none() | numbers,
    weight=st.none() | numbers,
    deleted=st.booleans(),
)


def tag(name: str, text: object, attributes: str = "") -> str:
    return f"<{name}{attributes}>{escape(str(text))}</{name}>"


def comma(number: Decimal) -> str:
    """As 1C shows it: thousands apart, a comma."""
    return f"{number:,f}".replace(",", "\u00a0").replace(".", ",")


def written(offer: Offer) -> str:
    parts = [tag("Ид", offer.id), tag("Наименование", offer.name)]
    parts += [tag("Артикул", offer.article)] if offer.article else []
    parts += [tag("Штрихкод", code) for code in offer.barcodes]
    if offer.unit:
        parts.append(tag("БазоваяЕдиница", offer.unit.name, f' Код="{offer.unit.code}"'))
    parts.append("<ХарактеристикиТовара>")
    for each in offer.characteristics:
        inner = tag("Наименование", each.name) + tag("Значение", each.value)
        parts.append(f"<ХарактеристикаТовара>{inner}</ХарактеристикаТовара>")
    parts.append("</ХарактеристикиТовара><ЗначенияСвойств>")
    for value in offer.properties:
        inner = tag("Ид", value.property_id) + "".join(tag("Значение", v) for v in value.values)
        parts.append(f"<ЗначенияСвойства>{inner}</ЗначенияСвойства>")
    parts.append("</ЗначенияСвойств>")
    for picture in offer.pictures or ():
        parts.append(tag("Картинка", picture.path, f" Описание={quoteattr(picture.caption)}"))
    if offer.prices is not None:
        parts.append("<Цены>")
        for price in offer.prices:
            inner = tag("ИдТипаЦены", price.type_id) + tag("ЦенаЗаЕдиницу", comma(price.amount))
            inner += tag("Валюта", price.currency) + tag("Единица", price.unit)
            inner += tag("Коэффициент", price.ratio)
            if price.min_quantity is not None:
                inner += tag("МинКоличество", price.min_quantity)
            parts.append(f"<Цена>{inner}</Цена>")
        parts.append("</Цены>")
    for stock in offer.stocks or ():
        parts.append(
            f'<Склад ИдСклада="{stock.warehouse_id}" КоличествоНаСкладе="{stock.quantity:f}"/>'
        )
    if offer.quantity is not None:
        parts.append(tag("Количество", comma(offer.quantity)))
    if offer.weight is not None:
        parts.append(tag("Вес", f"{offer.weight:f}"))
    if offer.deleted:
        parts.append(tag("ПометкаУдаления", "true"))
    return f"<Предложение>{''.join(parts)}</Предложение>"


@settings(max_examples=150, deadline=None)
@given(
    found=st.lists(cards, max_size=4),
    namespace=st.sampled_from(NAMESPACES),
    bom=st.sampled_from([b"", b"\xef\xbb\xbf"]),
)
def test_offers(found: list[Offer], namespace: str, bom: bytes) -> None:
    data = bom + package(offers("\n".join(map(written, found))), namespace=namespace)
    nodes = [
        (node.id, node.parse(), parse_raw(node.raw))
        for node in scan(BytesIO(data))
        if node.kind is ItemKind.OFFER
    ]
    assert nodes == [(offer.id, offer, offer) for offer in found]


@settings(max_examples=300, deadline=None)
@given(numbers)
def test_numbers_in_every_dress(number: Decimal) -> None:
    from saleor_1c_plugin.commerceml import values

    plain = f"{number:f}"
    assert values.number(plain) == number
    assert values.number(plain.replace(".", ",")) == number
    assert values.number(comma(number)) == number
    assert values.number(f"{number:,f}") == number
