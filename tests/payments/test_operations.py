"""What staff ask for: done once, whatever answers are lost, and told however it ends."""

from decimal import Decimal

import pytest

from saleor_1c_plugin.payments.models import Operation
from saleor_1c_plugin.payments.provider import RefundStatus, Status
from saleor_1c_plugin.store.payments import Action, ReportKind

from .bank import Bank
from .ledger import Ledger
from .support import AMOUNT, Till

PART = Decimal("500.25")
State = Operation.State


@pytest.fixture
def held(till: Till, bank: Bank) -> None:
    till.pay(authorise=True)
    bank.put("pay-1", status=Status.AUTHORISED)
    till.pay(authorise=True)
    Ledger.clear()


@pytest.fixture
def paid(till: Till, bank: Bank) -> None:
    till.pay()
    bank.put("pay-1", status=Status.CHARGED)
    till.pay()
    Ledger.clear()


def outcome() -> list[tuple[ReportKind, Decimal, str]]:
    return [(one.kind, one.amount, one.asked) for one in Ledger.reports]


@pytest.mark.usefixtures("held")
def test_held_money_is_taken(till: Till, bank: Bank) -> None:
    till.staff(Action.CHARGE)
    assert outcome() == [(ReportKind.CHARGED, AMOUNT, "1")]
    assert Ledger.reports[0].actions == (Action.REFUND,)
    assert Operation.objects.get().state == State.DONE


@pytest.mark.usefixtures("held")
def test_of_a_part_that_is_taken_the_rest_is_let_go(till: Till, bank: Bank) -> None:
    till.staff(Action.CHARGE, PART)
    assert outcome() == [
        (ReportKind.CHARGED, PART, "1"),
        (ReportKind.CANCELLED, AMOUNT - PART, ""),
    ]
    assert bank.has() == PART


@pytest.mark.usefixtures("held")
def test_held_money_is_let_go(till: Till, bank: Bank) -> None:
    till.staff(Action.CANCEL)
    assert outcome() == [(ReportKind.CANCELLED, AMOUNT, "1")]
    assert bank.has() == 0


@pytest.mark.usefixtures("paid")
def test_money_is_given_back_in_parts(till: Till, bank: Bank) -> None:
    till.staff(Action.REFUND, PART, "1")
    assert Ledger.reports[0].actions == (Action.REFUND,)
    till.staff(Action.REFUND, AMOUNT - PART, "2")
    assert outcome() == [
        (ReportKind.REFUNDED, PART, "1"),
        (ReportKind.REFUNDED, AMOUNT - PART, "2"),
    ]
    assert Ledger.reports[-1].actions == ()
    assert bank.has() == 0


@pytest.mark.usefixtures("paid")
def test_the_same_request_is_one_operation(till: Till, bank: Bank) -> None:
    assert till.staff(Action.REFUND, PART) == till.staff(Action.REFUND, PART)
    assert bank.has() == AMOUNT - PART


@pytest.mark.usefixtures("paid")
@pytest.mark.parametrize(
    "faults",
    [["lost"], ["down"], ["lost", "lost", "down"], ["", "down"], ["lost", "", "down", "lost"]],
)
def test_a_refund_whose_answers_are_lost_is_made_once(
    till: Till, bank: Bank, faults: list[str]
) -> None:
    bank.faults = faults
    till.staff(Action.REFUND, PART)
    for _ in range(5):
        till.work()
    assert outcome() == [(ReportKind.REFUNDED, PART, "1")]
    assert bank.has() == AMOUNT - PART


@pytest.mark.usefixtures("held")
@pytest.mark.parametrize("action", [Action.CHARGE, Action.CANCEL])
@pytest.mark.parametrize("faults", [["lost"], ["down"], ["lost", "down", "lost"]])
def test_a_call_whose_answers_are_lost_is_made_again(
    till: Till, bank: Bank, action: Action, faults: list[str]
) -> None:
    bank.faults = faults
    till.staff(action)
    for _ in range(4):
        till.work()
    kind = ReportKind.CHARGED if action is Action.CHARGE else ReportKind.CANCELLED
    assert outcome() == [(kind, AMOUNT, "1")]


@pytest.mark.usefixtures("paid")
def test_past_the_life_of_the_key_the_provider_s_list_decides(till: Till, bank: Bank) -> None:
    bank.faults = ["lost"]
    till.staff(Action.REFUND, PART)
    # The provider has forgotten the key: the same call would be a second refund.
    bank.keys.clear()
    till.pass_time(23 * 3600)
    till.work()
    assert outcome() == [(ReportKind.REFUNDED, PART, "1")]
    assert bank.has() == AMOUNT - PART


