"""The mini-shop keeps the rules of the store's port."""

import struct
import zlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from io import BytesIO
from typing import Any, BinaryIO

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from PIL import Image

from saleor_1c_plugin.sandbox.models import (
    AttributeValue,
    Category,
    Media,
    Order,
    OrderLine,
    Price,
    Product,
    Stock,
    Variant,
)
from saleor_1c_plugin.sandbox.store import SandboxStore
from saleor_1c_plugin.store import current_store
from saleor_1c_plugin.store.ports import (
    Assignment,
    AttributeWrite,
    CategoryWrite,
    ChannelInfo,
    ChoiceValue,
    FieldGroup,
    FollowUps,
    InputType,
    MediaWrite,
    Missing,
    PriceWrite,
    ProductWrite,
    StockWrite,
    VariantWrite,
)

pytestmark = pytest.mark.django_db


def _png() -> bytes:
    target = BytesIO()
    Image.new("L", (1, 1)).save(target, "PNG")
    return target.getvalue()


#: The smallest picture; what a test puts behind its end makes it another one.
PNG = _png()


def huge_png() -> bytes:
    """A few bytes that claim to be 50,000 by 50,000 points."""
    head = b"IHDR" + struct.pack(">IIBBBBB", 50_000, 50_000, 8, 0, 0, 0, 0)
    return PNG[:12] + head + struct.pack(">I", zlib.crc32(head)) + PNG[33:]


@pytest.fixture
def store() -> SandboxStore:
    return SandboxStore()


def raise_missing() -> BinaryIO:
    raise FileNotFoundError


@dataclass
class Picture:
    """A picture that counts how often it was opened."""

    content: bytes
    filename: str = "one.jpg"
    caption: str = ""
    opened: int = 0

    @property
    def digest(self) -> str:
        return sha256(self.content).hexdigest()

    def open(self) -> BinaryIO:
        self.opened += 1
        return BytesIO(self.content)


def product(store: SandboxStore, key: str = "p", **values: Any) -> str:
    type_id = store.product_type("kind", "Мебель")
    write = ProductWrite(key, type_id, values.pop("name", "Стол"), **values)
    return store.write_products([write]).ids[0]


def variant(store: SandboxStore, key: str = "v", product_key: str = "p", **values: Any) -> str:
    write = VariantWrite(key, product(store, product_key), values.pop("name", "Белый"), **values)
    return store.write_variants([write]).ids[0]


def choice(store: SandboxStore, *choices: ChoiceValue) -> str:
    write = AttributeWrite("colour", "Цвет", InputType.CHOICE, choices=choices)
    return store.write_attributes([write]).ids[0]


def stock(store: SandboxStore, quantity: int, **values: Any) -> StockWrite:
    return StockWrite(variant(store), store.warehouses()[0].id, quantity, **values)


def values_of(product_id: str) -> list[object]:
    return [value.value for value in AttributeValue.objects.filter(product_id=product_id)]


def test_the_setting_names_this_store() -> None:
    assert isinstance(current_store(), SandboxStore)


def test_channels_warehouses_and_settings(store: SandboxStore, settings: Any) -> None:
    assert store.channels()[0] == ChannelInfo("default-channel", "RUB")
    assert [warehouse.slug for warehouse in store.warehouses()] == ["main", "store"]
    assert store.warehouses() == store.warehouses()
    settings.ONEC_CONFIGURATION = {"catalog": {"stop_at_error": True}}
    assert store.configuration("catalog") == {"stop_at_error": True}
    assert store.configuration("exchange") == {}


def test_types_and_tax_classes_are_made_once(store: SandboxStore) -> None:
    assert store.product_type("k", "Мебель") == store.product_type("k", "Иначе")
    first = store.tax_class("vat:20", "НДС 20%", Decimal(20))
    assert first == store.tax_class("vat:20", "НДС 20%", Decimal(20))
    assert first != store.tax_class("vat:none", "Без НДС", None)


