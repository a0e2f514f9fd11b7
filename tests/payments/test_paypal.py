"""PayPal over HTTP, held against the published descriptions of its APIs."""

import base64
import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from saleor_1c_plugin.configuration import SettingsError
from saleor_1c_plugin.outbox.models import Message
from saleor_1c_plugin.payments.models import Attempt, Notification, Operation
from saleor_1c_plugin.payments.paypal import reading
from saleor_1c_plugin.payments.paypal.account import PayPalAccount
from saleor_1c_plugin.payments.paypal.provider import PayPal as Provider
from saleor_1c_plugin.payments.paypal.settings import PayPalSettings
from saleor_1c_plugin.payments.provider import (
    AccessDenied,
    Completes,
    Conversion,
    EntryKind,
    NoAnswer,
    Order,
    Registers,
    Rejected,
    Status,
)
from saleor_1c_plugin.sandbox.standins.faults import Fault
from saleor_1c_plugin.store.payments import Action, ReportKind

from .ledger import Ledger
from .provider_till import BACK, ProviderTill
from .standins import buyers
from .standins.paypal import PayPal
from .standins.paypal_keys import SIGNER, Signer, signer
from .standins.paypal_objects import Transaction
from .support import AMOUNT

SECRET = "sandbox-secret"
WEBHOOK = "0EH40505U7160970P"
SAVED = {
    "client_id": "sandbox-client",
    "client_secret": SECRET,
    "sandbox": "true",
    "webhook_id": WEBHOOK,
}

pytestmark = pytest.mark.usefixtures("english")


class Shop(ProviderTill):
    """A shop that takes money by PayPal."""

    def __init__(self, settings: Any, paypal: PayPal) -> None:
        super().__init__(
            settings,
            Provider(),
            SAVED,
            address="203.0.113.7",
            currency="EUR",
            about="Оплата заказа № 7",
        )
        self.paypal = paypal

    def paid(self, transaction: str = "t1", **values: Any) -> str:
        """The order of a payment that is charged, or held."""
        known = set(self.paypal.orders)
        self.pay(transaction, **values)
        (order,) = set(self.paypal.orders) - known
        self.paypal.approve(order)
        self.pay(transaction, **values)
        return order

    def states(self) -> list[tuple[str, str]]:
        """Of notifications, and why."""
        return list(Notification.objects.order_by("pk").values_list("state", "reason"))


@pytest.fixture
def paypal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[PayPal]:
    with PayPal() as server:
        roots = tmp_path / "roots.pem"
        roots.write_bytes(server.signer.root)
        monkeypatch.setenv("ONEC_PAYPAL_API", server.url)
        monkeypatch.setenv("ONEC_PAYPAL_ROOTS", str(roots))
        yield server


@pytest.fixture
def shop(transactional_db: None, settings: Any, paypal: PayPal) -> Shop:
    return Shop(settings, paypal)


def account(**values: object) -> PayPalAccount:
    return Provider().account({**SAVED, **values})


def event(kind: str, resource: Mapping[str, Any], number: int = 1) -> bytes:
    told = {"id": f"WH-{number}", "event_type": kind, "resource": resource}
    return json.dumps(told).encode()


def signed(paypal: PayPal, body: bytes, by: Signer | None = None, **said: Any) -> dict[str, str]:
    """Headers that PayPal sends along; `said` is other than it would be."""
    parts = {
        "webhook": paypal.webhook,
        "certificate_url": paypal.certificate_url,
        "transmission": "69cd13f0-d67a-11e5-baa3-778b53f4ae55",
        "at": datetime.now(UTC),
        **said,
    }
    return dict((by or paypal.signer).headers(body, **parts))


# The way of a payment.


def test_a_buyer_agrees_on_its_page_and_the_money_is_taken(shop: Shop, paypal: PayPal) -> None:
    began = shop.pay()
    (order,) = paypal.orders.values()
    assert order.ids == dict.fromkeys(("custom_id", "invoice_id"), str(shop.attempt().pk))
    assert order.unit["description"] == "Оплата заказа № 7"
    confirmation = began.data["confirmation"]
    assert isinstance(confirmation, dict)
    assert buyers.pay(confirmation["url"]).startswith(BACK)
    assert not paypal.captures
    paid = shop.pay()
    assert (paid.status, paid.amount, paid.reference) == (Status.CHARGED, AMOUNT, order.id)
    assert paid.data["test"] is True
    assert Ledger.told() == [(ReportKind.CHARGED, AMOUNT)]
    assert paypal.book.balances("EUR") == {order.id: AMOUNT}
    (report,) = Ledger.reports
    assert (report.method, report.at is not None) == ("PayPal", True)


def test_a_buyer_who_gives_up_may_come_back(shop: Shop, paypal: PayPal) -> None:
    confirmation = shop.pay().data["confirmation"]
    assert isinstance(confirmation, dict)
    buyers.decline(confirmation["url"])
    assert shop.pay().data["confirmation"] == confirmation
    buyers.pay(confirmation["url"])
    assert shop.pay().status is Status.CHARGED


def test_nobody_tells_and_nobody_comes_back(shop: Shop, paypal: PayPal) -> None:
    shop.pay()
    (order,) = paypal.orders
    paypal.approve(order)
    shop.pass_time(900)
    assert Ledger.told() == [(ReportKind.CHARGED, AMOUNT)]
    assert shop.attempt().next_poll is None


