"""T-Bank over HTTP: calls without keys, refunds without ids, signed notifications."""

import json
import logging
import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.db.models import F

from saleor_1c_plugin.configuration import SettingsError
from saleor_1c_plugin.outbox.models import Message
from saleor_1c_plugin.payments.models import Attempt, Notification, Operation
from saleor_1c_plugin.payments.provider import (
    AccessDenied,
    NoAnswer,
    Order,
    Rejected,
    Status,
)
from saleor_1c_plugin.payments.tbank.account import TBankAccount
from saleor_1c_plugin.payments.tbank.provider import TBank as Provider
from saleor_1c_plugin.payments.tbank.settings import METHODS, TBankSettings
from saleor_1c_plugin.payments.tbank.signing import token
from saleor_1c_plugin.sandbox.standins.faults import Fault
from saleor_1c_plugin.store.payments import Action, ReportKind

from .ledger import Ledger
from .provider_till import BACK, ProviderTill
from .standins import buyers
from .standins.tbank import TBank
from .standins.tbank_objects import Payment, sign
from .support import AMOUNT

TERMINAL, PASSWORD = "1321054611234DEMO", "Dfsfh56dgKl"
SAVED = {"terminal_key": TERMINAL, "password": PASSWORD}

pytestmark = pytest.mark.usefixtures("english")


class Shop(ProviderTill):
    """A shop that takes money by T-Bank."""

    def __init__(self, settings: Any, server: TBank) -> None:
        super().__init__(settings, Provider(), SAVED, address="203.0.113.7")
        self.server = server

    def paid(self, source: str = "cards", **values: Any) -> str:
        """A buyer has paid; the payment's id at the bank."""
        self.pay(**values)
        (payment,) = self.server.payments
        self.server.pay(payment, source)
        self.pay(**values)
        return payment


@pytest.fixture
def bank(monkeypatch: pytest.MonkeyPatch) -> Iterator[TBank]:
    with TBank() as server:
        monkeypatch.setenv("ONEC_TBANK_API", server.url)
        yield server


@pytest.fixture
def shop(transactional_db: None, settings: Any, bank: TBank) -> Shop:
    return Shop(settings, bank)


def account(**values: object) -> TBankAccount:
    return Provider().account({**SAVED, **values})


def order(**values: Any) -> Order:
    made = Order(
        str(uuid4()), AMOUNT, "RUB", "Оплата заказа", "cart-1", False, method="", return_url=BACK
    )
    return replace(made, **values)


def told_of(payment: Payment, **values: object) -> dict[str, Any]:
    """A notification, signed as the bank does."""
    told = {**payment.notification(payment.status, PASSWORD), **values}
    return {**told, "Token": sign(told, PASSWORD)}


def calls(bank: TBank, method: str) -> int:
    return sum(one.request.path == f"/v2/{method}" for one in bank.exchanges)


# The way of a payment.


def test_a_buyer_pays_on_its_page(shop: Shop, bank: TBank) -> None:
    began = shop.pay(email="buyer@example.com", phone="+79031234567")
    (payment,) = bank.payments.values()
    asked = payment.asked
    assert asked["OrderId"] == str(shop.attempt().pk)
    assert (asked["Amount"], asked["PayType"]) == (150050, "O")
    assert asked["SuccessURL"] == asked["FailURL"] == BACK
    assert asked["DATA"]["Email"] == "buyer@example.com"
    assert asked["DATA"]["Phone"] == "+79031234567"
    confirmation = began.data["confirmation"]
    assert isinstance(confirmation, dict)
    assert confirmation["type"] == "redirect"
    assert buyers.pay(confirmation["url"]) == BACK
    paid = shop.pay()
    assert (paid.status, paid.amount, paid.reference) == (Status.CHARGED, AMOUNT, str(payment.id))
    assert paid.data["test"] is True
    assert Ledger.told() == [(ReportKind.CHARGED, AMOUNT)]
    assert Ledger.reports[0].method == "Банковская карта"


def test_a_card_that_is_declined(shop: Shop) -> None:
    confirmation = shop.pay().data["confirmation"]
    assert isinstance(confirmation, dict)
    buyers.decline(confirmation["url"])
    failed = shop.pay()
    assert (failed.status, failed.message) == (Status.CANCELLED, "Недостаточно средств на карте")
    assert Ledger.told() == [(ReportKind.CHARGE_FAILED, AMOUNT)]