def test_categories_make_a_tree_and_are_renamed(store: SandboxStore) -> None:
    root = store.write_categories([CategoryWrite("g1", "Мебель")]).ids[0]
    writes = [CategoryWrite("g2", "Столы", parent_id=root), CategoryWrite("g1", "Всё", root)]
    child, again = store.write_categories(writes).ids
    assert again == root
    assert Category.objects.get(pk=child).parent_id == int(root)
    assert Category.objects.get(pk=root).name == "Всё"


def test_a_lost_id_never_makes_a_second_object(store: SandboxStore) -> None:
    ids = [
        store.write_categories([CategoryWrite("same", "А")]).ids,
        store.write_categories([CategoryWrite("same", "А")]).ids,
    ]
    assert ids[0] == ids[1]
    assert choice(store) == choice(store)
    assert product(store) == product(store)
    assert variant(store) == variant(store)


def test_an_id_finds_its_object_whatever_its_key(store: SandboxStore) -> None:
    first = product(store, "old")
    again = product(store, "new", store_id=first, name="Стул")
    assert again == first
    assert Product.objects.get(pk=first).name == "Стул"


def test_the_same_object_twice_in_a_batch_is_one(store: SandboxStore) -> None:
    type_id = store.product_type("kind", "Мебель")
    written = store.write_products(
        [ProductWrite("p", type_id, "Первый"), ProductWrite("p", type_id, "Второй")]
    )
    assert written.ids[0] == written.ids[1]
    assert Product.objects.get().name == "Второй"
    assert written.follow_ups.products_created == [written.ids[0]]


def test_only_owned_fields_of_a_known_product_are_written(store: SandboxStore) -> None:
    product(store, name="Стол", description="Дубовый")
    Product.objects.update(name="Имя редактора", description="Текст редактора")
    owned = frozenset({FieldGroup.DESCRIPTION})
    product(store, name="Из 1С", description="Из 1С", fields=owned)
    row = Product.objects.get()
    assert (row.name, row.description) == ("Имя редактора", "Из 1С")


def test_a_new_product_gets_everything(store: SandboxStore) -> None:
    product(store, name="Стол", description="Дубовый", fields=frozenset())
    row = Product.objects.get()
    assert (row.name, row.description) == ("Стол", "Дубовый")


def test_weight_category_tax_and_metadata(store: SandboxStore) -> None:
    category = store.write_categories([CategoryWrite("g", "Мебель")]).ids[0]
    tax = store.tax_class("vat:20", "НДС 20%", Decimal(20))
    product(
        store,
        category_id=category,
        weight=Decimal("12.5"),
        tax_class_id=tax,
        metadata={"onec": "1"},
    )
    row = Product.objects.get()
    assert row.category_id == int(category)
    assert row.tax_class_id == int(tax)
    assert row.weight == Decimal("12.5")
    Product.objects.update(metadata={"onec": "1", "editor": "2"})
    product(store, metadata={"onec": "3"})
    assert Product.objects.get().metadata == {"onec": "3", "editor": "2"}


@pytest.mark.parametrize(
    ("input_type", "value", "shown"),
    [
        (InputType.TEXT, "дуб", "дуб"),
        (InputType.NUMBER, Decimal("1.50"), Decimal("1.5")),
        (InputType.BOOLEAN, False, False),
        (InputType.MOMENT, datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)),
        (InputType.CHOICE, ChoiceValue("w", "Белый"), "Белый"),
    ],
)
def test_values_of_each_type(
    store: SandboxStore, input_type: InputType, value: Any, shown: object
) -> None:
    attribute = store.write_attributes([AttributeWrite("a", "А", input_type)]).ids[0]
    id_ = product(store, assignments=(Assignment(attribute, input_type, (value,)),))
    assert values_of(id_) == [shown]


