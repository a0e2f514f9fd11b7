"""Payments on a Saleor that runs: a storefront's calls, the provider's page and news, staff."""

from base64 import b64encode
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import graphene
import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from saleor.account.models import User
from saleor.app.models import App
from saleor.checkout.models import Checkout
from saleor.order.models import OrderGrantedRefund
from saleor.permission.models import Permission
from saleor.plugins.models import PluginConfiguration

from saleor_1c_plugin.payments.models import Notification, Operation
from saleor_1c_plugin.sandbox.graphql import SaleorError
from saleor_1c_plugin.sandbox.standins.faults import Fault
from saleor_1c_plugin.store.orders import PaymentKind
from saleor_1c_plugin.store.payments import Bill, Move, ReportKind
from saleor_1c_plugin.store.saleor.payments import SaleorPaymentStore
from tests.payments.standins import buyers
from tests.payments.standins.yookassa import YooKassa

from .live import LiveShop, OneC, local
from .paying import BACK, YOOKASSA, Shopper, events, payments, set_up_yookassa, wait
from .sales import read
from .shop import configure

_OFFER = """mutation ($id: ID!, $asked: [PaymentGatewayToInitialize!]) {
  paymentGatewayInitialize(id: $id, paymentGateways: $asked) {
    gatewayConfigs { id data errors { field message } } errors { field message } } }"""
_GRANT = """mutation ($id: ID!, $input: OrderGrantRefundCreateInput!) {
  orderGrantRefundCreate(id: $id, input: $input) {
    grantedRefund { id } errors { field message } } }"""
_GRANTED = """mutation ($id: ID!, $granted: ID!) {
  transactionRequestRefundForGrantedRefund(id: $id, grantedRefundId: $granted) {
    errors { field message } } }"""
_PRICE = Decimal("450.50")


@pytest.fixture(scope="module")
def yookassa(live: LiveShop) -> Iterator[YooKassa]:
    OneC(live).export({"paid-cup": 1000}, price=str(_PRICE))
    with YooKassa(port=live.ports["yookassa"]) as server:
        server.notifier.url = f"{live.base}/plugins/{YOOKASSA}/"
        yield server
        server.notifier.wait()
    PluginConfiguration.objects.filter(identifier=YOOKASSA).delete()


@pytest.fixture
def shopper(live: LiveShop, yookassa: YooKassa) -> Shopper:
    set_up_yookassa(live, two_stage="false")
    return Shopper(live, YOOKASSA, "paid-cup")


@pytest.fixture
def holder(live: LiveShop, yookassa: YooKassa) -> Shopper:
    """Whose money is held, and who has ordered."""
    set_up_yookassa(live, two_stage="true")
    shopper = Shopper(live, YOOKASSA, "paid-cup")
    shopper.choose()
    yookassa.pay(shopper.payment_id)
    assert shopper.come_back()["transactionEvent"]["type"] == "AUTHORIZATION_SUCCESS"
    return shopper


def total() -> Decimal:
    return _PRICE + 350


def test_settings_are_tried_when_they_are_saved(live: LiveShop, yookassa: YooKassa) -> None:
    shown = set_up_yookassa(live)
    assert "100500" in shown["connection"]
    assert "test" in shown["connection"]
    # Of what is kept secret nothing is shown.
    assert not shown["secret_key"]
    app = App.objects.get(identifier=YOOKASSA)
    assert app.is_active
    assert not app.tokens.exists()


def test_a_gateway_that_was_switched_off_in_saleor_is_on_again_once_it_is_saved(
    live: LiveShop, shopper: Shopper
) -> None:
    App.objects.filter(identifier=YOOKASSA).update(is_active=False)
    # Whoever only looks changes nothing.
    live.graphql().ask(_OFFER, {"id": shopper.checkout, "asked": None})
    assert not App.objects.get(identifier=YOOKASSA).is_active
    set_up_yookassa(live)
    assert App.objects.get(identifier=YOOKASSA).is_active
    assert shopper.choose()["data"]["confirmation"]


def test_a_key_that_the_provider_does_not_accept_is_not_saved(
    live: LiveShop, yookassa: YooKassa
) -> None:
    set_up_yookassa(live)
    with pytest.raises(SaleorError, match="secretKey"):
        set_up_yookassa(live, secret_key="test_another")
    row = PluginConfiguration.objects.get(identifier=YOOKASSA, channel__slug="main")
    values = {item["name"]: item["value"] for item in row.configuration}
    assert values["secret_key"] == "test_secret-key"