@pytest.mark.parametrize(
    ("method", "source", "words"),
    [
        ("card", "cards", "Банковская карта"),
        ("tpay", "TinkoffPay", "T-Pay"),
        ("sbp", "qrsbp", "СБП"),
    ],
)
def test_every_way_to_pay(shop: Shop, bank: TBank, method: str, source: str, words: str) -> None:
    confirmation = shop.pay(given={"method": method}).data["confirmation"]
    assert isinstance(confirmation, dict)
    assert ("/qr/" in confirmation["url"]) is (method == "sbp")
    (payment,) = bank.payments
    bank.pay(payment, source)
    assert shop.pay().status is Status.CHARGED
    assert Ledger.reports[0].method == words


def test_money_is_held_then_taken_in_part_and_given_back(shop: Shop, bank: TBank) -> None:
    shop.set(two_stage="true")
    shop.paid()
    assert shop.attempt().status == Status.AUTHORISED
    part = Decimal("1000.10")
    shop.operate(Action.CHARGE, part)
    shop.operate(Action.REFUND, Decimal("0.10"))
    shop.operate(Action.REFUND, Decimal("1000"))
    assert Ledger.told() == [
        (ReportKind.AUTHORISED, AMOUNT),
        (ReportKind.CHARGED, part),
        (ReportKind.CANCELLED, AMOUNT - part),
        (ReportKind.REFUNDED, Decimal("0.10")),
        (ReportKind.REFUNDED, Decimal("1000")),
    ]
    # Each refund is a fact of its own, and answers its own request.
    first, second = Ledger.reports[3:]
    assert first.reference != second.reference
    assert (first.asked, second.asked) == ("t1refund0.10", "t1refund1000")
    assert Ledger.balance() == bank.book.balance() == bank.book.held() == 0


def test_held_money_is_let_go(shop: Shop, bank: TBank) -> None:
    shop.paid(authorise=True)
    shop.operate(Action.CANCEL, AMOUNT)
    assert Ledger.told() == [(ReportKind.AUTHORISED, AMOUNT), (ReportKind.CANCELLED, AMOUNT)]
    assert bank.book.held() == 0


def test_letting_go_never_gives_back_what_was_taken(shop: Shop, bank: TBank) -> None:
    payment = shop.paid(authorise=True)
    bank.confirm(payment, AMOUNT)
    # The shop does not know it yet; the bank's call would be the one of a refund.
    shop.operate(Action.CANCEL, AMOUNT)
    assert bank.book.balance() == AMOUNT
    assert Ledger.told() == [
        (ReportKind.AUTHORISED, AMOUNT),
        (ReportKind.CANCEL_FAILED, AMOUNT),
        (ReportKind.CHARGED, AMOUNT),
    ]


@pytest.mark.parametrize("held", [True, False])
def test_what_nobody_ends_ends_by_itself(shop: Shop, bank: TBank, held: bool) -> None:
    shop.pay(authorise=True)
    (payment,) = bank.payments
    if held:
        bank.pay(payment)
        shop.pay()
    bank.later(timedelta(days=8))
    shop.pass_time(3600)
    expected = (
        [(ReportKind.AUTHORISED, AMOUNT), (ReportKind.CANCELLED, AMOUNT)]
        if held
        else [(ReportKind.AUTHORISATION_FAILED, AMOUNT)]
    )
    assert Ledger.told() == expected


def test_a_part_that_is_let_go_in_the_cabinet_waits_for_a_person(shop: Shop, bank: TBank) -> None:
    payment = shop.paid(authorise=True)
    bank.let_go(payment, Decimal(100))
    shop.pass_time(2 * 3600)
    assert Ledger.told()[-1] == (ReportKind.REMARK, Decimal(0))
    assert "1400.50" in shop.attempt().problem
    # What is taken then is told all the same.
    bank.confirm(payment, Decimal(1400))
    shop.notify(told_of(bank.payments[payment]))
    assert (ReportKind.CHARGED, Decimal(1400)) in Ledger.told()


# Without keys.