def test_values_are_replaced_cleared_and_left(store: SandboxStore) -> None:
    colour = choice(store, ChoiceValue("w", "Белый"), ChoiceValue("b", "Чёрный"))
    other = store.write_attributes([AttributeWrite("m", "Материал", InputType.TEXT)]).ids[0]
    white = Assignment(colour, InputType.CHOICE, (ChoiceValue("w", "Белый"),))
    oak = Assignment(other, InputType.TEXT, ("дуб",))
    id_ = product(store, assignments=(white, oak))
    black = replace(white, values=(ChoiceValue("b", "Чёрный"),))
    product(store, assignments=(black,))
    assert sorted(map(str, values_of(id_))) == ["Чёрный", "дуб"]
    product(store, assignments=(replace(white, values=()),))
    assert values_of(id_) == ["дуб"]


def test_values_stay_when_1c_does_not_own_them(store: SandboxStore) -> None:
    other = store.write_attributes([AttributeWrite("m", "Материал", InputType.TEXT)]).ids[0]
    id_ = product(store, assignments=(Assignment(other, InputType.TEXT, ("дуб",)),))
    product(
        store,
        assignments=(Assignment(other, InputType.TEXT, ("ель",)),),
        fields=frozenset({FieldGroup.NAME}),
    )
    assert values_of(id_) == ["дуб"]


def test_choices_are_renamed_and_never_taken_away(store: SandboxStore) -> None:
    colour = choice(store, ChoiceValue("w", "Белый"), ChoiceValue("b", "Чёрный"))
    id_ = product(
        store,
        assignments=(Assignment(colour, InputType.CHOICE, (ChoiceValue("b", "Чёрный"),)),),
    )
    choice(store, ChoiceValue("w", "Снежный"))
    assert values_of(id_) == ["Чёрный"]
    other = product(
        store,
        "q",
        assignments=(Assignment(colour, InputType.CHOICE, (ChoiceValue("w", "Снежный"),)),),
    )
    assert values_of(other) == ["Снежный"]


def test_attributes_are_bound_once(store: SandboxStore) -> None:
    colour, type_id = choice(store), store.product_type("kind", "Мебель")
    for _ in range(2):
        store.bind_attributes(type_id, [colour], [colour])
    row = Product.objects.get(pk=product(store)).type
    assert [item.pk for item in row.product_attributes.all()] == [int(colour)]
    assert [item.pk for item in row.variant_attributes.all()] == [int(colour)]


def test_a_taken_sku_is_left_out_with_a_note(store: SandboxStore) -> None:
    id_ = product(store)
    written = store.write_variants(
        [VariantWrite("v1", id_, "А", sku="X-1"), VariantWrite("v2", id_, "Б", sku="X-1")]
    )
    assert list(Variant.objects.order_by("key").values_list("sku", flat=True)) == ["X-1", None]
    assert list(written.notes) == [1]
    assert "X-1" in written.notes[1]
    assert store.write_variants([VariantWrite("v1", id_, "А", sku="X-1")]).notes == {}


def test_skus_change_hands_within_a_batch(store: SandboxStore) -> None:
    id_ = product(store)
    first = [VariantWrite("v1", id_, "А", sku="1"), VariantWrite("v2", id_, "Б", sku="2")]
    store.write_variants(first)
    swapped = store.write_variants([replace(first[0], sku="2"), replace(first[1], sku="1")])
    assert swapped.notes == {}
    skus = Variant.objects.order_by("key").values_list("sku", flat=True)
    assert list(skus) == ["2", "1"]


def test_prices_are_set_changed_and_taken_off(store: SandboxStore) -> None:
    id_ = variant(store)
    price = PriceWrite(id_, product(store), "default-channel", Decimal("10.00"))
    assert store.write_prices([price]).follow_ups.products_priced == [price.product_id]
    assert not store.write_prices([price]).follow_ups
    store.write_prices([replace(price, amount=Decimal("9.50"))])
    assert Price.objects.get().amount == Decimal("9.5")
    written = store.write_prices([replace(price, amount=None)])
    assert written.follow_ups.channels_priced == ["default-channel"]
    assert not Price.objects.exists()
    assert not store.write_prices([replace(price, amount=None)]).follow_ups


