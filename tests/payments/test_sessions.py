"""A storefront pays: what it is told, and what becomes of answers that are lost."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from django.db import connections

from saleor_1c_plugin.payments.models import Attempt
from saleor_1c_plugin.payments.provider import Status
from saleor_1c_plugin.payments.sessions import Unusable
from saleor_1c_plugin.payments.tasks import poll
from saleor_1c_plugin.store.payments import Action, ReportKind

from .bank import Bank
from .ledger import Ledger
from .support import AMOUNT, Till


def test_a_buyer_is_sent_to_the_provider_and_comes_back(till: Till, bank: Bank) -> None:
    began = till.pay()
    assert began.status is Status.PENDING
    assert began.reference == "pay-1"
    assert began.data["confirmation"] == {"type": "redirect", "url": "https://bank.example/pay"}
    assert not began.data["retry"]
    bank.put("pay-1", status=Status.CHARGED, method="Карта •4444")
    paid = till.pay()
    assert (paid.status, paid.amount, paid.actions) == (Status.CHARGED, AMOUNT, (Action.REFUND,))
    assert Ledger.told() == [(ReportKind.CHARGED, AMOUNT)]
    (report,) = Ledger.reports
    assert (report.reference, report.message) == ("pay-1", "Карта •4444")


def test_money_is_held_where_the_shop_wants_it(till: Till, bank: Bank) -> None:
    till.pay(authorise=True)
    bank.put("pay-1", status=Status.AUTHORISED)
    held = till.pay(authorise=True)
    assert (held.status, held.two_stage) == (Status.AUTHORISED, True)
    assert held.actions == (Action.CHARGE, Action.CANCEL)
    assert Ledger.told() == [(ReportKind.AUTHORISED, AMOUNT)]


@pytest.mark.parametrize("fault", ["lost", "down"])
def test_an_answer_that_was_lost_is_asked_for_again_and_there_is_one_payment(
    till: Till, bank: Bank, fault: str
) -> None:
    bank.faults = [fault, fault]
    first = till.pay()
    assert first.status is None
    assert first.data["retry"] is True
    assert till.pay().status is None
    assert till.pay().reference == "pay-1"
    assert len(bank.payments) == len(bank.keys) == 1


def test_the_regular_work_goes_on_where_the_storefront_does_not(till: Till, bank: Bank) -> None:
    bank.faults = ["lost", "down"]
    till.pay()
    till.pass_time(60)
    till.pass_time(120)
    assert till.attempt().payment_id == "pay-1"
    bank.put("pay-1", status=Status.CHARGED)
    till.pass_time(3600)
    assert Ledger.told() == [(ReportKind.CHARGED, AMOUNT)]
    assert till.attempt().next_poll is None
    asked = len(bank.calls)
    till.pass_time(3600)
    assert len(bank.calls) == asked
    assert len(bank.payments) == 1


def test_a_key_is_not_used_again_once_the_provider_may_have_forgotten_it(
    till: Till, bank: Bank
) -> None:
    bank.faults = ["down"]
    till.pay()
    bank.faults = ["down"] * 100
    till.pass_time(23 * 3600)
    bank.faults = []
    till.pass_time(3600)
    assert till.pay().status is Status.CANCELLED
    assert Ledger.told() == [(ReportKind.CHARGE_FAILED, AMOUNT)]
    assert not bank.payments


def test_a_payment_that_the_provider_refuses_has_failed(till: Till, bank: Bank) -> None:
    till.pay()
    bank.put("pay-1", status=Status.CANCELLED, reason="insufficient_funds")
    failed = till.pay()
    assert (failed.status, failed.message) == (Status.CANCELLED, "insufficient_funds")
    assert Ledger.told() == [(ReportKind.CHARGE_FAILED, AMOUNT)]
    till.pass_time(3600)
    assert len(Ledger.reports) == 1


@pytest.mark.parametrize("amount", [AMOUNT - Decimal("0.01"), Decimal(1), AMOUNT * 2])
def test_another_amount_is_never_paid(till: Till, bank: Bank, amount: Decimal) -> None:
    till.pay()
    bank.put("pay-1", status=Status.CHARGED, amount=amount)
    answer = till.pay()
    assert answer.status is Status.CANCELLED
    # What it says must not be taken for the end of the payment that was made.
    assert answer.reference != "pay-1"
    till.notify({"payment": "pay-1"})
    till.pass_time(3600)
    assert [kind for kind, _ in Ledger.told()] == [ReportKind.REMARK]
    assert f"{amount:f}" in Ledger.reports[0].message
    attempt = till.attempt()
    assert (attempt.status, attempt.charged) == (Status.PENDING, 0)
    assert attempt.problem


def test_another_currency_is_never_paid(till: Till, bank: Bank) -> None:
    till.pay()
    bank.put("pay-1", status=Status.CHARGED, currency="UZS")
    till.pay()
    assert [kind for kind, _ in Ledger.told()] == [ReportKind.REMARK]


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"returnUrl": "javascript:alert(1)"},
        {"returnUrl": "//evil.example"},
        {"returnUrl": 5},
        {"returnUrl": "https://["},
        {"returnUrl": "https://shop.example", "method": "gold"},
        {"returnUrl": "https://shop.example", "method": ["card"]},
    ],
)
def test_what_a_storefront_may_not_ask_for_begins_nothing(
    till: Till, bank: Bank, given: dict[str, object]
) -> None:
    with pytest.raises(Unusable):
        till.pay(given=given)
    assert not bank.calls
    assert not Attempt.objects.exists()


def test_a_transaction_can_not_be_begun_again_with_another_amount(till: Till) -> None:
    till.pay()
    with pytest.raises(Unusable):
        till.pay(amount=Decimal(1))


def test_the_provider_is_off(till: Till, settings: object) -> None:
    settings.ONEC_CONFIGURATION = {"bank": None}  # type: ignore[attr-defined]
    with pytest.raises(Unusable):
        till.pay()


def test_everybody_at_once_makes_one_payment_that_is_told_once(till: Till, bank: Bank) -> None:
    """The buyer's impatience, the provider's news and the regular work."""

    def do(number: int) -> None:
        try:
            match number % 3:
                case 0:
                    till.pay()
                case 1:
                    till.notify({"payment": "pay-1", "number": number})
                case 2:
                    poll()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(do, [0, 0, 0, 1, 2, 0]))
        bank.put("pay-1", status=Status.CHARGED)
        list(pool.map(do, range(24)))
    till.pass_time(3600)
    assert len(bank.payments) == 1
    assert Ledger.told() == [(ReportKind.CHARGED, AMOUNT)]
    assert not Ledger.repeated


def test_a_transaction_that_the_shop_has_lost_waits_for_a_person(till: Till, bank: Bank) -> None:
    from saleor_1c_plugin.outbox.models import Message

    till.pay()
    Ledger.unknown.add("t1")
    bank.put("pay-1", status=Status.CHARGED)
    till.pay()
    assert Message.objects.get(topic="payments.reports").state == Message.State.DEAD


def test_what_a_buyer_has_agreed_to_is_taken_once(till: Till, bank: Bank) -> None:
    till.pay()
    bank.put("pay-1", is_approved=True)
    # The money is taken, and the answer is lost.
    bank.faults = ["", "lost"]
    assert till.pay().status is Status.PENDING
    assert till.pay().status is Status.CHARGED
    assert Ledger.told() == [(ReportKind.CHARGED, AMOUNT)]
    assert bank.calls.count("complete") == 1


def test_money_that_does_not_fit_is_never_taken(till: Till, bank: Bank) -> None:
    till.pay()
    bank.put("pay-1", is_approved=True, amount=AMOUNT + 1)
    assert till.pay().status is Status.CANCELLED
    assert "complete" not in bank.calls
    assert till.attempt().problem
    assert Ledger.told() == [(ReportKind.REMARK, Decimal(0))]
