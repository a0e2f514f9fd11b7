"""Tasks of the driver; fields and their types are those that its scripts check.

"myscripts_validators" has those of a line, the script of corrections those of a receipt.
"""

import base64
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ..compose.document import Correction, Item, Measure, Receipt
from ..driver import Refused
from .settings import AtolLocalSettings
from .words import AGENTS, METHODS, OBJECTS, PAYMENTS, TAX_SYSTEMS, TYPES, UNITS, VATS

_KOPECK = Decimal("0.01")
#: Signs that the fiscal data format has room for.
_MOST_NAME = 128
_MOST_TEXT = 256
_MOST_CONTACT = 64
_MOST_NUMBER = 32
#: What becomes of a code (2003): where it is sold, and where it comes back.
_BY_PIECE = ("itemPieceSold", "itemPieceReturn")
_BY_MEASURE = ("itemDryForSale", "itemDryReturn")


def receipt_task(receipt: Receipt, settings: AtolLocalSettings) -> dict[str, Any]:
    """The task that registers a receipt.

    Raises
    ------
    Refused
        It can't be told the driver.
    """
    if not receipt.items:
        raise Refused("В чеке нет ни одной строки")
    told: dict[str, Any] = {
        "type": TYPES[receipt.kind],
        "electronically": settings.electronically,
        "taxationType": TAX_SYSTEMS[receipt.tax_system],
        **_operator(settings),
        **_client(receipt, settings),
        "items": [_position(item, is_refund=receipt.kind.is_refund) for item in receipt.items],
        "payments": [
            {"type": PAYMENTS[means], "sum": _sum(amount)}
            for means, amount in receipt.paid.items()
            if amount
        ],
        "total": _sum(receipt.total),
    }
    if receipt.place:
        told["paymentsPlace"] = receipt.place[:_MOST_TEXT]
    if receipt.kind.is_correction:
        told |= _correction(receipt.correction)
    if any(item.marking_code for item in receipt.items):
        # The driver asks "Честный знак" itself, before it opens the receipt.
        told["validateMarkingCodes"] = True
    return told


def shift_task(kind: str, settings: AtolLocalSettings) -> dict[str, Any]:
    """The task that opens or closes a shift, or reports on it."""
    return {"type": kind, "electronically": settings.electronically, **_operator(settings)}


def _operator(settings: AtolLocalSettings) -> dict[str, Any]:
    if not settings.operator:
        return {}
    told = {"name": settings.operator}
    if settings.operator_inn:
        told["vatin"] = settings.operator_inn
    return {"operator": told}


def _client(receipt: Receipt, settings: AtolLocalSettings) -> dict[str, Any]:
    buyer = receipt.buyer
    contact = buyer.email or buyer.phone
    if settings.electronically and not contact:
        raise Refused("Не указан ни e-mail, ни телефон покупателя: чек некуда отправить")
    if len(contact) > _MOST_CONTACT:
        raise Refused(f"Контакт покупателя длиннее {_MOST_CONTACT} знаков: {contact}")
    told = {
        "emailOrPhone": contact,
        "name": buyer.name[:_MOST_TEXT],
        "vatin": buyer.tax_number,
    }
    told = {name: value for name, value in told.items() if value}
    return {"clientInfo": told} if told else {}


def _position(item: Item, *, is_refund: bool) -> dict[str, Any]:
    if not 1 <= len(item.name) <= _MOST_NAME:
        raise Refused(f"Наименование — от 1 до {_MOST_NAME} знаков: {item.name[:_MOST_NAME]}")
    if item.quantity <= 0:
        raise Refused(f"Количество должно быть больше нуля: «{item.name}»")
    told: dict[str, Any] = {
        "type": "position",
        "name": item.name,
        "price": _sum(item.price),
        "quantity": float(item.quantity),
        "amount": _sum(item.amount),
        "measurementUnit": UNITS[item.measure],
        "paymentMethod": METHODS[item.method],
        "paymentObject": OBJECTS[item.object],
        "tax": {"type": VATS[item.vat]},
    }
    if item.marking_code:
        told["imcParams"] = _marking(item, is_refund=is_refund)
    if item.agent is not None:
        if item.supplier is None:
            raise Refused(f"«{item.name}» продаётся по агентскому договору: нужен поставщик")
        told["agentInfo"] = {"agents": [AGENTS[item.agent]]}
        told["supplierInfo"] = {
            "name": item.supplier.name[:_MOST_TEXT],
            "vatin": item.supplier.tax_number,
            "phones": list(item.supplier.phones),
        }
    return told


def _marking(item: Item, *, is_refund: bool) -> dict[str, Any]:
    is_part = item.fraction is not None or item.measure is not Measure.PIECE
    sold, returned = _BY_MEASURE if is_part else _BY_PIECE
    told: dict[str, Any] = {
        "imcType": "auto",
        "imc": base64.b64encode(item.marking_code.encode()).decode(),
        "itemEstimatedStatus": returned if is_refund else sold,
        "imcModeProcessing": 0,
    }
    if item.fraction is not None:
        numerator, denominator = item.fraction.numerator, item.fraction.denominator
        if not 0 < numerator < denominator:
            raise Refused(f"«{item.name}»: доля {numerator}/{denominator} упаковки невозможна")
        told["itemFractionalAmount"] = f"{numerator}/{denominator}"
    return told


def _correction(correction: Correction | None) -> Mapping[str, str]:
    if correction is None:
        raise Refused("В чеке коррекции не сказано, что он исправляет")
    if correction.on_order and not correction.number:
        raise Refused("Для коррекции по предписанию нужен номер предписания")
    told = {
        "correctionType": "instruction" if correction.on_order else "self",
        "correctionBaseDate": correction.day.strftime("%Y.%m.%d"),
    }
    if correction.number:
        told["correctionBaseNumber"] = correction.number[:_MOST_NUMBER]
    return told


def _sum(amount: Decimal) -> float:
    """As a number of JSON: the shortest text of such a float is the amount to the kopeck."""
    if amount < 0 or amount != amount.quantize(_KOPECK):
        raise Refused(f"Сумма {amount:f} — не рубли с копейками")
    return float(amount)
