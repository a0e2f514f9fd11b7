"""What happens to orders, one thing after another, in ways that shops know and in odd ones."""

from collections import defaultdict
from dataclasses import dataclass, replace
from decimal import Decimal

from hypothesis import strategies as st

from saleor_1c_plugin.store.orders import (
    Order,
    OrderLine,
    Payment,
    PaymentKind,
    Shipment,
    ShipmentLine,
)

from .samples import hours, line, order

CENT = Decimal("0.01")
RATES = ["0.22", "0.10", "0.07", "0.05", "0", None]


@st.composite
def money(draw: st.DrawFn, most: Decimal) -> Decimal:
    return draw(st.integers(1, int(most / CENT))) * CENT


@st.composite
def lines(draw: st.DrawFn, number: int) -> OrderLine:
    quantity = draw(st.one_of(st.integers(1, 5), st.integers(1, 60)))
    total = draw(st.one_of(st.just(0), st.integers(0, 300), st.integers(0, 100_000_00))) * CENT
    metadata = {}
    if draw(st.integers(0, 4)) == 0:
        metadata["onec.marking"] = "\n".join(f"{number}-{unit}" for unit in range(quantity))
    return line(
        f"line-{number}",
        quantity,
        str(total),
        draw(st.sampled_from(RATES)),
        metadata=metadata,
    )


@st.composite
def orders(draw: st.DrawFn) -> Order:
    goods = [draw(lines(number)) for number in range(draw(st.integers(1, 5)))]
    delivery = draw(st.sampled_from(["0", "0", "300.00", "0.01"]))
    found = order(*goods, delivery=delivery)
    if draw(st.integers(0, 4)) == 0 and found.total_gross:
        card = draw(money(found.total_gross))
        found = replace(found, gift_cards=(("1234", card),))
    return found


@dataclass(frozen=True)
class Step:
    """The order after something has happened to it, and the money that has moved by that."""

    order: Order
    name: str


@st.composite
def histories(draw: st.DrawFn) -> list[Step]:
    """An order from the beginning on."""
    now = draw(orders())
    steps = []
    for number in range(1, draw(st.integers(2, 9))):
        name = draw(st.sampled_from(_KINDS))
        after = _STEPS[name](draw, now, number)
        if after is not None:
            now = replace(after, updated=hours(number))
            steps.append(Step(now, name))
    return steps


def owed(now: Order) -> Decimal:
    cards = sum((amount for _, amount in now.gift_cards), Decimal(0))
    return now.total_gross - cards - received(now)


def received(now: Order) -> Decimal:
    return sum(
        (
            payment.amount if payment.kind is PaymentKind.CHARGE else -payment.amount
            for payment in now.payments
        ),
        Decimal(0),
    )


def _pay(now: Order, amount: Decimal, number: int, kind: PaymentKind) -> Order:
    payment = Payment(f"money-{number}", kind, amount, hours(number), gateway="card")
    return replace(now, payments=(*now.payments, payment))


def _pay_all(draw: st.DrawFn, now: Order, number: int) -> Order | None:
    amount = owed(now)
    return _pay(now, amount, number, PaymentKind.CHARGE) if amount > 0 else None


def _pay_some(draw: st.DrawFn, now: Order, number: int) -> Order | None:
    amount = owed(now)
    if amount <= 0:
        return None
    return _pay(now, draw(money(amount)), number, PaymentKind.CHARGE)


def _pay_too_much(draw: st.DrawFn, now: Order, number: int) -> Order:
    amount = max(owed(now), Decimal(0)) + draw(money(Decimal(500)))
    return _pay(now, amount, number, PaymentKind.CHARGE)


def _give_back_all(draw: st.DrawFn, now: Order, number: int) -> Order | None:
    amount = received(now)
    return _pay(now, amount, number, PaymentKind.REFUND) if amount > 0 else None


def _give_back_some(draw: st.DrawFn, now: Order, number: int) -> Order | None:
    amount = received(now)
    if amount <= 0:
        return None
    return _pay(now, draw(money(amount)), number, PaymentKind.REFUND)


def _shipped(now: Order) -> dict[str, int]:
    """Units that are with the buyer."""
    found: defaultdict[str, int] = defaultdict(int)
    for shipment in now.shipments:
        if not shipment.cancelled:
            for row in shipment.lines:
                found[row.line_id] += 0 if shipment.returned else row.quantity
    return found


def _gone(now: Order) -> dict[str, int]:
    """Units that have left, and may have come back."""
    found: defaultdict[str, int] = defaultdict(int)
    for shipment in now.shipments:
        if not shipment.cancelled:
            for row in shipment.lines:
                found[row.line_id] += row.quantity
    return found


