"""What stands on a receipt: all that article 4.7 of the law asks for, and nothing made up."""

from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from saleor_1c_plugin.receipts.compose.document import (
    AgentKind,
    Buyer,
    Correction,
    Fraction,
    Kind,
    Means,
    Measure,
    PaymentMethod,
    PaymentObject,
    Supplier,
    TaxSystem,
    Vat,
)
from saleor_1c_plugin.receipts.driver import FiscalData
from saleor_1c_plugin.receipts.printing import words
from saleor_1c_plugin.receipts.printing.form import Form, Seller, form, tax_in

from .samples import AT, DRIVE, document, item

SELLER = Seller("ООО «Ромашка»", "7707083893", "kassa@shop.example", ZoneInfo("Asia/Omsk"))
DATA = FiscalData(
    drive=DRIVE,
    document=12345,
    sign="1234567890",
    at=AT,
    total=Decimal("1234.00"),
    register_number="0001234567012345",
    shift=12,
    number=3,
)


def made(*items: object, **more: object) -> Form:
    return form(document(*items, **more), DATA, SELLER)  # type: ignore[arg-type]


def test_all_that_the_law_asks_for() -> None:
    found = made()
    assert (found.title, found.kind) == ("Кассовый чек", "Приход")
    assert dict(found.seller) == {
        "Пользователь": "ООО «Ромашка»",
        "ИНН пользователя": "7707083893",
        "Место расчетов": "https://shop.example",
        "Дата, время": "25.11.2026 17:30",
        "Номер смены": "12",
        "Номер чека за смену": "3",
    }
    assert found.correction == ()
    (line,) = found.lines
    assert (line.name, line.quantity, line.price) == ("Чайник", "2 шт.", "617.00")
    assert (line.amount, line.rate) == ("1234.00", "НДС 22%")
    assert line.notes == ("Товар, полный расчет",)
    assert found.total == "1234.00"
    assert found.paid == (("Безналичными", "1234.00"),)
    assert found.taxes == (("Сумма НДС 22%", "222.52"),)
    assert dict(found.rest) == {
        "Применяемая система налогообложения": "ОСН",
        "Признак расчетов в сети Интернет": "Да",
        "Телефон или электронный адрес покупателя": "anna@example.com",
        "Адрес электронной почты отправителя чека": "kassa@shop.example",
        "Адрес сайта ФНС": "www.nalog.gov.ru",
        "Регистрационный номер ККТ": "0001234567012345",
        "Номер ФН": DRIVE,
        "Номер ФД": "12345",
        "ФПД": "1234567890",
    }


def test_a_correction_says_what_for() -> None:
    found = made(kind=Kind.SELL_REFUND_CORRECTION)
    assert (found.title, found.kind) == ("Кассовый чек коррекции", "Возврат прихода")
    assert found.correction == (
        ("Тип коррекции", "Самостоятельно"),
        ("Дата совершения корректируемого расчета", "01.11.2026"),
    )
    ordered = Correction(date(2026, 10, 2), on_order=True, number="12/34")
    found = made(kind=Kind.SELL_CORRECTION, correction=ordered)
    assert found.correction == (
        ("Тип коррекции", "По предписанию"),
        ("Дата совершения корректируемого расчета", "02.10.2026"),
        ("Номер предписания налогового органа", "12/34"),
    )


def test_what_a_register_has_not_told_is_left_out() -> None:
    told = FiscalData(DRIVE, 1, "1", AT, Decimal(1))
    found = form(document(buyer=Buyer(phone="+79990000001")), told, SELLER)
    names = {name for name, _ in (*found.seller, *found.rest)}
    assert not names & {"Номер смены", "Номер чека за смену", "Регистрационный номер ККТ"}
    assert dict(found.rest)["Телефон или электронный адрес покупателя"] == "+79990000001"


def test_every_rate_has_its_sum() -> None:
    found = made(
        item("100.00", "1", vat=Vat.RATE_22),
        item("22.00", "1", vat=Vat.RATE_22),
        item("110.00", "1", vat=Vat.RATE_10_110),
        item("50.00", "1", vat=Vat.RATE_0),
        item("30.00", "1", vat=Vat.NONE),
    )
    assert found.taxes == (
        ("Сумма НДС 22%", "22.00"),
        ("Сумма НДС 10/110", "10.00"),
        ("Сумма с НДС 0%", "50.00"),
        ("Сумма без НДС", "30.00"),
    )


@pytest.mark.parametrize(
    ("rate", "tax"),
    [
        (Vat.RATE_22, "22"),
        (Vat.RATE_20, "20"),
        (Vat.RATE_10, "10"),
        (Vat.RATE_7, "7"),
        (Vat.RATE_5, "5"),
        (Vat.RATE_0, "0"),
    ],
)
def test_the_tax_in_an_amount(rate: Vat, tax: str) -> None:
    assert tax_in(100 + Decimal(tax), rate) == Decimal(tax)


def test_every_value_of_the_format_has_a_name() -> None:
    for named, values in (
        (words.KINDS, Kind),
        (words.METHODS, PaymentMethod),
        (words.OBJECTS, PaymentObject),
        (words.RATES, Vat),
        (words.TAX_SYSTEMS, TaxSystem),
        (words.MEANS, Means),
        (words.MEASURES, Measure),
        (words.AGENTS, AgentKind),
    ):
        assert set(named) == set(values)  # type: ignore[call-overload]


def test_what_else_is_said_of_an_item() -> None:
    found = made(
        item(
            "10.00",
            "0.500",
            measure=Measure.KILOGRAM,
            object=PaymentObject.COMMODITY_WITH_CODE,
            method=PaymentMethod.PREPAYMENT,
            marking_code="010460043993125621JgXJ5.T\x1d8005112000\x1d93foo",
            fraction=Fraction(1, 2),
            agent=AgentKind.COMMISSION_AGENT,
            supplier=Supplier("ИП Ли", "500100732259", ("+79990000002",)),
        )
    )
    (line,) = found.lines
    assert line.quantity == "0.5 кг"
    assert line.notes == (
        "Товар с кодом маркировки, предоплата",
        "Дробное количество: 1/2",
        "Код товара: [M] 010460043993125621JgXJ5.T",
        "Признак агента: комиссионер",
        "Поставщик: ИП Ли, ИНН 500100732259",
        "Телефон поставщика: +79990000002",
    )


def test_money_that_was_set_off_is_named() -> None:
    paid = {Means.PREPAID: Decimal(1000), Means.CREDIT: Decimal(234), Means.CASH: Decimal(0)}
    assert made(paid=paid).paid == (
        ("Предварительная оплата (аванс)", "1000.00"),
        ("Последующая оплата (кредит)", "234.00"),
    )


def test_whole_quantities_have_no_point() -> None:
    def quantity(text: str) -> str:
        return made(item("1.00", text)).lines[0].quantity

    assert quantity("100") == "100 шт."
    assert quantity("1E+2") == "100 шт."
    assert quantity("1.000") == "1 шт."
    assert quantity("0.125") == "0.125 шт."