def test_stock_tells_only_what_changed(store: SandboxStore) -> None:
    write = stock(store, 5)
    created = store.write_stocks([write])
    assert [change[1:] for change in created.follow_ups.stocks_changed] == [(0, 5)]
    again = store.write_stocks([write])
    assert again.ids == created.ids
    assert not again.follow_ups
    changed = store.write_stocks([replace(write, quantity=3)])
    assert changed.follow_ups.stocks_changed == [(created.ids[0], 5, 3)]
    assert Stock.objects.get().quantity == 3


@pytest.mark.parametrize(
    ("taken", "status", "expected"),
    [(True, "open", 7), (False, "open", 5), (True, "shipped", 5), (True, "cancelled", 5)],
)
def test_free_stock_gets_back_what_1c_has_subtracted(
    store: SandboxStore, taken: bool, status: str, expected: int
) -> None:
    write = stock(store, 5, is_free=True)
    order = Order.objects.create(channel="default-channel", taken=taken, status=status)
    OrderLine.objects.create(
        order=order,
        variant_id=int(write.variant_id),
        warehouse_id=int(write.warehouse_id),
        name="Стол",
        quantity=3,
        shipped=1,
        price=1,
        total=3,
    )
    store.write_stocks([write])
    assert Stock.objects.get().quantity == expected
    store.write_stocks([replace(write, is_free=False)])
    assert Stock.objects.get().quantity == 5


def test_pictures_are_stored_once_and_kept_in_order(store: SandboxStore) -> None:
    front, back = Picture(PNG + b"front", caption="Спереди"), Picture(PNG + b"back", "two.PNG")
    first, second = product(store), product(store, "q")
    store.write_media([MediaWrite(first, (front, back)), MediaWrite(second, (back,))])
    assert [media.caption for media in Media.objects.filter(product=first)] == ["Спереди", ""]
    assert (front.opened, back.opened) == (1, 1)
    image = Media.objects.get(product=second).image
    assert image.name.endswith(".png")
    with default_storage.open(image.name) as content:
        assert content.read() == back.content
    store.write_media([MediaWrite(first, (back, front))])
    assert [media.digest for media in Media.objects.filter(product=first)] == [
        back.digest,
        front.digest,
    ]
    assert (front.opened, back.opened) == (1, 1)


def test_a_picture_named_twice_is_shown_once(store: SandboxStore) -> None:
    store.write_media(
        [MediaWrite(product(store), (Picture(PNG + b"x"), Picture(PNG + b"x", "copy.jpg")))]
    )
    assert Media.objects.count() == 1


def test_a_file_that_a_dead_worker_left_half_is_written_anew(store: SandboxStore) -> None:
    picture = Picture(PNG + b"x" * 100)
    write = MediaWrite(product(store), (picture,))
    store.write_media([write])
    name = Media.objects.get().image.name
    Media.objects.all().delete()
    default_storage.delete(name)
    default_storage.save(name, ContentFile(picture.content[:80]))
    store.write_media([write])
    with default_storage.open(Media.objects.get().image.name) as content:
        assert content.read() == picture.content
    assert len(default_storage.listdir(name.rpartition("/")[0])[1]) == 1


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"a text", "не изображение"),
        (PNG[:40], "не изображение"),
        (huge_png(), "слишком много точек"),
        (None, "не пришёл"),
    ],
    ids=["text", "cut", "bomb", "missing"],
)
def test_what_is_no_picture_is_left_out_and_told(
    store: SandboxStore, content: bytes | None, reason: str
) -> None:
    bad, fine = Picture(content or b"gone", "bad.jpg"), Picture(PNG)
    if content is None:
        bad.open = raise_missing  # type: ignore[method-assign]
    id_ = product(store)
    variant_id = variant(store)
    shown = {variant_id: (bad.digest, fine.digest)}
    written = store.write_media([MediaWrite(id_, (bad, fine), shown)])
    assert "bad.jpg" in written.notes[0]
    assert reason in written.notes[0]
    assert [media.digest for media in Media.objects.all()] == [fine.digest]
    assert Variant.objects.get().media.count() == 1


def test_pictures_of_an_editor_stay(store: SandboxStore) -> None:
    id_ = product(store)
    Media.objects.create(product_id=int(id_), image="editor.jpg")
    store.write_media([MediaWrite(id_, (Picture(PNG + b"onec"),))])
    store.write_media([MediaWrite(id_, ())])
    assert [media.image.name for media in Media.objects.all()] == ["editor.jpg"]


