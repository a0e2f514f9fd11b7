"""What stands on a receipt: every requisite that article 4.7 of the law asks for. Pure.

The names are those of the format's tables, where a reader of the law looks for them. What a
register has not told is left out: nothing is made up on a document of the law.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from ..compose.document import Item, Receipt, Vat
from ..driver import FiscalData
from . import words

#: What parts the fields of a marking code; behind the first one it is the seal's affair.
_SEPARATOR = "\x1d"
_KOPECK = Decimal("0.01")
#: Percent in the amounts; the other rates have no sum of tax.
PERCENT = {
    Vat.RATE_22: 22,
    Vat.RATE_20: 20,
    Vat.RATE_10: 10,
    Vat.RATE_7: 7,
    Vat.RATE_5: 5,
    Vat.RATE_22_122: 22,
    Vat.RATE_20_120: 20,
    Vat.RATE_10_110: 10,
    Vat.RATE_7_107: 7,
    Vat.RATE_5_105: 5,
}


@dataclass(frozen=True, slots=True)
class Seller:
    """Whose register it is, as it was registered with the tax service.

    Parameters
    ----------
    name, tax_number
        Of the user (1048, 1018).
    email
        From which receipts are sent (1117).
    zone
        Of the place where the register was put down to be.
    """

    name: str
    tax_number: str
    email: str
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Line:
    """An item: its name, what it came to, and what else is to be said of it."""

    name: str
    quantity: str
    price: str
    amount: str
    rate: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Form:
    """The receipt's text: (requisite, value) in the order of print."""

    title: str
    kind: str
    seller: tuple[tuple[str, str], ...]
    correction: tuple[tuple[str, str], ...]
    lines: tuple[Line, ...]
    total: str
    paid: tuple[tuple[str, str], ...]
    taxes: tuple[tuple[str, str], ...]
    rest: tuple[tuple[str, str], ...]


def form(receipt: Receipt, data: FiscalData, seller: Seller) -> Form:
    """The receipt as the register has printed it."""
    return Form(
        title=words.CORRECTION if receipt.kind.is_correction else words.RECEIPT,
        kind=words.KINDS[receipt.kind],
        seller=_said(_head(receipt, data, seller)),
        correction=_said(_correction(receipt)),
        lines=tuple(map(_line, receipt.items)),
        total=_money(data.total),
        paid=tuple(
            (words.MEANS[means], _money(amount)) for means, amount in receipt.paid.items() if amount
        ),
        taxes=tuple(_taxes(receipt)),
        rest=_said(_tail(receipt, data, seller)),
    )


def tax_in(amount: Decimal, rate: Vat) -> Decimal:
    """The tax that an amount with it holds; nought where the rate has none."""
    percent = PERCENT.get(rate, 0)
    return (amount * percent / (100 + percent)).quantize(_KOPECK, ROUND_HALF_UP)


def _said(rows: Iterator[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in rows if value)


def _head(receipt: Receipt, data: FiscalData, seller: Seller) -> Iterator[tuple[str, str]]:
    yield "Пользователь", seller.name
    yield "ИНН пользователя", seller.tax_number
    yield "Место расчетов", receipt.place
    yield "Дата, время", f"{data.at.astimezone(seller.zone):%d.%m.%Y %H:%M}"
    yield "Номер смены", _number(data.shift)
    yield "Номер чека за смену", _number(data.number)


def _correction(receipt: Receipt) -> Iterator[tuple[str, str]]:
    correction = receipt.correction
    if correction is None:
        return
    yield "Тип коррекции", "По предписанию" if correction.on_order else "Самостоятельно"
    yield "Дата совершения корректируемого расчета", f"{correction.day:%d.%m.%Y}"
    yield "Номер предписания налогового органа", correction.number
    # Of the receipt that is corrected.
    yield "Дополнительный реквизит чека", correction.sign


def _line(item: Item) -> Line:
    return Line(
        name=item.name,
        quantity=f"{_plain(item.quantity)} {words.MEASURES[item.measure]}",
        price=_money(item.price),
        amount=_money(item.amount),
        rate=words.RATES[item.vat],
        notes=tuple(_notes(item)),
    )


def _notes(item: Item) -> Iterator[str]:
    yield f"{words.OBJECTS[item.object]}, {words.METHODS[item.method].lower()}"
    if item.fraction is not None:
        yield f"Дробное количество: {item.fraction.numerator}/{item.fraction.denominator}"
    if item.marking_code:
        # What the system of marking has answered the register, it does not tell us.
        yield f"Код товара: [M] {item.marking_code.partition(_SEPARATOR)[0]}"
    if item.agent is not None:
        yield f"Признак агента: {words.AGENTS[item.agent].lower()}"
    if item.supplier is not None:
        yield f"Поставщик: {item.supplier.name}, ИНН {item.supplier.tax_number}"
        if item.supplier.phones:
            yield f"Телефон поставщика: {', '.join(item.supplier.phones)}"


def _taxes(receipt: Receipt) -> Iterator[tuple[str, str]]:
    """Sums of tax where there is one, else what was sold under the rate."""
    for rate, name in words.RATES.items():
        amounts = [item.amount for item in receipt.items if item.vat is rate]
        if not amounts:
            continue
        amount = sum(amounts, Decimal(0))
        if rate in PERCENT:
            yield f"Сумма {name}", _money(tax_in(amount, rate))
        else:
            yield f"Сумма {'с НДС 0%' if rate is Vat.RATE_0 else 'без НДС'}", _money(amount)


def _tail(receipt: Receipt, data: FiscalData, seller: Seller) -> Iterator[tuple[str, str]]:
    buyer = receipt.buyer
    yield "Применяемая система налогообложения", words.TAX_SYSTEMS[receipt.tax_system]
    yield "Признак расчетов в сети Интернет", "Да" if receipt.place else ""
    yield "Покупатель (клиент)", buyer.name
    yield "ИНН покупателя (клиента)", buyer.tax_number
    yield "Телефон или электронный адрес покупателя", buyer.email or buyer.phone
    yield "Адрес электронной почты отправителя чека", seller.email
    yield "Адрес сайта ФНС", words.TAX_SERVICE
    yield "Регистрационный номер ККТ", data.register_number
    yield "Номер ФН", data.drive
    yield "Номер ФД", str(data.document)
    yield "ФПД", data.sign


def _money(amount: Decimal) -> str:
    return f"{amount:.2f}"


def _plain(quantity: Decimal) -> str:
    """Without noughts at the end, and never with an exponent."""
    text = f"{quantity:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _number(number: int) -> str:
    return str(number) if number else ""
