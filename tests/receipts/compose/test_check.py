"""What no register would take is found before one is asked."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from saleor_1c_plugin.receipts.compose.buyer import phone
from saleor_1c_plugin.receipts.compose.check import problems
from saleor_1c_plugin.receipts.compose.document import (
    AgentKind,
    Buyer,
    Correction,
    Fraction,
    Item,
    Kind,
    Means,
    Measure,
    PaymentMethod,
    PaymentObject,
    Receipt,
    Supplier,
    TaxSystem,
    Vat,
)

ITEM = Item(
    "Товар",
    Decimal("10.00"),
    Decimal(1),
    Decimal("10.00"),
    PaymentMethod.FULL_PAYMENT,
    PaymentObject.COMMODITY,
    Vat.RATE_22,
)
MARKED = replace(ITEM, object=PaymentObject.COMMODITY_WITH_CODE, marking_code="0104\x1d91AA")
SUPPLIER = Supplier("ООО Ромашка", "7707083893", ("+74950000000",))


def receipt(*items: Item, **fields: object) -> Receipt:
    total = sum((item.amount for item in items), Decimal(0))
    found = Receipt(
        Kind.SELL,
        TaxSystem.OSN,
        items,
        {Means.ELECTRONIC: total},
        Buyer("buyer@example.com", "+79990000000"),
    )
    return replace(found, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "good",
    [
        receipt(ITEM),
        receipt(ITEM, replace(ITEM, price=Decimal(0), amount=Decimal(0))),
        receipt(replace(ITEM, quantity=Decimal("1.255"), amount=Decimal("12.55"))),
        # Half a kopeck is rounded up.
        receipt(
            replace(ITEM, quantity=Decimal("0.5"), price=Decimal("0.01"), amount=Decimal("0.01"))
        ),
        receipt(replace(MARKED, fraction=Fraction(1, 20))),
        receipt(replace(ITEM, agent=AgentKind.COMMISSION_AGENT, supplier=SUPPLIER)),
        receipt(ITEM, buyer=Buyer(phone="+79990000000")),
        receipt(ITEM, buyer=Buyer("a@b.ru", name="ООО", tax_number="7707083893")),
        receipt(
            ITEM, kind=Kind.SELL_CORRECTION, correction=Correction(date(2026, 2, 3), reason="Сбой")
        ),
    ],
)
def test_good_receipts(good: Receipt) -> None:
    assert problems(good) == []


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (receipt(), "нет ни одной позиции"),
        (receipt(ITEM, paid={Means.ELECTRONIC: Decimal("9.99")}), "не равна сумме оплаты 9.99"),
        (receipt(replace(ITEM, price=Decimal(0), amount=Decimal(0))), "больше нуля"),
        (
            receipt(ITEM, paid={Means.CASH: Decimal(11), Means.CREDIT: Decimal(-1)}),
            "отрицательная или не в целых копейках",
        ),
        (receipt(replace(ITEM, name=" ")), "нет наименования"),
        (receipt(replace(ITEM, name="я" * 129)), "длиннее 128"),
        (receipt(replace(ITEM, quantity=Decimal(0))), "количество должно быть больше нуля"),
        (receipt(replace(ITEM, quantity=Decimal("1.0001"))), "не точнее тысячной"),
        (receipt(replace(ITEM, quantity=Decimal(2))), "не равна сумме"),
        (receipt(ITEM, replace(ITEM, price=Decimal(-1), amount=Decimal(-1))), "отрицательная"),
        (receipt(replace(ITEM, object=PaymentObject.COMMODITY_WITH_CODE)), "нет кода"),
        (receipt(replace(ITEM, marking_code="0104")), "не маркируется"),
        (
            receipt(replace(MARKED, quantity=Decimal(2), price=Decimal(5))),
            "на один код маркировки приходится одна",
        ),
        (receipt(replace(MARKED, method=PaymentMethod.PREPAYMENT)), "а не при предоплате"),
        (receipt(MARKED, MARKED), "повторяется"),
        (receipt(replace(MARKED, fraction=Fraction(20, 20))), "числитель"),
        (receipt(replace(MARKED, fraction=Fraction(0, 20))), "числитель"),
        (receipt(replace(ITEM, fraction=Fraction(1, 20))), "только с кодом"),
        (
            receipt(replace(MARKED, fraction=Fraction(1, 20), measure=Measure.KILOGRAM)),
            "только у штучного",
        ),
        (receipt(replace(ITEM, agent=AgentKind.ATTORNEY)), "указываются вместе"),
        (
            receipt(
                replace(ITEM, agent=AgentKind.ATTORNEY, supplier=replace(SUPPLIER, tax_number="1"))
            ),
            "ИНН поставщика",
        ),
        (
            receipt(replace(ITEM, agent=AgentKind.ATTORNEY, supplier=replace(SUPPLIER, name=""))),
            "наименование поставщика",
        ),
        (
            receipt(
                replace(
                    ITEM, agent=AgentKind.ATTORNEY, supplier=replace(SUPPLIER, phones=("8495",))
                )
            ),
            "телефон поставщика",
        ),
        (receipt(ITEM, buyer=Buyer()), "контакт покупателя"),
        (receipt(ITEM, buyer=Buyer("кто-то")), "почта покупателя"),
        (receipt(ITEM, buyer=Buyer(f"{'a' * 60}@b.ru")), "почта покупателя"),
        (receipt(ITEM, buyer=Buyer(phone="89990000000")), "Телефон покупателя"),
        (receipt(ITEM, buyer=Buyer("a@b.ru", tax_number="7707083890")), "ИНН покупателя"),
        (receipt(ITEM, kind=Kind.SELL_CORRECTION), "не указано основание"),
        (receipt(ITEM, correction=Correction(date(2026, 2, 3))), "у обычного чека"),
        (
            receipt(
                ITEM,
                kind=Kind.SELL_CORRECTION,
                correction=Correction(date(2026, 2, 3), on_order=True),
            ),
            "номер предписания",
        ),
    ],
)
def test_bad_receipts(bad: Receipt, words: str) -> None:
    found = problems(bad)
    assert len([problem for problem in found if words in problem]) == 1, found


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("+7 (999) 000-00-00", "+79990000000"),
        ("8 999 000 00 00", "+79990000000"),
        ("79990000000", "+79990000000"),
        ("9990000000", "+79990000000"),
        ("+375 29 000-00-00", "+375290000000"),
        ("12-34", "1234"),
        ("", ""),
    ],
)
def test_phones_as_people_write_them(text: str, number: str) -> None:
    assert phone(text) == number
