"""What the shop's order does not say, and its document must."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from ...commerceml.documents import DocumentWarehouse, Operation
from ...store.orders import Named, OrderStatus
from ...store.status_names import STATUS_NAMES
from .text import one_line

#: Words of a payment's method or gateway → what 1C books it as; the first that fits counts.
PAYMENT_OPERATIONS: Mapping[str, Operation] = {
    "безнал": Operation.CASHLESS_PAYMENT,
    "cashless": Operation.CASHLESS_PAYMENT,
    "карт": Operation.CARD_PAYMENT,
    "card": Operation.CARD_PAYMENT,
    "эквайр": Operation.CARD_PAYMENT,
    "acquir": Operation.CARD_PAYMENT,
    # Faster payments and banks' own buttons come by the acquiring bank, as cards do.
    "сбп": Operation.CARD_PAYMENT,
    "sberpay": Operation.CARD_PAYMENT,
    "t-pay": Operation.CARD_PAYMENT,
    "налич": Operation.CASH_PAYMENT,
    "налож": Operation.CASH_PAYMENT,
    "cash": Operation.CASH_PAYMENT,
}


@dataclass(frozen=True, slots=True)
class Terms:
    """Terms of an order's documents.

    Parameters
    ----------
    counterparty_id : id of the buyer in the documents
    zone : the shop's zone, in which documents are dated
    warehouses : the shop's warehouse id → 1C's warehouse
    onec_number, onec_issued : 1C's own number and date of the order, where it has told them
    rate : of the order's currency to the national one
    status_names : what each status is called in 1C's mapping; those left out as in `STATUS_NAMES`
    operations : a word of a payment's method or gateway → how 1C books it, the first that fits;
        without one it is cashless
    site : the shop's name or address, for 1C that has several
    status : instead of the order's own
    requisites : further ones of the order's; they stand instead of those of the same name
    """

    counterparty_id: str
    zone: ZoneInfo
    warehouses: Mapping[str, DocumentWarehouse]
    onec_number: str = ""
    onec_issued: date | None = None
    rate: Decimal = Decimal(1)
    status_names: Mapping[OrderStatus, str] = field(default_factory=lambda: STATUS_NAMES)
    operations: Mapping[str, Operation] = field(default_factory=lambda: PAYMENT_OPERATIONS)
    site: str = ""
    status: Named | None = None
    requisites: tuple[tuple[str, str], ...] = ()

    def local(self, moment: datetime) -> datetime:
        """The shop's wall clock at `moment`, whole seconds, naive as 1C writes it."""
        return moment.astimezone(self.zone).replace(microsecond=0, tzinfo=None)

    def moment(self, text: str) -> str:
        """An ISO 8601 moment by the shop's clock; what is none stays as somebody wrote it."""
        try:
            moment = datetime.fromisoformat(text)
            return self.local(moment).isoformat(" ") if moment.tzinfo else one_line(text)
        except (ValueError, OverflowError):
            return one_line(text)

    def status_name(self, status: OrderStatus) -> str:
        return self.status_names.get(status) or STATUS_NAMES[status]