def test_a_storefront_is_offered_the_gateway(live: LiveShop, shopper: Shopper) -> None:
    for asked in (None, [{"id": YOOKASSA}]):
        found = live.graphql().ask(_OFFER, {"id": shopper.checkout, "asked": asked})
        configs = {row["id"]: row for row in found["paymentGatewayInitialize"]["gatewayConfigs"]}
        assert not configs[YOOKASSA]["errors"]
        assert configs[YOOKASSA]["data"]["currency"] == "RUB"
        assert "sbp" in configs[YOOKASSA]["data"]["methods"]


def test_a_cart_is_paid_and_becomes_an_order_that_1c_knows_to_be_paid(
    live: LiveShop, shopper: Shopper, yookassa: YooKassa
) -> None:
    began = shopper.choose(method="bank_card")
    assert began["transactionEvent"]["type"] == "CHARGE_ACTION_REQUIRED"
    assert shopper.payment_id in began["data"]["confirmation"]["url"]
    again = shopper.come_back()
    assert again["transactionEvent"]["type"] == "CHARGE_ACTION_REQUIRED"
    assert again["data"]["confirmation"] == began["data"]["confirmation"]
    assert buyers.pay(began["data"]["confirmation"]["url"]) == BACK
    came = shopper.come_back()
    assert came["transactionEvent"]["type"] == "CHARGE_SUCCESS"
    yookassa.notifier.wait()
    order = shopper.complete()
    (paid,) = payments(order)
    assert (paid.amount, paid.reference) == (total(), shopper.payment_id)
    assert paid.gateway == YOOKASSA
    assert read(order).paid == total()
    assert shopper.item.charged_value == total()
    assert shopper.item.available_actions == ["refund"]


def test_the_provider_s_news_are_enough(
    live: LiveShop, shopper: Shopper, yookassa: YooKassa
) -> None:
    shopper.choose()
    yookassa.faults.repeated = 1.0
    yookassa.pay(shopper.payment_id)
    yookassa.notifier.wait()
    yookassa.faults.repeated = 0.0
    wait(lambda: shopper.item.charged_value == total())
    assert shopper.come_back()["transactionEvent"]["type"] == "CHARGE_SUCCESS"
    (paid,) = payments(shopper.complete())
    assert paid.amount == total()
    assert Notification.objects.filter(payment_id=shopper.payment_id).count() == 1


def test_an_answer_that_is_lost_is_asked_for_again(shopper: Shopper, yookassa: YooKassa) -> None:
    known = set(yookassa.payments)
    yookassa.faults.script.append(Fault.LOST)
    began = shopper.choose()
    assert began["transactionEvent"]["type"] == "CHARGE_ACTION_REQUIRED"
    assert began["data"]["retry"] is True
    (payment,) = set(yookassa.payments) - known
    again = shopper.come_back()
    assert payment in again["data"]["confirmation"]["url"]
    assert not again["data"]["retry"]
    assert set(yookassa.payments) - known == {payment}


def test_a_payment_that_was_declined_and_one_that_was_not(
    live: LiveShop, shopper: Shopper, yookassa: YooKassa
) -> None:
    assert not shopper.is_paying()
    shopper.choose()
    # So long what is reserved stays so.
    assert shopper.is_paying()
    yookassa.decline(shopper.payment_id)
    declined = shopper.come_back()["transactionEvent"]
    assert not shopper.is_paying()
    assert (declined["type"], declined["message"]) == ("CHARGE_FAILURE", "insufficient_funds")
    shopper.choose()
    yookassa.pay(shopper.payment_id)
    wait(lambda: shopper.item.charged_value == total())
    assert read(shopper.complete()).paid == total()


def test_an_order_that_was_placed_on_trust_is_paid_later(
    shopper: Shopper, yookassa: YooKassa
) -> None:
    order = shopper.complete()
    assert read(order).paid == 0
    shopper.checkout = graphene.Node.to_global_id("Order", order)
    shopper.choose()
    assert read(order).number in yookassa.payments[shopper.payment_id].asked["description"]
    yookassa.pay(shopper.payment_id)
    wait(lambda: read(order).paid == total())
    (paid,) = payments(order)
    assert paid.reference == shopper.payment_id


def test_another_amount_never_makes_an_order_paid(
    live: LiveShop, shopper: Shopper, yookassa: YooKassa
) -> None:
    shopper.choose()
    yookassa.payments[shopper.payment_id].amount = Decimal("1.00")
    yookassa.pay(shopper.payment_id)
    wait(lambda: "info" in events(shopper))
    assert shopper.come_back()["transactionEvent"]["type"] == "CHARGE_FAILURE"
    assert shopper.item.charged_value == 0
    order = shopper.complete()
    assert read(order).paid == 0
    assert not read(order).payments


