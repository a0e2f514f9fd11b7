"""What the rest of the plugin asks of a shop.

Two shops implement these: :mod:`saleor_1c_plugin.store.saleor` and
:mod:`saleor_1c_plugin.sandbox`. The rules that both keep:

* every write takes a whole batch and happens in the *caller's* transaction; the caller (the
  register of changes) commits its own rows together with it;
* ids of the shop are opaque strings, and ``None`` where the shop has no such object yet;
* a write of an object whose `key` (1C's id) the shop already knows updates that object, also
  when the caller lost its `store_id`: running again never makes a second one;
* whatever must happen after the commit (events, prices with promotions, search) is returned as
  a :class:`FollowUps`, is safe to run twice, and is started by the caller.
"""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, BinaryIO, Protocol


class StoreError(Exception):
    """The shop refuses a write; the text says why, for 1C's operator (Russian)."""


class FieldGroup(StrEnum):
    """Parts of a product that 1C may own; the others are left to the editors of the shop."""

    NAME = "name"
    DESCRIPTION = "description"
    CATEGORY = "category"
    PROPERTIES = "properties"
    PICTURES = "pictures"
    PRICE = "price"
    STOCK = "stock"


class InputType(StrEnum):
    """How the values of an attribute are given."""

    CHOICE = "choice"
    MULTICHOICE = "multichoice"
    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    MOMENT = "moment"


@dataclass(frozen=True, slots=True)
class ChannelInfo:
    """A sales channel; `currency` is ISO 4217."""

    slug: str
    currency: str


@dataclass(frozen=True, slots=True)
class WarehouseInfo:
    id: str
    name: str
    slug: str


@dataclass(frozen=True, slots=True)
class CategoryWrite:
    """A category; its parent is already in the shop (`parent_id` is the shop's id)."""

    key: str
    name: str
    store_id: str | None = None
    parent_id: str | None = None
    description: str = ""


@dataclass(frozen=True, slots=True)
class ChoiceValue:
    """A value of a choice attribute; `key` is 1C's id of the value, or the text itself."""

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class AttributeWrite:
    """An attribute. `choices` are added or renamed; a missing one is never taken away."""

    key: str
    name: str
    input_type: InputType
    store_id: str | None = None
    choices: tuple[ChoiceValue, ...] = ()


#: ``str`` for TEXT, ``Decimal`` for NUMBER, ``bool`` for BOOLEAN, an aware ``datetime`` otherwise.
AttributeValue = ChoiceValue | str | Decimal | bool | datetime


@dataclass(frozen=True, slots=True)
class Assignment:
    """Values of one attribute on a product or variant; no values means: clear it.

    `attribute_id` is the shop's id and `input_type` says how `values` are given.
    """

    attribute_id: str
    input_type: InputType
    values: tuple[AttributeValue, ...]


@dataclass(frozen=True, slots=True)
class ProductWrite:
    """A product's card. Only the groups in `fields` are written to a product that exists;
    a new product gets everything."""

    key: str
    product_type_id: str
    name: str
    store_id: str | None = None
    fields: frozenset[FieldGroup] = frozenset(FieldGroup)
    #: HTML (safe subset is the shop's business) or plain text.
    description: str = ""
    description_is_html: bool = False
    category_id: str | None = None
    assignments: tuple[Assignment, ...] = ()
    #: Kilograms.
    weight: Decimal | None = None
    tax_class_id: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class VariantWrite:
    """A variant of a product that is already in the shop; the same rule for `fields`."""

    key: str
    product_id: str
    name: str
    store_id: str | None = None
    fields: frozenset[FieldGroup] = frozenset(FieldGroup)
    sku: str | None = None
    assignments: tuple[Assignment, ...] = ()
    weight: Decimal | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PriceWrite:
    """Price of a variant in a channel's currency; ``None`` takes it off sale in the channel."""

    variant_id: str
    product_id: str
    channel: str
    amount: Decimal | None


@dataclass(frozen=True, slots=True)
class StockWrite:
    """Quantity of a variant at a warehouse, in base units.

    `is_free` says that 1C's number is what is free to sell, orders that it took subtracted: the
    shop adds back what it has allocated to those same orders.
    """

    variant_id: str
    warehouse_id: str
    quantity: int
    is_free: bool = False


class PictureContent(Protocol):
    """A picture that can be opened when (and only when) the shop lacks it."""

    @property
    def digest(self) -> str:
        """SHA-256 of the content, hex."""

    @property
    def filename(self) -> str: ...

    @property
    def caption(self) -> str: ...

    def open(self) -> BinaryIO: ...