def test_a_lost_answer_makes_no_second_payment_that_can_be_paid(shop: Shop, bank: TBank) -> None:
    bank.faults.script.extend([None, Fault.LOST])
    assert shop.pay().data["retry"] is True
    confirmation = shop.pay().data["confirmation"]
    assert isinstance(confirmation, dict)
    buyers.pay(confirmation["url"])
    assert shop.pay().status is Status.CHARGED
    lost, paid = bank.payments.values()
    # Of the first one nobody has ever got the address.
    assert (lost.status, paid.status) == ("NEW", "CONFIRMED")
    assert lost.page not in json.dumps(shop.pay().data)
    assert Ledger.balance() == bank.book.balance() == AMOUNT


def test_sbps_payment_is_taken_up(shop: Shop, bank: TBank) -> None:
    for fault in (Fault.LOST, Fault.DROPPED):
        bank.faults.script.extend([None, fault])
        assert shop.pay(given={"method": "sbp"}).data["retry"] is True
    bank.faults.script.extend([None, None, Fault.CUT])
    assert shop.pay().data["retry"] is True
    confirmation = shop.pay().data["confirmation"]
    assert isinstance(confirmation, dict)
    assert calls(bank, "Init") == len(bank.payments) == 1
    buyers.pay(confirmation["url"])
    assert shop.pay().status is Status.CHARGED


@pytest.mark.parametrize("pays", [True, False])
def test_a_payment_that_somebody_is_at_is_taken_up(shop: Shop, bank: TBank, pays: bool) -> None:
    """The shop's memory was lost, not the bank's."""
    shop.pay()
    Attempt.objects.update(payment_id="", confirmation=None, status="")
    (payment,) = bank.payments.values()
    if pays:
        bank.pay(str(payment.id))
    else:
        payment.status = "FORM_SHOWED"
    shop.pay()
    assert calls(bank, "Init") == 1
    assert shop.attempt().payment_id == str(payment.id)


def test_a_dead_payment_is_not_taken_up(bank: TBank) -> None:
    attempt = order()
    first = account().create(attempt, "k")
    bank.decline(first.id)
    second = account().create(attempt, "k")
    assert (second.status, second.id != first.id) == (Status.PENDING, True)


def test_two_who_begin_at_the_same_time_let_the_buyer_pay_once(shop: Shop, bank: TBank) -> None:
    bank.faults.script.extend([None, Fault.LOST])
    shop.pay()
    given: list[Any] = []
    together = threading.Barrier(2)

    def ask() -> None:
        together.wait()
        try:
            given.append(shop.pay().data["confirmation"])
        finally:
            connection.close()

    bank.faults.slow, bank.faults.slow_seconds = 1.0, 0.2
    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    bank.faults.slow = 0.0
    url = shop.pay().data["confirmation"]
    assert given == [url, url]


@pytest.mark.parametrize("source", ["cards", "qrsbp"])
@pytest.mark.parametrize("fault", Fault)
def test_whatever_becomes_of_an_answer_it_is_one_refund(
    shop: Shop, bank: TBank, fault: Fault, source: str
) -> None:
    payment = shop.paid(source)
    bank.faults.script.extend([None, fault, fault, None, fault])
    shop.operate(Action.REFUND, Decimal(100))
    for _ in range(5):
        shop.work()
    assert Ledger.told() == [(ReportKind.CHARGED, AMOUNT), (ReportKind.REFUNDED, Decimal(100))]
    assert Ledger.reports[1].asked == "t1refund100"
    assert bank.book.refunded(payment) == 100


@pytest.mark.parametrize("fault", Fault)
def test_whatever_becomes_of_an_answer_the_money_is_taken_once(
    shop: Shop, bank: TBank, fault: Fault
) -> None:
    shop.paid(authorise=True)
    bank.faults.script.extend([None, fault, fault])
    shop.operate(Action.CHARGE, Decimal(700))
    for _ in range(3):
        shop.work()
    assert (ReportKind.CHARGED, Decimal(700)) in Ledger.told()
    assert bank.book.charged() == 700
    assert Operation.objects.get().state == Operation.State.DONE


