"""QIWI's protocol over HTTP, from a buyer's checkout to the last refund."""

import json
import logging
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from saleor_1c_plugin.configuration import SettingsError
from saleor_1c_plugin.outbox.models import Message
from saleor_1c_plugin.payments.models import Attempt, Notification, Operation
from saleor_1c_plugin.payments.provider import AccessDenied, NoAnswer, Order, Rejected, Status
from saleor_1c_plugin.payments.qiwi import reading
from saleor_1c_plugin.payments.qiwi.account import QiwiAccount
from saleor_1c_plugin.payments.qiwi.provider import Qiwi as Provider
from saleor_1c_plugin.payments.qiwi.settings import METHODS, QiwiSettings
from saleor_1c_plugin.sandbox.standins.faults import Fault
from saleor_1c_plugin.store.payments import Action, ReportKind

from .ledger import Ledger
from .provider_till import BACK, ProviderTill
from .standins import buyers
from .standins.qiwi import Bill, Qiwi
from .support import AMOUNT

SECRET = "qiwi-secret-key"
SAVED = {"secret_key": SECRET}

pytestmark = pytest.mark.usefixtures("english")


class Shop(ProviderTill):
    """A shop that takes money by QIWI's protocol."""

    def __init__(self, settings: Any, qiwi: Qiwi) -> None:
        super().__init__(settings, Provider(), SAVED)
        self.qiwi = qiwi

    def paid(self) -> Bill:
        """A bill that is paid, and known to be."""
        self.pay()
        bill = self.bill()
        self.qiwi.pay(bill.id)
        self.pay()
        return bill

    def bill(self) -> Bill:
        (bill,) = self.qiwi.bills.values()
        return bill


#: Whatever it says to what it has done already.
both = pytest.mark.parametrize("qiwi", [True, False], ids=["repeats", "refuses"], indirect=True)


@pytest.fixture
def qiwi(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Qiwi]:
    with Qiwi(repeats=getattr(request, "param", True)) as server:
        monkeypatch.setenv("ONEC_QIWI_API", server.url)
        yield server


@pytest.fixture
def shop(transactional_db: None, settings: Any, qiwi: Qiwi) -> Shop:
    return Shop(settings, qiwi)


def account(**values: object) -> QiwiAccount:
    return Provider().account({**SAVED, **values})


def test_a_buyer_pays_from_the_wallet(shop: Shop) -> None:
    began = shop.pay(given={"method": "qw"})
    bill = shop.bill()
    assert bill.id == str(shop.attempt().pk)
    assert (bill.amount, bill.asked["comment"]) == (AMOUNT, "Оплата заказа")
    confirmation = began.data["confirmation"]
    assert isinstance(confirmation, dict)
    assert buyers.pay(confirmation["url"]) == BACK
    paid = shop.pay()
    assert (paid.status, paid.amount, paid.reference) == (Status.CHARGED, AMOUNT, bill.id)
    assert Ledger.told() == [(ReportKind.CHARGED, AMOUNT)]
    (report,) = Ledger.reports
    assert report.message == "Кошелёк QIWI"
    assert report.at == bill.changed


@pytest.mark.parametrize("method", METHODS)
def test_what_is_chosen_is_shown_first(shop: Shop, method: str) -> None:
    confirmation = shop.pay(given={"method": method}).data["confirmation"]
    assert isinstance(confirmation, dict)
    assert f"&paySource={method}&" in confirmation["url"]


def test_a_buyer_who_does_not_want_to(shop: Shop) -> None:
    confirmation = shop.pay().data["confirmation"]
    assert isinstance(confirmation, dict)
    buyers.decline(confirmation["url"])
    failed = shop.pay()
    assert (failed.status, failed.message) == (Status.CANCELLED, "REJECTED")
    assert Ledger.told() == [(ReportKind.CHARGE_FAILED, AMOUNT)]


