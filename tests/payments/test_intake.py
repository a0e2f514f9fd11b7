"""Notifications: whatever comes, in whatever order, does no more than have the provider asked."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from saleor_1c_plugin.payments.intake import MAX_BODY
from saleor_1c_plugin.payments.models import Notification
from saleor_1c_plugin.payments.provider import Status
from saleor_1c_plugin.store.payments import ReportKind

from .bank import Bank
from .ledger import Ledger
from .support import AMOUNT, Till

State = Notification.State


def states() -> list[str]:
    return list(Notification.objects.order_by("pk").values_list("state", flat=True))


def test_a_notification_is_kept_to_the_letter_and_has_the_provider_asked(
    till: Till, bank: Bank
) -> None:
    till.pay()
    bank.put("pay-1", status=Status.CHARGED)
    body = b'{ "payment":"pay-1",  "amount": "1.00" }'
    assert till.notify(body).status_code == 200
    row = Notification.objects.get()
    assert (bytes(row.body), row.state) == (body, State.DONE)
    assert Ledger.told() == [(ReportKind.CHARGED, AMOUNT)]


def test_what_comes_again_is_processed_once(till: Till, bank: Bank) -> None:
    till.pay()
    bank.put("pay-1", status=Status.CHARGED)
    for _ in range(3):
        assert till.notify({"payment": "pay-1"}).status_code == 200
    assert states() == [State.DONE]
    assert bank.calls.count("fetch") == 1
    # Told in other words it is looked into again, and there is nothing new in it.
    till.notify({"payment": "pay-1", "again": True})
    assert (len(Ledger.reports), len(Ledger.repeated)) == (1, 0)


def test_many_at_once_are_one(till: Till, bank: Bank) -> None:
    till.pay()
    bank.put("pay-1", status=Status.CHARGED)

    def notify(number: int) -> int:
        try:
            # Some are the same, some are not.
            return till.notify({"payment": "pay-1", "number": number % 3}).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(notify, range(18))) == {200}
    till.work()
    assert states() == [State.DONE] * 3
    assert Ledger.told() == [(ReportKind.CHARGED, AMOUNT)]
    assert not Ledger.repeated


def test_one_that_comes_before_the_answer_of_our_call(till: Till, bank: Bank) -> None:
    bank.faults = ["lost"]
    till.pay()
    bank.put("pay-1", status=Status.CHARGED)
    till.notify({"payment": "pay-1", "attempt": str(till.attempt().pk)})
    assert states() == [State.DONE]
    assert Ledger.told() == [(ReportKind.CHARGED, AMOUNT)]
    assert till.pay().status is Status.CHARGED
    assert len(bank.payments) == 1


def test_one_of_an_unknown_payment_is_kept_until_the_payment_is_known(
    till: Till, bank: Bank
) -> None:
    bank.faults = ["lost"]
    till.pay()
    bank.put("pay-1", status=Status.CHARGED)
    assert till.notify({"payment": "pay-1"}).status_code == 200
    assert states() == [State.NEW]
    till.pay()
    till.pass_time(120)
    assert states() == [State.DONE]


def test_one_of_a_payment_that_never_becomes_known_is_put_aside(till: Till, bank: Bank) -> None:
    assert till.notify({"payment": "nobody's"}).status_code == 200
    till.pass_time(300)
    assert states() == [State.NEW]
    till.pass_time(3600)
    assert states() == [State.ASIDE]
    assert not bank.calls
    assert Notification.objects.get().reason


def test_another_payment_can_not_be_passed_off_as_an_attempt_s(till: Till, bank: Bank) -> None:
    """A cheap payment that is really paid, named with the id of a dear one."""
    bank.faults = ["lost"]
    till.pay("dear")
    till.pay("cheap", amount=AMOUNT)
    bank.put("pay-2", status=Status.CHARGED)
    bank.payments["stray"] = bank.put("pay-2")
    told = {"payment": "stray", "attempt": str(till.attempt("dear").pk)}
    till.notify(told)
    assert states() == [State.ASIDE]
    assert till.attempt("dear").payment_id == ""
    assert not Ledger.reports


def test_the_provider_is_asked_again_while_it_is_down(till: Till, bank: Bank) -> None:
    till.pay()
    bank.put("pay-1", status=Status.CHARGED)
    bank.faults = ["down", "down"]
    till.notify({"payment": "pay-1"})
    assert states() == [State.NEW]
    till.work()
    till.work()
    assert states() == [State.DONE]
    assert Ledger.told() == [(ReportKind.CHARGED, AMOUNT)]


def test_old_news_that_come_late_change_nothing(till: Till, bank: Bank) -> None:
    till.pay()
    pending = bank.payments["pay-1"]
    bank.put("pay-1", status=Status.CHARGED)
    till.notify({"payment": "pay-1"})
    bank.payments["pay-1"] = pending
    till.notify({"payment": "pay-1", "number": 2})
    assert till.attempt().status == Status.CHARGED
    assert Ledger.told() == [(ReportKind.CHARGED, AMOUNT)]


@pytest.mark.parametrize(
    ("body", "source", "status"),
    [
        (b"", "bank", 400),
        (b"{}", "bank", 400),
        (b"\xff", "bank", 400),
        (b'{"payment": "pay-1"}', "stranger", 403),
        (json.dumps({"payment": "x" * MAX_BODY}).encode(), "bank", 413),
    ],
)
def test_what_is_no_notification_is_not_kept(
    till: Till, body: bytes, source: str, status: int
) -> None:
    assert till.notify(body, source=source).status_code == status
    assert not Notification.objects.exists()


def test_there_is_no_address_while_the_provider_is_off(till: Till, settings: object) -> None:
    settings.ONEC_CONFIGURATION = {"bank": None}  # type: ignore[attr-defined]
    assert till.notify({"payment": "pay-1"}).status_code == 404


def test_one_that_the_provider_has_not_signed_is_set_aside_unasked(till: Till, bank: Bank) -> None:
    till.pay()
    bank.put("pay-1", status=Status.CHARGED)
    assert till.notify({"payment": "pay-1"}, signature="forged").status_code == 200
    assert states() == [State.ASIDE]
    assert "fetch" not in bank.calls
    assert Ledger.told() == []


def test_a_signature_that_can_not_be_checked_now_is_checked_later(till: Till, bank: Bank) -> None:
    till.pay()
    bank.put("pay-1", status=Status.CHARGED)
    bank.faults = ["down"]
    till.notify({"payment": "pay-1"})
    assert states() == [State.NEW]
    till.work()
    assert states() == [State.DONE]
    assert Ledger.told() == [(ReportKind.CHARGED, AMOUNT)]


def test_the_provider_hears_what_it_wants_to_hear(till: Till) -> None:
    till.pay()
    assert till.notify({"payment": "pay-1"}).content == b"OK"


@pytest.mark.parametrize(
    ("amount", "currency", "answer"),
    [
        ("1500.50", "RUB", b"YES"),
        ("1500.51", "RUB", b"It is another amount"),
        ("1500.50", "USD", b"It is another amount"),
    ],
)
def test_a_question_is_answered_and_nothing_is_kept(
    till: Till, bank: Bank, amount: str, currency: str, answer: bytes
) -> None:
    till.pay()
    told = {"payment": "pay-1", "asks": amount, "currency": currency}
    assert till.notify(told).content == answer
    assert not Notification.objects.exists()
    assert Ledger.told() == []


def test_a_question_about_what_is_paid_or_unknown_is_answered_no(till: Till, bank: Bank) -> None:
    told = {"payment": "pay-1", "asks": "1500.50", "currency": "RUB"}
    assert till.notify(told).content == b"There is no such payment"
    till.pay()
    bank.put("pay-1", status=Status.CHARGED)
    till.pay()
    assert till.notify(told).content == b"It can't be paid any more"
