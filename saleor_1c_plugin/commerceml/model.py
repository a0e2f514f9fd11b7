"""What a CommerceML package says, as plain typed values.

The names are the trade's; the Russian element names of the format live only in
:mod:`.reader` and :mod:`.writer`. Every value is immutable, numbers are
:class:`~decimal.Decimal`, texts are stripped, and an absent element is ``None`` (or an
empty tuple where several may stand), so that "1C said nothing" and "1C said empty" never mix
where the difference matters (prices, stocks, pictures).

Source: CommerceML 2.03-2.10 and 3.1 as published by 1C (XSD 2.08, 2.09).
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


class ItemKind(StrEnum):
    """The kinds of objects that a package is made of, in the order of their dependence."""

    PACKAGE = "package"
    CLASSIFIER = "classifier"
    GROUP = "group"
    CATEGORY_OF_GOODS = "category"
    PROPERTY = "property"
    PRICE_TYPE = "price_type"
    WAREHOUSE = "warehouse"
    UNIT = "unit"
    CATALOG = "catalog"
    PRODUCT = "product"
    OFFER_PACKAGE = "offer_package"
    OFFER = "offer"
    DOCUMENT = "document"
    COUNTERPARTY = "counterparty"


class PropertyType(StrEnum):
    """Value type of a property (``ТипЗначений``)."""

    TEXT = "text"
    NUMBER = "number"
    MOMENT = "moment"
    BOOLEAN = "boolean"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class Package:
    """The root of a file. ``schema`` is e.g. ``"2.08"`` or ``"3.1"``; empty when not declared."""

    schema: str
    created_at: datetime | None


@dataclass(frozen=True, slots=True)
class Section:
    """Head of a classifier, a catalogue or an offer package.

    ``only_changes`` is ``None`` when the file does not say (by the standard: a full export);
    it may stand as an attribute or as a child element.
    """

    kind: ItemKind
    id: str
    name: str
    only_changes: bool | None
    classifier_id: str = ""
    catalog_id: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """A node of the groups tree; ``parent_id`` is ``None`` for a root."""

    id: str
    name: str
    parent_id: str | None = None
    deleted: bool = False
    description: str = ""


@dataclass(frozen=True, slots=True)
class GoodsCategory:
    """A kind of goods (``Категория``, 1C's ``ВидНоменклатуры``) with its properties' ids."""

    id: str
    name: str
    property_ids: tuple[str, ...] = ()
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """A value of a directory property."""

    id: str
    value: str


@dataclass(frozen=True, slots=True)
class Property:
    """A property's definition; ``for_products``/``for_offers`` are ``None`` when not said."""

    id: str
    name: str
    type: PropertyType = PropertyType.TEXT
    choices: tuple[Choice, ...] = ()
    multiple: bool = False
    required: bool = False
    deleted: bool = False
    for_products: bool | None = None
    for_offers: bool | None = None


@dataclass(frozen=True, slots=True)
class PriceType:
    """A price type. ``currency`` is as 1C writes it (``руб``, ``RUB``, ``643``)."""

    id: str
    name: str
    currency: str = ""
    tax_included: bool | None = None
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Warehouse:
    id: str
    name: str
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of measure; ``code`` is OKEI's (``"796"`` a piece, ``"166"`` a kilogram)."""

    code: str = ""
    name: str = ""
    full_name: str = ""
    international: str = ""
    #: How many base units are in this one.
    ratio: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True)
class PropertyValue:
    """Values given to a property on a product or an offer (choice ids or literals)."""

    property_id: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """Path inside the package (forward slashes, as sent) and caption."""

    path: str
    caption: str = ""


@dataclass(frozen=True, slots=True)
class TaxRate:
    """A rate of a tax: percent, or ``None`` for "without"; ``calculated`` is the 20/120 form."""

    name: str
    percent: Decimal | None
    calculated: bool = False


@dataclass(frozen=True, slots=True)
class Characteristic:
    """One characteristic of an offer, e.g. colour: white; ``id`` is often empty."""

    name: str
    value: str
    id: str = ""


@dataclass(frozen=True, slots=True)
class Product:
    """A card of goods. ``pictures`` is ``None`` when the card does not speak of them."""

    id: str
    name: str = ""
    article: str = ""
    barcodes: tuple[str, ...] = ()
    unit: Unit | None = None
    units: tuple[Unit, ...] = ()
    group_ids: tuple[str, ...] = ()
    category_id: str = ""
    description: str = ""
    description_html: str = ""
    pictures: tuple[Picture, ...] | None = None
    properties: tuple[PropertyValue, ...] = ()
    characteristics: tuple[Characteristic, ...] = ()
    requisites: tuple[tuple[str, str], ...] = ()
    taxes: tuple[TaxRate, ...] = ()
    manufacturer: str = ""
    brand: str = ""
    country: str = ""
    #: Kilograms.
    weight: Decimal | None = None
    deleted: bool = False

    @property
    def product_id(self) -> str:
        """The goods' own id, without the characteristic (``uuid#uuid`` → first part)."""
        return self.id.partition("#")[0]

    def requisite(self, name: str) -> str:
        """Value of the requisite called `name`, or ``""``."""
        return next((value for key, value in self.requisites if key == name), "")


@dataclass(frozen=True, slots=True)
class Price:
    """A price per `unit` (``ratio`` base units) from `min_quantity` on."""

    type_id: str
    amount: Decimal
    currency: str = ""
    unit: str = ""
    ratio: Decimal = Decimal(1)
    min_quantity: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Stock:
    """Quantity in base units at a warehouse."""

    warehouse_id: str
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Offer:
    """An offer: a product or one of its characteristics, with prices and stock.

    ``prices`` and ``stocks`` are ``None`` when the element does not speak of them; ``quantity``
    is the total when 1C gives one. ``has_card`` is false for elements of ``prices`` and
    ``rests`` files, which carry an id and nothing else.
    """

    id: str
    has_card: bool = True
    name: str = ""
    article: str = ""
    barcodes: tuple[str, ...] = ()
    unit: Unit | None = None
    characteristics: tuple[Characteristic, ...] = ()
    properties: tuple[PropertyValue, ...] = ()
    pictures: tuple[Picture, ...] | None = None
    prices: tuple[Price, ...] | None = None
    stocks: tuple[Stock, ...] | None = None
    quantity: Decimal | None = None
    weight: Decimal | None = None
    deleted: bool = False

    @property
    def product_id(self) -> str:
        """Id of the goods that this offer belongs to."""
        return self.id.partition("#")[0]

    @property
    def characteristic_id(self) -> str:
        """Id of the characteristic, or ``""`` for plain goods."""
        return self.id.partition("#")[2]