@dataclass(frozen=True, slots=True)
class MediaWrite:
    """All pictures that 1C gives a product, in order; those an editor added stay."""

    product_id: str
    pictures: tuple[PictureContent, ...]
    #: Pictures (by digest) that show one variant: variant id → digests.
    variants: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class Missing(StrEnum):
    """What becomes of an object that a full export no longer names."""

    LEAVE = "leave"
    ZERO = "zero"
    HIDE = "hide"
    DELETE = "delete"


@dataclass(slots=True)
class FollowUps:
    """What is left to do after the commit; ids are the shop's. Plain data, kept as JSON."""

    products_created: list[str] = field(default_factory=list)
    products_updated: list[str] = field(default_factory=list)
    products_deleted: list[str] = field(default_factory=list)
    variants_created: list[str] = field(default_factory=list)
    variants_updated: list[str] = field(default_factory=list)
    variants_deleted: list[str] = field(default_factory=list)
    #: ``[stock id, quantity before, quantity after]``
    stocks_changed: list[tuple[str, int, int]] = field(default_factory=list)
    #: Products whose price changed.
    products_priced: list[str] = field(default_factory=list)
    channels_priced: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return any(getattr(self, name) for name in self.__slots__)

    def as_json(self) -> dict[str, list[Any]]:
        """The lists by name, as :class:`FollowUps` takes them back."""
        return {name: getattr(self, name) for name in self.__slots__}

    def add(self, other: "FollowUps") -> None:
        """Take over what `other` lists."""
        for name in self.__slots__:
            getattr(self, name).extend(getattr(other, name))


@dataclass(slots=True)
class Written:
    """Outcome of a write: the shop's ids in the order of the writes, and what is left to do.

    `notes` are remarks for the journal: index of the write → text in Russian (a SKU that was
    already taken, a name that was cut).
    """

    ids: list[str] = field(default_factory=list)
    follow_ups: FollowUps = field(default_factory=FollowUps)
    notes: dict[int, str] = field(default_factory=dict)


class CatalogStore(Protocol):
    """Catalogue writes. All but :meth:`follow_up` run inside the caller's transaction."""

    def configuration(self, plugin: str, channel: str = "") -> Mapping[str, object] | None:
        """Saved settings of a plugin (``exchange``, …), ``None`` while it is off.

        Missing keys mean defaults. `channel`: its slug, for plugins that are set up for each.
        """

    def configurations(self, plugin: str) -> Mapping[str, Mapping[str, object]]:
        """Saved settings of a plugin that is set up for each channel, where it is on: by slug.

        One query, for it is asked whenever a cart changes.
        """

    def writing(self) -> AbstractContextManager[None]:
        """What a worker does within may write: some shops watch who uses their main database."""

    def channels(self) -> Sequence[ChannelInfo]: ...

    def warehouses(self) -> Sequence[WarehouseInfo]: ...

    def absent_products(self, product_ids: Collection[str]) -> set[str]:
        """Those of the ids that the shop has no more: somebody deleted them there."""

    def absent_variants(self, variant_ids: Collection[str]) -> set[str]: ...

    def product_type(self, key: str, name: str) -> str:
        """Id of the product type with `key`, made when it is not there."""

    def tax_class(self, key: str, name: str, percent: Decimal | None) -> str:
        """Id of the tax class with `key`, made with its rate in the shop's country when new."""

    def write_categories(self, writes: Sequence[CategoryWrite]) -> Written: ...

    def write_attributes(self, writes: Sequence[AttributeWrite]) -> Written: ...

    def bind_attributes(
        self,
        product_type_id: str,
        product_attribute_ids: Sequence[str],
        variant_attribute_ids: Sequence[str],
    ) -> None:
        """Let products (variants) of a type have these attributes; already bound ones are kept."""

    def write_products(self, writes: Sequence[ProductWrite]) -> Written: ...

    def write_variants(self, writes: Sequence[VariantWrite]) -> Written: ...

    def write_prices(self, writes: Sequence[PriceWrite]) -> Written: ...

    def write_stocks(self, writes: Sequence[StockWrite]) -> Written: ...

    def write_media(self, writes: Sequence[MediaWrite]) -> Written: ...

    def retire_products(self, product_ids: Sequence[str], how: Missing) -> Written: ...

    def retire_variants(self, variant_ids: Sequence[str], how: Missing) -> Written: ...

    def restore_products(self, product_ids: Sequence[str]) -> Written:
        """Publish again products that :meth:`retire_products` hid."""

    def follow_up(self, work: FollowUps) -> None:
        """Do what Saleor does itself after such writes. Runs after the commit, may run twice."""