@pytest.mark.usefixtures("paid")
def test_a_refund_that_was_never_carried_out_has_failed_in_the_end(till: Till, bank: Bank) -> None:
    bank.faults = ["down"]
    till.staff(Action.REFUND, PART)
    till.pass_time(23 * 3600)
    till.work()
    assert outcome() == [(ReportKind.REFUND_FAILED, PART, "1")]
    assert bank.has() == AMOUNT


@pytest.mark.usefixtures("paid")
def test_what_the_provider_refuses_is_told_and_can_be_asked_for_again(
    till: Till, bank: Bank
) -> None:
    till.staff(Action.REFUND, AMOUNT * 2, "1")
    till.staff(Action.REFUND, AMOUNT, "2")
    assert outcome() == [
        (ReportKind.REFUND_FAILED, AMOUNT * 2, "1"),
        (ReportKind.REFUNDED, AMOUNT, "2"),
    ]
    assert "more than was paid" in Ledger.reports[0].message
    # A failure under the payment's own id would take back what was told of the payment.
    assert Ledger.reports[0].reference != "pay-1"


@pytest.mark.usefixtures("held")
def test_money_that_is_taken_can_not_be_let_go(till: Till, bank: Bank) -> None:
    bank.put("pay-1", status=Status.CHARGED)
    till.staff(Action.CANCEL)
    assert outcome() == [
        (ReportKind.CANCEL_FAILED, AMOUNT, "1"),
        (ReportKind.CHARGED, AMOUNT, ""),
    ]


@pytest.mark.usefixtures("paid")
def test_a_refund_that_takes_time_is_told_when_it_has_ended(till: Till, bank: Bank) -> None:
    def slow(*given: object, **_: object) -> object:
        payment, amount, _currency, operation, _key = given
        return bank.give_back(
            str(payment),
            amount,  # type: ignore[arg-type]
            operation=str(operation),
            status=RefundStatus.PENDING,
        )

    bank.refund = slow  # type: ignore[method-assign, assignment]
    till.staff(Action.REFUND, PART)
    assert outcome() == []
    bank.end_refund("pay-1", RefundStatus.DONE)
    till.pass_time(3600)
    assert outcome() == [(ReportKind.REFUNDED, PART, "1")]


@pytest.mark.usefixtures("paid")
def test_a_refund_that_was_made_at_the_provider_s_is_told_too(till: Till, bank: Bank) -> None:
    bank.give_back("pay-1", PART)
    till.notify({"payment": "pay-1"})
    till.notify({"payment": "pay-1", "number": 2})
    assert outcome() == [(ReportKind.REFUNDED, PART, "")]
    assert Operation.objects.get().state == State.DONE


def test_a_payment_that_is_not_ours_has_no_operations(till: Till, bank: Bank) -> None:
    from saleor_1c_plugin.payments import operations

    assert operations.request(bank, "t9", Action.REFUND, PART, "1") is None


@pytest.mark.usefixtures("paid")
def test_a_dispute_that_is_lost_takes_the_money_back_once(till: Till, bank: Bank) -> None:
    bank.give_back("pay-1", PART, status=RefundStatus.PENDING, is_chargeback=True)
    till.notify({"payment": "pay-1"})
    assert outcome() == [(ReportKind.REMARK, Decimal(0), "")]
    assert "disputes 500.25 RUB" in Ledger.reports[0].message
    bank.end_refund("pay-1", RefundStatus.DONE)
    # Nobody tells: it is asked for as long as it is open.
    till.pass_time(2 * 3600)
    till.notify({"payment": "pay-1", "again": True})
    assert outcome()[1:] == [(ReportKind.CHARGED_BACK, PART, "")]
    assert till.attempt().next_poll is None
    # What is left can be given back.
    till.staff(Action.REFUND, AMOUNT - PART)
    assert outcome()[2:] == [(ReportKind.REFUNDED, AMOUNT - PART, "1")]


@pytest.mark.usefixtures("paid")
def test_a_dispute_that_is_won_moves_no_money(till: Till, bank: Bank) -> None:
    bank.give_back("pay-1", AMOUNT, status=RefundStatus.PENDING, is_chargeback=True)
    till.notify({"payment": "pay-1"})
    bank.end_refund("pay-1", RefundStatus.FAILED)
    till.pass_time(2 * 3600)
    assert [kind for kind, _, _ in outcome()] == [ReportKind.REMARK, ReportKind.REMARK]
    assert "was won" in Ledger.reports[1].message
