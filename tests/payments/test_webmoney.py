"""WebMoney over HTTP: the form, the question beforehand, the signed result, and X18."""

import base64
import logging
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest

from saleor_1c_plugin.configuration import SettingsError
from saleor_1c_plugin.outbox.models import Message
from saleor_1c_plugin.payments.models import Attempt, Notification
from saleor_1c_plugin.payments.provider import AccessDenied, NoAnswer, Rejected, Status
from saleor_1c_plugin.payments.webmoney import numbers, reading
from saleor_1c_plugin.payments.webmoney.account import WebMoneyAccount
from saleor_1c_plugin.payments.webmoney.models import Number
from saleor_1c_plugin.payments.webmoney.provider import WebMoney as Provider
from saleor_1c_plugin.payments.webmoney.settings import WebMoneySettings
from saleor_1c_plugin.sandbox.standins.faults import Fault
from saleor_1c_plugin.store.payments import Action, ReportKind

from ..serving import served
from .ledger import Ledger
from .provider_till import BACK, ProviderTill
from .standins import buyers
from .standins.webmoney import Payment, Purse, Refusal, WebMoney
from .support import AMOUNT

PURSE, WMID, SECRET, X20 = "P123456789012", "123456789012", "webmoney-secret-key", "x20-key"
SAVED = {"purse": PURSE, "wmid": WMID, "secret_key": SECRET}

pytestmark = pytest.mark.usefixtures("english")


class Shop(ProviderTill):
    """A shop that takes money by WebMoney."""

    content_type = "application/x-www-form-urlencoded"

    def __init__(self, settings: Any, webmoney: WebMoney) -> None:
        super().__init__(settings, Provider(), SAVED)
        self.webmoney = webmoney

    def form(self, transaction: str = "t1", **values: Any) -> dict[str, Any]:
        """What the storefront lets the buyer send."""
        confirmation = self.pay(transaction, **values).data["confirmation"]
        assert isinstance(confirmation, dict)
        return confirmation

    def opened(self, transaction: str = "t1", **altered: str) -> Payment:
        """The buyer is on WebMoney's page, perhaps with a form that he has changed."""
        return self.webmoney.open({**self.form(transaction)["fields"], **altered})

    def says(self, payment: Payment, **altered: str) -> str:
        """What the shop answers to the question; without 200 it is no answer."""
        body = self.webmoney.question(payment)
        answer = self.hear(urlencode({**dict(parse_qsl(body.decode())), **altered}).encode())
        return answer.content.decode() if answer.status_code == 200 else ""


@pytest.fixture
def webmoney(monkeypatch: pytest.MonkeyPatch) -> Iterator[WebMoney]:
    with WebMoney() as server:
        monkeypatch.setenv("ONEC_WEBMONEY_API", server.address)
        yield server


@pytest.fixture
def shop(transactional_db: None, settings: Any, webmoney: WebMoney) -> Shop:
    return Shop(settings, webmoney)


@pytest.fixture
def trial(shop: Shop, webmoney: WebMoney) -> Shop:
    """Both are in test mode."""
    webmoney.purses[PURSE].is_test = True
    shop.set(is_test="true")
    return shop


def account(**values: object) -> WebMoneyAccount:
    return Provider().account({**SAVED, **values})


# A buyer's way.


def test_a_buyer_pays_by_the_form(shop: Shop, webmoney: WebMoney) -> None:
    """Over HTTP: WebMoney asks the shop before, and tells it after."""
    webmoney.notifier.expected = b"YES"
    confirmation = shop.form()
    fields = confirmation["fields"]
    assert fields["LMI_PAYMENT_AMOUNT"] == "1500.50"
    assert base64.b64decode(fields["LMI_PAYMENT_DESC_BASE64"]).decode() == "Оплата заказа"
    assert "LMI_SIM_MODE" not in fields
    with served() as url:
        webmoney.notifier.url = f"{url}/payments/webmoney/"
        assert buyers.pay_form(confirmation) == BACK
        webmoney.notifier.wait()
    assert webmoney.answers == ["YES"]
    number = Number.objects.get().number
    assert (1 << 30) <= number < (1 << 31)
    paid = shop.pay()
    assert (paid.status, paid.amount, paid.reference) == (
        *(Status.CHARGED, AMOUNT),
        f"{PURSE}-{number}",
    )
    assert Ledger.told() == [(ReportKind.CHARGED, AMOUNT)]
    (report,) = Ledger.reports
    assert report.message == "Кошелёк WebMoney"
    assert report.at is not None
    assert Ledger.balance() == webmoney.book.balance()


