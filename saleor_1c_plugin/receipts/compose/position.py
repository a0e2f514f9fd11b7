"""How an order stands at the moment of a fact: what has left, what is settled, what is open."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal

from ...store.orders import Order, Shipment
from .document import DELIVERY, Buyer, Item, Kind, Means, PaymentMethod, Receipt, Vat
from .goods import Goods, money
from .ledger import Ledger
from .metadata import Code
from .problem import Problem
from .rates import vat
from .terms import Terms

_NONE = Decimal(0)


@dataclass(frozen=True, slots=True)
class Handed:
    """Units of a line that are handed over, and what they cost in kopecks."""

    goods: Goods
    units: Decimal
    value: int


@dataclass(slots=True)
class Position:
    """An order at a moment, with the receipts that it has.

    `elsewhere` are shipments that are none of ours: others have settled them. `foreign` is the
    money that others have receipts of, or that needs none, in kopecks.
    """

    order: Order
    terms: Terms
    goods: Sequence[Goods]
    buyer: Buyer
    ledger: Ledger
    at: datetime
    elsewhere: frozenset[str] = frozenset()
    foreign: int = 0
    #: By the seller's clock; and when the order was placed.
    day: date = field(init=False)
    _agreed: date = field(init=False)
    _left: dict[str, int] = field(init=False)
    _here: dict[str, int] = field(init=False)
    _away: dict[str, int] = field(init=False)
    _returned: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        self.day = self.at.astimezone(self.terms.zone).date()
        self._agreed = min(self.day, self.order.created.astimezone(self.terms.zone).date())
        gone = [
            shipment
            for shipment in self.order.shipments
            if shipment.at <= self.at and not shipment.cancelled
        ]
        ours = [shipment for shipment in gone if shipment.id not in self.elsewhere]
        self._left = units(ours)
        self._here = units(shipment for shipment in ours if not shipment.returned)
        # What came back is often written down after its money.
        self._returned = units(
            shipment
            for shipment in self.order.shipments
            if shipment.returned and not shipment.cancelled
        )
        # All that others have settled, whenever: it is not paid for to us.
        self._away = units(
            shipment
            for shipment in self.order.shipments
            if shipment.id in self.elsewhere and not shipment.cancelled
        )

    def after(self, receipt: Receipt) -> "Position":
        """How it stands once `receipt` is made, too."""
        ledger = self.ledger.copy()
        ledger.add(receipt)
        return replace(self, ledger=ledger)

    def vat(self, goods: Goods, *, advance: bool) -> Vat:
        try:
            return vat(goods.tax_rate, self.day, agreed=self._agreed, advance=advance)
        except Problem as problem:
            raise Problem(f"{goods.name}: {problem}") from None

    def open_units(self, goods: Goods) -> Decimal:
        """Of a line, what nobody has settled yet."""
        settled = self.ledger.settled_units.get(goods.line_id)
        away = self._away.get(goods.line_id)
        if not (settled or away):
            return goods.units
        return max(_NONE, goods.units - (settled or 0) - (away or 0))

    def open_value(self, goods: Goods) -> int:
        """What those cost, in kopecks, paid for before or not."""
        if not self.open_units(goods):
            return 0
        value = goods.value - self.ledger.settled_value.get(goods.line_id, 0)
        if away := self._away.get(goods.line_id):
            value -= part(goods.value, Decimal(away), goods.units)
        return max(0, value)

    def available(self) -> int:
        """Money paid before, by whatever means, that can be set off when goods are handed over."""
        return self.ledger.set_aside() + self.ledger.gift_cards_left + self._foreign_left()

    def own(self) -> int:
        """Of :meth:`available`, what there are receipts of, and gift cards."""
        return self.ledger.set_aside() + self.ledger.gift_cards_left

    def _foreign_left(self) -> int:
        return max(0, self.foreign - self.ledger.foreign_used)

    def left_unsettled(self) -> list[Handed]:
        """Goods that have left and not come back, and that no receipt has settled yet."""
        return self._handed(self._here)

    def left_with(self, shipment: Shipment) -> list[Handed]:
        """Of :meth:`left_unsettled`, what is in a shipment."""
        return self._handed(units([shipment]))

    def all_unsettled(self) -> list[Handed]:
        """All that nobody has settled, whether or not it has left."""
        return [
            Handed(goods, left, self.open_value(goods))
            for goods in self.goods
            if not goods.is_gift_card and (left := self.open_units(goods))
        ]

    def _handed(self, most: Mapping[str, int]) -> list[Handed]:
        found = []
        for goods in self.goods:
            line_id = goods.line_id
            if line_id not in most or goods.is_gift_card:
                continue
            left = self.open_units(goods)
            unsettled = self._left.get(line_id, 0) - self.ledger.settled_units[line_id]
            taken = min(Decimal(most[line_id]), unsettled, left)
            if taken > 0:
                found.append(Handed(goods, taken, part(self.open_value(goods), taken, left)))
        if found:
            # It is rendered with the first goods: there may be no others.
            found += [row for row in self.all_unsettled() if row.goods.line_id == DELIVERY]
        return found

    def returned(self, line_id: str) -> Decimal:
        """Units that came back, and whose money was not given back yet."""
        done = self.ledger.returned_units[line_id]
        return max(_NONE, Decimal(self._returned.get(line_id, 0)) - done)

    def items(self, handed: Sequence[Handed], method: PaymentMethod) -> list[Item]:
        """Items of goods that are handed over, with their codes."""
        found = []
        for row in handed:
            codes: Sequence[Code] = ()
            if row.goods.codes or row.goods.needs_codes:
                unused = [code for code in row.goods.codes if code.text not in self.ledger.codes]
                codes = unused[: int(row.units)]
                if len(codes) < row.units:
                    raise Problem(
                        f"{row.goods.name}: нужно кодов маркировки {int(row.units)}, "
                        f"указано {len(codes)}"
                    )
            rate = self.vat(row.goods, advance=False)
            found += row.goods.items(row.value, row.units, method, rate, codes)
        return found

    def receipt(self, kind: Kind, items: Sequence[Item], paid: dict[Means, int]) -> Receipt:
        return Receipt(
            kind,
            self.terms.tax_system,
            tuple(items),
            {means: money(amount) for means, amount in paid.items() if amount},
            self.buyer,
            place=self.terms.place,
        )


def units(shipments: Iterable[Shipment]) -> dict[str, int]:
    found: defaultdict[str, int] = defaultdict(int)
    for shipment in shipments:
        for line in shipment.lines:
            found[line.line_id] += line.quantity
    return found


def part(value: int, some: Decimal, all_: Decimal) -> int:
    """What `some` of `all_` units cost that cost `value` together; rounded half up."""
    if some == all_:
        return value
    if some == int(some) and all_ == int(all_):
        return (2 * value * int(some) + int(all_)) // (2 * int(all_))
    return int((value * some / all_).quantize(Decimal(1)))


def handing_over(prepaid: int, credit: int) -> PaymentMethod:
    """How goods that are handed over are paid for."""
    if not credit:
        return PaymentMethod.FULL_PAYMENT
    return PaymentMethod.PARTIAL_PAYMENT if prepaid else PaymentMethod.CREDIT
