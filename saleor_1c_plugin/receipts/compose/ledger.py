"""What the receipts of an order come to: money taken, set off, owed, and goods handed over.

Amounts are kopecks. Nothing is kept elsewhere: the ledger is the sum of the receipts, in the order
in which they were made, whoever made them.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from .document import Item, Means, PaymentMethod, Receipt
from .goods import kopecks
from .spread import times

BEFORE = (PaymentMethod.FULL_PREPAYMENT, PaymentMethod.PREPAYMENT, PaymentMethod.ADVANCE)


@dataclass(slots=True)
class Prepaid:
    """What is left of money that was taken by an item before its goods were handed over."""

    item: Item
    amount: int

    @property
    def line_id(self) -> str:
        return self.item.line_id

    @property
    def is_gift_card(self) -> bool:
        """It buys nothing of this order's, and is never set off in it."""
        return self.item.method is PaymentMethod.ADVANCE and self.line_id != ""


@dataclass(slots=True)
class Lot:
    """What the buyer still has of an item's goods, and what was not given back of its price."""

    item: Item
    units: Decimal
    value: int

    @property
    def line_id(self) -> str:
        return self.item.line_id


@dataclass(slots=True)
class _SetOff:
    """What was set off from where, when goods of some lines were handed over."""

    lines: frozenset[str]
    #: ``None``: gift cards, or money that others have receipts of.
    prepaid: Prepaid | None
    from_gift_cards: bool
    amount: int


