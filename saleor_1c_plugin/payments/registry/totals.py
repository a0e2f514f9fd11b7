"""What a period comes to, day by day: pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from ..provider import EntryKind
from .matching import Row


@dataclass(slots=True)
class Total:
    """An account's day in one currency, by the provider's words; `sold` and `returned` the shop's.

    `fees` are those that the provider has told.
    """

    day: date
    provider: str
    account: str
    currency: str
    payments: int = 0
    paid: Decimal = Decimal(0)
    refunds: int = 0
    given_back: Decimal = Decimal(0)
    fees: Decimal = Decimal(0)
    #: Entries of which the provider does not tell the fee.
    without_fee: int = 0
    sold: Decimal = Decimal(0)
    returned: Decimal = Decimal(0)
    differences: int = 0
    #: Currency → what of it has come to the account in that one, less what was taken from it.
    converted: dict[str, Decimal] = field(default_factory=dict)

    @property
    def net(self) -> Decimal:
        """What the provider owes for it, as far as the fees are known."""
        return self.paid - self.given_back - self.fees


def totals(rows: Iterable[Row], zone: ZoneInfo) -> list[Total]:
    """The newest day first."""
    found: dict[tuple[date, str, str, str], Total] = {}
    for row in rows:
        fact = row.fact
        key = fact.at.astimezone(zone).date(), fact.provider, row.account, fact.currency
        total = found.get(key)
        if total is None:
            found[key] = total = Total(*key)
        is_payment = fact.kind is EntryKind.PAYMENT
        total.differences += row.is_difference
        if row.listed is not None:
            _count(total, row.listed.amount, is_payment=is_payment)
            total.fees += row.listed.fee or 0
            total.without_fee += is_payment and row.listed.fee is None
            if (one := row.listed.converted) is not None:
                before = total.converted.get(one.currency, Decimal(0))
                total.converted[one.currency] = before + (one.amount if is_payment else -one.amount)
        if row.sold is not None and is_payment:
            total.sold += row.sold.amount
        elif row.sold is not None:
            total.returned += row.sold.amount
    by_name = sorted(found.values(), key=lambda total: (total.provider, total.account))
    return sorted(by_name, key=lambda total: total.day, reverse=True)


def _count(total: Total, amount: Decimal, *, is_payment: bool) -> None:
    if is_payment:
        total.payments += 1
        total.paid += amount
    else:
        total.refunds += 1
        total.given_back += amount
