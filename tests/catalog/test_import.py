"""Cards and offers reach the shop once, and again only when they differ."""

import pytest
from django.db import DataError

from saleor_1c_plugin.catalog.models import RegisterEntry
from saleor_1c_plugin.catalog.rehearsal import rehearsal
from saleor_1c_plugin.commerceml.errors import CommerceMLError
from saleor_1c_plugin.commerceml.model import ItemKind
from saleor_1c_plugin.report import Level
from saleor_1c_plugin.sandbox.models import Product, Variant

from .support import PRICE_TYPES, Exchange, catalogue, good, offer, offers

pytestmark = pytest.mark.django_db

PRODUCT, OFFER = ItemKind.PRODUCT, ItemKind.OFFER


def test_first_exchange_creates_and_the_second_changes_nothing() -> None:
    goods = catalogue(good("p1") + good("p2", "Стол"))
    trade = offers(offer("p1") + offer("p2", "250,50", "1,5"), head=PRICE_TYPES)
    first = Exchange()
    assert first.send(goods).of(PRODUCT) == {"seen": 2, "created": 2}
    assert first.send(trade).of(OFFER) == {"seen": 2, "created": 2}
    second = Exchange()
    assert second.send(goods).of(PRODUCT) == {"seen": 2, "unchanged": 2}
    assert second.send(trade).of(OFFER) == {"seen": 2, "unchanged": 2}
    assert Product.objects.count() == Variant.objects.count() == 2


def test_bytes_that_differ_without_meaning_write_nothing() -> None:
    Exchange().send(catalogue(good("p1", more="<НомерВерсии>1</НомерВерсии>")))
    again = Exchange().send(catalogue(good("p1", more="<НомерВерсии>2</НомерВерсии>")))
    assert again.of(PRODUCT) == {"seen": 1, "unchanged": 1}


def test_only_the_changed_card_is_updated() -> None:
    Exchange().send(catalogue(good("p1") + good("p2")))
    again = Exchange().send(catalogue(good("p1") + good("p2", "Кресло")))
    assert again.of(PRODUCT) == {"seen": 2, "unchanged": 1, "updated": 1}
    assert sorted(Product.objects.values_list("name", flat=True)) == ["Кресло", "Стул"]


def test_offer_before_its_card_is_kept_and_joined() -> None:
    early = Exchange().send(offers(offer("p1"), head=PRICE_TYPES))
    assert any("карточка" in message for message in early.messages)
    assert not Variant.objects.exists()
    joined = Exchange().send(catalogue(good("p1")))
    assert joined.of(OFFER)["created"] == 1
    assert Variant.objects.get().prices.get().amount == 100


def test_unmapped_price_type_is_told_and_never_dropped_in_silence(settings) -> None:
    settings.ONEC_CONFIGURATION = {"catalog": {"price_types": "Оптовая = default-channel"}}
    Exchange().send(catalogue(good("p1")))
    report = Exchange().send(offers(offer("p1"), head=PRICE_TYPES))
    assert any("Розничная" in m and "не сопоставлен" in m for m in report.messages)
    settings.ONEC_CONFIGURATION = {"catalog": {"price_types": "Розничная = default-channel"}}
    Exchange().send(offers(offer("p1"), head=PRICE_TYPES))
    assert Variant.objects.get().prices.get().amount == 100


def test_price_in_a_foreign_currency_is_refused_with_a_reason(settings) -> None:
    settings.ONEC_CONFIGURATION = {"catalog": {"price_types": "Розничная = usd"}}
    Exchange().send(catalogue(good("p1")))
    report = Exchange().send(offers(offer("p1"), head=PRICE_TYPES))
    assert any("валюта RUB" in message for message in report.messages)
    assert not Variant.objects.get().prices.exists()


def test_a_field_that_1c_does_not_own_is_left_to_the_editor(settings) -> None:
    Exchange().send(catalogue(good("p1")))
    Product.objects.update(name="Текст редактора")
    settings.ONEC_CONFIGURATION = {"catalog": {"owns_name": False}}
    Exchange().send(catalogue(good("p1", "Иначе")))
    assert Product.objects.get().name == "Текст редактора"


@pytest.mark.parametrize(
    ("policy", "left"), [("leave", 2), ("hide", 2), ("delete", 1), ("zero", 2)]
)
def test_missing_from_a_full_export(settings, policy: str, left: int) -> None:
    settings.ONEC_CONFIGURATION = {"catalog": {"missing_products": policy}}
    first = Exchange()
    first.send(catalogue(good("p1") + good("p2")))
    first.finish()
    second = Exchange()
    second.send(catalogue(good("p1")))
    hidden = second.finish().of(PRODUCT).get("hidden", 0)
    assert hidden == (0 if policy == "leave" else 1)
    assert Product.objects.count() == left