def test_a_buyer_who_does_not_want_to(shop: Shop) -> None:
    assert buyers.pay_form(shop.form(), "decline") == BACK
    failed = shop.pay()
    assert (failed.status, failed.message) == (Status.CANCELLED, "rejected")
    assert Ledger.told() == [(ReportKind.CHARGE_FAILED, AMOUNT)]


def test_who_has_declined_may_pay_by_the_same_form_all_the_same(
    shop: Shop, webmoney: WebMoney
) -> None:
    payment = shop.opened()
    webmoney.refuse_invoice(payment)
    assert shop.pay().status is Status.CANCELLED
    shop.hear(webmoney.pay(payment))
    assert Ledger.told() == [(ReportKind.CHARGE_FAILED, AMOUNT), (ReportKind.CHARGED, AMOUNT)]


def test_an_attempt_keeps_its_number_and_shares_it_with_nobody(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = shop.form("t1")["fields"]["LMI_PAYMENT_NO"]
    assert shop.form("t1")["fields"]["LMI_PAYMENT_NO"] == first
    drawn = iter([int(first) - (1 << 30)] * 3 + [5])
    monkeypatch.setattr(numbers.secrets, "randbelow", lambda _: next(drawn))
    assert shop.form("t2")["fields"]["LMI_PAYMENT_NO"] == str((1 << 30) + 5)


def test_without_results_it_is_asked_for(shop: Shop, webmoney: WebMoney) -> None:
    webmoney.pay(shop.opened())
    shop.pass_time(3600)
    assert Ledger.told() == [(ReportKind.CHARGED, AMOUNT)]


def test_what_nobody_pays_is_waited_for_no_longer_than_set(shop: Shop) -> None:
    shop.set(pay_hours="2")
    shop.opened()
    shop.pass_time(3600)
    assert not Ledger.reports
    shop.pass_time(3601)
    assert shop.attempt().reason == "expired"
    assert Ledger.told() == [(ReportKind.CHARGE_FAILED, AMOUNT)]
    assert shop.attempt().next_poll is None


@pytest.mark.parametrize(
    ("purse", "currency"),
    [("Z", "USD"), ("E", "EUR"), ("P", "RUB"), ("K", "KZT"), ("B", "BYN")],
)
def test_the_purse_s_letter_is_the_currency(
    shop: Shop, webmoney: WebMoney, purse: str, currency: str
) -> None:
    name = f"{purse}123456789012"
    webmoney.purses[name] = Purse(WMID, SECRET)
    shop.set(purse=name.lower())
    webmoney.pay(webmoney.open(shop.form(currency=currency)["fields"]))
    assert shop.pay(currency=currency).status is Status.CHARGED
    assert webmoney.book.balance(currency=currency) == AMOUNT


def test_an_order_in_another_currency(shop: Shop) -> None:
    failed = shop.pay(currency="USD")
    assert failed.status is Status.CANCELLED
    assert failed.message == "The purse takes RUB, not USD."


# What WebMoney does not do.


def test_money_that_the_shop_wants_held_is_not_taken(shop: Shop) -> None:
    failed = shop.pay(authorise=True)
    assert failed.status is Status.CANCELLED
    assert "can't be held" in failed.message
    assert Ledger.told() == [(ReportKind.AUTHORISATION_FAILED, AMOUNT)]


def test_nothing_is_taken_later_or_let_go(shop: Shop, webmoney: WebMoney) -> None:
    webmoney.pay(shop.opened())
    shop.pay()
    for action, amount in ((Action.CHARGE, Decimal(100)), (Action.CANCEL, AMOUNT)):
        shop.operate(action, amount)
    assert [kind for kind, _ in Ledger.told()] == [
        ReportKind.CHARGED,
        ReportKind.CHARGE_FAILED,
        ReportKind.CANCEL_FAILED,
    ]


@pytest.mark.parametrize("fault", [None, *Fault])
def test_staff_are_told_to_give_back_by_hand(
    shop: Shop, webmoney: WebMoney, fault: Fault | None
) -> None:
    webmoney.pay(shop.opened())
    shop.pay()
    webmoney.faults.script.extend([fault, fault])
    shop.operate(Action.REFUND, Decimal("10.50"))
    for _ in range(3):
        shop.work()
    assert Ledger.told()[1:] == [(ReportKind.REFUND_FAILED, Decimal("10.50"))]
    assert "вручную в WM Keeper" in Ledger.reports[-1].message
    assert Ledger.balance() == webmoney.book.balance() == AMOUNT


# What can go wrong.


@pytest.mark.parametrize("fault", Fault)
def test_whatever_becomes_of_an_answer_it_is_one_payment(
    shop: Shop, webmoney: WebMoney, fault: Fault
) -> None:
    payment = shop.opened()
    webmoney.faults.script.extend([fault, fault, fault])
    shop.hear(webmoney.pay(payment))
    for _ in range(4):
        shop.pass_time(900)
    assert Ledger.told() == [(ReportKind.CHARGED, AMOUNT)]
    assert not Ledger.repeated


def test_a_result_however_often(shop: Shop, webmoney: WebMoney) -> None:
    body = webmoney.pay(shop.opened())
    for _ in range(3):
        answer = shop.hear(body)
        assert (answer.status_code, answer.content) == (200, b"YES")
    assert Notification.objects.get().state == Notification.State.DONE
    assert Ledger.told() == [(ReportKind.CHARGED, AMOUNT)]


@pytest.mark.parametrize(
    "altered",
    [
        {"LMI_PAYMENT_AMOUNT": "1500.5"},
        {"LMI_PAYMENT_NO": "1"},
        {"LMI_MODE": "1"},
        {"LMI_SYS_TRANS_NO": "1"},
        {"LMI_PAYER_WM": "123456789012"},
        {"LMI_PAYEE_PURSE": "P000000000000"},
        {"LMI_HOLD": "1"},
        {"LMI_HASH2": ""},
        {"LMI_HASH2": "é"},
        {"LMI_HASH2": "0" * 64},
    ],
)
def test_a_result_that_was_altered_is_not_kept(
    shop: Shop, webmoney: WebMoney, altered: dict[str, str]
) -> None:
    body = webmoney.pay(shop.opened())
    told = dict(parse_qsl(body.decode()))
    assert shop.hear(urlencode({**told, **altered}).encode()).status_code == 403
    assert not Notification.objects.exists()


def test_either_signature_counts(shop: Shop, webmoney: WebMoney) -> None:
    """The one with separators is newer, and wins where both come."""
    told = dict(parse_qsl(webmoney.pay(shop.opened()).decode()))
    without = {key: value for key, value in told.items() if key != "LMI_HASH2"}
    assert reading.is_signed(reading.told(urlencode(without).encode()), SECRET)
    without["LMI_HASH"] = without["LMI_HASH"].lower()
    assert reading.is_signed(reading.told(urlencode(without).encode()), SECRET)
    del without["LMI_HASH"]
    assert not reading.is_signed(reading.told(urlencode(without).encode()), SECRET)
    assert not reading.is_signed(reading.told(urlencode(told).encode()), "other")


def test_the_signature_is_in_the_order_of_the_documentation() -> None:
    told = (
        "LMI_PAYEE_PURSE=Z123456789012&LMI_PAYMENT_AMOUNT=10.50&LMI_PAYMENT_NO=17&LMI_MODE=0"
        "&LMI_SYS_INVS_NO=281&LMI_SYS_TRANS_NO=558&LMI_SYS_TRANS_DATE=20240314+14:01:14"
        "&LMI_PAYER_PURSE=Z397000000473&LMI_PAYER_WM=809000000852"
    )
    # sha256sum of "Z123456789012;10.50;17;0;281;558;20240314 14:01:14;key;Z397000000473;8090…852".
    signature = "9D11DC839E98749BD271A347941755BA79F5165699E891CE53040B66202D244D"
    form = reading.told(f"{told}&LMI_HASH2={signature}".encode())
    assert reading.is_signed(form, "key")


def test_a_forged_result_with_the_right_key_pays_nothing(shop: Shop, webmoney: WebMoney) -> None:
    """Whatever it says: X18 knows of no payment."""
    payment = shop.opened()
    payment.at, payment.transaction = webmoney.now(), 0
    assert shop.hear(webmoney.result(payment)).status_code == 200
    assert not Ledger.reports
    assert shop.attempt().status == Status.PENDING


def test_a_result_about_somebody_else_s_payment(shop: Shop, webmoney: WebMoney) -> None:
    """A payment of another shop at the same purse."""
    shop.pay()
    other = shop.opened(LMI_PAYMENT_NO="17")
    assert shop.says(other) == "There is no such payment"
    assert shop.hear(webmoney.pay(other)).status_code == 200
    shop.pass_time(2 * 3600)
    assert Notification.objects.get().state == Notification.State.ASIDE
    assert not Ledger.reports


def test_another_amount_is_never_paid(shop: Shop, webmoney: WebMoney) -> None:
    """The buyer has the form, and can change it where it is not signed."""
    payment = shop.opened(LMI_PAYMENT_AMOUNT="1.00")
    assert shop.says(payment) == "It is another amount"
    shop.hear(webmoney.pay(payment))
    assert [kind for kind, _ in Ledger.told()] == [ReportKind.REMARK]
    assert shop.pay().status is Status.CANCELLED


def test_money_that_the_buyer_can_have_back_is_not_paid(shop: Shop, webmoney: WebMoney) -> None:
    payment = shop.opened(LMI_HOLD="30")
    assert shop.says(payment) == ""
    assert shop.hear(webmoney.pay(payment)).status_code == 200
    assert Notification.objects.get().state == Notification.State.ASIDE
    shop.pass_time(3600)
    assert [kind for kind, _ in Ledger.told()] == [ReportKind.REMARK]
    assert "hold of 30 days" in shop.attempt().problem


def test_a_signed_form_can_not_be_changed(shop: Shop, webmoney: WebMoney) -> None:
    webmoney.purses[PURSE].key_x20 = X20
    with pytest.raises(Refusal):
        shop.opened("t1")
    shop.set(secret_key_x20=X20)
    for altered in ({"LMI_PAYMENT_AMOUNT": "1.00"}, {"LMI_HOLD": "30"}, {"LMI_PAYMENT_NO": "1"}):
        with pytest.raises(Refusal):
            shop.opened("t2", **altered)
    webmoney.pay(shop.opened("t2"))


def test_the_question_is_answered_by_what_is_open(shop: Shop, webmoney: WebMoney) -> None:
    payment = shop.opened()
    assert shop.says(payment) == "YES"
    # With a point and the same cents it is the same amount.
    assert shop.says(payment, LMI_PAYMENT_AMOUNT="1500.5") == "YES"
    for altered in (
        {"LMI_PAYMENT_AMOUNT": "1500.51"},
        {"LMI_PAYMENT_AMOUNT": "NaN"},
        {"LMI_PAYMENT_NO": "17"},
        {"LMI_PAYMENT_NO": "x"},
        {"LMI_PAYEE_PURSE": "P000000000000"},
        {"LMI_PAYEE_PURSE": PURSE.replace("P", "Z")},
        {"LMI_MODE": "1"},
        {"LMI_MODE": "2"},
        {"LMI_HOLD": "1"},
    ):
        assert shop.says(payment, **altered) != "YES"
    shop.hear(webmoney.pay(payment))
    assert shop.says(payment) == "It can't be paid any more"
    assert len(Notification.objects.all()) == 1


def test_a_purse_that_asks_nothing_takes_no_second_payment(shop: Shop, webmoney: WebMoney) -> None:
    first, second = shop.opened(), shop.opened()
    webmoney.pay(first)
    with pytest.raises(Refusal):
        webmoney.pay(second)


# Test mode.


def test_in_test_mode_a_signed_result_is_all_there_is(trial: Shop, webmoney: WebMoney) -> None:
    form = trial.form()
    assert form["fields"]["LMI_SIM_MODE"] == "0"
    payment = webmoney.open(form["fields"])
    assert trial.says(payment) == "YES"
    body = webmoney.pay(payment)
    trial.pass_time(900)
    assert not Ledger.reports
    trial.hear(body)
    paid = trial.pay()
    assert (paid.status, paid.data["test"]) == (Status.CHARGED, True)
    assert paid.reference.endswith("-test")
    assert Ledger.told() == [(ReportKind.CHARGED, AMOUNT)]
    assert webmoney.book.balance() == 0


def test_another_amount_is_never_paid_in_test_mode_either(trial: Shop, webmoney: WebMoney) -> None:
    trial.hear(webmoney.pay(trial.opened(LMI_PAYMENT_AMOUNT="1.00")))
    assert [kind for kind, _ in Ledger.told()] == [ReportKind.REMARK]


def test_a_payment_in_test_mode_never_counts_in_a_live_channel(
    shop: Shop, webmoney: WebMoney
) -> None:
    webmoney.purses[PURSE].is_test = True
    payment = shop.opened()
    assert shop.says(payment) == "There is no such payment"
    shop.hear(webmoney.pay(payment))
    for _ in range(3):
        shop.pass_time(3600)
    assert Notification.objects.get().state == Notification.State.ASIDE
    assert not Ledger.reports
    assert shop.attempt().status == Status.PENDING


def test_what_was_begun_in_test_mode_counts_no_more_once_it_is_off(
    trial: Shop, webmoney: WebMoney
) -> None:
    payment = trial.opened()
    trial.set()
    trial.hear(webmoney.pay(payment))
    assert Notification.objects.get().state == Notification.State.ASIDE
    Number.objects.update(tested=AMOUNT)
    trial.pass_time(3600)
    assert not Ledger.reports


def test_real_money_counts_in_test_mode_too(trial: Shop, webmoney: WebMoney) -> None:
    """The purse was switched on there, and forgotten here."""
    webmoney.purses[PURSE].is_test = False
    webmoney.pay(trial.opened())
    trial.pass_time(3600)
    paid = trial.pay()
    assert (paid.status, paid.data["test"]) == (Status.CHARGED, False)


# What comes in.


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b"LMI_PREREQUEST=1",
        b"LMI_MODE=0&LMI_PAYEE_PURSE=P123456789012&LMI_PAYMENT_NO=1",
        b"LMI_MODE=0&LMI_PAYEE_PURSE=P123456789012&LMI_PAYMENT_NO=1&LMI_PAYMENT_AMOUNT=Infinity",
        b"LMI_MODE=0&LMI_PAYEE_PURSE=P123456789012&LMI_PAYMENT_NO=-1&LMI_PAYMENT_AMOUNT=1",
        b"LMI_MODE=0&LMI_MODE=0&LMI_PAYEE_PURSE=P123456789012&LMI_PAYMENT_NO=1"
        b"&LMI_PAYMENT_AMOUNT=1",
        b"&".join(b"a%d=1" % number for number in range(1000)),
    ],
)
def test_what_is_no_notification(body: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        Provider().subject(body, {})
    assert not account().trusts("", {}, body)


_ANSWER = (
    "<merchant.response><operation wmtransid='1' wminvoiceid='2'><amount>10.5</amount>"
    "<operdate>20240314 14:01:14</operdate><purpose>%s</purpose></operation>"
    "<retval>0</retval></merchant.response>"
)


@pytest.mark.parametrize(
    ("declaration", "encoding"),
    [
        ("<?xml version='1.0' encoding='windows-1251'?>", "cp1251"),
        ("<?xml version='1.0'?>", "utf-8"),
        ("", "cp1251"),
    ],
)
def test_an_answer_of_x18(declaration: str, encoding: str) -> None:
    trade = reading.trade((declaration + _ANSWER % "Заказ").encode(encoding))
    assert (trade.code, trade.amount, trade.hold) == (0, Decimal("10.5"), "0")
    assert trade.at is not None
    assert trade.at.isoformat() == "2024-03-14T14:01:14+03:00"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<html/>",
        "<merchant.response/>",
        "<merchant.response><retval>x</retval></merchant.response>",
        "<merchant.response><retval>0</retval></merchant.response>",
        _ANSWER.replace("10.5", "NaN") % "",
        _ANSWER.replace("20240314 14:01:14", "yesterday") % "",
        "<?xml version='1.0' encoding='klingon'?>" + _ANSWER % "",
        "<!DOCTYPE a SYSTEM 'file:///etc/passwd'>" + _ANSWER % "",
        "<!DOCTYPE a [<!ENTITY x 'y'>]>" + _ANSWER % "&x;",
        _ANSWER % ("<a>" * 300 + "</a>" * 300),
    ],
)
def test_an_answer_of_x18_that_can_not_be_read(text: str) -> None:
    with pytest.raises(NoAnswer):
        reading.trade(text.encode())


