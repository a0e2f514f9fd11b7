"""Addresses in 1C's fields."""

import pytest
from hypothesis import given

from saleor_1c_plugin.orders.outgoing.addresses import postal_address, split_street
from saleor_1c_plugin.orders.outgoing.text import one_line
from saleor_1c_plugin.store.orders import Address

from .samples import ADDRESS
from .strategies import texts


@pytest.mark.parametrize(
    ("street", "house", "block", "flat", "name"),
    [
        ("ул. Ленина, д. 5, корп. 2, кв. 10", "5", "2", "10", "ул. Ленина"),
        ("ул. Ленина д.5 к.2 кв.10", "5", "2", "10", "ул. Ленина"),
        ("Невский пр-т, дом 12А, квартира 7", "12А", "", "7", "Невский пр-т"),
        ("улица Мира, 5/2, кв. 3", "5/2", "", "3", "улица Мира"),
        ("Тверская, д. 1, стр. 3, офис 40", "1", "стр. 3", "40", "Тверская"),
        ("пр-кт Мира, д № 7", "7", "", "", "пр-кт Мира"),
    ],
)
def test_a_street_that_says_what_is_what(
    street: str, house: str, block: str, flat: str, name: str
) -> None:
    fields = dict(split_street(street))
    assert fields["Улица"] == name
    assert fields["Дом"] == house
    assert fields.get("Корпус", "") == block
    assert fields.get("Квартира", "") == flat


@pytest.mark.parametrize(
    "street",
    [
        "",
        "Ленина 5-10",
        "Ленина, 5, 10",
        "ул. Ленина",
        "ул. Ленина, кв. 10",
        "д. 5",
        "ул. Ленина, д. 5, вход со двора",
        "ул. Ленина, д. 5, д. 6",
        "12 Main Street, Apt 4",
        "ул. 50 лет Октября",
        "ул. Ленина, д. 5, " + "я" * 400,
    ],
)
def test_a_street_that_does_not_stays_whole(street: str) -> None:
    assert split_street(street) == [("Улица", street)]


def test_the_second_line_may_hold_the_flat() -> None:
    found = postal_address(Address(street_1="ул. Ленина, д. 5", street_2="кв. 10"))
    assert found is not None
    assert [(item.kind, item.value) for item in found.fields] == [
        ("Улица", "ул. Ленина"),
        ("Дом", "5"),
        ("Квартира", "10"),
    ]


def test_whole_and_in_fields() -> None:
    found = postal_address(ADDRESS)
    assert found is not None
    assert found.text == (
        "420000, Россия, Республика Татарстан, Казань, ул. Ленина, д. 5, корп. 2, кв. 10"
    )
    assert [(item.kind, item.value) for item in found.fields] == [
        ("Почтовый индекс", "420000"),
        ("Страна", "Россия"),
        ("Регион", "Республика Татарстан"),
        ("Город", "Казань"),
        ("Улица", "ул. Ленина"),
        ("Дом", "5"),
        ("Корпус", "2"),
        ("Квартира", "10"),
    ]


@pytest.mark.parametrize(
    ("city", "kind"),
    [
        ("Москва", "Город"),
        ("г. Клин", "Город"),
        ("д. Кузнецово", "Населенный пункт"),
        ("пос. Лесной", "Населенный пункт"),
        ("село Ромашково", "Населенный пункт"),
        ("Серпухов", "Город"),
        ("Дубна", "Город"),
        ("Сочи", "Город"),
        ("Посадский", "Город"),
    ],
)
def test_towns_and_villages(city: str, kind: str) -> None:
    found = postal_address(Address(city=city))
    assert found is not None
    assert [(item.kind, item.value) for item in found.fields] == [(kind, city)]


def test_nothing_known_is_no_address() -> None:
    assert postal_address(None) is None
    assert postal_address(Address(first_name="Иван", street_1=" \x00 ")) is None


@given(texts, texts)
def test_nothing_that_was_typed_is_lost(street: str, flat: str) -> None:
    found = postal_address(Address(street_1=street, street_2=flat))
    text = found.text if found else ""
    assert one_line(street) in text
    assert one_line(flat) in text