def test_a_picture_shows_a_variant(store: SandboxStore) -> None:
    white, id_ = Picture(PNG + b"white"), product(store)
    variant_id = variant(store)
    write = MediaWrite(id_, (white,), {variant_id: (white.digest,)})
    store.write_media([write])
    store.write_media([write])
    row = Variant.objects.get(pk=variant_id)
    assert [media.digest for media in row.media.all()] == [white.digest]
    store.write_media([replace(write, variants={variant_id: ()})])
    assert not row.media.exists()


def test_retired_products(store: SandboxStore) -> None:
    store.write_stocks([stock(store, 5)])
    id_ = product(store)
    assert not store.retire_products([id_], Missing.LEAVE).follow_ups
    zeroed = store.retire_products([id_], Missing.ZERO).follow_ups
    assert [change[1:] for change in zeroed.stocks_changed] == [(5, 0)]
    assert Product.objects.get().published
    assert store.retire_products([id_], Missing.HIDE).follow_ups.products_updated == [id_]
    assert not Product.objects.get().published
    store.restore_products([id_])
    assert Product.objects.get().published
    deleted = store.retire_products([id_], Missing.DELETE).follow_ups
    assert (deleted.products_deleted, len(deleted.variants_deleted)) == ([id_], 1)
    assert not Product.objects.exists()


def test_retired_variants(store: SandboxStore) -> None:
    write = stock(store, 5)
    id_ = write.variant_id
    store.write_stocks([write])
    store.write_prices([PriceWrite(id_, product(store), "usd", Decimal(1))])
    assert not store.retire_variants([id_], Missing.LEAVE).follow_ups
    store.retire_variants([id_], Missing.ZERO)
    assert Stock.objects.get().quantity == 0
    assert Price.objects.exists()
    store.retire_variants([id_], Missing.HIDE)
    assert not Price.objects.exists()
    assert store.retire_variants([id_], Missing.DELETE).follow_ups.variants_deleted == [id_]
    assert not Variant.objects.exists()


def test_an_order_outlives_its_goods(store: SandboxStore) -> None:
    id_ = variant(store)
    order = Order.objects.create(channel="usd")
    line = OrderLine.objects.create(
        order=order, variant_id=int(id_), name="Стол", quantity=1, price=1, total=1
    )
    store.retire_products([product(store)], Missing.DELETE)
    line.refresh_from_db()
    assert (line.variant_id, line.name) == (None, "Стол")


def test_follow_ups_make_goods_findable_and_run_twice(store: SandboxStore) -> None:
    work = FollowUps()
    type_id = store.product_type("kind", "Мебель")
    made = store.write_products([ProductWrite("p", type_id, "Стол ДУБОВЫЙ")])
    work.add(made.follow_ups)
    work.add(
        store.write_variants([VariantWrite("v", made.ids[0], "Белый", sku="AB-12")]).follow_ups
    )
    for _ in range(2):
        store.follow_up(work)
        assert {"стол дубовый", "ab-12"} <= set(Product.objects.get().search.splitlines())
    Product.objects.all().delete()
    store.follow_up(work)


def test_writes_are_undone_with_the_callers_transaction(store: SandboxStore) -> None:
    def interrupted() -> None:
        with transaction.atomic():
            variant(store)
            raise RuntimeError("the caller's own trouble")

    with pytest.raises(RuntimeError):
        interrupted()
    assert not Product.objects.exists()


def test_a_batch_takes_as_many_queries_as_a_single_write(
    store: SandboxStore, django_assert_max_num_queries: Any
) -> None:
    type_id = store.product_type("kind", "Мебель")
    writes = [ProductWrite(f"p{number}", type_id, f"Товар {number}") for number in range(500)]
    with django_assert_max_num_queries(12):
        store.write_products(writes)
    with django_assert_max_num_queries(12):
        store.write_products(writes)
    assert Product.objects.count() == 500