def test_a_bill_is_void_in_its_time(shop: Shop, qiwi: Qiwi) -> None:
    shop.set(pay_hours="2")
    shop.pay()
    lasts = shop.bill().expires - shop.bill().created
    assert timedelta(minutes=119) < lasts <= timedelta(hours=2)
    qiwi.later(timedelta(hours=3))
    shop.pass_time(3600)
    assert shop.attempt().reason == "EXPIRED"
    assert Ledger.told() == [(ReportKind.CHARGE_FAILED, AMOUNT)]


def test_money_that_the_shop_wants_held_is_not_taken(shop: Shop, qiwi: Qiwi) -> None:
    failed = shop.pay(authorise=True)
    assert failed.status is Status.CANCELLED
    assert "can't be held" in failed.message
    assert not qiwi.bills
    assert Ledger.told() == [(ReportKind.AUTHORISATION_FAILED, AMOUNT)]


def test_there_is_nothing_to_be_taken_later(shop: Shop) -> None:
    shop.paid()
    shop.operate(Action.CHARGE, Decimal(100))
    # It has been charged: only another amount is what has failed.
    assert Ledger.told() == [(ReportKind.CHARGED, AMOUNT), (ReportKind.CHARGE_FAILED, Decimal(100))]
    with pytest.raises(Rejected, match="at once"):
        account().capture(shop.bill().id, AMOUNT, "RUB", "key")


def test_a_bill_is_withdrawn(shop: Shop) -> None:
    shop.pay()
    shop.operate(Action.CANCEL, AMOUNT)
    assert shop.bill().status == "REJECTED"
    assert Ledger.told() == [(ReportKind.CHARGE_FAILED, AMOUNT)]


def test_what_is_paid_is_withdrawn_no_more(shop: Shop) -> None:
    shop.paid()
    shop.operate(Action.CANCEL, AMOUNT)
    assert [kind for kind, _ in Ledger.told()] == [ReportKind.CHARGED, ReportKind.CANCEL_FAILED]


def test_parts_are_given_back_until_nothing_is_left(shop: Shop, qiwi: Qiwi) -> None:
    bill = shop.paid()
    shop.operate(Action.REFUND, Decimal("0.50"))
    shop.operate(Action.REFUND, Decimal("1000"))
    shop.operate(Action.REFUND, Decimal("500"))
    # More than is left.
    shop.operate(Action.REFUND, Decimal("0.01"))
    assert Ledger.told()[1:] == [
        (ReportKind.REFUNDED, Decimal("0.50")),
        (ReportKind.REFUNDED, Decimal(1000)),
        (ReportKind.REFUNDED, Decimal(500)),
        (ReportKind.REFUND_FAILED, Decimal("0.01")),
    ]
    assert "refund.incorrect.amount" in Ledger.reports[-1].message
    assert [one.json()["status"] for one in bill.refunds.values()] == ["PARTIAL", "PARTIAL", "FULL"]
    assert [one.reference for one in Ledger.reports[1:4]] == list(bill.refunds)
    assert Ledger.balance() == qiwi.book.balance() == 0


@both
@pytest.mark.parametrize("fault", Fault)
def test_whatever_becomes_of_an_answer_it_is_one_bill_and_one_refund(
    shop: Shop, qiwi: Qiwi, fault: Fault
) -> None:
    qiwi.faults.script.extend([fault, fault])
    assert shop.pay().data["retry"] is True
    shop.pay()
    last = shop.pay()
    assert isinstance(last.data["confirmation"], dict)
    qiwi.pay(shop.bill().id)
    shop.pay()
    qiwi.faults.script.extend([fault, fault, fault])
    shop.operate(Action.REFUND, Decimal(100))
    for _ in range(4):
        shop.work()
    assert len(shop.bill().refunds) == 1
    assert Ledger.told() == [(ReportKind.CHARGED, AMOUNT), (ReportKind.REFUNDED, Decimal(100))]


@both
def test_a_refund_whose_answers_are_lost_for_days_is_found(shop: Shop, qiwi: Qiwi) -> None:
    shop.paid()
    qiwi.faults.script.append(Fault.LOST)
    shop.operate(Action.REFUND, Decimal(100))
    assert len(shop.bill().refunds) == 1
    shop.pass_time(2 * 24 * 3600)
    assert Ledger.told()[1:] == [(ReportKind.REFUNDED, Decimal(100))]


