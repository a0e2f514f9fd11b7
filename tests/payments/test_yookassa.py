"""YooKassa over HTTP, held against the published description of its API."""

import base64
import json
import logging
from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from saleor_1c_plugin.configuration import SettingsError
from saleor_1c_plugin.outbox.models import Message
from saleor_1c_plugin.payments import sessions
from saleor_1c_plugin.payments.models import Attempt, Notification, Operation
from saleor_1c_plugin.payments.provider import AccessDenied, NoAnswer, Rejected, Status
from saleor_1c_plugin.payments.yookassa.account import YooKassaAccount
from saleor_1c_plugin.payments.yookassa.provider import YooKassa as Provider
from saleor_1c_plugin.payments.yookassa.settings import METHODS, YooKassaSettings
from saleor_1c_plugin.sandbox.standins.faults import Fault
from saleor_1c_plugin.store.payments import Action, ReportKind

from .ledger import Ledger
from .provider_till import BACK, ProviderTill
from .standins import buyers
from .standins.yookassa import YooKassa
from .support import AMOUNT

SECRET = "test_secret-key"
SAVED = {"shop_id": "100500", "secret_key": SECRET, "networks": "127.0.0.1"}


class Shop(ProviderTill):
    """A shop that takes money by YooKassa."""

    def __init__(self, settings: Any, yookassa: YooKassa) -> None:
        super().__init__(settings, Provider(), SAVED, address="203.0.113.7")
        self.yookassa = yookassa


@pytest.fixture
def shop(transactional_db: None, settings: Any, yookassa: YooKassa) -> Shop:
    return Shop(settings, yookassa)


def account(**values: object) -> YooKassaAccount:
    return Provider().account({**SAVED, **values})


def test_a_buyer_pays_on_its_page(shop: Shop, yookassa: YooKassa) -> None:
    began = shop.pay()
    (payment,) = yookassa.payments.values()
    assert payment.asked["metadata"]["onec_attempt"] == str(shop.attempt().pk)
    confirmation = began.data["confirmation"]
    assert isinstance(confirmation, dict)
    assert buyers.pay(confirmation["url"]) == BACK
    paid = shop.pay()
    assert (paid.status, paid.amount, paid.reference) == (Status.CHARGED, AMOUNT, payment.id)
    assert paid.data["test"] is True
    assert Ledger.told() == [(ReportKind.CHARGED, AMOUNT)]
    (report,) = Ledger.reports
    assert report.message.startswith("Банковская карта")
    assert report.at is not None


def test_a_card_that_is_declined(shop: Shop) -> None:
    confirmation = shop.pay().data["confirmation"]
    assert isinstance(confirmation, dict)
    buyers.decline(confirmation["url"])
    failed = shop.pay()
    assert (failed.status, failed.message) == (Status.CANCELLED, "insufficient_funds")
    assert Ledger.told() == [(ReportKind.CHARGE_FAILED, AMOUNT)]


@pytest.mark.parametrize("method", METHODS)
def test_every_way_to_pay(shop: Shop, yookassa: YooKassa, method: str) -> None:
    shop.pay(given={"method": method})
    (payment,) = yookassa.payments.values()
    assert payment.method == method
    yookassa.pay(payment.id)
    assert shop.pay().status is Status.CHARGED


def test_the_widget_gets_a_token(shop: Shop) -> None:
    shop.set(confirmation="widget")
    confirmation = shop.pay().data["confirmation"]
    assert isinstance(confirmation, dict)
    assert confirmation["type"] == "widget"
    assert confirmation["token"]


def test_only_a_buyer_who_leaves_the_storefront_must_come_back(
    shop: Shop, yookassa: YooKassa
) -> None:
    with pytest.raises(sessions.Unusable):
        shop.pay(given={"returnUrl": ""})
    assert account().offer()["returnUrlRequired"]
    shop.set(confirmation="widget")
    assert shop.pay(given={"returnUrl": ""}).data["confirmation"]
    assert len(yookassa.payments) == 1
    assert not account(confirmation="widget").offer()["returnUrlRequired"]


def test_money_is_held_then_taken_in_part_and_given_back(shop: Shop, yookassa: YooKassa) -> None:
    shop.set(two_stage="true")
    shop.pay()
    (payment,) = yookassa.payments.values()
    yookassa.pay(payment.id)
    assert shop.pay().status is Status.AUTHORISED
    part = Decimal("1000.10")
    shop.operate(Action.CHARGE, part)
    shop.operate(Action.REFUND, Decimal("0.10"))
    shop.operate(Action.REFUND, Decimal("1000"))
    assert Ledger.told() == [
        (ReportKind.AUTHORISED, AMOUNT),
        (ReportKind.CHARGED, part),
        (ReportKind.CANCELLED, AMOUNT - part),
        (ReportKind.REFUNDED, Decimal("0.10")),
        (ReportKind.REFUNDED, Decimal("1000.00")),
    ]
    assert [one.reference for one in Ledger.reports[3:]] == list(yookassa.refunds)


