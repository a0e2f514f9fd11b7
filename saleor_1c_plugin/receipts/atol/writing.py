"""A receipt, as ATOL Online's protocol wants it; what it can't say is refused before it is sent.

Fields and limits are those of the document of version 4: tables 2 and 3. Version 5 has the same
ones, and beside them: numbers for objects (1212) and measures (2108), marking codes, items in
corrections, and corrections of refunds; as github.com/ili/atol-online (23.12.2025) has it.
"""

from collections.abc import Callable
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from ..compose.document import Correction, Item, Kind, Measure, Receipt, Vat
from ..driver import Refused
from .marking import mark_code
from .settings import AtolSettings, Version
from .words import (
    AGENTS,
    METHODS,
    OBJECTS,
    PAYING_AGENTS,
    PAYMENTS,
    TAX_SYSTEMS,
    UNITS,
    VATS,
)

_MOST_ITEMS = 100
_MOST_NAME = 128
_MOST_CONTACT = 64
_MOST_TEXT = 256
_MOST_NUMBER = 32
_MOST_PHONE = 19
_MOST_SUM = Decimal("42949672.95")
_MOST_QUANTITY = Decimal("99999.999")
_KOPECK = Decimal("0.01")
_QUANTUM = Decimal("0.001")
#: Of a correction that nobody has ordered; version 4 wants the field all the same.
_NO_NUMBER = "б/н"
#: Percent; those without a tax are told with their whole sum.
_PERCENTS = {
    Vat.RATE_20: 20,
    Vat.RATE_20_120: 20,
    Vat.RATE_10: 10,
    Vat.RATE_10_110: 10,
    Vat.RATE_5: 5,
    Vat.RATE_5_105: 5,
    Vat.RATE_7: 7,
    Vat.RATE_7_107: 7,
    Vat.RATE_22: 22,
    Vat.RATE_22_122: 22,
}


def operation(receipt: Receipt, version: Version) -> str:
    """What the receipt's kind is called in the address.

    Raises
    ------
    Refused
        Version 4 does not know it.
    """
    if version is Version.V4 and receipt.kind is Kind.SELL_REFUND_CORRECTION:
        raise Refused(
            "Коррекцию возврата ФФД 1.05 не знает: нужна касса с ФФД 1.2 (протокол АТОЛ Онлайн v5)"
        )
    return receipt.kind.value


def document(
    receipt: Receipt, settings: AtolSettings, external_id: str, now: datetime
) -> dict[str, Any]:
    """What is sent.

    Parameters
    ----------
    now
        Aware.

    Raises
    ------
    Refused
        It can't be said in the protocol.
    """
    told: dict[str, Any] = {
        "timestamp": now.astimezone(settings.zone).strftime("%d.%m.%Y %H:%M:%S"),
        "external_id": external_id,
    }
    if settings.notification_url:
        told["service"] = {"callback_url": settings.notification_url}
    if not receipt.kind.is_correction:
        told["receipt"] = _receipt(receipt, settings)
    elif settings.version is Version.V4:
        told["correction"] = _old_correction(receipt, settings)
    else:
        correction = {"correction_info": _info(receipt.correction)}
        told["correction"] = _receipt(receipt, settings) | correction
    return told


def _receipt(receipt: Receipt, settings: AtolSettings) -> dict[str, Any]:
    if not 1 <= len(receipt.items) <= _MOST_ITEMS:
        raise Refused(f"В чеке {len(receipt.items)} строк; АТОЛ Онлайн берёт от 1 до {_MOST_ITEMS}")
    write: Callable[[Item], dict[str, Any]]
    write = _old_item if settings.version is Version.V4 else _new_item
    return {
        "client": _client(receipt),
        "company": {"email": settings.email, **_company(receipt, settings)},
        "items": [write(item) for item in receipt.items],
        "payments": _payments(receipt),
        "total": _sum(receipt.total, "Итог чека"),
    }


def _client(receipt: Receipt) -> dict[str, str]:
    buyer = receipt.buyer
    if not buyer.email and not buyer.phone:
        raise Refused("Не указан ни e-mail, ни телефон покупателя: чек некуда отправить")
    for contact in (buyer.email, buyer.phone):
        if len(contact) > _MOST_CONTACT:
            raise Refused(f"Контакт покупателя длиннее {_MOST_CONTACT} знаков: {contact}")
    if buyer.tax_number and not _is_tax_number(buyer.tax_number):
        raise Refused(f"ИНН покупателя — 10 или 12 цифр: {buyer.tax_number}")
    told = {
        "email": buyer.email,
        "phone": buyer.phone,
        "name": buyer.name[:_MOST_TEXT],
        "inn": buyer.tax_number,
    }
    return {name: value for name, value in told.items() if value}


def _company(receipt: Receipt, settings: AtolSettings) -> dict[str, str]:
    return {
        "sno": TAX_SYSTEMS[receipt.tax_system],
        "inn": settings.inn,
        "payment_address": (receipt.place or settings.payment_address)[:_MOST_TEXT],
    }


def _payments(receipt: Receipt) -> list[dict[str, Any]]:
    return [
        {"type": PAYMENTS[means], "sum": _sum(amount, "Оплата")}
        for means, amount in receipt.paid.items()
        if amount
    ]


