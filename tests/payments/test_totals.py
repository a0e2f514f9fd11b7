"""Refunds that are found by what is left: whatever was asked, and whoever has done it."""

from dataclasses import replace
from decimal import Decimal

import pytest

from saleor_1c_plugin.payments import states
from saleor_1c_plugin.payments.provider import Left, Refund, RefundStatus, Snapshot, Status
from saleor_1c_plugin.payments.states import Asked, Known, Mismatch
from saleor_1c_plugin.payments.totals import Wanted, listed

ASKED = Asked(Decimal("100.00"), "RUB", two_stage=False)
PAID = Known(status=Status.CHARGED, charged=Decimal("100.000"))
DONE, PENDING, FAILED = RefundStatus.DONE, RefundStatus.PENDING, RefundStatus.FAILED


def seen(left: str | None, *, is_reduced: bool = True, problem: str = "") -> Snapshot:
    amount = None if left is None else Decimal(left)
    return Snapshot(
        "7",
        *(Status.CHARGED, amount or Decimal(0), "RUB"),
        left=Left(amount, is_reduced, problem),
    )


def wanted(name: str, amount: str, *, is_seen: bool = False, is_old: bool = False) -> Wanted:
    return Wanted(name, Decimal(amount), is_seen, is_old)


def found(
    snapshot: Snapshot, *ones: Wanted, known: Known = PAID
) -> list[tuple[str, RefundStatus, Decimal]]:
    told = listed(snapshot, ASKED, known, ones, None)
    assert told.amount == known.charged or known.status is not Status.CHARGED
    states.require_match(ASKED, told)
    return [(one.id, one.status, one.amount) for one in told.refunds]


def test_nothing_is_given_back() -> None:
    assert found(seen("100", is_reduced=False)) == []
    assert found(seen("100", is_reduced=False), wanted("a", "30")) == []


def test_ours_is_known_by_its_amount() -> None:
    assert found(seen("70"), wanted("a", "30")) == [("a", DONE, Decimal(30))]


def test_one_in_the_cabinet_is_known_by_the_total() -> None:
    assert found(seen("70")) == [("7:30.00", DONE, Decimal(30))]
    refund = Refund("7:30.00", DONE, Decimal(30), "RUB")
    known = replace(PAID, refunds={refund.id: refund})
    assert found(seen("70"), known=known) == []
    assert found(seen("45.5"), known=known) == [("7:54.50", DONE, Decimal("24.5"))]


def test_two_of_ours_are_found_at_once_in_their_order() -> None:
    ones = (wanted("a", "30"), wanted("b", "20"))
    assert found(seen("50"), *ones) == [("a", DONE, Decimal(30)), ("b", DONE, Decimal(20))]
    assert found(seen("70"), *ones) == [("a", DONE, Decimal(30))]
    assert found(seen("80"), *ones) == [("b", DONE, Decimal(20))]


def test_where_it_can_not_be_told_ours_is_done_and_the_rest_is_somebody_elses() -> None:
    assert found(seen("60"), wanted("a", "30")) == [
        ("a", DONE, Decimal(30)),
        ("7:40.00", DONE, Decimal(10)),
    ]


def test_less_than_ours_is_somebody_elses() -> None:
    assert found(seen("90"), wanted("a", "30")) == [("7:10.00", DONE, Decimal(10))]


def test_one_that_is_under_way_is_the_one_that_was_asked_first() -> None:
    ones = (wanted("a", "30"), wanted("b", "20"))
    assert found(seen(None), *ones) == [("a", PENDING, Decimal(30))]
    first = replace(ones[1], is_seen=True)
    assert found(seen(None), ones[0], first) == [("b", PENDING, Decimal(20))]
    assert found(seen(None)) == []


def test_one_that_was_under_way_has_failed_when_nothing_is_missing() -> None:
    one = wanted("a", "30", is_seen=True, is_old=True)
    assert found(seen("100", is_reduced=False), one) == [("a", FAILED, Decimal(30))]
    told = listed(seen("100", is_reduced=False, problem="no account"), ASKED, PAID, [one], None)
    assert told.refunds[0].reason == "no account"
    # An answer from before it was asked for says nothing of it.
    assert found(seen("100", is_reduced=False), replace(one, is_old=False)) == []


def test_an_older_answer_takes_nothing_back() -> None:
    refund = Refund("a", DONE, Decimal(30), "RUB")
    known = replace(PAID, refunds={"a": refund})
    assert found(seen("100", is_reduced=False), known=known) == []
    assert found(seen("90"), wanted("b", "5"), known=known) == []


def test_what_was_taken_is_what_was_asked_for_unless_more_is_known() -> None:
    nothing = Known()
    assert listed(seen("70"), ASKED, nothing, [], None).amount == 100
    assert listed(seen("0"), ASKED, nothing, [], Decimal(60)).amount == 60
    told = listed(seen("0"), ASKED, nothing, [], Decimal(60))
    assert [one.amount for one in told.refunds] == [Decimal(60)]


@pytest.mark.parametrize("left", ["100.01", "5000"])
def test_more_than_was_asked_for_fits_nothing(left: str) -> None:
    told = listed(seen(left), ASKED, Known(), [], None)
    with pytest.raises(Mismatch):
        states.require_match(ASKED, told)


def test_what_was_never_taken_has_no_refunds() -> None:
    gone = replace(seen("0"), status=Status.CANCELLED)
    told = listed(gone, ASKED, Known(), [], None)
    assert (told.amount, told.refunds) == (100, ())