def test_a_refund_that_was_never_heard_of_has_failed_after_days(shop: Shop, qiwi: Qiwi) -> None:
    shop.paid()
    qiwi.faults.script.append(Fault.UNHEARD)
    shop.operate(Action.REFUND, Decimal(100))
    shop.pass_time(2 * 24 * 3600)
    assert not shop.bill().refunds
    assert Ledger.told()[1:] == [(ReportKind.REFUND_FAILED, Decimal(100))]


@both
def test_with_a_third_of_all_calls_going_wrong_the_books_agree(shop: Shop, qiwi: Qiwi) -> None:
    qiwi.faults.share, qiwi.faults.seed = 0.3, 7
    names = [f"t{number}" for number in range(12)]
    for number, name in enumerate(names):
        shop.pay(name, AMOUNT + number)
    for _ in range(3):
        shop.pass_time(3600)
    for number, bill in enumerate(list(qiwi.bills.values())):
        (qiwi.decline if number % 5 == 4 else qiwi.pay)(bill.id)
    for _ in range(5):
        shop.pass_time(3600)
    for number, name in enumerate(names):
        if shop.attempt(name).status == Status.CHARGED and number % 2:
            shop.operate(Action.REFUND, Decimal("10.01"), name)
            shop.operate(Action.REFUND, Decimal("0.01"), name)
    for _ in range(40):
        if Operation.objects.filter(state=Operation.State.OPEN).exists():
            shop.pass_time(600)
    assert qiwi.faults.met
    assert len(qiwi.bills) == len(names)
    assert not Operation.objects.exclude(state=Operation.State.DONE).exists()
    assert not Attempt.objects.exclude(next_poll=None).exists()
    assert Ledger.balance() == qiwi.book.balance() > 0
    assert not Ledger.repeated


def test_without_notifications_it_is_asked_for(shop: Shop, qiwi: Qiwi) -> None:
    shop.pay()
    qiwi.pay(shop.bill().id)
    shop.pass_time(3600)
    assert Ledger.told() == [(ReportKind.CHARGED, AMOUNT)]


def test_a_notification_of_its_own_however_often(shop: Shop, qiwi: Qiwi) -> None:
    shop.pay()
    bill = shop.bill()
    qiwi.pay(bill.id)
    for _ in range(3):
        answer = shop.hear(*qiwi.notification(bill.id))
        assert answer.status_code == 200
        assert answer["Content-Type"] == "application/json"
        assert json.loads(answer.content) == {"error": "0"}
    assert Notification.objects.get().state == Notification.State.DONE
    assert Ledger.told() == [(ReportKind.CHARGED, AMOUNT)]
    assert not Ledger.repeated


def test_a_notification_that_nobody_has_signed_is_not_kept(shop: Shop, qiwi: Qiwi) -> None:
    shop.pay()
    body, headers = qiwi.notification(shop.bill().id)
    (name,) = headers
    altered = body.replace(b'"WAITING"', b'"PAID"')
    for forged in (
        (altered, headers),
        (body, {}),
        (body, {name: ""}),
        (body, {name: "é"}),
        (body, {name: "0" * 64}),
    ):
        assert shop.hear(*forged).status_code == 403
    assert not Notification.objects.exists()
    assert not Ledger.reports


def test_a_signed_notification_pays_nothing_by_itself(shop: Shop, qiwi: Qiwi) -> None:
    shop.pay()
    bill = shop.bill()
    qiwi.pay(bill.id)
    body, headers = qiwi.notification(bill.id)
    # It is not any more what it said.
    bill.status = "WAITING"
    assert shop.hear(body, headers).status_code == 200
    assert not Ledger.reports
    assert shop.attempt().status == Status.PENDING