def test_what_1c_names_but_writes_badly_is_not_missing(settings) -> None:
    settings.ONEC_CONFIGURATION = {
        "catalog": {"missing_products": "delete", "missing_offers": "delete"}
    }
    first = Exchange()
    first.send(catalogue(good("p1") + good("p2")))
    first.send(offers(offer("p1") + offer("p2"), head=PRICE_TYPES))
    first.finish()
    second = Exchange()
    cards = second.send(catalogue(good("p1") + good("p2", more="<Вес>много</Вес>")))
    prices = second.send(offers(offer("p1") + offer("p2", price="дорого"), head=PRICE_TYPES))
    second.finish()
    assert (cards.of(PRODUCT)["failed"], prices.of(OFFER)["failed"]) == (1, 1)
    assert (Product.objects.count(), Variant.objects.count()) == (2, 2)


def test_an_export_of_changes_hides_nothing(settings) -> None:
    settings.ONEC_CONFIGURATION = {"catalog": {"missing_products": "delete"}}
    Exchange().send(catalogue(good("p1") + good("p2")))
    second = Exchange()
    second.send(catalogue(good("p1"), only_changes="true"))
    second.finish()
    assert Product.objects.count() == 2


def test_deleted_in_1c_is_hidden_and_comes_back() -> None:
    Exchange().send(catalogue(good("p1")))
    mark = "<ПометкаУдаления>true</ПометкаУдаления>"
    gone = Exchange().send(catalogue(good("p1", more=mark)))
    assert gone.of(PRODUCT) == {"seen": 1, "hidden": 1}
    assert not Product.objects.get().published
    Exchange().send(catalogue(good("p1")))
    assert Product.objects.get().published


def test_duplicate_ids_are_told_and_make_one_product() -> None:
    report = Exchange().send(catalogue(good("p1", "Первый") + good("p1", "Второй")))
    assert any("дважды" in message for message in report.messages)
    assert Product.objects.get().name == "Второй"


def test_dry_run_counts_and_writes_nothing() -> None:
    exchange = Exchange(dry_run=True)
    with rehearsal():
        assert exchange.send(catalogue(good("p1"))).of(PRODUCT)["created"] == 1
        report = exchange.send(offers(offer("p1"), head=PRICE_TYPES))
        assert report.of(OFFER)["created"] == 1
    assert not Product.objects.exists()
    assert not RegisterEntry.objects.exists()


def test_cut_off_file_keeps_what_was_whole_and_says_so() -> None:
    whole = catalogue(good("p1") + good("p2"))
    with pytest.raises(CommerceMLError, match=r"XML|обрыва|Файл"):
        Exchange().send(whole[: whole.index("<Ид>p2")])
    assert Exchange().send(whole).of(PRODUCT)["seen"] == 2
    assert Product.objects.count() == 2


def test_one_refused_object_does_not_stop_the_others(monkeypatch) -> None:
    from saleor_1c_plugin.sandbox.store import SandboxStore

    write = SandboxStore.write_products

    def refuse(self, writes):
        if any(item.key == "bad" for item in writes):
            raise DataError("the database refuses this row")
        return write(self, writes)

    monkeypatch.setattr(SandboxStore, "write_products", refuse)
    report = Exchange().send(catalogue(good("p1") + good("bad") + good("p2")))
    assert report.of(PRODUCT) == {"seen": 3, "created": 2, "failed": 1}
    assert next(row for row in report.problems if row[0] is Level.ERROR)[2] == "bad"
    monkeypatch.undo()
    healed = Exchange().send(catalogue(good("p1") + good("bad") + good("p2")))
    assert healed.of(PRODUCT) == {"seen": 3, "unchanged": 2, "created": 1}


def test_price_between_two_equal_packages_is_not_lost() -> None:
    Exchange().send(catalogue(good("p1")))
    trade = offers(offer("p1"), head=PRICE_TYPES)
    Exchange().send(trade)
    price_file = offers(
        "<Предложение><Ид>p1</Ид><Цены><Цена><ИдТипаЦены>retail</ИдТипаЦены>"
        "<ЦенаЗаЕдиницу>70</ЦенаЗаЕдиницу><Валюта>руб</Валюта></Цена></Цены></Предложение>",
        only_changes="true",
    )
    Exchange().send(price_file)
    assert Variant.objects.get().prices.get().amount == 70
    Exchange().send(trade)
    assert Variant.objects.get().prices.get().amount == 100