def test_refunds_of_the_same_amount_are_two(shop: Shop, bank: TBank) -> None:
    shop.paid()
    for asked in ("1", "2"):
        bank.faults.script.extend([None, Fault.LOST])
        shop.operate(Action.REFUND, Decimal(100), asked=asked)
        shop.work()
    assert [one.asked for one in Ledger.reports[1:]] == ["1", "2"]
    assert Ledger.balance() == bank.book.balance() == AMOUNT - 200


def test_refunds_in_the_cabinet_are_told_once(shop: Shop, bank: TBank) -> None:
    payment = shop.paid()
    for _ in range(2):
        bank.give_back(payment, Decimal(100))
        shop.notify(told_of(bank.payments[payment]))
    shop.operate(Action.REFUND, AMOUNT - 200)
    shop.notify(told_of(bank.payments[payment]))
    assert Ledger.told()[1:] == [
        *[(ReportKind.REFUNDED, Decimal(100))] * 2,
        (ReportKind.REFUNDED, AMOUNT - 200),
    ]
    references = [one.reference for one in Ledger.reports]
    assert references[1:3] == [f"{payment}:100.00", f"{payment}:200.00"]
    assert Ledger.balance() == bank.book.balance() == 0


def test_a_refund_in_the_cabinet_while_ours_has_no_answer(shop: Shop, bank: TBank) -> None:
    payment = shop.paid("qrsbp")
    bank.faults.script.extend([None, Fault.DOWN])
    shop.operate(Action.REFUND, Decimal(100))
    bank.give_back(payment, Decimal(30))
    # The total has changed, by less than ours: it was not carried out, and is now.
    for _ in range(3):
        shop.work()
    assert Ledger.told()[1:] == [
        (ReportKind.REFUNDED, Decimal(30)),
        (ReportKind.REFUNDED, Decimal(100)),
    ]
    assert Ledger.balance() == bank.book.balance() == AMOUNT - 130


def test_one_that_was_paid_and_given_back_before_anybody_looked(shop: Shop, bank: TBank) -> None:
    shop.pay()
    (payment,) = bank.payments
    bank.pay(payment)
    bank.give_back(payment, Decimal("500.50"))
    shop.pass_time(3600)
    assert Ledger.told() == [
        (ReportKind.CHARGED, AMOUNT),
        (ReportKind.REFUNDED, Decimal("500.50")),
    ]


def test_a_refund_that_the_bank_refuses(shop: Shop, bank: TBank) -> None:
    shop.paid()
    bank.account = 0
    shop.operate(Action.REFUND, Decimal(5))
    assert Ledger.told()[1:] == [(ReportKind.REFUND_FAILED, Decimal(5))]
    assert "3002" in Ledger.reports[1].message


def test_sbps_refunds_take_their_time(shop: Shop, bank: TBank) -> None:
    payment = shop.paid("qrsbp")
    bank.refunds_wait = True
    shop.operate(Action.REFUND, Decimal(5))
    shop.operate(Action.REFUND, Decimal(7))
    assert len(Ledger.reports) == 1
    # The second waits for the first: of two it could not be said which one was done.
    assert bank.payments[payment].changing == 500
    bank.settle_refund(payment)
    shop.pass_time(3600)
    shop.work()
    assert bank.payments[payment].changing == 700
    bank.fail_refund(payment)
    # An answer from before it was asked for would say the same.
    shop.notify(told_of(bank.payments[payment]))
    assert len(Ledger.reports) == 2
    shop.pass_time(3600)
    assert Ledger.told()[1:] == [
        (ReportKind.REFUNDED, Decimal(5)),
        (ReportKind.REFUND_FAILED, Decimal(7)),
    ]
    assert "нет счёта" in Ledger.reports[2].message
    # It can be asked for again.
    shop.operate(Action.REFUND, Decimal(7), asked="again")
    bank.settle_refund(payment)
    shop.pass_time(3600)
    assert Ledger.balance() == bank.book.balance() == AMOUNT - 12


def test_past_the_life_of_the_key_what_is_left_decides(shop: Shop, bank: TBank) -> None:
    shop.paid("qrsbp")
    bank.faults.script.extend([None, Fault.DROPPED])
    shop.operate(Action.REFUND, Decimal(100))
    Operation.objects.update(begun=F("begun") - timedelta(days=2))
    shop.work()
    assert Ledger.told()[1:] == [(ReportKind.REFUNDED, Decimal(100))]
    bank.faults.script.extend([None, Fault.DOWN])
    shop.operate(Action.REFUND, Decimal(7))
    Operation.objects.update(begun=F("begun") - timedelta(days=2))
    shop.work()
    assert Ledger.told()[2:] == [(ReportKind.REFUND_FAILED, Decimal(7))]
    assert Ledger.balance() == bank.book.balance()


