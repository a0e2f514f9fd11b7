"""What a person may change of a receipt that a register has turned down: pure.

Never money: what was paid is a fact.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from .compose.document import Item, PaymentObject, Receipt, Vat

_WITH_CODE = {
    PaymentObject.COMMODITY: PaymentObject.COMMODITY_WITH_CODE,
    PaymentObject.COMMODITY_WITHOUT_CODE: PaymentObject.COMMODITY_WITH_CODE,
    PaymentObject.EXCISE: PaymentObject.EXCISE_WITH_CODE,
    PaymentObject.EXCISE_WITHOUT_CODE: PaymentObject.EXCISE_WITH_CODE,
}
_WITHOUT_CODE = {
    PaymentObject.COMMODITY_WITH_CODE: PaymentObject.COMMODITY_WITHOUT_CODE,
    PaymentObject.EXCISE_WITH_CODE: PaymentObject.EXCISE_WITHOUT_CODE,
}


@dataclass(frozen=True, slots=True)
class ItemChange:
    """How an item is to be."""

    name: str
    vat: Vat
    #: As it was scanned; empty: it has none.
    marking_code: str = ""


@dataclass(frozen=True, slots=True)
class Changes:
    """How a receipt is to be; `items` are those of the receipt, in its order."""

    email: str
    phone: str
    items: Sequence[ItemChange]


def mended(receipt: Receipt, changes: Changes) -> Receipt:
    """The receipt with what was changed."""
    return replace(
        receipt,
        buyer=replace(receipt.buyer, email=changes.email, phone=changes.phone),
        items=tuple(
            _item(item, change) for item, change in zip(receipt.items, changes.items, strict=True)
        ),
    )


def _item(item: Item, change: ItemChange) -> Item:
    kinds = _WITH_CODE if change.marking_code else _WITHOUT_CODE
    return replace(
        item,
        name=change.name,
        vat=change.vat,
        marking_code=change.marking_code,
        # A part of a package is sold by the package's code only.
        fraction=item.fraction if change.marking_code else None,
        object=kinds.get(item.object, item.object),
    )
