"""A receipt as YooKassa wants it: ``PostReceiptData`` of its OpenAPI description.

The description does not say how ``gs_1m`` writes a marking code, and examples differ; here it is
as it was scanned, as ``mark_code_raw``, which the description gives in that form.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ..compose.document import (
    AgentKind,
    Buyer,
    Item,
    Kind,
    Means,
    Measure,
    PaymentMethod,
    PaymentObject,
    Receipt,
    TaxSystem,
    Vat,
)
from ..driver import Refused

#: Id of the gateway whose payments YooKassa has moved.
GATEWAY = "saleor1c.yookassa"
_TYPES = {Kind.SELL: ("payment", "payment_id"), Kind.SELL_REFUND: ("refund", "refund_id")}
_SETTLEMENTS = {
    Means.ELECTRONIC: "cashless",
    Means.PREPAID: "prepayment",
    Means.CREDIT: "postpayment",
    Means.OTHER: "consideration",
}
_TAX_SYSTEMS = {
    TaxSystem.OSN: 1,
    TaxSystem.USN_INCOME: 2,
    TaxSystem.USN_INCOME_OUTCOME: 3,
    TaxSystem.ESN: 5,
    TaxSystem.PATENT: 6,
}
_RATES = {
    Vat.NONE: 1,
    Vat.RATE_0: 2,
    Vat.RATE_10: 3,
    Vat.RATE_20: 4,
    Vat.RATE_10_110: 5,
    Vat.RATE_20_120: 6,
    Vat.RATE_5: 7,
    Vat.RATE_7: 8,
    Vat.RATE_5_105: 9,
    Vat.RATE_7_107: 10,
    Vat.RATE_22: 11,
    Vat.RATE_22_122: 12,
}
_METHODS = {
    PaymentMethod.FULL_PREPAYMENT: "full_prepayment",
    PaymentMethod.PREPAYMENT: "partial_prepayment",
    PaymentMethod.ADVANCE: "advance",
    PaymentMethod.FULL_PAYMENT: "full_payment",
    PaymentMethod.PARTIAL_PAYMENT: "partial_payment",
    PaymentMethod.CREDIT: "credit",
    PaymentMethod.CREDIT_PAYMENT: "credit_payment",
}
_OBJECTS = {
    PaymentObject.COMMODITY: "commodity",
    PaymentObject.EXCISE: "excise",
    PaymentObject.JOB: "job",
    PaymentObject.SERVICE: "service",
    PaymentObject.PAYMENT: "payment",
    PaymentObject.AGENT_COMMISSION: "agent_commission",
    PaymentObject.ANOTHER: "another",
    PaymentObject.EXCISE_WITHOUT_CODE: "non_marked_excise",
    PaymentObject.EXCISE_WITH_CODE: "marked_excise",
    PaymentObject.COMMODITY_WITHOUT_CODE: "non_marked",
    PaymentObject.COMMODITY_WITH_CODE: "marked",
}
_MEASURES = {
    Measure.PIECE: "piece",
    Measure.GRAM: "gram",
    Measure.KILOGRAM: "kilogram",
    Measure.TON: "ton",
    Measure.CENTIMETRE: "centimeter",
    Measure.DECIMETRE: "decimeter",
    Measure.METRE: "meter",
    Measure.SQUARE_CENTIMETRE: "square_centimeter",
    Measure.SQUARE_DECIMETRE: "square_decimeter",
    Measure.SQUARE_METRE: "square_meter",
    Measure.MILLILITRE: "milliliter",
    Measure.LITRE: "liter",
    Measure.CUBIC_METRE: "cubic_meter",
    Measure.KILOWATT_HOUR: "kilowatt_hour",
    Measure.GIGACALORIE: "gigacalorie",
    Measure.DAY: "day",
    Measure.HOUR: "hour",
    Measure.MINUTE: "minute",
    Measure.SECOND: "second",
    Measure.KILOBYTE: "kilobyte",
    Measure.MEGABYTE: "megabyte",
    Measure.GIGABYTE: "gigabyte",
    Measure.TERABYTE: "terabyte",
    Measure.OTHER: "another",
}
_AGENTS = {
    AgentKind.BANK_PAYING_AGENT: "banking_payment_agent",
    AgentKind.BANK_PAYING_SUBAGENT: "banking_payment_subagent",
    AgentKind.PAYING_AGENT: "payment_agent",
    AgentKind.PAYING_SUBAGENT: "payment_subagent",
    AgentKind.ATTORNEY: "attorney",
    AgentKind.COMMISSION_AGENT: "commissioner",
    AgentKind.ANOTHER: "agent",
}
#: What becomes of a marked thing (2003): sold, given back; of what is measured a part.
_SOLD, _PART_SOLD, _RETURNED, _PART_RETURNED = 1, 2, 3, 4
#: Characters, of the description.
_LONGEST_CODE, _LONGEST_EMAIL = 200, 254


def objection(receipt: Receipt) -> str:
    """Why YooKassa can't register such a receipt, whatever is mended; empty: it can."""
    if receipt.kind not in _TYPES:
        return "ЮKassa не регистрирует чеки коррекции: выберите другую кассу"
    if receipt.gateway != GATEWAY or not receipt.gateway_reference:
        return "ЮKassa регистрирует чеки только своих платежей и возвратов: выберите другую кассу"
    if receipt.paid.get(Means.CASH):
        return "ЮKassa не регистрирует оплату наличными: выберите другую кассу"
    return ""