def test_a_bank_that_does_not_pay(shop: Shop, paypal: PayPal) -> None:
    """The buyer may choose another means; if not, PayPal forgets the order."""
    shop.pay()
    (order,) = paypal.orders.values()
    paypal.decline(order.id)
    assert shop.pay().status is Status.PENDING
    order.declines = False
    assert shop.pay().status is Status.CHARGED
    shop.pay("t2")
    (_first, second) = paypal.orders
    paypal.decline(second)
    shop.pass_time(900)
    paypal.later(timedelta(hours=3))
    shop.pass_time(3 * 3600)
    assert Ledger.told()[1:] == [(ReportKind.CHARGE_FAILED, AMOUNT)]
    assert shop.attempt("t2").next_poll is None
    assert not shop.attempt("t2").problem


@pytest.mark.parametrize("two_stage", [False, True])
def test_an_order_that_nobody_pays_is_forgotten(
    shop: Shop, paypal: PayPal, two_stage: bool
) -> None:
    shop.pay(authorise=two_stage)
    (order,) = list(paypal.orders)
    kept = paypal.orders.pop(order)
    # So soon it may be PayPal's own delay.
    shop.pass_time(900)
    assert not Ledger.reports
    paypal.orders[order] = kept
    paypal.later(timedelta(hours=3))
    shop.pass_time(3 * 3600)
    kind = ReportKind.AUTHORISATION_FAILED if two_stage else ReportKind.CHARGE_FAILED
    assert Ledger.told() == [(kind, AMOUNT)]
    assert shop.attempt().reason == "Nobody has paid in time"


def test_money_that_is_slow(shop: Shop, paypal: PayPal) -> None:
    paypal.captures_wait = True
    shop.paid()
    shop.paid("t2")
    first, second = paypal.captures
    assert shop.pay().status is Status.PENDING
    paypal.settle(first)
    paypal.deny(second)
    for _ in range(2):
        shop.pass_time(900)
    assert sorted(Ledger.told()) == [
        (ReportKind.CHARGE_FAILED, AMOUNT),
        (ReportKind.CHARGED, AMOUNT),
    ]
    assert len(paypal.captures) == 2


def test_money_is_held_then_taken_in_part_and_given_back(shop: Shop, paypal: PayPal) -> None:
    shop.set(two_stage="true")
    shop.paid()
    assert shop.pay().status is Status.AUTHORISED
    part = Decimal("1000.10")
    shop.operate(Action.CHARGE, part)
    shop.operate(Action.REFUND, Decimal("0.10"))
    shop.operate(Action.REFUND, Decimal(1000))
    assert Ledger.told() == [
        (ReportKind.AUTHORISED, AMOUNT),
        (ReportKind.CHARGED, part),
        (ReportKind.CANCELLED, AMOUNT - part),
        (ReportKind.REFUNDED, Decimal("0.10")),
        (ReportKind.REFUNDED, Decimal("1000.00")),
    ]
    assert [one.reference for one in Ledger.reports[3:]] == list(paypal.refunds)
    assert paypal.book.held(currency="EUR") == paypal.book.balance(currency="EUR") == 0


@pytest.mark.parametrize("by_staff", [True, False])
def test_what_is_held_is_let_go(shop: Shop, paypal: PayPal, by_staff: bool) -> None:
    shop.paid(authorise=True)
    if by_staff:
        shop.operate(Action.CANCEL, AMOUNT)
    else:
        paypal.later(timedelta(days=29))
        shop.pass_time(3600)
    assert Ledger.told() == [(ReportKind.AUTHORISED, AMOUNT), (ReportKind.CANCELLED, AMOUNT)]
    assert paypal.book.held(currency="EUR") == 0


def test_what_is_held_is_taken_once_it_is_through(shop: Shop, paypal: PayPal) -> None:
    shop.paid(authorise=True)
    paypal.captures_wait = True
    shop.operate(Action.CHARGE, AMOUNT)
    assert Ledger.told() == [(ReportKind.AUTHORISED, AMOUNT)]
    (capture,) = paypal.captures
    paypal.settle(capture)
    shop.pass_time(3600)
    assert Ledger.told()[1:] == [(ReportKind.CHARGED, AMOUNT)]


def test_refunds_on_its_site_and_slow_ones(shop: Shop, paypal: PayPal) -> None:
    order = shop.paid()
    paypal.give_back(order, Decimal("0.50"))
    paypal.refunds_wait = True
    for amount in (Decimal(5), Decimal(7)):
        shop.operate(Action.REFUND, amount)
    _elsewhere, first, second = paypal.refunds
    paypal.settle_refund(first)
    paypal.fail_refund(second)
    shop.pass_time(3600)
    assert Ledger.told()[1:] == [
        (ReportKind.REFUNDED, Decimal("0.50")),
        (ReportKind.REFUNDED, Decimal("5.00")),
        (ReportKind.REFUND_FAILED, Decimal("7.00")),
    ]
    shop.operate(Action.REFUND, AMOUNT)
    assert Ledger.told()[4:] == [(ReportKind.REFUND_FAILED, AMOUNT)]
    assert Ledger.balance() == paypal.book.balance(currency="EUR") == AMOUNT - Decimal("5.50")


@pytest.mark.parametrize("currency", ["JPY", "HUF", "TWD"])
def test_currencies_that_it_takes_whole(shop: Shop, paypal: PayPal, currency: str) -> None:
    shop.paid(amount=Decimal("1500.00"), currency=currency)
    shop.operate(Action.REFUND, Decimal("300.00"))
    assert Ledger.told() == [(ReportKind.CHARGED, 1500), (ReportKind.REFUNDED, 300)]
    shop.pay("t2", Decimal("1500.50"), currency=currency)
    assert len(paypal.orders) == 1
    assert Ledger.told()[2:] == [(ReportKind.CHARGE_FAILED, Decimal("1500.50"))]


# Disputes.


