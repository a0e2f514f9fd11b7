"""Orders as shops have them, and as they should not be, for properties that hold for all."""

from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from saleor_1c_plugin.commerceml.documents import DocumentWarehouse
from saleor_1c_plugin.orders.outgoing.compose import Terms
from saleor_1c_plugin.store.orders import (
    Address,
    Buyer,
    DiscountKind,
    Order,
    OrderDiscount,
    OrderLine,
    OrderStatus,
    Payment,
    PaymentKind,
    Shipment,
    ShipmentLine,
)

#: Currency → its smallest unit.
CURRENCIES = {"RUB": Decimal("0.01"), "JPY": Decimal(1), "KWD": Decimal("0.001")}
RATES = [None, *map(Decimal, ("0", "0.05", "0.0625", "0.07", "0.10", "0.20", "0.22"))]

TERMS = Terms(
    counterparty_id="buyer",
    zone=ZoneInfo("Europe/Moscow"),
    warehouses={"w1": DocumentWarehouse("onec-1", "Основной")},
)

#: Empty, long, Cyrillic, control signs, halves of surrogate pairs.
ODD = ["", "Иванов", "ул. Ленина, д. 5, кв. 10", "\x00\x1f", "  ", "я" * 10_000, "\ud800", "x\ty"]
texts = st.one_of(st.sampled_from(ODD), st.text(max_size=5))
moments = st.datetimes(
    min_value=datetime(2000, 1, 1),  # noqa: DTZ001
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
metadata = st.dictionaries(
    st.sampled_from(["inn", "ИНН", "kpp", "onec.unit", "onec.ТипНоменклатуры", "onec.reservation"]),
    texts,
    max_size=3,
)
addresses = st.builds(
    Address,
    *[texts] * 12,
    metadata=metadata,
)


def taxed(amount: Decimal, rate: Decimal | None, unit: Decimal, with_tax: bool) -> Decimal:
    """Tax in `amount`, or on top of it, rounded as a shop does."""
    tax = amount * (rate or 0)
    if with_tax:
        tax /= 1 + (rate or 0)
    return tax.quantize(unit, ROUND_HALF_UP)


@st.composite
def amounts(
    draw: st.DrawFn, quantity: int, unit: Decimal, with_tax: bool
) -> tuple[Decimal, Decimal, Decimal, Decimal | None]:
    """Net, gross, undiscounted and rate of a line."""
    if draw(st.booleans()):
        undiscounted = draw(st.integers(0, 10_000_00)) * unit * quantity
    else:
        undiscounted = draw(st.integers(0, 10_000_000)) * unit
    off = draw(st.one_of(st.just(Decimal(0)), st.just(Decimal(1)), st.decimals(0, 1, places=4)))
    amount = (undiscounted * (1 - off)).quantize(unit, ROUND_HALF_UP)
    rate = draw(st.sampled_from(RATES))
    tax = taxed(amount, rate, unit, with_tax)
    return (amount - tax, amount, undiscounted, rate) if with_tax else (
        amount, amount + tax, undiscounted, rate
    )  # fmt: skip


@st.composite
def lines(draw: st.DrawFn, number: int, unit: Decimal, with_tax: bool) -> OrderLine:
    quantity = draw(st.one_of(st.integers(1, 10), st.integers(1, 1000)))
    net, gross, undiscounted, rate = draw(amounts(quantity, unit, with_tax))
    return OrderLine(
        id=f"line-{number}",
        name=draw(texts),
        quantity=quantity,
        total_net=net,
        total_gross=gross,
        undiscounted=undiscounted,
        key=draw(st.sampled_from(["", "a7b0c1d2#e3", "a7b0c1d2"])),
        sku=draw(texts),
        variant_name=draw(texts),
        tax_rate=rate,
        discount_reason=draw(texts),
        warehouse_id=draw(st.sampled_from(["", "w1", "w2"])),
        metadata=draw(metadata),
    )


@st.composite
def shipments(draw: st.DrawFn, goods: list[OrderLine], whole: bool) -> tuple[Shipment, ...]:
    """Shipments of the lines, of all of them when `whole`."""
    left = {line.id: line.quantity for line in goods}
    found = []
    for number in range(draw(st.integers(1, 4))):
        rows = []
        for line_id, most in left.items():
            if quantity := draw(st.integers(0, most)):
                rows.append(ShipmentLine(line_id, quantity))
                left[line_id] -= quantity
        found.append(_shipment(draw, number, rows))
    if whole:
        rest = [ShipmentLine(line_id, quantity) for line_id, quantity in left.items() if quantity]
        found.append(_shipment(draw, len(found), rest))
    return tuple(found)


def _shipment(draw: st.DrawFn, number: int, rows: list[ShipmentLine]) -> Shipment:
    return Shipment(
        f"shipment-{number}", f"1-{number}", draw(moments), tuple(rows), warehouse_id="w1"
    )


payments = st.builds(
    Payment,
    id=st.uuids().map(str),
    kind=st.sampled_from(PaymentKind),
    amount=st.decimals(0, 1_000_000, places=2),
    at=moments,
    method=st.one_of(texts, st.sampled_from(["Наличные", "Банковская карта", "По счёту"])),
    gateway=texts,
    reference=texts,
    refunds=texts,
    from_onec=st.booleans(),
)
discounts = st.builds(
    OrderDiscount, st.sampled_from(DiscountKind), texts, st.decimals(0, 1000, places=2), texts
)


@st.composite
def orders(draw: st.DrawFn, *, shipped: bool = False) -> Order:
    """Orders whose lines add up, with anything else in them; all of it shipped when `shipped`."""
    currency, unit = draw(st.sampled_from(list(CURRENCIES.items())))
    with_tax = draw(st.booleans())
    goods = [draw(lines(number, unit, with_tax)) for number in range(draw(st.integers(1, 8)))]
    net, gross, undiscounted, rate = draw(amounts(1, unit, with_tax))
    total_gross = sum((line.total_gross for line in goods), gross)
    card = draw(st.integers(0, int(total_gross / unit))) * unit
    return Order(
        id=draw(st.uuids().map(str)),
        number=draw(texts),
        status=draw(st.sampled_from(OrderStatus)),
        channel=draw(texts),
        currency=currency,
        created=draw(moments),
        updated=draw(moments),
        buyer=draw(st.builds(Buyer, texts, texts, texts, texts, metadata)),
        lines=tuple(goods),
        total_net=sum((line.total_net for line in goods), net),
        total_gross=total_gross,
        prices_with_tax=with_tax,
        billing=draw(st.none() | addresses),
        shipping=draw(st.none() | addresses),
        delivery_id=draw(texts),
        delivery_name=draw(texts),
        delivery_net=net,
        delivery_gross=gross,
        delivery_undiscounted=undiscounted,
        delivery_tax_rate=rate,
        pickup_id=draw(st.sampled_from(["", "w1", "w2"])),
        pickup_name=draw(texts),
        discounts=tuple(draw(st.lists(discounts, max_size=2))),
        gift_cards=draw(st.sampled_from([(), (("1234", card),)])),
        payments=tuple(draw(st.lists(payments, max_size=4))),
        shipments=draw(shipments(goods, shipped)) if shipped or draw(st.booleans()) else (),
        paid=draw(st.sampled_from([Decimal(0), total_gross - card])),
        note=draw(texts),
        voucher_code=draw(texts),
        metadata=draw(metadata),
    )