def about(receipt: Receipt) -> dict[str, str]:
    """Which payment or refund a receipt is about."""
    _type, name = _TYPES[receipt.kind]
    return {name: receipt.gateway_reference}


def body(receipt: Receipt, time_zone: int) -> dict[str, Any]:
    """The body of the request.

    Raises
    ------
    Refused
        YooKassa has no way to write such a receipt.
    """
    if why := objection(receipt):
        raise Refused(why)
    told: dict[str, Any] = {
        "type": _TYPES[receipt.kind][0],
        **about(receipt),
        "customer": _customer(receipt.buyer),
        "items": [_item(item, receipt.kind) for item in receipt.items],
        "send": True,
        "tax_system_code": _TAX_SYSTEMS[receipt.tax_system],
        "settlements": [
            {"type": _SETTLEMENTS[means], "amount": _money(amount)}
            for means, amount in receipt.paid.items()
            if amount
        ],
    }
    if any(item.marking_code for item in receipt.items):
        told["timezone"] = time_zone
    return told


def _item(item: Item, kind: Kind) -> dict[str, Any]:
    told: dict[str, Any] = {
        "description": item.name,
        "quantity": float(item.quantity),
        "amount": _money(item.price),
        "vat_code": _RATES[item.vat],
        "payment_mode": _METHODS[item.method],
        "payment_subject": _OBJECTS[item.object],
        "measure": _MEASURES[item.measure],
    }
    if item.marking_code:
        if len(item.marking_code) > _LONGEST_CODE:
            raise Refused(f"Код маркировки длиннее {_LONGEST_CODE} знаков: {item.name}")
        told["mark_mode"] = "0"
        told["mark_code_info"] = {"mark_code_raw": item.marking_code, "gs_1m": item.marking_code}
        told["planned_status"] = _planned(item, kind)
        if item.measure is Measure.PIECE:
            told["mark_quantity"] = _mark_quantity(item)
    if item.agent is not None:
        told["agent_type"] = _AGENTS[item.agent]
    if item.supplier is not None:
        told["supplier"] = _filled(
            name=item.supplier.name,
            inn=item.supplier.tax_number,
            phone=_digits(next(iter(item.supplier.phones), "")),
        )
    return told


def _mark_quantity(item: Item) -> Mapping[str, int]:
    """How much of a package, also where it is the whole."""
    if item.fraction is None:
        return {"numerator": 1, "denominator": 1}
    return {"numerator": item.fraction.numerator, "denominator": item.fraction.denominator}


def _planned(item: Item, kind: Kind) -> int:
    is_part = item.fraction is not None or item.measure is not Measure.PIECE
    if kind.is_refund:
        return _PART_RETURNED if is_part else _RETURNED
    return _PART_SOLD if is_part else _SOLD


def _customer(buyer: Buyer) -> dict[str, Any]:
    email = buyer.email if len(buyer.email) <= _LONGEST_EMAIL else ""
    if not (email or buyer.phone):
        raise Refused("Нет адреса покупателя: укажите e-mail или телефон")
    return _filled(
        full_name=buyer.name, inn=buyer.tax_number, email=email, phone=_digits(buyer.phone)
    )


def _digits(phone: str) -> str:
    """E.164 without the plus, as YooKassa writes it."""
    return phone.lstrip("+")


def _money(amount: Decimal) -> dict[str, str]:
    return {"value": f"{amount:.2f}", "currency": "RUB"}


def _filled(**values: str) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value}