@pytest.mark.parametrize("outcome", ["RESOLVED_BUYER_FAVOUR", "RESOLVED_SELLER_FAVOUR"])
def test_a_dispute(shop: Shop, paypal: PayPal, outcome: str) -> None:
    order = shop.paid()
    dispute = paypal.dispute(order, Decimal("100.00"))
    shop.hear(body := event("CUSTOMER.DISPUTE.CREATED", dispute.json()), signed(paypal, body))
    assert Ledger.told()[1:] == [(ReportKind.REMARK, 0)]
    assert "disputes 100.00 EUR" in Ledger.reports[1].message
    paypal.resolve(dispute.id, outcome)
    # Nothing is told of this.
    shop.pass_time(3600)
    is_lost = outcome == "RESOLVED_BUYER_FAVOUR"
    expected = (ReportKind.CHARGED_BACK, Decimal("100.00")) if is_lost else (ReportKind.REMARK, 0)
    assert Ledger.told()[2:] == [expected]
    assert shop.attempt().next_poll is None


def test_what_the_merchant_has_given_back_is_not_lost_again(shop: Shop, paypal: PayPal) -> None:
    order = shop.paid()
    paypal.give_back(order, AMOUNT - 1)
    dispute = paypal.dispute(order)
    paypal.resolve(dispute.id)
    shop.pay()
    shop.hear(body := event("CUSTOMER.DISPUTE.RESOLVED", dispute.json()), signed(paypal, body))
    assert Ledger.told()[1:] == [
        (ReportKind.REFUNDED, AMOUNT - 1),
        (ReportKind.CHARGED_BACK, Decimal("1.00")),
    ]


def test_disputes_of_many_pages_and_an_app_that_may_not_see_them(
    shop: Shop, paypal: PayPal
) -> None:
    order = shop.paid()
    for _ in range(51):
        paypal.dispute(order, Decimal("1.00"))
    assert len(account().fetch(order).refunds) == 51
    paypal.shows_disputes = False
    assert account().fetch(order).refunds == ()
    assert "may not see disputes" in account().check_connection()


# Holds that PayPal vouches for no more.


@pytest.fixture
def old(shop: Shop, paypal: PayPal) -> str:
    """What a buyer agreed to five days ago; whoever takes it without renewal gets nothing."""
    return held(shop, paypal, timedelta(days=5))


def held(shop: Shop, paypal: PayPal, ago: timedelta) -> str:
    """The order of money that has been held for so long."""
    paypal.is_lenient = False
    paypal.later(-ago)
    order = shop.paid(authorise=True)
    paypal.later(ago)
    return order


def renewals(paypal: PayPal) -> int:
    """How often it was asked for."""
    return sum(one.request.path.endswith("/reauthorize") for one in paypal.exchanges)


@pytest.mark.parametrize("listed", [True, False])
def test_an_old_hold_is_renewed_and_then_taken(
    shop: Shop, paypal: PayPal, old: str, listed: bool
) -> None:
    paypal.lists_renewed = listed
    part = AMOUNT - Decimal("0.50")
    shop.operate(Action.CHARGE, part)
    first, second = paypal.authorizations.values()
    assert (second.parent, second.amount) == (first, first.amount)
    (asked,) = [one for one in paypal.exchanges if one.request.path.endswith("/reauthorize")]
    assert asked.request.headers["paypal-request-id"] == f"{first.id}-reauthorize"
    assert Ledger.told() == [
        (ReportKind.AUTHORISED, AMOUNT),
        (ReportKind.CHARGED, part),
        (ReportKind.CANCELLED, AMOUNT - part),
    ]
    assert paypal.book.balances("EUR") == {old: part}
    shop.operate(Action.REFUND, Decimal("1.00"))
    assert Ledger.balance() == paypal.book.balance(currency="EUR") == part - 1


@pytest.mark.parametrize(
    ("ago", "times"), [(timedelta(days=3) - timedelta(minutes=1), 0), (timedelta(days=3), 1)]
)
def test_a_hold_is_renewed_from_the_fourth_day_on(
    shop: Shop, paypal: PayPal, ago: timedelta, times: int
) -> None:
    held(shop, paypal, ago)
    shop.operate(Action.CHARGE, AMOUNT)
    assert renewals(paypal) == times
    assert Ledger.told()[1:] == [(ReportKind.CHARGED, AMOUNT)]


@pytest.mark.parametrize("listed", [True, False])
@pytest.mark.parametrize("fault", Fault)
def test_whatever_becomes_of_an_answer_it_is_renewed_once_and_taken_once(
    shop: Shop, paypal: PayPal, old: str, fault: Fault, listed: bool
) -> None:
    paypal.lists_renewed = listed
    # The token of five days ago is no good any more.
    shop.pay()
    # How it is and the renewal; both again; and then the taking.
    paypal.faults.script.extend([None, fault, None, fault, None, None, fault])
    shop.operate(Action.CHARGE, AMOUNT)
    for _ in range(6):
        shop.work()
    assert paypal.faults.met[fault] == 3
    assert len(paypal.authorizations) == 2
    assert len(paypal.captures) == 1
    assert Ledger.told() == [(ReportKind.AUTHORISED, AMOUNT), (ReportKind.CHARGED, AMOUNT)]
    assert paypal.book.balances("EUR") == {old: AMOUNT}
    assert Operation.objects.get().state == "done"


@pytest.mark.parametrize("listed", [True, False])
def test_a_renewed_hold_of_which_the_money_is_slow(
    shop: Shop, paypal: PayPal, old: str, listed: bool
) -> None:
    paypal.lists_renewed, paypal.captures_wait = listed, True
    shop.pay()
    paypal.faults.script.extend([None, None, Fault.LOST])
    shop.operate(Action.CHARGE, AMOUNT)
    shop.work()
    assert Operation.objects.get().state == "open"
    (capture,) = paypal.captures
    paypal.settle(capture)
    shop.pass_time(3600)
    assert Ledger.told()[1:] == [(ReportKind.CHARGED, AMOUNT)]


