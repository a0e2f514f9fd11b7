"""What no register would take, found before one is asked."""

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal

from ...tax_numbers import is_inn
from .buyer import is_email, is_phone
from .document import Item, Measure, PaymentMethod, PaymentObject, Receipt, Supplier
from .goods import NAME

_CENT = Decimal("0.01")
#: Finest quantity that registers take.
_THOUSANDTH = Decimal("0.001")
_WITH_CODE = (PaymentObject.EXCISE_WITH_CODE, PaymentObject.COMMODITY_WITH_CODE)
_BEFORE = (PaymentMethod.FULL_PREPAYMENT, PaymentMethod.PREPAYMENT, PaymentMethod.ADVANCE)


def problems(receipt: Receipt) -> list[str]:
    """What a person has to mend, in Russian; nothing where a register can be asked."""
    return [*_whole(receipt), *_items(receipt), *_buyer(receipt)]


def _whole(receipt: Receipt) -> Iterator[str]:
    if not receipt.items:
        yield "В чеке нет ни одной позиции"
    total, paid = receipt.total, sum(receipt.paid.values(), Decimal(0))
    if total != paid:
        yield f"Сумма позиций {total} не равна сумме оплаты {paid}"
    elif receipt.items and total <= 0:
        yield "Сумма чека должна быть больше нуля"
    if any(amount < 0 or amount != round(amount, 2) for amount in receipt.paid.values()):
        yield "Сумма оплаты отрицательная или не в целых копейках"
    if receipt.kind.is_correction != (receipt.correction is not None):
        yield (
            "У чека коррекции не указано основание"
            if receipt.kind.is_correction
            else "Основание коррекции указано у обычного чека"
        )
    elif receipt.correction and receipt.correction.on_order and not receipt.correction.number:
        yield "Не указан номер предписания налоговой"


def _items(receipt: Receipt) -> Iterator[str]:
    codes: set[str] = set()
    for place, item in enumerate(receipt.items, 1):
        wrong = list(_item(item))
        if item.marking_code:
            if item.marking_code in codes:
                wrong.append("код маркировки повторяется")
            codes.add(item.marking_code)
        for problem in wrong:
            yield f"Позиция {place} ({item.name[:40]}): {problem}"


def _item(item: Item) -> Iterator[str]:
    name = item.name
    if not name.strip():
        yield "нет наименования"
    if len(name) > NAME:
        yield f"наименование длиннее {NAME} знаков"
    if item.price < 0 or item.amount < 0:
        yield "цена или сумма отрицательная"
    if item.quantity <= 0 or item.quantity % _THOUSANDTH:
        yield "количество должно быть больше нуля и не точнее тысячной"
    if item.price % _CENT or item.amount % _CENT:
        yield "цена или сумма не в целых копейках"
    elif (item.price * item.quantity).quantize(_CENT, ROUND_HALF_UP) != item.amount:
        yield "цена, умноженная на количество, не равна сумме"
    if item.marking_code or item.fraction or item.object in _WITH_CODE:
        yield from _marking(item)
    if (item.agent is None) != (item.supplier is None):
        yield "признак агента и данные поставщика указываются вместе"
    if item.supplier is not None:
        yield from _supplier(item.supplier)


def _marking(item: Item) -> Iterator[str]:
    if not item.marking_code:
        if item.object in _WITH_CODE:
            yield "нет кода маркировки"
        if item.fraction:
            yield "часть упаковки продаётся только с кодом маркировки"
        return
    if item.object not in _WITH_CODE:
        yield "код маркировки указан у предмета расчёта, который не маркируется"
    if item.quantity != 1:
        yield "на один код маркировки приходится одна единица товара"
    if item.method in _BEFORE:
        yield "код маркировки указывается, когда товар передан, а не при предоплате"
    if item.fraction:
        if not 0 < item.fraction.numerator < item.fraction.denominator:
            yield "дробное количество: числитель должен быть меньше знаменателя"
        if item.measure is not Measure.PIECE:
            yield "дробное количество бывает только у штучного товара"


def _supplier(supplier: Supplier) -> Iterator[str]:
    if not supplier.name.strip():
        yield "не указано наименование поставщика"
    if not is_inn(supplier.tax_number):
        yield "ИНН поставщика не указан или с ошибкой"
    if not all(map(is_phone, supplier.phones)):
        yield "телефон поставщика должен начинаться с + и кода страны"


def _buyer(receipt: Receipt) -> Iterator[str]:
    buyer = receipt.buyer
    if not (buyer.email or buyer.phone):
        yield "Не указан контакт покупателя: нужна электронная почта или телефон"
    if buyer.email and not is_email(buyer.email):
        yield "Электронная почта покупателя указана с ошибкой"
    if buyer.phone and not is_phone(buyer.phone):
        yield "Телефон покупателя должен начинаться с + и кода страны"
    if buyer.tax_number and not is_inn(buyer.tax_number):
        yield "ИНН покупателя указан с ошибкой"