def test_held_money_is_taken_in_part_by_staff(holder: Shopper) -> None:
    order = holder.complete()
    (held,) = payments(order, PaymentKind.AUTHORISED)
    assert held.amount == total()
    assert set(holder.item.available_actions) == {"charge", "cancel"}
    holder.ask_staff("CHARGE", "300.25")
    wait(lambda: holder.item.charged_value == Decimal("300.25"))
    wait(lambda: holder.item.authorized_value == 0)
    assert holder.item.charge_pending_value == 0
    (paid,) = payments(order)
    assert (paid.amount, paid.reference) == (Decimal("300.25"), holder.payment_id)
    assert "charge_failure" not in events(holder)


def test_held_money_is_let_go_by_staff(holder: Shopper, yookassa: YooKassa) -> None:
    holder.ask_staff("CANCEL")
    wait(lambda: holder.item.canceled_value == total())
    assert holder.item.authorized_value == holder.item.cancel_pending_value == 0
    assert yookassa.payments[holder.payment_id].status == "canceled"
    assert holder.item.available_actions == []
    assert "cancel_failure" not in events(holder)


def test_money_is_given_back_by_staff_in_part_and_whole(
    live: LiveShop, shopper: Shopper, yookassa: YooKassa
) -> None:
    shopper.choose()
    yookassa.pay(shopper.payment_id)
    shopper.come_back()
    order = shopper.complete()
    shopper.ask_staff("REFUND", "100.10")
    wait(lambda: shopper.item.refunded_value == Decimal("100.10"))
    assert shopper.item.refund_pending_value == 0
    (given,) = payments(order, PaymentKind.REFUND)
    (refund,) = yookassa.payments[shopper.payment_id].refunds
    assert (given.amount, given.reference) == (Decimal("100.10"), refund.id)
    granted = live.staff.ask(
        _GRANT,
        {
            "id": graphene.Node.to_global_id("Order", order),
            "input": {"amount": "50.00", "transactionId": shopper.transaction},
        },
    )["orderGrantRefundCreate"]["grantedRefund"]["id"]
    live.staff.ask(_GRANTED, {"id": shopper.transaction, "granted": granted})
    wait(lambda: shopper.item.refunded_value == Decimal("150.10"))
    assert OrderGrantedRefund.objects.get(pk=local(granted)).status == "success"
    shopper.ask_staff("REFUND")
    wait(lambda: shopper.item.refunded_value == total())
    assert shopper.item.charged_value == shopper.item.refund_pending_value == 0
    assert sum(one.amount for one in payments(order, PaymentKind.REFUND)) == total()
    assert "refund_failure" not in events(shopper)
    assert set(
        Operation.objects.filter(attempt__payment_id=shopper.payment_id).values_list(
            "state", flat=True
        )
    ) == {"done"}


def test_what_has_moved_can_be_laid_beside_the_provider_s_registry(
    shopper: Shopper, yookassa: YooKassa
) -> None:
    began = timezone.now()
    shopper.choose()
    assert moves(shopper, began) == []
    yookassa.pay(shopper.payment_id)
    shopper.come_back()
    (charged,) = moves(shopper, began)
    # Paid for, and not ordered yet.
    assert charged == Move(
        *(ReportKind.CHARGED, total(), "RUB", shopper.payment_id),
        *(charged.at, "main", local(shopper.transaction)),
    )
    assert abs(charged.at - began) < timedelta(minutes=10)
    order = shopper.complete()
    shopper.ask_staff("REFUND", "100.10")
    wait(lambda: shopper.item.refunded_value == Decimal("100.10"))
    (refund,) = yookassa.payments[shopper.payment_id].refunds
    charged, refunded = moves(shopper, began)
    assert (charged.order_id, charged.order_number) == (order, read(order).number)
    assert (refunded.kind, refunded.amount, refunded.reference, refunded.order_id) == (
        *(ReportKind.REFUNDED, Decimal("100.10"), refund.id),
        order,
    )
    later = began + timedelta(days=1)
    store = SaleorPaymentStore()
    assert store.moves(YOOKASSA, later, later + timedelta(days=1)) == []
    # At any time by its name; and by its own gateway alone.
    names = [local(shopper.transaction), "none"]
    assert store.moves(YOOKASSA, later, later, names) == [charged, refunded]
    assert store.moves("saleor1c.another", began, later, names) == []


def moves(shopper: Shopper, since: datetime) -> list[Move]:
    """As the shop counts them."""
    found = SaleorPaymentStore().moves(YOOKASSA, since, since + timedelta(hours=1))
    return [move for move in found if move.transaction == local(shopper.transaction)]