def test_staff_who_try_again_ask_for_the_same_renewal(shop: Shop, paypal: PayPal, old: str) -> None:
    shop.operate(Action.CHARGE, AMOUNT + 1)
    assert Ledger.told()[1:] == [(ReportKind.CHARGE_FAILED, AMOUNT + 1)]
    paypal.lists_renewed = False
    (order,) = paypal.orders.values()
    del order.authorizations[0]
    shop.operate(Action.CHARGE, AMOUNT)
    assert Ledger.told()[2:] == [(ReportKind.CHARGED, AMOUNT)]
    assert len(paypal.authorizations) == 2


@pytest.mark.parametrize("by_staff", [True, False])
def test_what_was_renewed_is_let_go(shop: Shop, paypal: PayPal, old: str, by_staff: bool) -> None:
    shop.operate(Action.CHARGE, AMOUNT + 1)
    assert len(paypal.authorizations) == 2
    if by_staff:
        shop.operate(Action.CANCEL, AMOUNT)
    else:
        # The days of the first one count.
        paypal.later(timedelta(days=24))
        shop.pass_time(3600)
    assert Ledger.told()[2:] == [(ReportKind.CANCELLED, AMOUNT)]
    assert paypal.book.held(currency="EUR") == 0


def test_what_was_renewed_long_ago_is_taken_as_it_is(shop: Shop, paypal: PayPal, old: str) -> None:
    paypal.later(-timedelta(days=1))
    shop.operate(Action.CHARGE, AMOUNT + 1)
    paypal.later(timedelta(days=1))
    paypal.is_lenient = True
    (_first, second) = paypal.authorizations.values()
    second.created -= timedelta(days=4)
    shop.operate(Action.CHARGE, AMOUNT)
    assert Ledger.told()[2:] == [(ReportKind.CHARGED, AMOUNT)]
    assert len(paypal.authorizations) == 2


@pytest.mark.parametrize("is_there", [True, False])
def test_a_hold_that_paypal_does_not_renew_is_taken_if_it_still_can_be(
    shop: Shop, paypal: PayPal, old: str, is_there: bool
) -> None:
    paypal.renews, paypal.is_lenient = False, is_there
    shop.operate(Action.CHARGE, AMOUNT)
    kind = ReportKind.CHARGED if is_there else ReportKind.CHARGE_FAILED
    assert Ledger.told()[1:] == [(kind, AMOUNT)]
    assert renewals(paypal) == 1
    if not is_there:
        assert "TRANSACTION_REFUSED" in Ledger.reports[-1].message
        # It is held all the same, and the buyer may have money again.
        paypal.renews = True
        shop.operate(Action.CHARGE, AMOUNT, asked="again")
        assert Ledger.told()[2:] == [(ReportKind.CHARGED, AMOUNT)]


# What goes wrong.


@pytest.mark.parametrize("fault", Fault)
def test_whatever_becomes_of_an_answer_it_is_one_payment_and_one_refund(
    shop: Shop, paypal: PayPal, fault: Fault
) -> None:
    # The first call is for the token.
    paypal.faults.script.extend([fault, None, fault])
    assert shop.pay().data["retry"] is True
    assert shop.pay().data["retry"] is True
    shop.pay()
    (order,) = paypal.orders
    paypal.approve(order)
    # How it is; then the taking of the money.
    paypal.faults.script.extend([None, fault, None, fault])
    for _ in range(3):
        shop.pay()
    paypal.faults.script.extend([None, fault, None, None, fault, fault])
    shop.operate(Action.REFUND, Decimal(100))
    for _ in range(6):
        shop.work()
    assert len(paypal.orders) == len(paypal.captures) == len(paypal.refunds) == 1
    assert Ledger.told() == [(ReportKind.CHARGED, AMOUNT), (ReportKind.REFUNDED, Decimal(100))]


@pytest.mark.parametrize(
    ("action", "fault"),
    [*((Action.CHARGE, fault) for fault in Fault), (Action.CANCEL, Fault.DROPPED)],
)
def test_what_is_held_moves_once(shop: Shop, paypal: PayPal, action: Action, fault: Fault) -> None:
    shop.paid(authorise=True)
    paypal.faults.script.extend([None, fault, None, fault])
    shop.operate(action, AMOUNT)
    for _ in range(4):
        shop.work()
    kind = ReportKind.CHARGED if action is Action.CHARGE else ReportKind.CANCELLED
    assert Ledger.told() == [(ReportKind.AUTHORISED, AMOUNT), (kind, AMOUNT)]
    charged = AMOUNT if action is Action.CHARGE else 0
    assert paypal.book.balance(currency="EUR") == Ledger.balance() == charged


def test_an_invoice_is_not_paid_twice_when_its_key_is_forgotten(paypal: PayPal) -> None:
    order = Order("a-1", AMOUNT, "EUR", "", "cart-1", two_stage=False, method="", return_url=BACK)
    for key in ("one", "two"):
        account().create(order, key)
    for made in paypal.orders:
        paypal.approve(made)
        account().complete(made, two_stage=False, key=f"{made}-complete")
    assert [len(made.captures) for made in paypal.orders.values()] == [1, 0]
    found = account().fetch(list(paypal.orders)[1])
    assert found.status is Status.PENDING


