"""A receipt as plain JSON, to be kept and read back as it was: money and quantities as text."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from .compose.document import (
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


def dump(receipt: Receipt) -> dict[str, Any]:
    """What :func:`load` makes the same receipt of."""
    correction = receipt.correction
    return {
        "kind": receipt.kind.value,
        "tax_system": receipt.tax_system.value,
        "items": [_item(item) for item in receipt.items],
        "paid": {means.value: f"{amount:f}" for means, amount in receipt.paid.items()},
        "buyer": {
            "email": receipt.buyer.email,
            "phone": receipt.buyer.phone,
            "name": receipt.buyer.name,
            "tax_number": receipt.buyer.tax_number,
        },
        "correction": correction
        and {
            "day": correction.day.isoformat(),
            "on_order": correction.on_order,
            "number": correction.number,
            "reason": correction.reason,
            "sign": correction.sign,
        },
        "place": receipt.place,
        "gateway": receipt.gateway,
        "gateway_reference": receipt.gateway_reference,
    }


def load(kept: Mapping[str, Any] | None) -> Receipt:
    """The receipt that was kept.

    Raises
    ------
    ValueError
        There is none: it could not be composed.
    """
    if kept is None:
        raise ValueError("The receipt could not be composed")
    correction = kept["correction"]
    return Receipt(
        kind=Kind(kept["kind"]),
        tax_system=TaxSystem(kept["tax_system"]),
        items=tuple(_read_item(item) for item in kept["items"]),
        paid={Means(means): Decimal(amount) for means, amount in kept["paid"].items()},
        buyer=Buyer(**kept["buyer"]),
        correction=correction
        and Correction(**{**correction, "day": date.fromisoformat(correction["day"])}),
        place=kept["place"],
        gateway=kept["gateway"],
        gateway_reference=kept["gateway_reference"],
    )


def _item(item: Item) -> dict[str, Any]:
    fraction, supplier = item.fraction, item.supplier
    return {
        "name": item.name,
        "price": f"{item.price:f}",
        "quantity": f"{item.quantity:f}",
        "amount": f"{item.amount:f}",
        "method": item.method.value,
        "object": item.object.value,
        "vat": item.vat.value,
        "measure": item.measure.value,
        "marking_code": item.marking_code,
        "fraction": fraction and [fraction.numerator, fraction.denominator],
        "agent": None if item.agent is None else item.agent.value,
        "supplier": supplier
        and {
            "name": supplier.name,
            "tax_number": supplier.tax_number,
            "phones": list(supplier.phones),
        },
        "line_id": item.line_id,
        "keeps": item.keeps,
    }


def _read_item(kept: Mapping[str, Any]) -> Item:
    fraction, supplier = kept["fraction"], kept["supplier"]
    return Item(
        name=kept["name"],
        price=Decimal(kept["price"]),
        quantity=Decimal(kept["quantity"]),
        amount=Decimal(kept["amount"]),
        method=PaymentMethod(kept["method"]),
        object=PaymentObject(kept["object"]),
        vat=Vat(kept["vat"]),
        measure=Measure(kept["measure"]),
        marking_code=kept["marking_code"],
        fraction=fraction and Fraction(*fraction),
        agent=None if kept["agent"] is None else AgentKind(kept["agent"]),
        supplier=supplier
        and Supplier(supplier["name"], supplier["tax_number"], tuple(supplier["phones"])),
        line_id=kept["line_id"],
        keeps=kept["keeps"],
    )