def test_with_a_third_of_all_calls_going_wrong_the_books_agree(shop: Shop, bank: TBank) -> None:
    bank.faults.share, bank.faults.seed = 0.3, 7
    names = [f"t{number}" for number in range(12)]
    for number, name in enumerate(names):
        given = {"method": "sbp"} if number % 4 == 1 else {}
        shop.pay(name, AMOUNT + number, authorise=number % 2 == 0, given=given)
    for _ in range(4):
        shop.pass_time(3600)
    for number, name in enumerate(names):
        payment = shop.attempt(name).payment_id
        (bank.decline if number % 5 == 4 else bank.pay)(payment)
    for _ in range(5):
        shop.pass_time(3600)
    for number, name in enumerate(names):
        if shop.attempt(name).status == Status.AUTHORISED:
            is_taken = number % 3
            shop.operate(Action.CHARGE if is_taken else Action.CANCEL, AMOUNT, name)
    for _ in range(4):
        shop.pass_time(3600)
    for number, name in enumerate(names):
        if shop.attempt(name).status == Status.CHARGED and number % 2:
            shop.operate(Action.REFUND, Decimal("10.01"), name)
            shop.operate(Action.REFUND, Decimal("20"), name)
    for _ in range(10):
        shop.pass_time(3600)
    assert bank.faults.met
    assert not Operation.objects.exclude(state=Operation.State.DONE).exists()
    assert not Attempt.objects.exclude(next_poll=None).exists()
    assert Ledger.balance() == bank.book.balance() > 0
    assert not Ledger.repeated


# Notifications.


def test_a_notification_is_sent_until_the_shop_says_ok(shop: Shop, bank: TBank) -> None:
    payment = shop.paid()
    answer = shop.notify(told_of(bank.payments[payment]))
    assert (answer.status_code, answer.content) == (200, b"OK")
    assert answer["Content-Type"].startswith("text/plain")


def test_money_is_told_by_a_notification_and_once(shop: Shop, bank: TBank) -> None:
    shop.pay()
    (payment,) = bank.payments.values()
    bank.pay(str(payment.id))
    held = told_of(payment, Status="AUTHORIZED")
    for told in (held, told_of(payment), held, told_of(payment)):
        assert shop.notify(told).content == b"OK"
    assert Ledger.told() == [(ReportKind.CHARGED, AMOUNT)]
    assert Notification.objects.count() == 2


def test_a_notification_before_the_answer_of_our_own_call(shop: Shop, bank: TBank) -> None:
    bank.faults.script.extend([None, Fault.LOST])
    shop.pay(given={"method": "sbp"})
    (payment,) = bank.payments.values()
    bank.pay(str(payment.id), "qrsbp")
    shop.notify(told_of(payment))
    assert Ledger.told() == [(ReportKind.CHARGED, AMOUNT)]


def test_what_is_never_told_is_asked_for(shop: Shop, bank: TBank) -> None:
    shop.pay()
    (payment,) = bank.payments
    bank.pay(payment)
    shop.pass_time(3600)
    assert Ledger.told() == [(ReportKind.CHARGED, AMOUNT)]


def test_a_notification_that_is_not_the_banks_is_refused(shop: Shop, bank: TBank) -> None:
    shop.pay()
    (payment,) = bank.payments.values()
    good = told_of(payment, Status="CONFIRMED")
    forged = [
        {**good, "Amount": 1},
        {**good, "Status": "REFUNDED"},
        {**good, "PaymentId": payment.id + 1},
        {**good, "OrderId": str(uuid4())},
        {**good, "Success": False},
        {**good, "extra": "field"},
        {**good, "Token": ""},
        {**good, "Token": None},
        {**good, "Token": sign(good, "another password")},
        {key: value for key, value in good.items() if key != "Token"},
        {**good, "TerminalKey": "another"},
    ]
    for told in forged:
        assert shop.notify(told).status_code == 403, told
    assert not Notification.objects.exists()
    assert not Ledger.reports