def test_a_notification_of_another_channel_s_key(shop: Shop, qiwi: Qiwi) -> None:
    """One channel's key vouches for nothing of another's."""
    shop.pay()
    bill = shop.bill()
    qiwi.pay(bill.id)
    body, headers = qiwi.notification(bill.id)
    assert shop.hear(body, headers).status_code == 200
    other = account(secret_key="of-another-channel")
    kept = {name.lower(): value for name, value in headers.items()}
    assert account().verify(kept, body)
    assert not other.verify(kept, body)
    assert not other.trusts("", kept, body)


def test_a_bill_of_somebody_else(shop: Shop, qiwi: Qiwi) -> None:
    shop.pay()
    bill = shop.bill()
    qiwi.bills["3f0e6ae4-0000-4000-8000-000000000000"] = Bill(
        *("3f0e6ae4-0000-4000-8000-000000000000", bill.site, AMOUNT, "RUB"),
        *(bill.created, bill.expires, {}, "", bill.created, "PAID"),
    )
    foreign = qiwi.notification("3f0e6ae4-0000-4000-8000-000000000000")
    assert shop.hear(*foreign).status_code == 200
    shop.pass_time(2 * 3600)
    assert Notification.objects.get().state == Notification.State.ASIDE
    assert not Ledger.reports


def test_another_amount_is_never_paid(shop: Shop, qiwi: Qiwi) -> None:
    shop.pay()
    bill = shop.bill()
    bill.amount = Decimal("1.00")
    qiwi.pay(bill.id)
    assert shop.hear(*qiwi.notification(bill.id)).status_code == 200
    assert [kind for kind, _ in Ledger.told()] == [ReportKind.REMARK]
    assert "1.0 RUB" in shop.attempt().problem
    assert shop.pay().status is Status.CANCELLED


def test_the_signature_is_as_the_documentation_has_it() -> None:
    bill = {
        "siteId": "test",
        "billId": "test_bill",
        "amount": {"value": 1, "currency": "RUB"},
        "status": {"value": "PAID", "datetime": "2018-03-01T11:16:12+03"},
    }
    body = json.dumps({"bill": bill, "version": "1"}).encode()
    signature = "07e0ebb10916d97760c196034105d010607a6c6b7d72bfa1c3451448ac484a3b"
    key = "test-merchant-secret-for-signature-check"
    assert reading.is_signed(body, signature, key)
    assert not reading.is_signed(body.replace(b'"value": 1,', b'"value": 2,'), signature, key)


@pytest.mark.parametrize(
    "told",
    [
        {},
        [],
        None,
        {"bill": None},
        {"bill": {"billId": 5}},
        {"bill": {"billId": "../bills"}},
        {"bill": {"billId": "a" * 65}},
    ],
)
def test_what_is_no_notification(told: object) -> None:
    body = json.dumps(told).encode()
    with pytest.raises(ValueError):  # noqa: PT011
        Provider().subject(body, {})
    assert not account_of_nobody().trusts("", {reading.SIGNATURE: "0" * 64}, body)


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"\xff\xfe", b"[" * 60_000),
        b'{"bill": {"amount": {"value": "NaN", "currency": "RUB"}, "status": {"value": "PAID"},'
        b' "billId": "\\ud800", "siteId": 1}}',
        b'{"bill": {"amount": {"value": 1e999999999, "currency": "RUB"}, "status": {"value": 1},'
        b' "billId": "a", "siteId": 1}}',
    ],
)
def test_what_can_not_be_read_is_not_signed(body: bytes) -> None:
    assert not account_of_nobody().trusts("", {reading.SIGNATURE: "0" * 64}, body)


def account_of_nobody() -> QiwiAccount:
    return QiwiAccount(QiwiSettings(secret_key=SECRET))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("status", {"value": "SOMETHING"}),
        ("status", None),
        ("amount", {"value": True, "currency": "RUB"}),
        ("amount", {"value": "NaN", "currency": "RUB"}),
        ("amount", {"value": "x", "currency": "RUB"}),
        ("amount", {"value": 1}),
    ],
)
def test_an_answer_that_can_not_be_read_is_none(field: str, value: object) -> None:
    bill = {
        "billId": "b",
        "siteId": "1",
        "amount": {"value": Decimal("1.5"), "currency": "RUB"},
        "status": {"value": "PAID", "changedDateTime": "2018-03-01T11:16:12"},
    }
    read = reading.snapshot(bill)
    assert read.amount == Decimal("1.5")
    assert read.at is not None
    assert read.at.utcoffset() == timedelta(hours=3)
    with pytest.raises(NoAnswer):
        reading.snapshot({**bill, field: value})


