"""Sums of a document's lines, so that they add up to the last kopeck.

What holds for every document made from these, whether the shop's prices are with tax or without:

* ``Сумма`` of a line = price × quantity − its discounts;
* ``Сумма`` of the document = ``Сумма`` of its lines + those taxes that are not included in them.
  1C writes it so too: the document's sum is what the buyer pays;
* the document's taxes are its lines' taxes, rate by rate.

A price is that of one unit before discounts, in the currency's smallest unit. Where the total
can't be divided so (10.00 for three), it is rounded up and a discount makes the difference. To
split the line in two of 3.33 and 3.34 would give two rows of the same goods, which do not match
the shop's line when 1C sends it back. 1C keeps ``Сумма`` and derives the discount from it
(УНФ's ОбменССайтом: percent = 100 × (price × quantity − sum) / (price × quantity)), so the sum
survives. A price of nought makes 1C look its own one up; hence free goods go at their price, with
a discount of all of it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from functools import lru_cache

from ...commerceml.documents import DocumentDiscount, DocumentLine, DocumentTax
from ...commerceml.model import TaxRate

TAX = "НДС"
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Cost:
    """What goods cost: `price` of one, `before` and `amount` of all before and after discounts.

    In the money in which the shop enters its prices; `tax` is part of `amount` or comes on top.
    """

    quantity: int
    price: Decimal
    before: Decimal
    amount: Decimal
    tax: Decimal

    def discounts(self, name: str) -> tuple[DocumentDiscount, ...]:
        """The discount called `name`, and what rounding the price up came to."""
        found = []
        if self.before > self.amount:
            found.append(DocumentDiscount(name, self.before - self.amount))
        rounding = self.price * self.quantity - self.before
        if rounding:
            found.append(DocumentDiscount("Округление цены", rounding))
        return tuple(found)

    def part(self, done: int, quantity: int, unit: Decimal) -> "Cost":
        """Cost of `quantity` pieces when `done` were counted before: the parts make the whole."""
        return Cost(
            quantity,
            self.price,
            self.price * quantity,
            _part(self.amount, done, quantity, self.quantity, unit),
            _part(self.tax, done, quantity, self.quantity, unit),
        )


def cost(
    quantity: int,
    net: Decimal,
    gross: Decimal,
    undiscounted: Decimal,
    *,
    with_tax: bool,
    unit: Decimal,
) -> Cost:
    """Cost of a line by the shop's totals; `undiscounted` is gross when `with_tax`, else net.

    `unit` is the currency's smallest.
    """
    amount = gross if with_tax else net
    before = max(undiscounted, amount)
    price = before
    if quantity > 1:
        price = (before / quantity).quantize(unit, ROUND_CEILING)
    return Cost(quantity, price, before, amount, gross - net)


@lru_cache
def tax_rate(rate: Decimal | None) -> TaxRate:
    """A rate by its fraction: ``0.22`` is 22 %."""
    if rate is None:
        return TaxRate(TAX, None)
    percent = (rate * 100).normalize()
    # Twenty is 20 and not 2E+1.
    return TaxRate(TAX, percent.quantize(Decimal(1)) if percent == int(percent) else percent)


def total(lines: Iterable[DocumentLine]) -> tuple[Decimal, tuple[DocumentTax, ...]]:
    """Sum of a document with these lines, and its taxes rate by rate, in the lines' order.

    Without a taxed line there are none: 1C then takes the document as not liable to tax.
    """
    amount = ZERO
    taxes: dict[tuple[TaxRate | None, bool], Decimal] = {}
    for line in lines:
        amount += line.amount
        for tax in line.taxes:
            if not tax.included:
                amount += tax.amount
            if tax.amount or (tax.rate and tax.rate.percent is not None):
                key = tax.rate, tax.included
                taxes[key] = taxes.get(key, ZERO) + tax.amount
    return amount, tuple(
        DocumentTax(TAX, sum_, rate, included) for (rate, included), sum_ in taxes.items()
    )


def _part(whole: Decimal, done: int, quantity: int, pieces: int, unit: Decimal) -> Decimal:
    def up_to(count: int) -> Decimal:
        if count >= pieces:
            return whole
        return (whole * count / pieces).quantize(unit, ROUND_HALF_UP)

    return up_to(done + quantity) - up_to(done)
