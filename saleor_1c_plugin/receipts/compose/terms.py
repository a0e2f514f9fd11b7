"""What a merchant has settled about receipts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from .document import Means, TaxSystem


@dataclass(frozen=True, slots=True)
class Terms:
    """Of one channel's receipts."""

    tax_system: TaxSystem
    #: Of the seller: by its days rates and terms begin and end.
    zone: tzinfo
    #: A full payment is the settlement at once; else that comes with the goods.
    one_receipt: bool = False
    #: Goods that leave unpaid are sold on credit; else they are paid for when they are handed over.
    credit: bool = False
    #: Payments that 1C told of have their receipts from here; else 1C's own register prints them.
    onec_payments: bool = False
    #: Gateways whose money needs no receipt.
    without: frozenset[str] = frozenset({"saleor1c.invoice"})
    #: What happened before is somebody else's.
    since: datetime | None = None
    #: Part of the name of a way to pay, or of its gateway (in lower case) → what it is.
    means: Mapping[str, Means] = field(
        default_factory=lambda: {"налич": Means.CASH, "cash": Means.CASH}
    )
    #: Address of the store in the web.
    place: str = ""
