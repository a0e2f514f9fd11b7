"""The buyer as 1C's counterparty, and the numbers of tax payers."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from saleor_1c_plugin.commerceml.documents import Counterparty
from saleor_1c_plugin.orders.outgoing.compose import compose
from saleor_1c_plugin.orders.outgoing.counterparty import counterparty
from saleor_1c_plugin.orders.outgoing.taxpayer import tax_payer
from saleor_1c_plugin.store.orders import Address, Buyer, Order
from saleor_1c_plugin.tax_numbers import is_inn, is_kpp, is_ogrn

from .samples import ADDRESS, ORDER
from .strategies import TERMS

COMPANY_INN, PERSON_INN = "7707083893", "500100732259"
COMPANY_OGRN, PERSON_OGRN = "1027700132195", "304500116000157"


def buyer(order: Order) -> Counterparty:
    return counterparty(order, "cp-1")


def with_metadata(**values: str) -> Order:
    return replace(ORDER, metadata=values)


def test_a_person() -> None:
    found = buyer(ORDER)
    assert (found.id, found.role, found.is_company) == ("cp-1", "Покупатель", False)
    assert (found.name, found.first_name, found.last_name) == ("Иванов Иван", "Иван", "Иванов")
    assert [(item.kind, item.value) for item in found.contacts] == [
        ("Почта", "ivan@example.com"),
        ("Телефон мобильный", "+79990000001"),
    ]
    assert found.address is not None
    assert found.address == found.registered


def test_a_company_and_whom_to_ask_for() -> None:
    billing = replace(ADDRESS, company="ООО «Ромашка»", city="Москва", phone="+74950000000")
    found = buyer(replace(with_metadata(inn=COMPANY_INN, kpp="773601001"), billing=billing))
    assert found.is_company
    assert (found.name, found.full_name) == ("ООО «Ромашка»", "ООО «Ромашка»")
    assert (found.inn, found.kpp) == (COMPANY_INN, "773601001")
    assert (found.first_name, found.last_name) == ("", "")
    (representative,) = found.representatives
    assert representative.name == "Иванов Иван"
    assert found.registered is not None
    assert found.address is not None
    assert "Москва" in found.registered.text
    assert "Казань" in found.address.text
    assert [item.value for item in found.contacts if item.kind == "Телефон рабочий"] == [
        "+79990000001",
        "+74950000000",
    ]


def test_a_company_without_numbers() -> None:
    assert buyer(replace(ORDER, billing=replace(ADDRESS, company="ООО «Ромашка»"))).is_company


def test_a_sole_trader_is_a_person() -> None:
    billing = replace(ADDRESS, company="ИП Иванов")
    found = buyer(replace(with_metadata(inn=PERSON_INN, ogrn=PERSON_OGRN), billing=billing))
    assert not found.is_company
    assert (found.name, found.inn, found.ogrn) == ("ИП Иванов", PERSON_INN, PERSON_OGRN)
    order = with_metadata(inn=PERSON_INN, ogrn=PERSON_OGRN)
    assert compose(order, TERMS).order.requisite("ОГРН") == PERSON_OGRN


def test_a_wrong_number_is_told_and_does_not_stop_the_order() -> None:
    order = with_metadata(inn="7707083894")
    found = buyer(order)
    assert found.inn == ""
    assert found.comment == "ИНН указан с ошибкой: 7707083894"
    assert compose(order, TERMS).order.comment == f"Позвонить заранее\n{found.comment}"


@pytest.mark.parametrize(
    ("order", "name"),
    [
        (replace(ORDER, billing=None), "Иванов Иван"),
        (replace(ORDER, billing=None, shipping=None), "Иванов Иван"),
        (replace(ORDER, billing=None, shipping=None, buyer=Buyer(email="a@b.ru")), "a@b.ru"),
        (
            replace(ORDER, billing=Address(phone="+7999"), shipping=None, buyer=Buyer()),
            "+7999",
        ),
        (
            replace(ORDER, billing=Address(last_name="\x00 "), shipping=None, buyer=Buyer()),
            "Покупатель",
        ),
    ],
)
def test_a_buyer_always_has_a_name(order: Order, name: str) -> None:
    assert buyer(order).name == name


@pytest.mark.parametrize(
    "metadata",
    [
        {"inn": COMPANY_INN, "kpp": "773601001", "ogrn": COMPANY_OGRN},
        {"INN": f" {COMPANY_INN} ", "Kpp": "773601001", "OGRN": COMPANY_OGRN},
        {"ИНН": COMPANY_INN, "КПП": "773601001", "ОГРН": COMPANY_OGRN},
        {"onec.inn": "77 07 08 38 93", "onec.КПП": "773601001", "onec.ОГРН": COMPANY_OGRN},
    ],
)
def test_spellings(metadata: dict[str, str]) -> None:
    found = tax_payer([metadata])
    assert (found.inn, found.kpp, found.ogrn) == (COMPANY_INN, "773601001", COMPANY_OGRN)
    assert found.wrong == ""


def test_the_order_speaks_before_the_buyer() -> None:
    found = tax_payer([{"inn": PERSON_INN}, {"inn": COMPANY_INN, "kpp": "773601001"}])
    assert (found.inn, found.kpp) == (PERSON_INN, "773601001")


@pytest.mark.parametrize(
    ("is_right", "number"),
    [
        (is_inn, COMPANY_INN),
        (is_inn, PERSON_INN),
        (is_ogrn, COMPANY_OGRN),
        (is_ogrn, PERSON_OGRN),
    ],
)
def test_one_wrong_digit_is_found(is_right: Callable[[str], bool], number: str) -> None:
    assert is_right(number)
    for place, digit in enumerate(number):
        other = str((int(digit) + 1) % 10)
        assert not is_right(number[:place] + other + number[place + 1 :])


@pytest.mark.parametrize(
    "text", ["", "0000000000", "770708389", "77070838933", "٧٧٠٧٠٨٣٨٩٣", "a" * 10]
)
def test_no_inn(text: str) -> None:
    assert not is_inn(text)


@pytest.mark.parametrize(
    ("text", "right"),
    [("773601001", True), ("7736AB001", True), ("77360100", False), ("7736а1001", False)],
)
def test_kpp(text: str, right: bool) -> None:
    assert is_kpp(text) == right
