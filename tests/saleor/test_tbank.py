"""T-Bank on a Saleor that runs: a storefront's calls, the bank's page and news, staff's buttons."""

import json
from collections.abc import Iterator
from decimal import Decimal

import pytest
import requests
from saleor.app.models import App
from saleor.plugins.models import PluginConfiguration

from saleor_1c_plugin.payments.models import Notification, Operation
from saleor_1c_plugin.sandbox.graphql import SaleorError
from saleor_1c_plugin.sandbox.standins.faults import Fault
from saleor_1c_plugin.store.orders import PaymentKind
from tests.payments.standins import buyers
from tests.payments.standins.tbank import TBank

from .live import LiveShop, OneC
from .paying import BACK, Shopper, events, payments, set_up, wait
from .sales import read

GATEWAY = "saleor1c.tbank"
TERMINAL, PASSWORD = "1321054611234DEMO", "Dfsfh56dgKl"
_PRICE = Decimal("1150.50")
#: With the delivery.
TOTAL = _PRICE + 350


@pytest.fixture(scope="module")
def onec(live: LiveShop) -> OneC:
    onec = OneC(live)
    onec.export({"bank-cup": 1000}, price=str(_PRICE))
    return onec


@pytest.fixture(scope="module")
def tbank(live: LiveShop, onec: OneC) -> Iterator[TBank]:
    with TBank(port=live.ports["tbank"]) as server:
        server.notifier.url = f"{live.base}/plugins/{GATEWAY}/"
        yield server
        server.notifier.wait()
    PluginConfiguration.objects.filter(identifier=GATEWAY).delete()


def save(live: LiveShop, **values: str) -> dict[str, str]:
    return set_up(live, GATEWAY, **{"terminal_key": TERMINAL, "password": PASSWORD, **values})


@pytest.fixture
def shopper(live: LiveShop, tbank: TBank) -> Shopper:
    save(live, two_stage="false")
    return Shopper(live, GATEWAY, "bank-cup")


@pytest.fixture
def holder(live: LiveShop, tbank: TBank) -> Shopper:
    """Whose money is held, as the bank's news say."""
    save(live, two_stage="true")
    shopper = Shopper(live, GATEWAY, "bank-cup")
    assert shopper.choose()["transactionEvent"]["type"] == "AUTHORIZATION_ACTION_REQUIRED"
    tbank.pay(shopper.payment_id)
    wait(lambda: shopper.item.authorized_value == TOTAL)
    return shopper


def states(shopper: Shopper) -> set[str]:
    """Of what staff have asked for."""
    rows = Operation.objects.filter(attempt__payment_id=shopper.payment_id)
    return set(rows.values_list("state", flat=True))


def is_settled(shopper: Shopper) -> bool:
    """Nothing is on its way, and nothing has failed."""
    item = shopper.item
    pending = (item.charge_pending_value, item.refund_pending_value, item.cancel_pending_value)
    return not any(pending) and not [name for name in events(shopper) if name.endswith("_failure")]


def test_the_terminal_is_tried_when_it_is_saved(live: LiveShop, tbank: TBank) -> None:
    shown = save(live)
    assert TERMINAL in shown["connection"]
    assert "test" in shown["connection"]
    assert not shown["password"]
    assert App.objects.get(identifier=GATEWAY).is_active
    with pytest.raises(SaleorError, match="password"):
        save(live, password="another")
    row = PluginConfiguration.objects.get(identifier=GATEWAY, channel__slug="main")
    assert {item["name"]: item["value"] for item in row.configuration}["password"] == PASSWORD


def test_a_cart_is_paid_by_card_and_becomes_an_order_that_1c_knows_to_be_paid(
    shopper: Shopper, tbank: TBank, onec: OneC
) -> None:
    # The bank's first answer is lost on its way.
    tbank.faults.script.append(Fault.LOST)
    assert shopper.choose(method="card")["data"]["retry"] is True
    began = shopper.come_back()
    assert began["transactionEvent"]["type"] == "CHARGE_ACTION_REQUIRED"
    confirmation = began["data"]["confirmation"]
    assert confirmation["type"] == "redirect"
    asked = tbank.payments[shopper.payment_id].asked
    assert (asked["Amount"], asked["SuccessURL"]) == (TOTAL * 100, BACK)
    assert buyers.pay(confirmation["url"]) == BACK
    assert shopper.come_back()["transactionEvent"]["type"] == "CHARGE_SUCCESS"
    order = shopper.complete()
    assert order in onec.fetch()
    assert onec.books[order].paid == TOTAL
    (paid,) = payments(order)
    assert (paid.amount, paid.reference, paid.gateway) == (TOTAL, shopper.payment_id, GATEWAY)
    assert read(order).paid == TOTAL == shopper.item.charged_value
    assert shopper.item.available_actions == ["refund"]
    assert tbank.book.balance(shopper.payment_id) == TOTAL
    tbank.notifier.wait()


