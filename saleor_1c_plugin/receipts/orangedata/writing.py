"""A receipt as OrangeData wants it (protocol 2.31.3, 2.1.1 and 2.7.1).

Of 22 % the protocol does not know yet: its codes of rates end with 10. OrangeData's own library
for Node.js (1.5.0 of 18.12.2025) has the same ten codes, and in the document a new box
``useTax20``. So from 2026 on code 1 is the general rate of the day, 22 %, and code 3 its calculated
form; a receipt with this box has 20 % and 20/120 in their place, all of its lines alike.
"""

import json
from collections.abc import Mapping

from ..compose.document import (
    Buyer,
    Correction,
    Item,
    Kind,
    Means,
    Measure,
    Receipt,
    TaxSystem,
    Vat,
)
from ..driver import Refused

_FFD_1_2 = 4
_TYPES = {
    Kind.SELL: 1,
    Kind.SELL_REFUND: 2,
    Kind.SELL_CORRECTION: 1,
    Kind.SELL_REFUND_CORRECTION: 2,
}
_PAYMENTS = {
    Means.CASH: 1,
    Means.ELECTRONIC: 2,
    Means.PREPAID: 14,
    Means.CREDIT: 15,
    Means.OTHER: 16,
}
_TAX_SYSTEMS = {
    TaxSystem.OSN: 0,
    TaxSystem.USN_INCOME: 1,
    TaxSystem.USN_INCOME_OUTCOME: 2,
    TaxSystem.ESN: 4,
    TaxSystem.PATENT: 5,
}
_RATES = {
    Vat.RATE_22: 1,
    Vat.RATE_20: 1,
    Vat.RATE_10: 2,
    Vat.RATE_22_122: 3,
    Vat.RATE_20_120: 3,
    Vat.RATE_10_110: 4,
    Vat.RATE_0: 5,
    Vat.NONE: 6,
    Vat.RATE_5: 7,
    Vat.RATE_7: 8,
    Vat.RATE_5_105: 9,
    Vat.RATE_7_107: 10,
}
_OLD = (Vat.RATE_20, Vat.RATE_20_120)
_NEW = (Vat.RATE_22, Vat.RATE_22_122)
#: What becomes of a marked thing (2003): sold, given back; of what is measured a part.
_SOLD, _PART_SOLD, _RETURNED, _PART_RETURNED = 1, 2, 3, 4
#: Characters.
_LONGEST_CONTACT, _LONGEST_CODE, _LONGEST_NAME = 64, 223, 128


def document(receipt: Receipt, sent_by: Mapping[str, str], external_id: str) -> bytes:
    """The body of the request, as it is signed.

    Parameters
    ----------
    sent_by
        ``inn``, ``group`` and ``key``.

    Raises
    ------
    Refused
        OrangeData has no way to write such a receipt.
    """
    body = {"id": external_id, **sent_by, "content": content(receipt)}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def content(receipt: Receipt) -> dict[str, object]:
    """The receipt itself.

    Raises
    ------
    Refused
        OrangeData has no way to write such a receipt.
    """
    payments = [
        {"type": _PAYMENTS[means], "amount": float(amount)}
        for means, amount in receipt.paid.items()
        if amount
    ]
    told: dict[str, object] = {
        "ffdVersion": _FFD_1_2,
        "type": _TYPES[receipt.kind],
        "positions": [_position(item, receipt.kind) for item in receipt.items],
        "checkClose": {
            "payments": payments,
            "taxationSystem": _TAX_SYSTEMS[receipt.tax_system],
        },
        "customerContact": _contact(receipt.buyer),
        "totalSum": float(receipt.total),
    }
    rates = {item.vat for item in receipt.items}
    if rates.intersection(_OLD):
        if rates.intersection(_NEW):
            raise Refused(
                "В одном чеке OrangeData не может быть НДС 20% и 22%: разделите чек по ставкам"
            )
        told["useTax20"] = True
    if receipt.buyer.name or receipt.buyer.tax_number:
        told["customerInfo"] = _filled(name=receipt.buyer.name, inn=receipt.buyer.tax_number)
    if receipt.kind.is_correction:
        told.update(_correction(receipt.correction))
    return told


def _position(item: Item, kind: Kind) -> dict[str, object]:
    if not 0 < len(item.name) <= _LONGEST_NAME:
        raise Refused(f"Наименование пустое или длиннее {_LONGEST_NAME} знаков: {item.name}")
    told: dict[str, object] = {
        "quantity": float(item.quantity),
        "price": float(item.price),
        "tax": _RATES[item.vat],
        "text": item.name,
        "paymentMethodType": item.method.value,
        "paymentSubjectType": item.object.value,
        "quantityMeasurementUnit": item.measure.value,
    }
    if item.marking_code:
        if len(item.marking_code) > _LONGEST_CODE:
            raise Refused(f"Код маркировки длиннее {_LONGEST_CODE} знаков: {item.name}")
        told["itemCode"] = item.marking_code
        told["plannedStatus"] = _planned(item, kind)
    if item.fraction is not None:
        told["fractionalQuantity"] = {
            "numerator": item.fraction.numerator,
            "denominator": item.fraction.denominator,
        }
    if item.agent is not None:
        told["agentType"] = item.agent.value
    if item.supplier is not None:
        told["supplierINN"] = item.supplier.tax_number
        told["supplierInfo"] = _filled(
            name=item.supplier.name, phoneNumbers=list(item.supplier.phones)
        )
    return told


def _planned(item: Item, kind: Kind) -> int:
    is_part = item.fraction is not None or item.measure is not Measure.PIECE
    if kind.is_refund:
        return _PART_RETURNED if is_part else _RETURNED
    return _PART_SOLD if is_part else _SOLD


def _contact(buyer: Buyer) -> str:
    """Where the receipt is sent; an e-mail address that is too long gives way to the phone."""
    for contact in (buyer.email, buyer.phone):
        if 0 < len(contact) <= _LONGEST_CONTACT:
            return contact
    raise Refused(
        f"Нет адреса покупателя: укажите телефон или e-mail не длиннее {_LONGEST_CONTACT} знаков"
    )


def _correction(correction: Correction | None) -> dict[str, object]:
    if correction is None:
        raise Refused("Нет основания чека коррекции")
    if correction.on_order and not correction.number:
        raise Refused("Укажите номер предписания налогового органа")
    return {
        "correctionType": int(correction.on_order),
        "causeDocumentDate": f"{correction.day.isoformat()}T00:00:00",
        **_filled(causeDocumentNumber=correction.number),
    }


def _filled(**values: object) -> dict[str, object]:
    return {name: value for name, value in values.items() if value}