def test_with_a_third_of_all_calls_going_wrong_the_books_agree(shop: Shop, paypal: PayPal) -> None:
    paypal.faults.share, paypal.faults.seed = 0.3, 7
    names = [f"t{number}" for number in range(9)]
    for number, name in enumerate(names):
        shop.pay(name, AMOUNT + number, authorise=number % 2 == 0)
    for _ in range(3):
        shop.pass_time(1800)
    for order in list(paypal.orders):
        paypal.approve(order)
    for _ in range(6):
        shop.pass_time(1800)
    for number, name in enumerate(names):
        if shop.attempt(name).status == Status.AUTHORISED:
            is_taken = number % 3
            shop.operate(Action.CHARGE if is_taken else Action.CANCEL, AMOUNT, name)
    for _ in range(4):
        shop.pass_time(1800)
    for number, name in enumerate(names):
        if shop.attempt(name).status == Status.CHARGED and number % 2:
            shop.operate(Action.REFUND, Decimal("10.01"), name)
    for _ in range(8):
        shop.pass_time(1800)
    assert paypal.faults.met
    assert len(paypal.orders) == len(names)
    assert not Operation.objects.filter(state=Operation.State.OPEN).exists()
    assert not Attempt.objects.exclude(next_poll=None).exists()
    assert Ledger.balance() == paypal.book.balance(currency="EUR") > 0
    assert not Ledger.repeated


@pytest.mark.parametrize(
    ("amount", "currency"), [(AMOUNT - 1, "EUR"), (AMOUNT + 1, "EUR"), (AMOUNT, "USD")]
)
def test_another_amount_is_never_taken(
    shop: Shop, paypal: PayPal, amount: Decimal, currency: str
) -> None:
    shop.pay()
    (order,) = paypal.orders.values()
    order.amount, order.currency = amount, currency
    paypal.approve(order.id)
    assert shop.pay().status is Status.CANCELLED
    assert not paypal.captures
    assert shop.attempt().problem
    assert Ledger.told() == [(ReportKind.REMARK, 0)]


def test_somebody_elses_order_pays_nothing(shop: Shop, paypal: PayPal) -> None:
    shop.pay("t2")
    (other,) = paypal.orders
    paypal.approve(other)
    Attempt.objects.all().delete()
    paypal.faults.script.append(Fault.DOWN)
    shop.pay()
    # The shop, which does not know its own yet, is told that the other is that.
    resource = {"id": other, "purchase_units": [{"custom_id": str(shop.attempt().pk)}]}
    body = event("CHECKOUT.ORDER.APPROVED", resource)
    assert shop.hear(body, signed(paypal, body)).status_code == 200
    assert shop.states() == [("aside", "The payment is not this attempt's")]
    assert not paypal.captures
    assert not Ledger.reports
    assert shop.attempt().payment_id == ""


def test_tokens_are_kept_and_renewed(shop: Shop, paypal: PayPal) -> None:
    def asked() -> int:
        return sum(one.request.path == "/v1/oauth2/token" for one in paypal.exchanges)

    shop.paid()
    shop.paid("t2")
    assert asked() == 1
    paypal.revoke_tokens()
    shop.paid("t3")
    assert asked() == 2
    assert len(Ledger.reports) == 3


def test_a_key_that_the_merchant_has_to_mend_costs_no_payment(shop: Shop, paypal: PayPal) -> None:
    shop.pay()
    (order,) = paypal.orders
    paypal.approve(order)
    shop.set(client_secret="wrong")
    shop.pass_time(900)
    assert not Ledger.reports
    shop.set()
    shop.pass_time(900)
    assert Ledger.told() == [(ReportKind.CHARGED, AMOUNT)]


