"""The state machine: whatever order a payment's snapshots come in, the end is the same."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saleor_1c_plugin.payments.provider import Refund, RefundStatus, Snapshot, Status
from saleor_1c_plugin.payments.states import (
    Asked,
    Known,
    Mismatch,
    merge,
    reports,
    require_match,
)
from saleor_1c_plugin.store.payments import Action, Report, ReportKind

_KOPECK = Decimal("0.01")
_MOST = 1_000_000


@st.composite
def histories(draw: st.DrawFn) -> tuple[Asked, list[Snapshot]]:
    """What a provider would say of a payment, moment after moment."""
    amount = draw(st.integers(1, _MOST)) * _KOPECK
    asked = Asked(amount, "RUB", draw(st.booleans()))
    moment = Snapshot("p1", Status.PENDING, amount, "RUB", attempt="a1")
    history = [moment]
    if asked.two_stage and draw(st.booleans()):
        moment = replace(moment, status=Status.AUTHORISED)
        history.append(moment)
    end = draw(st.sampled_from(["goes on", "cancelled", "charged"]))
    if end == "cancelled":
        was_held = moment.status is Status.AUTHORISED
        moment = replace(moment, status=Status.CANCELLED, was_held=was_held, reason="why")
        history.append(moment)
    if end == "charged" and (moment.status is Status.AUTHORISED or not asked.two_stage):
        part = draw(st.integers(1, int(amount / _KOPECK))) * _KOPECK
        taken = part if asked.two_stage else amount
        moment = replace(moment, status=Status.CHARGED, amount=taken)
        history.append(moment)
        left = int(taken / _KOPECK)
        for number in range(draw(st.integers(0, 3))):
            if not left:
                break
            units = draw(st.integers(1, left))
            refund = Refund(f"r{number}", RefundStatus.PENDING, units * _KOPECK, "RUB")
            others = moment.refunds
            history.append(replace(moment, refunds=(*others, refund)))
            how = draw(st.sampled_from([RefundStatus.DONE, RefundStatus.FAILED]))
            moment = replace(moment, refunds=(*others, replace(refund, status=how)))
            history.append(moment)
            left -= units if how is RefundStatus.DONE else 0
    return asked, history


def seen(asked: Asked, snapshots: Sequence[Snapshot]) -> tuple[Known, dict[str, Report]]:
    """What is known after these, and all that was told on the way."""
    known, told = Known(), {}
    for snapshot in snapshots:
        require_match(asked, snapshot)
        known = merge(known, snapshot)
        for report in reports(asked, known, "p1", "t1"):
            told.setdefault(f"{report.kind}:{report.reference}", report)
    return known, told


@given(data=st.data(), made=histories())
def test_any_order_with_repetitions_and_gaps_ends_the_same(
    data: st.DataObject, made: tuple[Asked, list[Snapshot]]
) -> None:
    asked, history = made
    expected, told = seen(asked, [history[-1]])
    mixed = data.draw(st.lists(st.sampled_from(history), max_size=12))
    mixed.insert(data.draw(st.integers(0, len(mixed))), history[-1])
    known, mixed_told = seen(asked, mixed)
    assert (known.status, known.charged, known.refunded) == (
        *(expected.status, expected.charged),
        expected.refunded,
    )
    assert known.actions == expected.actions
    assert set(mixed_told) == set(told)
    assert {key: one.amount for key, one in mixed_told.items()} == {
        key: one.amount for key, one in told.items()
    }


@given(made=histories())
def test_what_is_reported_adds_up_to_the_money_that_moved(
    made: tuple[Asked, list[Snapshot]],
) -> None:
    asked, history = made
    _, told = seen(asked, history)
    last = history[-1]

    def total(kind: ReportKind) -> Decimal:
        return sum((one.amount for one in told.values() if one.kind is kind), Decimal(0))

    taken = last.amount if last.status is Status.CHARGED else Decimal(0)
    done = (one.amount for one in last.refunds if one.status is RefundStatus.DONE)
    assert total(ReportKind.CHARGED) == taken
    assert total(ReportKind.REFUNDED) == sum(done, Decimal(0))
    if last.status in (Status.CHARGED, Status.CANCELLED):
        # Nothing stays held.
        held = total(ReportKind.AUTHORISED) - total(ReportKind.CANCELLED)
        assert held == (taken if total(ReportKind.AUTHORISED) else 0)


def test_what_can_be_done_follows_the_money() -> None:
    asked = Asked(Decimal(10), "RUB", True)
    moment = Snapshot("p1", Status.AUTHORISED, Decimal(10), "RUB")
    assert seen(asked, [moment])[0].actions == (Action.CHARGE, Action.CANCEL)
    taken = replace(moment, status=Status.CHARGED)
    assert seen(asked, [taken])[0].actions == (Action.REFUND,)
    refund = Refund("r", RefundStatus.DONE, Decimal(10), "RUB")
    assert seen(asked, [replace(taken, refunds=(refund,))])[0].actions == ()


ASKED = Asked(Decimal("100.00"), "RUB", False)
PAID = Snapshot("p1", Status.CHARGED, Decimal(100), "RUB")
_BACK = Refund("r1", RefundStatus.DONE, Decimal("60.00"), "RUB")


@pytest.mark.parametrize(
    ("asked", "snapshot"),
    [
        (ASKED, replace(PAID, amount=Decimal("99.99"))),
        (ASKED, replace(PAID, amount=Decimal("100.01"))),
        (ASKED, replace(PAID, currency="USD")),
        (ASKED, replace(PAID, amount=Decimal("1.00"), status=Status.PENDING)),
        (ASKED, replace(PAID, refunds=(_BACK, replace(_BACK, id="r2")))),
        (ASKED, replace(PAID, refunds=(replace(_BACK, currency="USD"),))),
        (replace(ASKED, two_stage=True), replace(PAID, amount=Decimal("100.01"))),
        (replace(ASKED, two_stage=True), replace(PAID, amount=Decimal(0))),
        (
            replace(ASKED, two_stage=True),
            replace(PAID, amount=Decimal(99), status=Status.AUTHORISED),
        ),
    ],
)
def test_what_was_not_asked_for_is_refused(asked: Asked, snapshot: Snapshot) -> None:
    require_match(asked, PAID)
    with pytest.raises(Mismatch):
        require_match(asked, snapshot)
