"""Two payments of one cart: what is too much is flagged or given back, once."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
from django.db import connections

from saleor_1c_plugin.outbox.models import Message
from saleor_1c_plugin.payments import duplicates
from saleor_1c_plugin.payments.models import Attempt, Operation
from saleor_1c_plugin.payments.provider import RefundStatus, Status
from saleor_1c_plugin.store.payments import Action, Bill, ReportKind

from .bank import Bank
from .ledger import Ledger
from .support import AMOUNT, Till

NONE = Decimal(0)


def owe(amount: Decimal, **elsewhere: Decimal) -> None:
    """A cart of so much, which `t1` to `t3` pay for, and others."""
    ours = dict.fromkeys(("t1", "t2", "t3"), NONE)
    Ledger.bills[:] = [Bill(amount, {**ours, **elsewhere})]


def pay(till: Till, *names: str, amount: Decimal = AMOUNT) -> None:
    """Each is begun, then each is paid."""
    for name in names:
        till.pay(name, amount)
    for name in names:
        till.bank.put(till.attempt(name).payment_id, status=Status.CHARGED)
        till.pay(name, amount)


def flagged() -> dict[str, Decimal]:
    rows = Attempt.objects.exclude(duplicate=0)
    return dict(rows.values_list("transaction", "duplicate"))


@pytest.fixture
def refunding(settings: Any, till: Till) -> None:
    payments = {"duplicates": "refund"}
    settings.ONEC_CONFIGURATION = {**settings.ONEC_CONFIGURATION, "payments": payments}


def test_the_later_one_is_flagged_and_believed(till: Till, bank: Bank) -> None:
    owe(AMOUNT)
    pay(till, "t1", "t2")
    assert flagged() == {"t2": AMOUNT}
    assert not till.attempt("t2").problem
    remarks = [one for one in Ledger.reports if one.kind is ReportKind.REMARK]
    assert [one.transaction for one in remarks] == ["t2"]
    assert f"{AMOUNT:f} RUB" in remarks[0].message
    assert Ledger.balance() == bank.has() == 2 * AMOUNT
    assert not Operation.objects.exists()


@pytest.mark.usefixtures("refunding")
def test_what_is_too_much_is_given_back_once(till: Till, bank: Bank) -> None:
    owe(AMOUNT)
    bank.faults = ["", "", "", "lost", "", "lost", "down"]
    pay(till, "t1", "t2")
    for _ in range(4):
        till.work()
    operation = Operation.objects.get()
    assert operation.asked == f"duplicate:{till.attempt('t2').pk}"
    assert (operation.kind, operation.amount, operation.state) == ("refund", AMOUNT, "done")
    assert Ledger.balance() == bank.has() == AMOUNT
    assert flagged() == {"t2": AMOUNT}


@pytest.mark.usefixtures("refunding")
def test_looked_at_again_nothing_more_is_given_back(till: Till, bank: Bank) -> None:
    owe(AMOUNT)
    pay(till, "t1", "t2")
    for message in Message.objects.filter(topic=duplicates.TOPIC):
        duplicates.deliver(message)
    till.work()
    assert bank.has() == AMOUNT
    assert Operation.objects.count() == 1


@pytest.mark.usefixtures("refunding")
def test_of_two_that_are_charged_at_one_moment_one_is_given_back(
    till: Till, bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    owe(AMOUNT)
    with monkeypatch.context() as away:
        # There is no worker until all are charged.
        away.setattr("saleor_1c_plugin.outbox.tasks.deliver_all", lambda: False)
        pay(till, "t1", "t2", "t3")
    asked = list(Message.objects.filter(topic=duplicates.TOPIC)) * 3
    assert len(asked) == 9

    def look(message: Message) -> None:
        try:
            duplicates.deliver(message)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(9) as pool:
        list(pool.map(look, asked))
    for _ in range(3):
        till.work()
    assert Operation.objects.filter(state="done").count() == 2
    assert Ledger.balance() == bank.has() == AMOUNT


@pytest.mark.usefixtures("refunding")
@pytest.mark.parametrize(
    ("owed", "back"),
    [("3001.00", "0"), ("2500.50", "500.50"), ("1500.51", "1500.49"), ("0", "1500.50")],
)
def test_no_more_is_given_back_than_is_too_much(
    till: Till, bank: Bank, owed: str, back: str
) -> None:
    owe(Decimal(owed))
    pay(till, "t1", "t2")
    assert bank.has() == 2 * AMOUNT - Decimal(back)


@pytest.mark.usefixtures("refunding")
def test_what_was_taken_elsewhere_counts(till: Till, bank: Bank) -> None:
    owe(AMOUNT, card=Decimal("500"))
    pay(till, "t1")
    # One payment alone is no duplicate, whatever else there is.
    assert not flagged()
    pay(till, "t2", amount=Decimal("1000"))
    assert flagged() == {"t2": Decimal("1000")}
    assert bank.has() == AMOUNT


@pytest.mark.usefixtures("refunding")
def test_what_was_given_back_before_is_owed_again(till: Till, bank: Bank) -> None:
    owe(AMOUNT)
    pay(till, "t1")
    till.staff(Action.REFUND)
    pay(till, "t2")
    assert not flagged()
    pay(till, "t3")
    assert flagged() == {"t3": AMOUNT}
    assert bank.has() == AMOUNT


def test_what_was_flagged_is_not_flagged_for_another(till: Till, bank: Bank) -> None:
    owe(AMOUNT)
    pay(till, "t1", "t2")
    # Staff give back the one that came first.
    till.staff(Action.REFUND)
    pay(till, "t3")
    assert flagged() == {"t2": AMOUNT}
    assert bank.has() == 2 * AMOUNT


@pytest.mark.usefixtures("refunding")
def test_a_refund_that_the_provider_refuses_leaves_the_flag(till: Till, bank: Bank) -> None:
    owe(AMOUNT)
    pay(till, "t1")
    till.pay("t2")
    bank.put(payment := till.attempt("t2").payment_id, status=Status.CHARGED)
    bank.give_back(payment, AMOUNT, status=RefundStatus.PENDING, is_chargeback=True)
    till.pay("t2")
    assert flagged() == {"t2": AMOUNT}
    operation = Operation.objects.get(kind="refund")
    assert (operation.state, operation.reason) == ("failed", "more than was paid")


def test_a_cart_that_is_gone_leaves_no_flag(till: Till) -> None:
    pay(till, "t1", "t2")
    assert not flagged()
    assert not Message.objects.exclude(state="delivered").exists()