def test_no_secret_is_written_down(
    shop: Shop, paypal: PayPal, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("urllib3", "requests", "saleor_1c_plugin"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    shop.paid()
    shop.set(client_secret=f"{SECRET}-wrong")
    paypal.faults.script.extend([Fault.DROPPED, Fault.CUT, Fault.LOST])
    shop.operate(Action.REFUND, Decimal(1))
    for _ in range(4):
        shop.pass_time(900)
    with pytest.raises(AccessDenied) as error:
        account(client_secret=f"{SECRET}-wrong").check_connection()
    headers = [one.request.headers.get("authorization", "") for one in paypal.exchanges]
    tokens = [one.split()[1] for one in headers if one.startswith("Bearer")]
    encoded = base64.b64encode(f"sandbox-client:{SECRET}".encode()).decode()[:-4]
    written = [
        *(caplog.text, str(error.value), repr(error.value)),
        *(repr(PayPalSettings.from_configuration(SAVED)), repr(account())),
        *map(str, Message.objects.values_list("reason", "payload")),
        *map(str, Attempt.objects.values()),
    ]
    assert "urllib3" in caplog.text
    assert tokens
    for text in written:
        for secret in (SECRET, encoded, *tokens):
            assert secret not in text


def test_the_connection_is_tried(paypal: PayPal) -> None:
    said = account().check_connection()
    assert "sandbox" in said
    assert "No webhook" in account(webhook_id="").check_connection()
    with pytest.raises(AccessDenied):
        account(client_secret="wrong").check_connection()
    with pytest.raises(Rejected):
        account(webhook_id="OTHER").check_connection()
    paypal.faults.script.append(Fault.DROPPED)
    with pytest.raises(NoAnswer):
        account().check_connection()


# Notifications.


def test_notifications_of_its_own(shop: Shop, paypal: PayPal) -> None:
    shop.pay()
    (order,) = paypal.orders.values()
    paypal.approve(order.id)
    told = [event("CHECKOUT.ORDER.APPROVED", order.json())]
    assert shop.hear(told[0], signed(paypal, told[0])).status_code == 200
    assert Ledger.told() == [(ReportKind.CHARGED, AMOUNT)]
    refund = paypal.give_back(order.id, Decimal(3))
    told.append(event("PAYMENT.CAPTURE.REFUNDED", refund.json()))
    told.append(event("PAYMENT.CAPTURE.COMPLETED", order.captures[0].whole()))
    # Again, and in another order.
    for body in reversed(told * 2):
        assert shop.hear(body, signed(paypal, body)).status_code == 200
    assert Ledger.told() == [(ReportKind.CHARGED, AMOUNT), (ReportKind.REFUNDED, Decimal(3))]
    assert shop.states() == [("done", "")] * 3
    assert not Ledger.repeated


def test_all_that_happens_is_told_over_http(shop: Shop, paypal: PayPal, served: str) -> None:
    paypal.notifier.url = f"{served}/payments/paypal/"
    paypal.faults.repeated = 1.0
    shop.pay()
    (order,) = paypal.orders
    paypal.approve(order)
    paypal.notifier.wait()
    paypal.give_back(order, Decimal("0.50"))
    paypal.resolve(paypal.dispute(order, Decimal("1.00")).id)
    paypal.notifier.wait()
    shop.work()
    assert {one.status for one in paypal.notifier.deliveries} == {200}
    assert set(shop.states()) == {("done", "")}
    assert Ledger.balance() == paypal.book.balance(currency="EUR") == AMOUNT - Decimal("1.50")
    assert not Ledger.repeated


def test_an_event_about_something_else_is_taken_and_put_aside(shop: Shop, paypal: PayPal) -> None:
    paypal.faults.script.append(Fault.DOWN)
    # A payment of which no id is known: it is not meant by what names none.
    shop.pay()
    told = [
        event("PAYMENT.SALE.COMPLETED", {"id": "8RS6210148826604N"}),
        event("CUSTOMER.DISPUTE.CREATED", {"disputed_transactions": [{"custom": "7"}]}),
    ]
    for body in told:
        assert shop.hear(body, signed(paypal, body)).status_code == 200
    Notification.objects.update(received=datetime.now(UTC) - timedelta(hours=2))
    shop.work()
    assert shop.states() == [("aside", "There is no such payment here")] * 2
    assert not paypal.orders


def test_a_forged_notification_pays_nothing(shop: Shop, paypal: PayPal) -> None:
    shop.pay()
    (order,) = paypal.orders.values()
    paid = {**order.json(), "status": "COMPLETED"}
    body = event("CHECKOUT.ORDER.COMPLETED", paid)
    assert shop.hear(body, signed(paypal, body)).status_code == 200
    assert not Ledger.reports
    assert shop.attempt().status == Status.PENDING


@pytest.mark.parametrize(
    "said",
    [
        {"webhook": "8PT597110X687430LKGECATA"},
        {"by": signer(SIGNER, authority="Forger's Root")},
        {"by": signer("messageverificationcerts.paypal.com.evil.example")},
        {"by": signer("messageverificationcerts.paypal.com")},
        {"by": signer(SIGNER, is_expired=True)},
    ],
    ids=["another webhook", "another authority", "another name", "not the sandbox", "expired"],
)
def test_what_paypal_has_not_signed_is_put_aside(
    shop: Shop, paypal: PayPal, said: dict[str, Any]
) -> None:
    shop.pay()
    (order,) = paypal.orders.values()
    paypal.approve(order.id)
    paypal.signer = said.get("by", paypal.signer)
    body = event("CHECKOUT.ORDER.APPROVED", order.json())
    headers = signed(paypal, body, **said)
    assert shop.hear(body, headers).status_code == 200
    assert shop.states() == [("aside", "The provider has not signed it")]
    assert not Ledger.reports


@pytest.mark.parametrize(
    "altered",
    [
        {"PayPal-Transmission-Id": "69cd13f0-d67a-11e5-baa3-778b53f4ae56"},
        {"PayPal-Transmission-Time": "+1"},
        {"body": " "},
    ],
)
def test_what_was_altered_is_put_aside(shop: Shop, paypal: PayPal, altered: dict[str, str]) -> None:
    shop.pay()
    (order,) = paypal.orders.values()
    paypal.approve(order.id)
    body = event("CHECKOUT.ORDER.APPROVED", order.json())
    headers = {**signed(paypal, body), **altered}
    if altered.get("PayPal-Transmission-Time"):
        later = datetime.now(UTC) + timedelta(seconds=61)
        headers["PayPal-Transmission-Time"] = later.isoformat(timespec="seconds")
    headers.pop("body", "")
    assert shop.hear(body + altered.get("body", "").encode(), headers).status_code == 200
    assert shop.states() == [("aside", "The provider has not signed it")]
    assert not Ledger.reports


def test_a_certificate_that_comes_without_those_above_it(shop: Shop, paypal: PayPal) -> None:
    """PayPal itself is asked then; it does not know what somebody else has sent."""
    shop.pay()
    (order,) = paypal.orders.values()
    paypal.approve(order.id)
    begin = b"-----BEGIN"
    own = begin + paypal.signer.chain.split(begin)[1]
    paypal.signer = replace(paypal.signer, chain=own)
    for number, is_sent in ((1, False), (2, True)):
        body = event("CHECKOUT.ORDER.APPROVED", order.json(), number)
        headers = signed(paypal, body)
        if is_sent:
            paypal.sent.add(f"WH-{number}")
            paypal.transmissions.add(headers["PayPal-Transmission-Id"])
        shop.hear(body, headers)
        assert len(Ledger.reports) == int(is_sent)
    assert [state for state, _reason in shop.states()] == ["aside", "done"]


def test_a_certificate_that_can_not_be_had_is_asked_for_again(
    shop: Shop, paypal: PayPal, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.pay()
    (order,) = paypal.orders.values()
    paypal.approve(order.id)
    body = event("CHECKOUT.ORDER.APPROVED", order.json())
    chain, paypal.signer = paypal.signer, replace(paypal.signer, chain=b"x" * (65 << 10))
    shop.hear(body, signed(paypal, body))
    assert shop.states() == [("new", "")]
    paypal.signer = chain
    shop.work()
    assert shop.states() == [("done", "")]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://api.sandbox.paypal.com/v1/notifications/certs/CERT-1",
        "https://api.paypal.com/v1/notifications/certs/CERT-1",
        "https://api.sandbox.paypal.com:8443/v1/notifications/certs/CERT-1",
        "https://api.sandbox.paypal.com.evil.example/v1/notifications/certs/CERT-1",
        "https://api.sandbox.paypal.com@evil.example/v1/notifications/certs/CERT-1",
        "https://evil.example/api.sandbox.paypal.com/v1/notifications/certs/CERT-1",
        "https://api.sandbox.paypal.com\\@evil.example/v1/notifications/certs/CERT-1",
        "https://api.sandbox.paypal.com/v1/notifications/certs/../../../x",
        "https://api.sandbox.paypal.com/v1/notifications/certs/CERT-1?x=http://evil.example",
        "https://api.sandbox.paypal.com/v1/notifications/certs/CERT-1#x",
        "https://api.sandbox.paypal.com/v1/notifications/certs/CERT-1\n",
        "https://api.sandbox.paypal.com/v1/notifications/certs/",
        "https://169.254.169.254/v1/notifications/certs/CERT-1",
        "file:///etc/passwd",
    ],
)
def test_certificates_are_asked_of_paypal_alone(
    paypal: PayPal, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.delenv("ONEC_PAYPAL_API")
    headers = {key.lower(): value for key, value in signed(paypal, b"{}").items()}
    genuine = "https://api.sandbox.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594"
    assert account().trusts("", {**headers, "paypal-cert-url": genuine}, b"{}")
    given = {**headers, "paypal-cert-url": url}
    assert not account().trusts("", given, b"{}")
    assert not account().verify(given, b"{}")


@pytest.mark.parametrize(
    "altered",
    [
        {"paypal-auth-algo": "SHA1withRSA"},
        {"paypal-auth-algo": ""},
        {"paypal-transmission-id": ""},
        {"paypal-transmission-id": "a|b"},
        {"paypal-transmission-id": "a" * 51},
        {"paypal-transmission-sig": ""},
        {"paypal-transmission-sig": "%%%"},
        {"paypal-transmission-sig": base64.b64encode(b"x" * 2000).decode()},
        {"paypal-transmission-time": ""},
        {"paypal-transmission-time": "yesterday"},
        {"paypal-transmission-time": "2020-01-01T00:00:00Z"},
        {"paypal-transmission-time": "2099-01-01T00:00:00Z"},
        {"paypal-transmission-time": datetime.now(UTC).replace(tzinfo=None).isoformat()},
    ],
)
def test_what_can_not_be_paypals_is_not_trusted(paypal: PayPal, altered: dict[str, str]) -> None:
    headers = {key.lower(): value for key, value in signed(paypal, b"{}").items()}
    assert account().trusts("", headers, b"{}")
    assert not account(webhook_id="").trusts("", headers, b"{}")
    assert not account().trusts("", {**headers, **altered}, b"{}")


def test_what_is_not_trusted_is_not_even_kept(shop: Shop, paypal: PayPal) -> None:
    body = event("CHECKOUT.ORDER.APPROVED", {"id": "5O190127TN364715T"})
    url = "https://evil.example/v1/notifications/certs/CERT-1"
    assert shop.hear(body, signed(paypal, body, certificate_url=url)).status_code == 403
    assert shop.hear(body, {}).status_code == 403
    assert not Notification.objects.exists()


@pytest.mark.parametrize(
    "told",
    [
        {},
        [],
        None,
        {"event_type": "CHECKOUT.ORDER.APPROVED"},
        {"event_type": "CHECKOUT.ORDER.APPROVED", "resource": None},
        {"event_type": "CHECKOUT.ORDER.APPROVED", "resource": {"id": 5}},
        {"event_type": "CHECKOUT.ORDER.APPROVED", "resource": {"id": "../me"}},
        {"event_type": "CHECKOUT.ORDER.APPROVED", "resource": {"id": "A" * 65}},
        {"event_type": "CHECKOUT.ORDER.APPROVED", "resource": {"id": "A", "purchase_units": 5}},
        {"event_type": "CUSTOMER.DISPUTE.CREATED", "resource": {"disputed_transactions": []}},
        {"event_type": "PAYMENT.CAPTURE.COMPLETED", "resource": {"supplementary_data": 5}},
        {"event_type": "PAYMENT.CAPTURE.COMPLETED", "resource": {}},
    ],
)
def test_what_is_no_notification(told: object) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        Provider().subject(json.dumps(told).encode(), {})


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"[" * 60_000])
def test_what_can_not_even_be_read(body: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        Provider().subject(body, {})


# What it says it has moved.


def test_the_register(shop: Shop, paypal: PayPal) -> None:
    order = shop.paid()
    attempt = str(shop.attempt().pk)
    shop.operate(Action.REFUND, Decimal("10.00"))
    paypal.give_back(order, Decimal("5.00"))
    disputes = [paypal.dispute(order, Decimal("7.00")).id for _ in range(3)]
    for dispute, outcome in zip(disputes, ("DENIED", "ACCEPTED", "ACCEPTED"), strict=True):
        paypal.resolve(dispute, outcome)
    now = paypal.now()
    # Neither a payment nor something that was given back.
    for code in ("T0400", "T1105", "T0006"):
        old = now - timedelta(days=40) if code == "T0006" else now
        amount = Decimal("-1.00") if code == "T0400" else Decimal("1.00")
        about = Transaction(f"OTHER{code}", code, amount, Decimal(0), "EUR", old, {})
        paypal.transactions.append(about)
    found = list(account().registry(now - timedelta(days=90), now + timedelta(hours=1)))
    (capture,) = paypal.captures.values()
    old, *rest = found
    assert (old.reference, old.attempt, old.fee) == ("OTHERT0006", "", None)
    assert [(one.kind, one.amount, one.fee, one.attempt) for one in rest] == [
        (EntryKind.PAYMENT, AMOUNT, capture.fee, attempt),
        (EntryKind.REFUND, Decimal("10.00"), None, attempt),
        (EntryKind.REFUND, Decimal("5.00"), None, attempt),
        *[(EntryKind.CHARGEBACK, Decimal("7.00"), None, attempt)] * 2,
    ]
    # By the ids under which the payment has them.
    assert [one.reference for one in rest] == [order, *paypal.refunds, *disputes[1:]]
    assert {one.payment_id for one in rest} == {order}
    assert isinstance(account(), Registers)
    assert isinstance(account(), Completes)


def test_the_register_says_what_money_has_come_to(shop: Shop, paypal: PayPal) -> None:
    paypal.converts["EUR"] = ("JPY", Decimal("162.345678901234567"))
    order = shop.paid()
    shop.operate(Action.REFUND, Decimal("10.00"))
    paypal.resolve(paypal.dispute(order, Decimal("7.00")).id, "ACCEPTED")
    del paypal.converts["EUR"]
    shop.paid("t2")
    shop.operate(Action.REFUND, Decimal("20.00"), "t2")
    (capture, _other) = paypal.captures.values()
    now = paypal.now()
    calls = len(paypal.exchanges)
    found = list(account().registry(now - timedelta(hours=1), now + timedelta(hours=1)))
    # As many digits of a rate as PayPal may write, to the letter; never a float.
    rate = Decimal("162.345678901234567")
    net = ((AMOUNT - capture.fee) * rate).quantize(Decimal(1))
    assert [(one.kind, one.currency, one.converted) for one in found] == [
        (EntryKind.PAYMENT, "EUR", Conversion(net, "JPY", rate)),
        (EntryKind.REFUND, "EUR", Conversion(Decimal(1623), "JPY", rate)),
        (EntryKind.CHARGEBACK, "EUR", None),
        (EntryKind.PAYMENT, "EUR", None),
        (EntryKind.REFUND, "EUR", None),
    ]
    assert found[0].amount == AMOUNT
    # Of refunds PayPal is asked only where it can have something to say.
    asked = [one.request.path for one in paypal.exchanges[calls:]]
    assert sum(path.startswith("/v2/payments/refunds/") for path in asked) == 1


@pytest.mark.parametrize(
    ("rate", "expected"),
    [
        ({"source_currency": "EUR", "target_currency": "USD", "value": "1.0825"}, "1.0825"),
        ({"source_currency": "USD", "target_currency": "EUR", "value": "0.92"}, None),
        ({"source_currency": "EUR", "target_currency": "USD", "value": "NaN"}, None),
        ({"source_currency": "EUR", "target_currency": "USD", "value": "-1"}, None),
        ({"source_currency": "EUR", "target_currency": "USD", "value": "1e20"}, None),
        (None, None),
    ],
)
def test_a_rate_is_that_of_this_conversion_or_none(
    rate: dict[str, str] | None, expected: str | None
) -> None:
    told = {
        "amount": {"currency_code": "EUR", "value": "100.00"},
        "seller_receivable_breakdown": {
            "receivable_amount": {"currency_code": "USD", "value": "105.00"},
            "exchange_rate": rate,
        },
    }
    found = reading.received(told)
    assert found == Conversion(Decimal("105.00"), "USD", Decimal(expected) if expected else None)


def test_money_that_stays_what_it_is_was_not_converted() -> None:
    own = {"currency_code": "EUR", "value": "100.00"}
    assert reading.received({"amount": own}) is None
    told = {"amount": own, "seller_receivable_breakdown": {"receivable_amount": own}}
    assert reading.received(told) is None
    assert reading.paid_back({"amount": own}) is None
    with pytest.raises(NoAnswer):
        reading.received({"amount": own, "seller_receivable_breakdown": {"receivable_amount": 5}})


def test_the_register_of_a_busy_shop(paypal: PayPal) -> None:
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    for number in range(1201):
        # One each hour, on the hour: some of them at the seam of two questions.
        at = begin + timedelta(hours=number)
        about = Transaction(
            f"T{number:05}", "T0006", Decimal("1.00"), Decimal("-0.10"), "EUR", at, {}
        )
        paypal.transactions.append(about)
    found = list(account().registry(begin, begin + timedelta(hours=1200)))
    assert [one.reference for one in found] == [f"T{number:05}" for number in range(1200)]
    assert {one.fee for one in found} == {Decimal("0.10")}


# Settings.


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("client_id", ""),
        ("client_id", "a:b"),
        ("client_secret", ""),
        ("client_secret", "ключ"),
        ("sandbox", "maybe"),
        ("webhook_id", "https://shop.example/plugins/saleor1c.paypal/"),
        ("two_stage", "maybe"),
        ("return_url", "shop.example"),
    ],
)
def test_settings_that_can_not_be_used(key: str, value: str) -> None:
    with pytest.raises(SettingsError) as error:
        PayPalSettings.from_configuration({**SAVED, key: value})
    assert list(error.value.faults) == [key]


def test_settings_of_a_gateway_that_is_off_may_be_empty() -> None:
    assert PayPalSettings.from_configuration({}, complete=False) == PayPalSettings()