# The merchant.


def test_a_key_that_the_merchant_has_to_mend_costs_no_payment(
    shop: Shop, webmoney: WebMoney
) -> None:
    webmoney.pay(shop.opened())
    shop.set(secret_key="wrong")
    shop.pass_time(3600)
    assert not Ledger.reports
    shop.set()
    shop.pass_time(3600)
    assert Ledger.told() == [(ReportKind.CHARGED, AMOUNT)]


def test_no_secret_is_written_down(
    shop: Shop, webmoney: WebMoney, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("urllib3", "requests", "saleor_1c_plugin"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    shop.set(secret_key_x20=X20)
    body = webmoney.pay(shop.opened())
    shop.set(secret_key=f"{SECRET}-wrong", secret_key_x20=X20)
    webmoney.faults.script.extend([Fault.DROPPED, Fault.CUT, Fault.LOST])
    for _ in range(5):
        shop.pass_time(3600)
    shop.hear(body)
    with pytest.raises(AccessDenied) as error:
        account(secret_key=f"{SECRET}-wrong").check_connection()
    written = [
        *(caplog.text, str(error.value), repr(error.value)),
        repr(WebMoneySettings.from_configuration({**SAVED, "secret_key_x20": X20})),
        *map(str, Message.objects.values_list("reason", "payload")),
        *map(str, Attempt.objects.values()),
    ]
    assert "urllib3" in caplog.text
    for text in written:
        assert SECRET not in text
        assert X20 not in text


def test_the_connection_is_tried(webmoney: WebMoney) -> None:
    assert PURSE in account().check_connection()
    assert "test mode" in account(is_test="true").check_connection()
    for wrong, words in (
        ({"secret_key": "wrong"}, "SHA256"),
        ({"purse": "P000000000000"}, "not set up"),
        ({"wmid": "000000000000"}, "owner"),
    ):
        with pytest.raises(AccessDenied, match=words):
            account(**wrong).check_connection()
    for fault in (Fault.DROPPED, Fault.DOWN):
        webmoney.faults.script.append(fault)
        with pytest.raises(NoAnswer):
            account().check_connection()


def test_of_what_has_no_number_nothing_is_known(shop: Shop) -> None:
    with pytest.raises(Rejected):
        account().fetch(f"{PURSE}-5")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("purse", ""),
        ("purse", "123456789012"),
        ("purse", "R123456789012"),
        ("purse", "X123456789012"),
        ("purse", "P12345678901"),
        ("wmid", ""),
        ("wmid", "P23456789012"),
        ("secret_key", ""),
        ("secret_key", "ключ"),
        ("secret_key_x20", "ключ"),
        ("is_test", "maybe"),
        ("pay_hours", "0"),
        ("return_url", "shop.example"),
    ],
)
def test_settings_that_can_not_be_used(key: str, value: str) -> None:
    with pytest.raises(SettingsError) as error:
        WebMoneySettings.from_configuration({**SAVED, key: value})
    assert list(error.value.faults) == [key]


def test_settings_of_a_gateway_that_is_off_may_be_empty() -> None:
    assert WebMoneySettings.from_configuration({}, complete=False).purse == ""