def test_a_good_notification_of_what_has_not_happened_pays_nothing(shop: Shop, bank: TBank) -> None:
    """Whoever had got hold of the password would still have to move the money."""
    shop.pay()
    (payment,) = bank.payments.values()
    assert shop.notify(told_of(payment, Status="CONFIRMED")).status_code == 200
    assert not Ledger.reports
    assert shop.attempt().status == Status.PENDING


def test_somebody_elses_payment_pays_nothing(shop: Shop, bank: TBank) -> None:
    """A buyer's own cheap payment under the order of a dear one."""
    shop.pay("cheap", Decimal(20))
    shop.pay("dear", Decimal(5000))
    cheap, dear = bank.payments.values()
    bank.pay(str(cheap.id))
    Attempt.objects.filter(transaction="dear").update(payment_id="")
    shop.notify(told_of(cheap, OrderId=dear.order))
    assert shop.attempt("dear").status != Status.CHARGED
    assert Ledger.told() == [(ReportKind.CHARGED, Decimal(20))]


def test_a_payment_of_another_amount_is_never_paid(shop: Shop, bank: TBank) -> None:
    shop.pay()
    (payment,) = bank.payments.values()
    payment.amount = 100
    bank.pay(str(payment.id))
    assert shop.pay().status is Status.CANCELLED
    bank.give_back(str(payment.id), Decimal(1))
    shop.notify(told_of(payment))
    assert {kind for kind, _ in Ledger.told()} == {ReportKind.REMARK}


def test_a_notification_of_the_bank_itself_over_http(bank: TBank) -> None:
    """What the stand-in sends is what its own tokens sign."""
    snapshot = account().create(order(), "k")
    payment = bank.payments[snapshot.id]
    body = json.dumps(payment.notification("CONFIRMED", PASSWORD)).encode()
    assert account().trusts("203.0.113.1", {}, body)
    assert Provider().subject(body, {}).payment_id == snapshot.id
    assert Provider().subject(body, {}).attempt == payment.order
    networks = {"networks": "91.194.226.0/23"}
    assert not account(**networks).trusts("203.0.113.1", {}, body)
    assert account(**networks).trusts("91.194.227.9", {}, body)
    assert not account(**networks).trusts("91.194.227.9", {}, body[:-1])


def test_the_tokens_of_the_documentation() -> None:
    asked = {
        "TerminalKey": "MerchantTerminalKey",
        "Amount": 19200,
        "OrderId": "21090",
        "Description": "Подарочная карта на 1000 рублей",
        "DATA": {"Phone": "+71234567890", "Email": "a@test.com"},
    }
    expected = "0024a00af7c350a3a67ca168ce06502aa72772456662e38696d48b56ee9c97d9"
    assert token(asked, "usaf8fw8fsw21g") == expected


@pytest.mark.parametrize(
    "told",
    [
        {},
        [],
        None,
        {"OrderId": "a"},
        {"PaymentId": None},
        {"PaymentId": ""},
        {"PaymentId": "../Init"},
        {"PaymentId": "1" * 21},
        {"PaymentId": 1.5},
        {"PaymentId": True},
    ],
)
def test_what_is_no_notification(told: object) -> None:
    body = json.dumps(told).encode()
    with pytest.raises(ValueError):  # noqa: PT011
        Provider().subject(body, {})
    assert not account().trusts("", {}, body)


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"\xff\xfe", b"[" * 60_000, b'{"a":' * 9000),
        f'{{"TerminalKey": "{TERMINAL}", "Token": "\\ud800"}}'.encode(),
        f'{{"TerminalKey": "{TERMINAL}", "Token": "a", "x": "\\ud800"}}'.encode(),
    ],
)
def test_what_can_not_even_be_read(body: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        Provider().subject(body, {})
    assert not account().trusts("", {}, body)


# What can't be done, and settings.


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"currency": "USD"}, "roubles only"),
        ({"authorise": True, "given": {"method": "sbp"}}, "can't be held"),
        ({"given": {"returnUrl": f"https://shop.example/{'a' * 250}"}}, "250"),
        ({"amount": Decimal(9), "given": {"method": "sbp"}}, "3016"),
    ],
)
def test_what_can_not_be_paid_is_said(shop: Shop, values: Mapping[str, Any], words: str) -> None:
    failed = shop.pay(**values)
    assert failed.status is Status.CANCELLED
    assert words in failed.message