class Ledger:
    """Receipts are added one by one.

    Parameters
    ----------
    gift_cards
        What gift cards pay of the order: it is set off first, so that money can be given back.
    """

    def __init__(self, gift_cards: int = 0) -> None:
        self._gift_cards = gift_cards
        self._added: list[tuple[Receipt, bool]] = []
        self._set_offs: list[_SetOff] = []
        self.prepaid: list[Prepaid] = []
        self.lots: list[Lot] = []
        #: Money received and not given back.
        self.money = 0
        #: What the buyer owes for goods that are his, and has paid of what he owed.
        self.credit = 0
        self.credit_paid: list[Prepaid] = []
        self.gift_cards_used = 0
        #: Of money that others have receipts of.
        self.foreign_used = 0
        #: Handed over by line, whether or not they came back: units, and kopecks.
        self.settled_units: defaultdict[str, Decimal] = defaultdict(Decimal)
        self.settled_value: defaultdict[str, int] = defaultdict(int)
        #: Units that came back with their money, by line.
        self.returned_units: defaultdict[str, Decimal] = defaultdict(Decimal)
        self.codes: set[str] = set()

    def copy(self) -> "Ledger":
        """One that can be gone on with alone."""
        other = Ledger(self._gift_cards)
        for receipt, undoes in self._added:
            other.add(receipt, undoes=undoes)
        return other

    @property
    def gift_cards_left(self) -> int:
        return max(0, self._gift_cards - self.gift_cards_used)

    def set_aside(self) -> int:
        """Money of the receipts that can still be set off."""
        return sum(entry.amount for entry in self.prepaid if not entry.is_gift_card)

    def prepaid_by_line(self) -> dict[str, int]:
        found: defaultdict[str, int] = defaultdict(int)
        for entry in self.prepaid:
            found[entry.line_id] += entry.amount
        return found

    def prepaid_total(self) -> int:
        """As :meth:`set_aside`, and what was paid for gift cards."""
        return sum(entry.amount for entry in self.prepaid)

    def sold(self) -> int:
        """Price of the goods that the buyer has."""
        return sum(lot.value for lot in self.lots)

    def without_money(self) -> int:
        """What of :meth:`sold` was paid by gift cards, or by money that others have receipts of."""
        return self.sold() - self.credit - (self.money - self.prepaid_total())

    def add(self, receipt: Receipt, *, undoes: bool = False) -> None:
        """Take a receipt into account.

        Parameters
        ----------
        undoes
            It takes another receipt back: as if goods had never been handed over, or given back.
        """
        self._added.append((receipt, undoes))
        paid = {means: kopecks(amount) for means, amount in receipt.paid.items()}
        lines = frozenset(item.line_id for item in receipt.items if is_handed_over(item))
        set_off = paid.get(Means.PREPAID, 0)
        if receipt.kind.is_refund:
            self._refund(receipt.items, undoes)
            self.money -= kopecks(receipt.moved)
            self.credit -= paid.get(Means.CREDIT, 0)
            self._put_back(set_off, lines)
        else:
            self._set_off(set_off, lines)
            self._sell(receipt.items, undoes)
            self.money += kopecks(receipt.moved)
            self.credit += paid.get(Means.CREDIT, 0)

    def _sell(self, items: Iterable[Item], undoes: bool) -> None:
        for item in items:
            amount = kopecks(item.amount)
            if item.method in BEFORE:
                self.prepaid.append(Prepaid(item, amount))
            elif item.method is PaymentMethod.CREDIT_PAYMENT:
                self.credit_paid.append(Prepaid(item, amount))
                self.credit -= amount
            else:
                units = Decimal(0) if item.keeps else item.quantity
                self.lots.append(Lot(item, units, amount))
                if undoes:
                    self.returned_units[item.line_id] -= units
                    continue
                self.settled_units[item.line_id] += item.quantity
                self.settled_value[item.line_id] += amount
                if item.marking_code:
                    self.codes.add(item.marking_code)

    def _set_off(self, amount: int, lines: frozenset[str]) -> None:
        """Gift cards first, then money for these goods, money for no goods, for other goods."""
        if not amount:
            return
        used = min(amount, self.gift_cards_left)
        if used:
            self.gift_cards_used += used
            self._set_offs.append(_SetOff(lines, None, True, used))
            amount -= used
        entries = [entry for entry in self.prepaid if not entry.is_gift_card]
        entries.sort(
            key=lambda entry: 0 if entry.line_id in lines else 1 if not entry.line_id else 2
        )
        for entry in entries:
            if used := min(amount, entry.amount):
                entry.amount -= used
                amount -= used
                self._set_offs.append(_SetOff(lines, entry, False, used))
        if amount:
            self.foreign_used += amount
            self._set_offs.append(_SetOff(lines, None, False, amount))

    def _put_back(self, amount: int, lines: frozenset[str]) -> None:
        """What was set off for these goods, the last first, then what was for others."""
        last_first = self._set_offs[::-1]
        for done in sorted(last_first, key=lambda done: not lines & done.lines):
            used = min(amount, done.amount)
            done.amount -= used
            amount -= used
            if done.prepaid is not None:
                done.prepaid.amount += used
            elif done.from_gift_cards:
                self.gift_cards_used -= used
            else:
                self.foreign_used -= used

    def _refund(self, items: Iterable[Item], undoes: bool) -> None:
        for item in items:
            amount = kopecks(item.amount)
            if item.method in BEFORE:
                _take(self.prepaid, item, amount)
            elif item.method is PaymentMethod.CREDIT_PAYMENT:
                _take(self.credit_paid, item, amount)
                self.credit += amount
            else:
                self._take_goods(item, amount)
                if undoes:
                    self.settled_units[item.line_id] -= item.quantity
                    self.settled_value[item.line_id] -= amount
                    self.codes.discard(item.marking_code)
                elif not item.keeps:
                    self.returned_units[item.line_id] += item.quantity

    def _take_goods(self, item: Item, amount: int) -> None:
        """Of the lots that are most like the item, and no more than there is."""
        units = Decimal(0) if item.keeps else item.quantity
        lots = [lot for lot in self.lots if lot.line_id == item.line_id and lot.units]
        lots.sort(key=lambda lot: _difference(lot, item))
        touched = []
        for lot in lots:
            if not units:
                break
            gone = min(units, lot.units)
            # The last kopeck goes with the last unit.
            value = (
                lot.value if gone == lot.units else min(lot.value, times(kopecks(item.price), gone))
            )
            value = min(value, amount)
            lot.units -= gone
            lot.value -= value
            units -= gone
            amount -= value
            touched.append(lot)
        for lot in [*touched, *lots] if amount else ():
            value = min(lot.value, amount)
            lot.value -= value
            amount -= value


def is_handed_over(item: Item) -> bool:
    """The item stands for goods that are the buyer's, or were."""
    return item.method not in BEFORE and item.method is not PaymentMethod.CREDIT_PAYMENT


def _difference(lot: Lot, item: Item) -> tuple[bool, Decimal]:
    return (
        lot.item.marking_code != item.marking_code,
        abs(Decimal(lot.value).scaleb(-2) / lot.units - item.price),
    )


def _take(entries: list[Prepaid], item: Item, amount: int) -> None:
    for entry in _alike(entries, item):
        used = min(amount, entry.amount)
        entry.amount -= used
        amount -= used


def _alike(entries: list[Prepaid], item: Item) -> Iterator[Prepaid]:
    """Those of the same line; of the same price first, so that a mirror hits what it mirrors."""
    own = [entry for entry in entries if entry.line_id == item.line_id]
    yield from sorted(
        own, key=lambda entry: (entry.item.vat, entry.item.price) != (item.vat, item.price)
    )