def test_the_report_is_for_staff_who_handle_payments(live: LiveShop) -> None:
    page = "/plugins/saleor1c.payments/"
    for name, codename in (("cashier", "handle_payments"), ("clerk", "manage_orders")):
        user = User(email=f"{name}@example.com", is_staff=True)
        user.set_password("secret-7")
        user.save()
        user.user_permissions.add(Permission.objects.get(codename=codename))
    statuses = {
        name: Client(headers={"Authorization": f"Basic {token}"}).get(page).status_code
        for name in ("cashier", "clerk", "nobody")
        for token in [b64encode(f"{name}@example.com:secret-7".encode()).decode()]
    }
    User.objects.filter(email__in=["cashier@example.com", "clerk@example.com"]).delete()
    assert statuses == {"cashier": 200, "clerk": 401, "nobody": 401}
    assert Client().get(page).status_code == 401


def test_a_cart_that_is_paid_in_two_windows(
    live: LiveShop, shopper: Shopper, yookassa: YooKassa
) -> None:
    configure("payments", duplicates="refund")
    other = Shopper(live, YOOKASSA, "", shopper.checkout)
    shopper.choose()
    other.choose()
    bill = SaleorPaymentStore().bill(YOOKASSA, local(shopper.transaction))
    assert bill is not None
    assert bill.owed == total()
    assert set(bill.taken) == {local(shopper.transaction), local(other.transaction)}
    yookassa.pay(shopper.payment_id)
    shopper.come_back()
    order = shopper.complete()
    yookassa.pay(other.payment_id)
    wait(lambda: other.item.refunded_value == total())
    assert other.item.charged_value == other.item.refund_pending_value == 0
    assert shopper.item.charged_value == total() == read(order).paid
    assert yookassa.book.balance(shopper.payment_id) == total()
    assert yookassa.book.balance(other.payment_id) == 0
    assert "info" in events(other)
    # What staff have granted is owed no more; what was given back is not taken.
    OrderGrantedRefund.objects.create(
        order_id=order, amount_value=Decimal("50.50"), currency="RUB", status="none"
    )
    bill = SaleorPaymentStore().bill(YOOKASSA, local(other.transaction))
    assert bill is not None
    assert bill.owed == total() - Decimal("50.50")
    assert bill.taken == {
        local(shopper.transaction): total(),
        local(other.transaction): Decimal(0),
    }
    configure("payments")


def test_a_cart_that_becomes_an_order_while_its_prices_are_counted(shopper: Shopper) -> None:
    shopper.choose()
    # Nobody has looked at it for long.
    Checkout.objects.filter(pk=local(shopper.checkout)).update(price_expiration=timezone.now())
    orders: list[str] = []

    def buy(execute: Any, sql: str, *rest: Any) -> Any:
        """Just before Saleor sees how much was paid, to save it with the cart."""
        column = '"payment_transactionitem"."checkout_id"'
        if f'FROM "payment_transactionitem" WHERE {column}' in sql and not orders:
            orders.append(shopper.complete())
        return execute(sql, *rest)

    with connection.execute_wrapper(buy):
        found = SaleorPaymentStore().bill(YOOKASSA, local(shopper.transaction))
    assert orders
    assert found == Bill(total(), {local(shopper.transaction): Decimal(0)})


def test_what_the_provider_refuses_staff_can_see(shopper: Shopper, yookassa: YooKassa) -> None:
    shopper.choose()
    yookassa.pay(shopper.payment_id)
    shopper.come_back()
    shopper.complete()
    # Somebody gives it all back at the provider's, and the shop is not told.
    told, yookassa.notifier.url = yookassa.notifier.url, ""
    yookassa.give_back(shopper.payment_id, total())
    yookassa.notifier.url = told
    shopper.ask_staff("REFUND", "10")
    wait(lambda: "refund_failure" in events(shopper))
    wait(lambda: shopper.item.refunded_value == total())
    assert shopper.item.charged_value == 0
    assert shopper.item.refund_pending_value == 0


def test_a_gateway_that_is_off_takes_nothing(
    live: LiveShop, shopper: Shopper, yookassa: YooKassa
) -> None:
    known = set(yookassa.payments)
    PluginConfiguration.objects.filter(identifier=YOOKASSA).update(active=False)
    answer = shopper.choose()
    assert answer["transactionEvent"]["type"] == "CHARGE_FAILURE"
    assert shopper.item.psp_reference is None
    assert not yookassa.payments.keys() - known