@pytest.mark.parametrize("held", [True, False])
def test_what_nobody_ends_ends_by_itself(shop: Shop, yookassa: YooKassa, held: bool) -> None:
    shop.pay(authorise=True)
    (payment,) = yookassa.payments.values()
    if held:
        yookassa.pay(payment.id)
    yookassa.later(timedelta(days=8))
    shop.pass_time(3600)
    expected = (
        [(ReportKind.AUTHORISED, AMOUNT), (ReportKind.CANCELLED, AMOUNT)]
        if held
        else [(ReportKind.AUTHORISATION_FAILED, AMOUNT)]
    )
    assert Ledger.told() == expected


def test_a_refund_in_the_cabinet_and_more_of_them_than_one_page(
    shop: Shop, yookassa: YooKassa
) -> None:
    shop.pay()
    (payment,) = yookassa.payments.values()
    yookassa.pay(payment.id)
    for _ in range(101):
        yookassa.give_back(payment.id, Decimal(1))
    shop.pay()
    assert Ledger.balance() == AMOUNT - 101
    assert Operation.objects.count() == 101


def test_a_slow_refund(shop: Shop, yookassa: YooKassa) -> None:
    shop.pay()
    (payment,) = yookassa.payments.values()
    yookassa.pay(payment.id)
    shop.pay()
    yookassa.refunds_wait = True
    for amount in (Decimal(5), Decimal(7)):
        shop.operate(Action.REFUND, amount)
    first, second = yookassa.refunds
    assert len(Ledger.reports) == 1
    yookassa.settle_refund(first)
    # Of this no notification is sent.
    yookassa.fail_refund(second)
    shop.pass_time(3600)
    assert Ledger.told()[1:] == [
        (ReportKind.REFUNDED, Decimal("5.00")),
        (ReportKind.REFUND_FAILED, Decimal("7.00")),
    ]


@pytest.mark.parametrize("fault", Fault)
def test_whatever_becomes_of_an_answer_it_is_one_payment_and_one_refund(
    shop: Shop, yookassa: YooKassa, fault: Fault
) -> None:
    yookassa.faults.script.extend([fault, fault])
    assert shop.pay().data["retry"] is True
    shop.pay()
    shop.pay()
    (payment,) = yookassa.payments.values()
    yookassa.pay(payment.id)
    shop.pay()
    yookassa.faults.script.extend([fault, fault, fault])
    shop.operate(Action.REFUND, Decimal(100))
    for _ in range(4):
        shop.work()
    assert len(yookassa.payments) == len(yookassa.refunds) == 1
    assert Ledger.told() == [(ReportKind.CHARGED, AMOUNT), (ReportKind.REFUNDED, Decimal(100))]


def test_with_a_third_of_all_calls_going_wrong_the_books_agree(
    shop: Shop, yookassa: YooKassa
) -> None:
    yookassa.faults.share, yookassa.faults.seed = 0.3, 7
    names = [f"t{number}" for number in range(12)]
    for number, name in enumerate(names):
        shop.pay(name, AMOUNT + number, authorise=number % 2 == 0)
    for _ in range(3):
        shop.pass_time(3600)
    for number, payment in enumerate(list(yookassa.payments.values())):
        (yookassa.decline if number % 5 == 4 else yookassa.pay)(payment.id)
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
    for _ in range(8):
        shop.pass_time(3600)
    assert yookassa.faults.met
    assert len(yookassa.payments) == len(names)
    assert not Operation.objects.filter(state=Operation.State.OPEN).exists()
    assert not Attempt.objects.exclude(next_poll=None).exists()
    assert Ledger.balance() == yookassa.book.balance() > 0
    assert not Ledger.repeated


def test_a_key_that_the_merchant_has_to_mend_costs_no_payment(
    shop: Shop, yookassa: YooKassa
) -> None:
    shop.pay()
    (payment,) = yookassa.payments.values()
    yookassa.pay(payment.id)
    shop.set(secret_key="wrong")
    shop.pass_time(3600)
    assert not Ledger.reports
    shop.set()
    shop.pass_time(3600)
    assert Ledger.told() == [(ReportKind.CHARGED, AMOUNT)]