def _item(item: Item) -> dict[str, Any]:
    """What both versions have of a line."""
    if not 1 <= len(item.name) <= _MOST_NAME:
        raise Refused(f"Наименование — от 1 до {_MOST_NAME} знаков: {item.name[:_MOST_NAME]}")
    quantity = item.quantity
    if not 0 < quantity <= _MOST_QUANTITY or quantity != quantity.quantize(_QUANTUM):
        raise Refused(
            f"Количество {quantity:f} («{item.name}») АТОЛ Онлайн не берёт: до 99 999,999, "
            "не больше трёх знаков после запятой"
        )
    told: dict[str, Any] = {
        "name": item.name,
        "price": _sum(item.price, f"Цена «{item.name}»"),
        "quantity": float(quantity),
        "sum": _sum(item.amount, f"Стоимость «{item.name}»"),
        "payment_method": METHODS[item.method],
        "vat": {"type": VATS[item.vat]},
    }
    if item.agent is not None:
        told["agent_info"] = {"type": AGENTS[item.agent]}
        told["supplier_info"] = _supplier(item)
    return told


def _old_item(item: Item) -> dict[str, Any]:
    if item.marking_code or item.fraction is not None or item.object >= 30:
        raise Refused(
            f"«{item.name}» — маркированный товар: его коды передаются только в ФФД 1.2, "
            "нужна касса с ФФД 1.2 (протокол АТОЛ Онлайн v5)"
        )
    if item.object not in OBJECTS:
        raise Refused(
            f"Признак предмета расчёта {item.object.value} («{item.name}») протокол v4 не знает"
        )
    told = _item(item) | {"payment_object": OBJECTS[item.object]}
    # A unit of one's own has no name that could be told.
    if item.measure in UNITS:
        told["measurement_unit"] = UNITS[item.measure]
    return told


def _new_item(item: Item) -> dict[str, Any]:
    told = _item(item) | {"payment_object": item.object.value, "measure": item.measure.value}
    if item.marking_code:
        if item.measure is not Measure.PIECE:
            raise Refused(f"«{item.name}»: товар с кодом маркировки считается в штуках")
        # Of 2102 the format knows one value.
        told["mark_processing_mode"] = "0"
        told["mark_code"] = mark_code(item.marking_code)
    if item.fraction is not None:
        numerator, denominator = item.fraction.numerator, item.fraction.denominator
        if not 0 < numerator < denominator:
            raise Refused(f"«{item.name}»: доля {numerator}/{denominator} упаковки невозможна")
        told["mark_quantity"] = {"numerator": numerator, "denominator": denominator}
    return told


def _supplier(item: Item) -> dict[str, Any]:
    supplier = item.supplier
    if supplier is None or not _is_tax_number(supplier.tax_number):
        raise Refused(f"«{item.name}» продаётся по агентскому договору: нужен ИНН поставщика")
    if item.agent in PAYING_AGENTS and not (supplier.name and supplier.phones):
        raise Refused(f"«{item.name}»: для платёжного агента нужны название и телефон поставщика")
    for phone in supplier.phones:
        if len(phone) > _MOST_PHONE:
            raise Refused(f"«{item.name}»: телефон поставщика длиннее {_MOST_PHONE} знаков")
    told: dict[str, Any] = {"inn": supplier.tax_number}
    if supplier.name:
        told["name"] = supplier.name[:_MOST_TEXT]
    if supplier.phones:
        told["phones"] = list(supplier.phones)
    return told


def _old_correction(receipt: Receipt, settings: AtolSettings) -> dict[str, Any]:
    """A correction of version 4: no items, no buyer, but the sums of taxes."""
    info = _info(receipt.correction)
    info.setdefault("base_number", _NO_NUMBER)
    return {
        "company": _company(receipt, settings),
        "correction_info": info,
        "payments": _payments(receipt),
        "vats": _vats(receipt),
    }


def _info(correction: Correction | None) -> dict[str, str]:
    if correction is None:
        raise Refused("В чеке коррекции не сказано, что он исправляет")
    if correction.on_order and not correction.number:
        raise Refused("Для коррекции по предписанию нужен номер предписания")
    told = {
        "type": "instruction" if correction.on_order else "self",
        "base_date": correction.day.strftime("%d.%m.%Y"),
    }
    if correction.number:
        told["base_number"] = correction.number[:_MOST_NUMBER]
    return told


def _vats(receipt: Receipt) -> list[dict[str, Any]]:
    amounts: dict[Vat, Decimal] = {}
    for item in receipt.items:
        amounts[item.vat] = amounts.get(item.vat, Decimal(0)) + item.amount
    if len(amounts) > 6:
        raise Refused("В чеке коррекции больше шести ставок НДС")
    return [
        {"type": VATS[vat], "sum": _sum(_tax(vat, amount), "НДС")}
        for vat, amount in amounts.items()
    ]


def _tax(vat: Vat, amount: Decimal) -> Decimal:
    """What of the amount is tax; all of it where there is none, as tags 1104 and 1105 want it."""
    percent = _PERCENTS.get(vat)
    if percent is None:
        return amount
    return (amount * percent / (100 + percent)).quantize(_KOPECK, ROUND_HALF_UP)


def _sum(amount: Decimal, what: str) -> float:
    """As a number of JSON: the shortest text of such a float is the amount to the kopeck."""
    if not 0 <= amount <= _MOST_SUM or amount != amount.quantize(_KOPECK):
        raise Refused(f"{what}: {amount:f} — АТОЛ Онлайн берёт до 42 949 672,95 руб. с копейками")
    return float(amount)


def _is_tax_number(number: str) -> bool:
    return len(number) in (10, 12) and number.isascii() and number.isdigit()