def test_amounts_stay_exact_on_their_way(qiwi: Qiwi) -> None:
    """They are JSON numbers there."""
    for number, amount in enumerate(map(Decimal, ("0.01", "0.29", "4.35", "999999.99"))):
        order = Order(f"b{number}", amount, "RUB", "x", "1", False, "", BACK)
        assert account().create(order, order.attempt).amount == amount
        assert account().fetch(order.attempt).amount == amount
    assert all(isinstance(bill.asked["amount"]["value"], str) for bill in qiwi.bills.values())


def test_a_key_that_the_merchant_has_to_mend_costs_no_payment(shop: Shop, qiwi: Qiwi) -> None:
    shop.pay()
    qiwi.pay(shop.bill().id)
    shop.set(secret_key="wrong")
    shop.pass_time(3600)
    assert not Ledger.reports
    shop.set()
    shop.pass_time(3600)
    assert Ledger.told() == [(ReportKind.CHARGED, AMOUNT)]


def test_no_secret_is_written_down(
    shop: Shop, qiwi: Qiwi, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("urllib3", "requests", "saleor_1c_plugin"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    shop.pay()
    qiwi.pay(shop.bill().id)
    shop.set(secret_key=f"{SECRET}-wrong")
    qiwi.faults.script.extend([Fault.DROPPED, Fault.CUT, Fault.LOST])
    for _ in range(5):
        shop.pass_time(3600)
    body, headers = qiwi.notification(shop.bill().id)
    shop.hear(body, headers)
    shop.hear(body, {})
    with pytest.raises(AccessDenied) as error:
        account(secret_key=f"{SECRET}-wrong").check_connection()
    written = [
        *(caplog.text, str(error.value), repr(error.value)),
        repr(QiwiSettings.from_configuration(SAVED)),
        *map(str, Message.objects.values_list("reason", "payload")),
        *map(str, Attempt.objects.values()),
        *map(str, Notification.objects.values("headers", "source", "reason")),
    ]
    assert "urllib3" in caplog.text
    for text in written:
        assert SECRET not in text


def test_the_connection_is_tried(qiwi: Qiwi) -> None:
    assert qiwi.url in account().check_connection()
    with pytest.raises(AccessDenied):
        account(secret_key="wrong").check_connection()
    qiwi.faults.script.append(Fault.DROPPED)
    with pytest.raises(NoAnswer):
        account().check_connection()


def test_where_nothing_of_qiwi_s_is(qiwi: Qiwi, monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing bill is told in its words; a web server's own 404 says nothing."""
    monkeypatch.setenv("ONEC_QIWI_API", f"{qiwi.address}/elsewhere")
    with pytest.raises(NoAnswer):
        account().check_connection()


def test_without_a_service_there_is_no_such_gateway(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ONEC_QIWI_API", raising=False)
    with pytest.raises(SettingsError) as error:
        QiwiSettings.from_configuration(SAVED)
    assert "ONEC_QIWI_API" in error.value.faults["connection"]
    # What is off may be saved.
    assert QiwiSettings.from_configuration(SAVED, complete=False).secret_key == SECRET


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("secret_key", ""),
        ("secret_key", "ключ"),
        ("secret_key", "two words"),
        ("methods", "qw gold"),
        ("pay_hours", "0"),
        ("pay_hours", "1081"),
        ("return_url", "shop.example"),
    ],
)
def test_settings_that_can_not_be_used(
    monkeypatch: pytest.MonkeyPatch, key: str, value: str
) -> None:
    monkeypatch.setenv("ONEC_QIWI_API", "https://bank.example/partner/bill/v1/")
    with pytest.raises(SettingsError) as error:
        QiwiSettings.from_configuration({**SAVED, key: value})
    assert list(error.value.faults) == [key]