def test_no_secret_is_written_down(
    shop: Shop, yookassa: YooKassa, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("urllib3", "requests", "saleor_1c_plugin"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    shop.pay()
    (payment,) = yookassa.payments.values()
    yookassa.pay(payment.id)
    shop.set(secret_key=f"{SECRET}-wrong")
    yookassa.faults.script.extend([Fault.DROPPED, Fault.CUT, Fault.LOST])
    for _ in range(5):
        shop.pass_time(3600)
    shop.pay()
    with pytest.raises(AccessDenied) as error:
        account(secret_key=f"{SECRET}-wrong").check_connection()
    written = [
        *(caplog.text, str(error.value), repr(error.value)),
        repr(YooKassaSettings.from_configuration(SAVED)),
        *map(str, Message.objects.values_list("reason", "payload")),
        *map(str, Attempt.objects.values()),
    ]
    token = base64.b64encode(f"100500:{SECRET}".encode()).decode()[:-4]
    assert "urllib3" in caplog.text
    for text in written:
        assert SECRET not in text
        assert token not in text


def test_the_connection_is_tried(yookassa: YooKassa) -> None:
    assert "100500" in account().check_connection()
    with pytest.raises(AccessDenied):
        account(secret_key="wrong").check_connection()
    yookassa.disabled.add("100500")
    with pytest.raises(Rejected):
        account().check_connection()
    yookassa.faults.script.append(Fault.DROPPED)
    with pytest.raises(NoAnswer):
        account().check_connection()


def test_a_notification_of_its_own(shop: Shop, yookassa: YooKassa) -> None:
    shop.pay()
    (payment,) = yookassa.payments.values()
    yookassa.pay(payment.id)

    def told(event: str, about: Any) -> dict[str, object]:
        return {"type": "notification", "event": event, "object": about.json()}

    assert shop.notify(told("payment.succeeded", payment)).status_code == 200
    refund = yookassa.give_back(payment.id, Decimal(3))
    assert shop.notify(told("refund.succeeded", refund)).status_code == 200
    assert Ledger.told() == [(ReportKind.CHARGED, AMOUNT), (ReportKind.REFUNDED, Decimal(3))]


def test_a_forged_notification_pays_nothing(shop: Shop, yookassa: YooKassa) -> None:
    shop.pay()
    (payment,) = yookassa.payments.values()
    forged = {**payment.json(), "status": "succeeded", "paid": True}
    told = {"type": "notification", "event": "payment.succeeded", "object": forged}
    assert shop.notify(told).status_code == 200
    assert not Ledger.reports
    assert shop.attempt().status == Status.PENDING
    assert Notification.objects.get().state == Notification.State.DONE


@pytest.mark.parametrize(
    "told",
    [
        {},
        [],
        None,
        {"event": "payment.succeeded"},
        {"event": "payment.succeeded", "object": None},
        {"event": "payment.succeeded", "object": {"id": 5}},
        {"event": "payment.succeeded", "object": {"id": "../me"}},
        {"event": "payment.succeeded", "object": {"id": "a" * 65}},
        {"event": "payment.succeeded", "object": {"id": "a", "metadata": 5}},
        {"event": "refund.succeeded", "object": {"id": "a"}},
    ],
)
def test_what_is_no_notification(told: object) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        Provider().subject(json.dumps(told).encode(), {})


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"[" * 60_000])
def test_what_can_not_even_be_read(body: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        Provider().subject(body, {})


@pytest.mark.parametrize(
    ("source", "headers", "saved", "expected"),
    [
        ("185.71.76.5", {}, {}, True),
        ("::ffff:185.71.76.5", {}, {}, True),
        ("2a02:5180::1", {}, {}, True),
        ("203.0.113.1", {}, {}, False),
        ("", {}, {}, False),
        # A header is nobody's word until the merchant says that a proxy of his writes it.
        ("203.0.113.1", {"x-forwarded-for": "185.71.76.5"}, {}, False),
        (
            *("10.0.0.1", {"x-forwarded-for": "1.2.3.4, 185.71.76.5"}),
            *({"address_header": "X-Forwarded-For"}, True),
        ),
        (
            *("10.0.0.1", {"x-forwarded-for": "185.71.76.5, 1.2.3.4"}),
            *({"address_header": "X-Forwarded-For"}, False),
        ),
        ("185.71.76.5", {}, {"address_header": "X-Real-IP"}, False),
        ("203.0.113.1", {}, {"networks": "203.0.113.0/24"}, True),
    ],
)
def test_from_where_notifications_may_come(
    source: str, headers: Mapping[str, str], saved: Mapping[str, str], expected: bool
) -> None:
    values = {key: value for key, value in SAVED.items() if key != "networks"} | dict(saved)
    assert Provider().account(values).trusts(source, headers, b"") is expected


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("shop_id", ""),
        ("secret_key", ""),
        ("secret_key", "ключ"),
        ("methods", "bank_card gold"),
        ("two_stage", "maybe"),
        ("confirmation", "pigeon"),
        ("return_url", "shop.example"),
        ("networks", "185.71.76.5/27"),
        ("address_header", "X Real IP"),
    ],
)
def test_settings_that_can_not_be_used(key: str, value: str) -> None:
    with pytest.raises(SettingsError) as error:
        YooKassaSettings.from_configuration({**SAVED, key: value})
    assert list(error.value.faults) == [key]


def test_settings_of_a_gateway_that_is_off_may_be_empty() -> None:
    settings = YooKassaSettings.from_configuration({}, complete=False)
    assert asdict(settings)["methods"] == METHODS
