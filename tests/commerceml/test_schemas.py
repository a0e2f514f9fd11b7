"""One shop, written as each schema from 2.03 to 3.1 writes it, reads the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO
from itertools import product as combinations
from xml.sax.saxutils import escape, quoteattr

import pytest

from saleor_1c_plugin.commerceml.inspect import inspect
from saleor_1c_plugin.commerceml.items import Item
from saleor_1c_plugin.commerceml.model import (
    Characteristic,
    Choice,
    GoodsCategory,
    Group,
    ItemKind,
    Offer,
    Picture,
    Price,
    PriceType,
    Product,
    Property,
    PropertyType,
    PropertyValue,
    Section,
    Stock,
    TaxRate,
    Unit,
    Warehouse,
)
from saleor_1c_plugin.commerceml.reader import parse_raw, scan

SCHEMAS = ("2.03", "2.04", "2.05", "2.06", "2.07", "2.08", "2.09", "2.10", "3.1")
#: Encoding, and whether a byte order mark precedes the file.
ENCODINGS = (("utf-8", b""), ("utf-8", b"\xef\xbb\xbf"), ("windows-1251", b""), ("utf-16", b""))

GROUPS = (
    Group("g1", "Одежда", description="Вся"),
    Group("g2", "Платья", "g1"),
    Group("g3", "Старое", "g1", deleted=True),
)
KIND = GoodsCategory("k1", "Платье", ("p1", "p2"))
PROPERTIES = (
    Property(
        "p1",
        "Цвет",
        PropertyType.CHOICE,
        (Choice("v1", "Белый"), Choice("v2", "Синий")),
        multiple=True,
        required=True,
        for_products=True,
    ),
    Property("p2", "Длина", PropertyType.NUMBER),
    Property("p3", "Поступило", PropertyType.MOMENT),
    Property("p4", "Состав"),
    Property("p5", "Прежнее", deleted=True),
)
PRICE_TYPES = (PriceType("t1", "Розничная", "руб", True), PriceType("t2", "Оптовая", "USD", False))
WAREHOUSES = (Warehouse("w1", "Основной"), Warehouse("w2", "Магазин «Центр»"))
UNIT = Unit("796", "шт", "Штука", "PCE")
PRODUCTS = (
    Product(
        "1",
        "Платье <летнее> & пояс",
        "П-1",
        ("4600000000017",),
        unit=UNIT,
        units=(Unit("778", ratio=Decimal(12)),),
        group_ids=("g2",),
        category_id="k1",
        description="Лёгкое",
        pictures=(Picture("import_files/1/1.jpg", "Спереди"), Picture("import_files/1/2.jpg")),
        properties=(PropertyValue("p1", ("v1", "v2")), PropertyValue("p2", ("1,5",))),
        requisites=(("ВидНоменклатуры", "Товар"), ("Полное наименование", "Платье летнее")),
        taxes=(TaxRate("НДС", Decimal(22)),),
        manufacturer="Фабрика",
        brand="Марка",
        country="РОССИЯ",
        weight=Decimal("0.25"),
    ),
    Product("2", "Услуга", taxes=(TaxRate("НДС", None),)),
    *(
        Product(f"r{rate}", taxes=(TaxRate("НДС", Decimal(rate), calculated),))
        for rate, calculated in combinations((22, 20, 10, 7, 5), (False, True))
    ),
    Product("r0", taxes=(TaxRate("НДС", Decimal(0)),)),
    Product("3", deleted=True),
    Product("4"),
)
OFFERS = (
    Offer(
        "1#a",
        name="Платье (белый)",
        article="П-1-б",
        barcodes=("4600000000024",),
        unit=UNIT,
        characteristics=(Characteristic("Цвет", "Белый"), Characteristic("Размер", "42")),
        prices=(
            Price("t1", Decimal("1234567.5"), "руб", "шт"),
            Price("t1", Decimal(12000), "руб", "упак", Decimal(12), Decimal(3)),
            Price("t2", Decimal("19.99"), "USD"),
        ),
        stocks=(Stock("w1", Decimal("1500.5")), Stock("w2", Decimal(0))),
        quantity=Decimal("1500.5"),
    ),
    Offer("2", name="Услуга", prices=(), quantity=Decimal(7)),
    Offer("3", name="Прежнее", deleted=True),
)


@dataclass(frozen=True)
class Dialect:
    """How a schema writes what others write in another way."""

    schema: str
    namespace: str = ""
    commas: bool = False

    @property
    def is_3(self) -> bool:
        return self.schema >= "3"

    def number(self, value: Decimal) -> str:
        text = f"{value:,f}" if self.commas else f"{value:f}"
        return text.replace(",", "\u00a0").replace(".", ",") if self.commas else text

    def tag(self, name: str, inside: object = "", attributes: str = "") -> str:
        text = self.number(inside) if isinstance(inside, Decimal) else str(inside)
        return f"<{name}{attributes}>{text}</{name}>"

    def text(self, name: str, text: str, attributes: str = "") -> str:
        """An element; nothing where there is no text, an empty element in 3.1."""
        if text:
            return self.tag(name, escape(text), attributes)
        return f"<{name}/>" if self.is_3 else ""

    def mark(self, deleted: bool) -> tuple[str, str]:
        """The mark of deletion: attributes, and an element."""
        if self.is_3:
            return "", self.tag("ПометкаУдаления", str(deleted).lower())
        return (' Статус="Удален"' if deleted else ' Статус="Изменен"'), ""

    def switch(self, value: bool) -> str:
        return ("true" if value else "false") if self.schema > "2.05" else str(int(value))

    def group(self, group: Group) -> str:
        attributes, mark = self.mark(group.deleted)
        below = "".join(self.group(other) for other in GROUPS if other.parent_id == group.id)
        inside = self.tag("Ид", group.id) + mark + self.tag("Наименование", group.name)
        inside += self.text("Описание", group.description)
        return self.tag("Группа", inside + (below and self.tag("Группы", below)), attributes)

    def property(self, item: Property) -> str:
        name = {
            PropertyType.CHOICE: "Справочник",
            PropertyType.NUMBER: "Число",
            PropertyType.MOMENT: "Дата" if self.is_3 else "ДатаВремя",
            PropertyType.TEXT: "Строка",
        }[item.type]
        choices = "".join(
            self.tag("Справочник", self.tag("ИдЗначения", c.id) + self.tag("Значение", c.value))
            for c in item.choices
        )
        choices = choices and self.tag("ВариантыЗначений", choices)
        if self.schema == "2.03":
            kind = self.tag(
                "ТипыЗначений", self.tag("ТипЗначений", self.tag("Тип", name) + choices)
            )
        else:
            kind = self.tag("ТипЗначений", name) + choices
        attributes, mark = self.mark(item.deleted)
        inside = self.tag("Ид", item.id) + mark + self.tag("Наименование", item.name)
        if item.required:
            inside += self.tag("Обязательное", "true" if self.is_3 else "Для каталога")
        inside += self.tag("Множественное", self.switch(True)) if item.multiple else ""
        inside += kind + (self.tag("ДляТоваров", self.switch(True)) if item.for_products else "")
        is_old = self.schema < "2.05"
        return self.tag("СвойствоНоменклатуры" if is_old else "Свойство", inside, attributes)

    def price_type(self, item: PriceType) -> str:
        tax = self.tag("Наименование", "НДС")
        tax += self.tag("УчтеноВСумме", self.switch(bool(item.tax_included)))
        inside = self.tag("Ид", item.id) + self.tag("Наименование", item.name)
        return self.tag(
            "ТипЦены", inside + self.tag("Валюта", item.currency) + self.tag("Налог", tax)
        )

    def warehouse(self, item: Warehouse) -> str:
        inside = self.tag("Ид", item.id) + self.tag("Наименование", item.name)
        address = self.tag("Представление", "Москва")
        return self.tag("Склад", inside + "<Комментарий/>" + self.tag("Адрес", address))

    def unit(self, unit: Unit | None, others: Sequence[Unit] = ()) -> str:
        if unit is None:
            return ""
        more = "".join(
            self.tag("Пересчет", self.tag("Единица", u.code) + self.tag("Коэффициент", u.ratio))
            for u in others
        )
        return self.tag(
            "БазоваяЕдиница",
            f"{unit.name} {more}",
            f' Код="{unit.code}" НаименованиеПолное="{unit.full_name}"'
            f' МеждународноеСокращение="{unit.international}"',
        )

    def rate(self, tax: TaxRate) -> str:
        if tax.percent is None:
            return "Без НДС" if self.is_3 else "Без налога"
        if tax.calculated:
            return f"{tax.percent}/1{tax.percent:0>2}"
        return f"{tax.percent}%" if self.schema > "2.07" else f"{tax.percent}"

    def product(self, item: Product) -> str:
        attributes, mark = self.mark(item.deleted)
        out = self.tag("Ид", item.id) + mark
        out += "".join(self.tag("Штрихкод", code) for code in item.barcodes)
        out += self.text("Артикул", item.article) + self.text("Наименование", item.name)
        out += self.unit(item.unit, item.units)
        out += (item.group_ids and self.tag("Группы", self.tag("Ид", item.group_ids[0]))) or ""
        out += self.text("Категория", item.category_id) + self.text("Описание", item.description)
        for picture in item.pictures or ():
            caption = f" Описание={quoteattr(picture.caption)}" if picture.caption else ""
            out += self.tag("Картинка", picture.path, caption)
        if item.manufacturer:
            out += self.tag("Изготовитель", self.tag("Наименование", item.manufacturer))
        out += self.text("ТорговаяМарка", item.brand) + self.text("Страна", item.country)
        values = ""
        for value in item.properties:
            given = [self.tag("Значение", text) for text in value.values]
            # Half of the configurations repeat the element, the others the value.
            for part in given if self.schema < "2.06" else ["".join(given)]:
                values += self.tag("ЗначенияСвойства", self.tag("Ид", value.property_id) + part)
        out += values and self.tag("ЗначенияСвойств", values)
        rates = "".join(
            self.tag(
                "СтавкаНалога", self.tag("Наименование", t.name) + self.tag("Ставка", self.rate(t))
            )
            for t in item.taxes
        )
        out += rates and self.tag("СтавкиНалогов", rates)
        facts = "".join(
            self.tag("ЗначениеРеквизита", self.tag("Наименование", k) + self.tag("Значение", v))
            for k, v in item.requisites
        )
        out += facts and self.tag("ЗначенияРеквизитов", facts)
        out += self.tag("Вес", item.weight) if item.weight is not None else ""
        return self.tag("Товар", out, attributes)

    def price(self, price: Price) -> str:
        out = self.tag("Представление", "за шт") + self.tag("ИдТипаЦены", price.type_id)
        out += self.tag("ЦенаЗаЕдиницу", price.amount) + self.tag("Валюта", price.currency)
        out += self.text("Единица", price.unit) + self.tag("Коэффициент", price.ratio)
        if price.min_quantity is not None:
            out += self.tag("МинКоличество", price.min_quantity)
        return self.tag("Цена", out)

    def stocks(self, offer: Offer) -> str:
        by_warehouse = [(stock.warehouse_id, stock.quantity) for stock in offer.stocks or ()]
        if self.is_3:
            inside = "".join(
                self.tag(
                    "Остаток", self.tag("Склад", self.tag("Ид", w) + self.tag("Количество", n))
                )
                for w, n in by_warehouse
            )
            if offer.quantity is not None:
                inside += self.tag("Остаток", self.tag("Количество", offer.quantity))
            return inside and self.tag("Остатки", inside)
        out = "" if offer.quantity is None else self.tag("Количество", offer.quantity)
        for own, n in by_warehouse:
            out += f'<Склад ИдСклада="{own}" КоличествоНаСкладе="{self.number(n)}"/>'
        return out

    def offer_card(self, item: Offer) -> str:
        out = "".join(self.tag("Штрихкод", code) for code in item.barcodes)
        out += self.text("Артикул", item.article) + self.text("Наименование", item.name)
        out += self.unit(item.unit)
        named = "".join(
            self.tag(
                "ХарактеристикаТовара",
                self.tag("Наименование", c.name) + self.tag("Значение", c.value),
            )
            for c in item.characteristics
        )
        return out + (named and self.tag("ХарактеристикиТовара", named))

    def offer_prices(self, item: Offer) -> str:
        return (
            "" if item.prices is None else self.tag("Цены", "".join(map(self.price, item.prices)))
        )

    def offer(self, item: Offer, inside: str) -> str:
        attributes, mark = self.mark(item.deleted)
        return self.tag("Предложение", self.tag("Ид", item.id) + mark + inside, attributes)

    def section(self, name: str, inside: str, behind: str, only_changes: bool) -> str:
        said = self.switch(only_changes)
        head = self.tag("Ид", "cat") + self.tag("Наименование", "К")
        if self.schema == "2.03":  # an element, and behind everything
            said = self.tag("СодержитТолькоИзменения", said)
            return self.tag(name, head + inside + behind + said)
        return self.tag(name, head + inside + behind, f' СодержитТолькоИзменения="{said}"')

    def classifier(self, inside: str) -> str:
        owner = self.tag("Владелец", self.tag("Ид", "o") + self.tag("Наименование", "Фирма"))
        head = self.tag("Ид", "cls") + self.tag("Наименование", "К") + owner
        return self.tag("Классификатор", head + inside)

    def file(self, body: str, encoding: str, mark: bytes) -> bytes:
        xmlns = f' xmlns="{self.namespace}"' if self.namespace else ""
        attributes = f'{xmlns} ВерсияСхемы="{self.schema}" ДатаФормирования="2026-11-24T10:00:00"'
        root = self.tag("КоммерческаяИнформация", body, attributes)
        return mark + f'<?xml version="1.0" encoding="{encoding}"?>\r\n{root}'.encode(encoding)

    def files(self) -> list[str]:
        """Bodies of the files of a full export."""
        roots = "".join(self.group(group) for group in GROUPS if group.parent_id is None)
        groups = self.tag("Группы", roots)
        kind = self.tag("Ид", KIND.id) + self.tag("Наименование", KIND.name)
        kind += self.tag("Свойства", "".join(self.tag("Ид", own) for own in KIND.property_ids))
        kinds = self.tag("Категории", self.tag("Категория", kind))
        properties = self.tag("Свойства", "".join(map(self.property, PROPERTIES)))
        types = self.tag("ТипыЦен", "".join(map(self.price_type, PRICE_TYPES)))
        warehouses = self.tag("Склады", "".join(map(self.warehouse, WAREHOUSES)))
        goods = self.tag("Товары", "".join(map(self.product, PRODUCTS)))
        catalog = self.section("Каталог", "", goods, only_changes=False)

        def package(head: str, *parts: Sequence[str]) -> str:
            offers = "".join(
                self.offer(o, "".join(p)) for o, *p in zip(OFFERS, *parts, strict=True)
            )
            offers = self.tag("Предложения", offers)
            return self.section("ПакетПредложений", head, offers, only_changes=True)

        cards = [self.offer_card(offer) for offer in OFFERS]
        prices = [self.offer_prices(offer) for offer in OFFERS]
        stocks = [self.stocks(offer) for offer in OFFERS]
        if self.is_3:
            return [
                self.classifier(groups + types + warehouses),
                self.classifier(properties + kinds),
                catalog,
                package("", cards),
                package("", prices),
                package("", stocks),
            ]
        return [
            self.classifier(groups + kinds + properties) + catalog,
            package(types + warehouses, cards, prices, stocks),
        ]


def read(files: Sequence[bytes]) -> dict[ItemKind, list[Item]]:
    found: dict[ItemKind, list[Item]] = {}
    for file in files:
        for node in scan(BytesIO(file)):
            item = node.parse()
            assert parse_raw(node.raw) == item
            found.setdefault(node.kind, []).append(item)
    return found


def namespaces(schema: str) -> tuple[str, str]:
    number = {"3.1": "3", "2.10": "210"}.get(schema, "2")
    return "", f"urn:1C.ru:commerceml_{number}"


CASES = [
    (Dialect(schema, namespace, commas), *encoding)
    for schema in SCHEMAS
    for namespace in namespaces(schema)
    for commas in (False, True)
    for encoding in ENCODINGS
]


@pytest.mark.parametrize(("dialect", "encoding", "mark"), CASES)
def test_a_full_export(dialect: Dialect, encoding: str, mark: bytes) -> None:
    files = [dialect.file(body, encoding, mark) for body in dialect.files()]
    found = read(files)
    assert found[ItemKind.GROUP] == list(GROUPS)
    assert found[ItemKind.CATEGORY_OF_GOODS] == [KIND]
    assert found[ItemKind.PROPERTY] == list(PROPERTIES)
    assert found[ItemKind.PRICE_TYPE] == list(PRICE_TYPES)
    assert found[ItemKind.WAREHOUSE] == list(WAREHOUSES)
    assert found[ItemKind.PRODUCT] == list(PRODUCTS)
    for section, only_changes in ((ItemKind.CATALOG, False), (ItemKind.OFFER_PACKAGE, True)):
        last = found[section][-1]
        assert isinstance(last, Section)
        assert last.only_changes is only_changes
    joined = [join(parts) for parts in zip(*_by_file(found[ItemKind.OFFER]), strict=True)]
    assert joined == list(OFFERS)


def _by_file(offers: Sequence[Item]) -> list[Sequence[Item]]:
    size = len(OFFERS)
    return [offers[start : start + size] for start in range(0, len(offers), size)]


def join(parts: Sequence[Item]) -> Offer:
    """An offer from the one element that tells all of it, or from one of each file."""
    card, *trade = [part for part in parts if isinstance(part, Offer)]
    assert not any(part.has_card for part in trade)
    said = {
        name: value
        for part in (card, *trade)
        for name in ("prices", "stocks", "quantity")
        if (value := getattr(part, name)) is not None
    }
    plain = {name: getattr(card, name) for name in card.__slots__} | {"has_card": True}
    return Offer(**plain | said)


@pytest.mark.parametrize("schema", SCHEMAS)
def test_counts_do_not_depend_on_the_schema(schema: str) -> None:
    counts = [
        inspect(BytesIO(Dialect(schema).file(body, "utf-8", b"")))
        for body in Dialect(schema).files()
    ]
    total = {
        name: sum(getattr(one, name) for one in counts)
        for name in ("groups", "properties", "goods", "prices", "stocks", "documents")
    }
    assert total == {
        "groups": len(GROUPS),
        "properties": len(PROPERTIES),
        "goods": len(PRODUCTS),
        "prices": 3,
        # By warehouse for the first offer, the total of the second.
        "stocks": 3,
        "documents": 0,
    }
    assert {one.schema for one in counts} == {schema}
