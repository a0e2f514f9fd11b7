"""The merchant's rules, a line each."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from saleor_1c_plugin.history.event import Event, Kind
from saleor_1c_plugin.messaging.rules import Rule, RuleError, fitting, parse

CHANNELS = ("telegram", "sms", "email")


def event(kind: Kind = Kind.ORDER_PLACED, **data: Any) -> Event:
    return Event("1", kind, datetime(2026, 11, 26, tzinfo=UTC), data=data)


def test_a_line_is_a_rule() -> None:
    rule = parse("order.placed total>=1000,50 = Telegram, sms", CHANNELS)
    assert rule == Rule(Kind.ORDER_PLACED, ("telegram", "sms"), least=Decimal("1000.50"))
    assert str(rule) == "order.placed total>=1000.50 = telegram, sms"
    assert parse(str(rule), CHANNELS) == rule
    shipped = parse("order.status:shipped=email", CHANNELS)
    assert (shipped.kind, shipped.status, shipped.channels) == (
        Kind.ORDER_STATUS,
        "shipped",
        ("email",),
    )


@pytest.mark.parametrize(
    "line",
    [
        "order.placed",
        "= email",
        "order.placed =",
        "order.placed = pigeon",
        "order.lost = email",
        # Nobody is told of that.
        "message.sent = email",
        "order.status:lost = email",
        "order.paid:open = email",
        "order.placed total>1000 = email",
        "order.placed total>=much = email",
        "order.placed total>=-1 = email",
        "order.placed total>=NaN = email",
    ],
)
def test_what_is_no_rule_is_refused(line: str) -> None:
    with pytest.raises(RuleError) as told:
        parse(line, CHANNELS)
    assert str(told.value)


def test_a_rule_fits_its_events() -> None:
    rule = parse("order.status:shipped total>=100 = email", CHANNELS)
    assert rule.fits(event(Kind.ORDER_STATUS, status="shipped", total="100.00"))
    assert not rule.fits(event(Kind.ORDER_STATUS, status="shipped", total="99.99"))
    assert not rule.fits(event(Kind.ORDER_STATUS, status="open", total="100.00"))
    assert not rule.fits(event(Kind.ORDER_PAID, status="shipped", total="100.00"))
    assert not rule.fits(event(Kind.ORDER_STATUS, status="shipped", total="?"))


def test_a_parcel_with_a_number_is_told_of_once() -> None:
    sent = parse("shipment.sent = email", CHANNELS)
    by_number = parse("shipment.tracking = email", CHANNELS)
    with_number = event(Kind.SHIPMENT_SENT, tracking="80080")
    assert fitting([sent], with_number) == [sent]
    assert fitting([sent, by_number], with_number) == []
    assert fitting([sent, by_number], event(Kind.SHIPMENT_SENT, tracking="")) == [sent]