def _ship(draw: st.DrawFn, now: Order, number: int) -> Order | None:
    gone = _gone(now)
    whole = draw(st.booleans())
    rows = []
    for row in now.lines:
        left = row.quantity - gone.get(row.id, 0)
        if left and (quantity := left if whole else draw(st.integers(0, left))):
            rows.append(ShipmentLine(row.id, quantity))
    if not rows:
        return None
    parcel = Shipment(f"parcel-{number}", f"1-{number}", hours(number), tuple(rows))
    return replace(now, shipments=(*now.shipments, parcel))


def _come_back(draw: st.DrawFn, now: Order, number: int) -> Order | None:
    """As Saleor writes it down: units are moved from their parcel to one of what came back."""
    parcels = [one for one in now.shipments if one.lines and not (one.cancelled or one.returned)]
    if not parcels:
        return None
    parcel = draw(st.sampled_from(parcels))
    back, kept = [], []
    for row in parcel.lines:
        quantity = draw(st.integers(0, row.quantity))
        if quantity:
            back.append(ShipmentLine(row.line_id, quantity))
        if row.quantity > quantity:
            kept.append(ShipmentLine(row.line_id, row.quantity - quantity))
    if not back:
        return None
    returned = Shipment(f"back-{number}", f"1-{number}", hours(number), tuple(back), returned=True)
    parcels_now = tuple(
        replace(one, lines=tuple(kept)) if one is parcel else one for one in now.shipments
    )
    return replace(now, shipments=(*parcels_now, returned))


def _give_back_goods(draw: st.DrawFn, now: Order, number: int) -> Order | None:
    """Goods come back, and their money goes back with them."""
    after = _come_back(draw, now, number)
    if after is None:
        return None
    by_id = {row.id: row for row in now.lines}
    worth = sum(
        (
            by_id[row.line_id].total_gross * row.quantity / by_id[row.line_id].quantity
            for row in after.shipments[-1].lines
            if row.line_id in by_id
        ),
        Decimal(0),
    ).quantize(CENT)
    amount = min(worth, received(now))
    return _pay(after, amount, number, PaymentKind.REFUND) if amount > 0 else None


def _cancel_parcel(draw: st.DrawFn, now: Order, number: int) -> Order | None:
    parcels = [one for one in now.shipments if one.lines and not (one.cancelled or one.returned)]
    if not parcels:
        return None
    parcel = draw(st.sampled_from(parcels))
    return replace(
        now,
        shipments=tuple(
            replace(one, cancelled=True) if one is parcel else one for one in now.shipments
        ),
    )


def _change(draw: st.DrawFn, now: Order, number: int) -> Order | None:
    """Goods are added, taken out, or cost something else; never less than has left."""
    gone = _gone(now)
    changed = []
    for row in now.lines:
        match draw(st.sampled_from(["keep", "more", "fewer", "price"])):
            case "more":
                each = row.total_gross / row.quantity
                quantity = row.quantity + draw(st.integers(1, 3))
                changed.append(_priced(row, quantity, (each * quantity).quantize(CENT)))
            case "fewer":
                quantity = draw(st.integers(gone.get(row.id, 0), row.quantity))
                if quantity:
                    share = (row.total_gross * quantity / row.quantity).quantize(CENT)
                    changed.append(_priced(row, quantity, share))
            case "price":
                changed.append(_priced(row, row.quantity, draw(st.integers(0, 100_00)) * CENT))
            case _:
                changed.append(row)
    if draw(st.booleans()):
        changed.append(draw(lines(100 + number)))
    if not changed:
        return None
    total = sum((row.total_gross for row in changed), now.delivery_gross)
    return replace(now, lines=tuple(changed), total_gross=total, total_net=total)


def _priced(row: OrderLine, quantity: int, total: Decimal) -> OrderLine:
    metadata = dict(row.metadata)
    if "onec.marking" in metadata:
        number = row.id.removeprefix("line-")
        metadata["onec.marking"] = "\n".join(f"{number}-{unit}" for unit in range(quantity))
    return replace(row, quantity=quantity, total_gross=total, total_net=total, metadata=metadata)


_STEPS = {
    "pay all": _pay_all,
    "pay some": _pay_some,
    "pay too much": _pay_too_much,
    "ship": _ship,
    "come back": _come_back,
    "give back goods": _give_back_goods,
    "give back all": _give_back_all,
    "give back some": _give_back_some,
    "cancel a parcel": _cancel_parcel,
    "change": _change,
}
#: Paying and shipping is what happens most.
_KINDS = [*_STEPS, "pay all", "pay some", "ship", "ship"]
