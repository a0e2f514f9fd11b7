"""What OrangeData takes (protocol 2.31.3, for FFD 1.2), and nothing that is no field.

Of its fields these are not known, for nobody here sends them: ``agentInfo``, ``barcodes``,
``electronicPaymentsInfo`` and ``operationalAttribute``.

A check takes a value and yields what is wrong with it. Numbers with a point come as ``Decimal``.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

type Check = Callable[[Any], Iterator[str]]

_KOPECK = Decimal("0.01")
_CONTACT = re.compile(r"\+[0-9]+|[^@\s]+@[^@\s]+|none")
_MOST = Decimal("99999999.99")


def text(most: int, least: int = 1, pattern: str = "") -> Check:
    def check(value: Any) -> Iterator[str]:
        if not isinstance(value, str) or not least <= len(value) <= most:
            yield f"должно быть строкой от {least} до {most} символов"
        elif pattern and not re.fullmatch(pattern, value, re.DOTALL):
            yield "имеет неверный формат"

    return check


def number(*allowed: int) -> Check:
    def check(value: Any) -> Iterator[str]:
        if type(value) is not int or value not in allowed:
            yield "имеет недопустимое значение"

    return check


def decimal(digits: int, most: Decimal = _MOST) -> Check:
    def check(value: Any) -> Iterator[str]:
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            yield "должно быть числом"
        elif not 0 <= value <= most or value != round(Decimal(value), digits):
            yield f"должно быть числом с точностью до {digits} символов"

    return check


def flag(value: Any) -> Iterator[str]:
    if not isinstance(value, bool):
        yield "должно быть булевым"


def array(of: Check) -> Check:
    def check(value: Any) -> Iterator[str]:
        if not isinstance(value, list) or not value:
            yield "должно быть непустым массивом"
            return
        for place, one in enumerate(value):
            for what in of(one):
                yield f"[{place}] {what}"

    return check


def fields(required: Mapping[str, Check], optional: Mapping[str, Check]) -> Check:
    """An object with all of these fields, any of those, and no others."""

    def check(value: Any) -> Iterator[str]:
        if not isinstance(value, dict):
            yield "должно быть структурой"
            return
        for name in required.keys() - value.keys():
            yield f"Не указан '{name}'"
        for name, inner in value.items():
            known = required.get(name) or optional.get(name)
            if known is None:
                yield f"Неизвестное поле '{name}'"
                continue
            for what in known(inner):
                yield f"'{name}' {what}"

    return check


def either(check: Check) -> Check:
    """It, or null."""

    def nullable(value: Any) -> Iterator[str]:
        return check(value) if value is not None else iter(())

    return nullable


_INN = text(12, 10, r"[0-9]{10}|[0-9]{12}")
_PHONES = array(text(19, 2, r"\+[0-9]+"))
_STATUS = number(1, 2, 3, 4, 5, 6, 255)
_INDUSTRY = fields(
    {},
    {
        "foivId": text(3),
        "causeDocumentDate": text(10, 10, r"[0-9]{2}\.[0-9]{2}\.[0-9]{4}"),
        "causeDocumentNumber": text(32),
        "value": text(239),
    },
)
_UNSIGNED = number(*range(1, 1000))
_POSITION = fields(
    {
        "quantity": decimal(6, Decimal("281474976.710655")),
        "price": decimal(2),
        "tax": number(*range(1, 11)),
        "text": text(128),
        "paymentMethodType": number(*range(1, 8)),
        "paymentSubjectType": number(*range(1, 28), 30, 31, 32, 33),
    },
    {
        "taxSum": decimal(2),
        "itemCode": text(223),
        "plannedStatus": _STATUS,
        "assignedStatus": _STATUS,
        "supplierInfo": fields({}, {"phoneNumbers": _PHONES, "name": text(239)}),
        "supplierINN": _INN,
        "agentType": number(*range(1, 128)),
        "quantityMeasurementUnit": number(*range(256)),
        "additionalAttribute": text(64),
        "manufacturerCountryCode": text(3),
        "customsDeclarationNumber": text(32),
        "excise": decimal(2),
        "unitTaxSum": decimal(2),
        "fractionalQuantity": fields({"numerator": _UNSIGNED, "denominator": _UNSIGNED}, {}),
        "industryAttribute": _INDUSTRY,
        "industryAttributes": array(_INDUSTRY),
    },
)
_CLOSE = fields(
    {
        "payments": array(
            fields({"type": number(1, 2, 14, 15, 16), "amount": decimal(2)}, {}),
        ),
        "taxationSystem": number(*range(6)),
    },
    {},
)
_CUSTOMER = fields(
    {},
    {
        "name": text(239),
        "inn": _INN,
        "birthDate": text(10, 10),
        "citizenship": text(3),
        "identityDocumentCode": text(2, 2),
        "identityDocumentData": text(64),
        "address": text(239),
    },
)
_CONTENT: Mapping[str, Check] = {
    "ffdVersion": number(4),
    "type": number(1, 2, 3, 4),
    "positions": array(_POSITION),
    "checkClose": _CLOSE,
    "customerContact": text(64, 1, _CONTACT.pattern),
}
#: Without what only vending machines and couriers may send.
_MORE: Mapping[str, Check] = {
    "additionalUserAttribute": fields({"name": text(64), "value": text(234)}, {}),
    "additionalAttribute": text(16),
    "customerInfo": _CUSTOMER,
    "senderEmail": text(64, 1, _CONTACT.pattern),
    "totalSum": decimal(2),
    **{f"vat{place}Sum": decimal(2) for place in range(1, 11)},
    "industryAttribute": _INDUSTRY,
    "timeZone": number(*range(1, 12)),
    "isInternetStore": flag,
    # Of OrangeData's own library alone, see the driver's writing.
    "useTax20": flag,
}
_CORRECTED: Mapping[str, Check] = {
    "correctionType": number(0, 1),
    "causeDocumentDate": text(19, 19, r"[0-9]{4}-[0-9]{2}-[0-9]{2}T00:00:00"),
}
_SENT: Mapping[str, Check] = {
    "id": text(64),
    "inn": _INN,
    "group": either(text(32)),
    "key": text(32),
}
_ASKED: Mapping[str, Check] = {
    "callbackUrl": either(text(1024)),
    "callbackApiKey": either(text(3072)),
    "meta": either(text(128)),
    "ignoreItemCodeCheck": flag,
}
_DOCUMENT = fields({**_SENT, "content": fields(_CONTENT, _MORE)}, _ASKED)
_CORRECTION = fields(
    {
        **_SENT,
        "content": fields({**_CONTENT, **_CORRECTED}, {**_MORE, "causeDocumentNumber": text(32)}),
    },
    _ASKED,
)
_CHECK = fields({name: check for name, check in _SENT.items() if name != "id"}, {})


def document(body: Any, *, is_correction: bool) -> list[str]:
    """What is wrong with a receipt."""
    found = list((_CORRECTION if is_correction else _DOCUMENT)(body))
    return found or list(_sums(body["content"]))


def check(body: Any) -> list[str]:
    """What is wrong with a question about access."""
    return list(_CHECK(body))


def _sums(content: Mapping[str, Any]) -> Iterator[str]:
    total = cost(content)
    if "totalSum" in content and content["totalSum"] != total:
        yield "'totalSum' не равна сумме предметов расчета"
    paid = {1: Decimal(0), 2: Decimal(0)}
    for payment in content["checkClose"]["payments"]:
        place = 1 if payment["type"] == 1 else 2
        paid[place] += payment["amount"]
    # Of cash there may be change.
    if sum(paid.values()) < total or paid[2] > total or (not paid[1] and paid[2] != total):
        yield "Сумма оплат не равна сумме предметов расчета"
    if content.get("correctionType") == 1 and "causeDocumentNumber" not in content:
        yield "Не указан 'causeDocumentNumber'"


def cost(content: Mapping[str, Any]) -> Decimal:
    """What the lines are over."""
    return sum(
        (
            Decimal(line["price"] * line["quantity"]).quantize(_KOPECK, ROUND_HALF_UP)
            for line in content["positions"]
        ),
        Decimal(0),
    )
