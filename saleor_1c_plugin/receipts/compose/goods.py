"""What an order sells: its lines and the delivery, as a receipt sees them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ...store.orders import Order, OrderLine
from . import metadata
from .document import (
    DELIVERY,
    AgentKind,
    Item,
    Measure,
    PaymentMethod,
    PaymentObject,
    Supplier,
    Vat,
)
from .metadata import Code
from .problem import Problem
from .spread import split

#: Signs that a register takes of a name (1030).
NAME = 128
_MARKED = {
    PaymentObject.COMMODITY: PaymentObject.COMMODITY_WITH_CODE,
    PaymentObject.EXCISE: PaymentObject.EXCISE_WITH_CODE,
}
_UNMARKED = {marked: plain for plain, marked in _MARKED.items()}


@dataclass(frozen=True, slots=True)
class Goods:
    """A line of the order, or its delivery; `value` is what all of it costs, in kopecks."""

    line_id: str
    name: str
    units: Decimal
    value: int
    tax_rate: Decimal | None
    object: PaymentObject
    measure: Measure = Measure.PIECE
    #: It is money for goods that nobody knows yet.
    is_gift_card: bool = False
    codes: tuple[Code, ...] = ()
    needs_codes: bool = False
    agent: AgentKind | None = None
    supplier: Supplier | None = None

    def items(
        self,
        value: int,
        units: Decimal,
        method: PaymentMethod,
        vat: Vat,
        codes: Sequence[Code] = (),
    ) -> list[Item]:
        """Items over `value` kopecks for so many units; of marked ones, one item a code."""
        if codes:
            return self._marked(value, method, vat, codes)
        return [
            Item(
                self.name,
                (price := money(part.price)),
                part.quantity,
                price if part.amount == part.price else money(part.amount),
                method,
                self.object,
                vat,
                self.measure,
                agent=self.agent,
                supplier=self.supplier,
                line_id=self.line_id,
            )
            for part in split(value, units)
        ]

    def _marked(
        self, value: int, method: PaymentMethod, vat: Vat, codes: Sequence[Code]
    ) -> list[Item]:
        prices = [
            part.price
            for part in split(value, Decimal(len(codes)))
            for _ in range(int(part.quantity))
        ]
        return [
            Item(
                self.name,
                money(price),
                Decimal(1),
                money(price),
                method,
                _MARKED.get(self.object, self.object),
                vat,
                self.measure,
                marking_code=code.text,
                fraction=code.fraction,
                agent=self.agent,
                supplier=self.supplier,
                line_id=self.line_id,
            )
            for price, code in zip(prices, codes, strict=True)
        ]


def unmarked(object_: PaymentObject) -> PaymentObject:
    """The object of goods whose code is not told: nothing is said of where they are."""
    return _UNMARKED.get(object_, object_)


def goods_of(order: Order) -> list[Goods]:
    """The order's lines, and its delivery last where it costs anything.

    Raises
    ------
    Problem
        Metadata says what no receipt can say.
    """
    written = metadata.codes_of_order(order.metadata)
    found = [_line(line, written) for line in order.lines if line.quantity > 0]
    if order.delivery_gross:
        name = one_line(order.delivery_name)
        found.append(
            Goods(
                DELIVERY,
                short(f"Доставка ({name})" if name else "Доставка"),
                Decimal(1),
                kopecks(order.delivery_gross),
                order.delivery_tax_rate,
                PaymentObject.SERVICE,
            )
        )
    return found


def _line(line: OrderLine, written: Mapping[str, object]) -> Goods:
    name = _name(line)
    value = kopecks(line.total_gross)
    units = Decimal(line.quantity)
    if not (line.metadata or written or line.is_gift_card):
        return Goods(line.id, name, units, value, line.tax_rate, PaymentObject.COMMODITY)
    object_ = None if line.is_gift_card else metadata.payment_object(line.metadata)
    agent, supplier = metadata.agent(line.metadata, name) or (None, None)
    codes = next(
        (
            metadata.codes_of_line(written[key], name)
            for key in (line.id, line.sku, line.key)
            if key and key in written
        ),
        None,
    )
    return Goods(
        line.id,
        name,
        units,
        value,
        line.tax_rate,
        PaymentObject.PAYMENT if object_ is None else object_,
        Measure.PIECE if object_ is None else metadata.measure(line.metadata),
        is_gift_card=object_ is None,
        codes=metadata.codes(line.metadata, name) if codes is None else codes,
        needs_codes=line.metadata.get(metadata.MARKED, "").strip().casefold() == "true",
        agent=agent,
        supplier=supplier,
    )


def _name(line: OrderLine) -> str:
    name, variant = one_line(line.name), one_line(line.variant_name)
    if not name:
        return short(variant or one_line(line.sku) or "Товар")
    return short(name if variant in ("", name, line.sku) else f"{name} ({variant})")


def one_line(text: str) -> str:
    """`text` without what can't be printed, its spaces single."""
    if not text.isprintable():
        text = "".join(sign if sign.isprintable() else " " for sign in text)
    return " ".join(text.split())


def short(name: str) -> str:
    return name if len(name) <= NAME else f"{name[: NAME - 1].rstrip()}…"


def money(amount: int) -> Decimal:
    """Kopecks as roubles."""
    return Decimal(amount).scaleb(-2)


def kopecks(amount: Decimal) -> int:
    """Roubles as kopecks."""
    scaled = amount.scaleb(2)
    if scaled != (whole := int(scaled)):
        raise Problem(f"Сумма {amount} — не целое число копеек")
    return whole