def test_sbp_is_not_offered_where_money_is_held() -> None:
    assert account(two_stage="true").methods == ("card", "tpay")
    assert account().methods == METHODS


def test_the_bank_is_told_where_to_send_notifications(bank: TBank) -> None:
    url = "https://shop.example/plugins/saleor1c.tbank/"
    account(notification_url=url).create(order(), "k")
    (payment,) = bank.payments.values()
    assert payment.asked["NotificationURL"] == url


def test_the_connection_is_tried(bank: TBank) -> None:
    assert "test terminal 1321054611234DEMO" in account().check_connection()
    bank.terminals["1321054611234"] = "secret"
    real = {"terminal_key": "1321054611234", "password": "secret"}
    assert "test" not in account(**real).check_connection()
    for wrong in ({"password": "wrong"}, {"terminal_key": "unknown"}):
        with pytest.raises(AccessDenied):
            account(**wrong).check_connection()
    bank.blocked.add(TERMINAL)
    with pytest.raises(AccessDenied):
        account().check_connection()
    bank.faults.script.append(Fault.DROPPED)
    with pytest.raises(NoAnswer):
        account().check_connection()


def test_a_payment_that_the_bank_does_not_know(bank: TBank) -> None:
    with pytest.raises(Rejected):
        account().fetch("5")


def test_a_password_that_the_merchant_has_to_mend_costs_no_payment(shop: Shop, bank: TBank) -> None:
    shop.pay()
    (payment,) = bank.payments
    bank.pay(payment)
    shop.set(password="wrong")
    shop.pass_time(3600)
    assert not Ledger.reports
    shop.set()
    shop.pass_time(3600)
    assert Ledger.told() == [(ReportKind.CHARGED, AMOUNT)]


def test_no_secret_is_written_down(
    shop: Shop, bank: TBank, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("urllib3", "requests", "saleor_1c_plugin"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    payment = shop.paid()
    shop.notify({**told_of(bank.payments[payment]), "Amount": 1})
    shop.operate(Action.REFUND, Decimal(1))
    shop.set(password=f"{PASSWORD}-wrong")
    bank.faults.script.extend([Fault.DROPPED, Fault.CUT, Fault.LOST])
    shop.pay("t2")
    for _ in range(4):
        shop.pass_time(3600)
    with pytest.raises(AccessDenied) as error:
        account(password=f"{PASSWORD}-wrong").check_connection()
    written = [
        *(caplog.text, str(error.value), repr(error.value), repr(account())),
        repr(TBankSettings.from_configuration(SAVED)),
        *map(str, Message.objects.values_list("reason", "payload")),
        *map(str, Attempt.objects.values()),
        *map(str, Operation.objects.values()),
        *(str(one.request.body) for one in bank.exchanges),
    ]
    assert "urllib3" in caplog.text
    for text in written:
        assert PASSWORD not in text


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("terminal_key", ""),
        ("terminal_key", "терминал"),
        ("terminal_key", "1" * 21),
        ("password", ""),
        ("methods", "card gold"),
        ("two_stage", "maybe"),
        ("return_url", "shop.example"),
        ("return_url", f"https://shop.example/{'a' * 250}"),
        ("notification_url", "shop.example"),
        ("networks", "91.194.226.1/23"),
        ("address_header", "X Real IP"),
    ],
)
def test_settings_that_can_not_be_used(key: str, value: str) -> None:
    with pytest.raises(SettingsError) as error:
        TBankSettings.from_configuration({**SAVED, key: value})
    assert list(error.value.faults) == [key]


def test_nothing_can_be_paid_by_sbp_alone_where_money_is_held() -> None:
    with pytest.raises(SettingsError) as error:
        TBankSettings.from_configuration({**SAVED, "methods": "sbp", "two_stage": "true"})
    assert list(error.value.faults) == ["methods"]


def test_settings_of_a_gateway_that_is_off_may_be_empty() -> None:
    assert TBankSettings.from_configuration({}, complete=False).methods == METHODS