def test_the_bank_s_news_are_enough_and_nobody_else_s(
    live: LiveShop, shopper: Shopper, tbank: TBank
) -> None:
    shopper.choose(method="sbp")
    payment = tbank.payments[shopper.payment_id]
    forged = {**payment.notification("CONFIRMED", PASSWORD), "Amount": 1}
    for told in (forged, payment.notification("CONFIRMED", "guessed")):
        answer = requests.post(
            tbank.notifier.url,
            json.dumps(told),
            headers={"Content-Type": "application/json"},
            timeout=30,
        )
        assert answer.status_code == 403
    tbank.faults.repeated = 1.0
    tbank.pay(shopper.payment_id, "qrsbp")
    tbank.notifier.wait()
    tbank.faults.repeated = 0.0
    wait(lambda: shopper.item.charged_value == TOTAL)
    assert shopper.come_back()["transactionEvent"]["type"] == "CHARGE_SUCCESS"
    (paid,) = payments(shopper.complete())
    assert (paid.amount, paid.method) == (TOTAL, "СБП")
    assert Notification.objects.filter(payment_id=shopper.payment_id).count() == 1


def test_money_is_given_back_by_staff_in_part_and_whole(
    shopper: Shopper, tbank: TBank, onec: OneC
) -> None:
    shopper.choose()
    tbank.pay(shopper.payment_id)
    shopper.come_back()
    order = shopper.complete()
    shopper.ask_staff("REFUND", "100.10")
    wait(lambda: shopper.item.refunded_value == Decimal("100.10"))
    assert tbank.book.balance(shopper.payment_id) == TOTAL - Decimal("100.10")
    shopper.ask_staff("REFUND")
    wait(lambda: shopper.item.refunded_value == TOTAL)
    assert shopper.item.charged_value == tbank.book.balance(shopper.payment_id) == 0
    given = [row.amount for row in payments(order, PaymentKind.REFUND)]
    assert given == [Decimal("100.10"), TOTAL - Decimal("100.10")]
    onec.fetch()
    assert onec.books[order].paid == read(order).paid == 0
    assert states(shopper) == {"done"}
    wait(lambda: is_settled(shopper))


def test_held_money_is_taken_in_part_by_staff(holder: Shopper, tbank: TBank, onec: OneC) -> None:
    assert holder.come_back()["transactionEvent"]["type"] == "AUTHORIZATION_SUCCESS"
    order = holder.complete()
    (held,) = payments(order, PaymentKind.AUTHORISED)
    assert held.amount == TOTAL
    assert set(holder.item.available_actions) == {"charge", "cancel"}
    part = Decimal("1000.25")
    holder.ask_staff("CHARGE", str(part))
    wait(lambda: holder.item.charged_value == part)
    wait(lambda: holder.item.authorized_value == 0)
    (paid,) = payments(order)
    assert (paid.amount, paid.reference) == (part, holder.payment_id)
    assert tbank.book.balance(holder.payment_id) == part
    assert holder.item.available_actions == ["refund"]
    onec.fetch()
    assert onec.books[order].paid == read(order).paid == part
    assert states(holder) == {"done"}
    wait(lambda: is_settled(holder))


def test_held_money_is_let_go_by_staff(holder: Shopper, tbank: TBank) -> None:
    order = holder.complete()
    holder.ask_staff("CANCEL")
    wait(lambda: holder.item.canceled_value == TOTAL)
    assert holder.item.authorized_value == read(order).paid == 0
    assert tbank.payments[holder.payment_id].status == "REVERSED"
    assert holder.item.available_actions == []
    assert states(holder) == {"done"}
    wait(lambda: is_settled(holder))
