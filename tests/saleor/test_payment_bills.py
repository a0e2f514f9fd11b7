"""What is owed for a cart or an order in a real Saleor, and what was taken for it."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from saleor.channel.models import Channel
from saleor.checkout.models import Checkout
from saleor.giftcard.models import GiftCard
from saleor.order.models import Order
from saleor.payment.gateway import refund
from saleor.payment.models import Payment, TransactionItem
from saleor.plugins.manager import get_plugins_manager
from saleor.plugins.models import PluginConfiguration
from saleor.product.models import ProductVariant

from saleor_1c_plugin.store.orders import LineChange
from saleor_1c_plugin.store.payments import Bill, Report, ReportKind
from saleor_1c_plugin.store.saleor.mutations import global_id, mutate
from saleor_1c_plugin.store.saleor.payments import SaleorPaymentStore

from .carts import pk
from .paying import YOOKASSA
from .sales import STORE, api, committed, complete, delivery, gid, goods, read, sell_on_trust, start

pytestmark = pytest.mark.usefixtures("_open")

PAYMENTS = SaleorPaymentStore()
#: Saleor's own gateway of the older kind, which takes no money.
OLD = "mirumee.payments.dummy"
GIFT_CARDS = "saleor.io.gift-card-payment-gateway"
CODE = "GIFT-12345"
_ADD = """mutation ($id: ID!, $lines: [CheckoutLineInput!]!) {
  checkoutLinesAdd(id: $id, lines: $lines) { errors { field message } } }"""
_PAY_AS_OF_OLD = """mutation ($id: ID!, $input: PaymentInput!) {
  checkoutPaymentCreate(id: $id, input: $input) { payment { id } errors { field message } } }"""
_BY_CARD = """mutation ($id: ID!, $amount: PositiveDecimal, $gateway: PaymentGatewayToInitialize!) {
  transactionInitialize(id: $id, amount: $amount, paymentGateway: $gateway) {
    transactionEvent { type } errors { field message } } }"""


@pytest.fixture
def _open(shop: None) -> None:
    """Orders may be paid later, and wait for staff; a delivery costs 350."""
    sell_on_trust(automatically_confirm_all_new_orders=False)
    delivery("350")


def cart(*promo_codes: str) -> str:
    """Storefront's id of a cart of 500 roubles, delivered."""
    return start({goods("a", "150"): 1}, *promo_codes)[0]


def gift_card(balance: str, code: str = CODE, **values: Any) -> GiftCard:
    return GiftCard.objects.create(
        code=code,
        currency="RUB",
        initial_balance_amount=Decimal(balance),
        current_balance_amount=Decimal(balance),
        **values,
    )


def begin(**about: Any) -> TransactionItem:
    """A payment by our gateway, as Saleor keeps it."""
    return TransactionItem.objects.create(app_identifier=YOOKASSA, currency="RUB", **about)


def begin_for(checkout: str) -> TransactionItem:
    return begin(checkout=Checkout.objects.get(pk=pk(checkout)))


def charge(item: TransactionItem, amount: str) -> None:
    """The provider has taken it."""
    told = Report(str(item.token), ReportKind.CHARGED, Decimal(amount), f"paid-{item.pk}")
    with committed():
        assert PAYMENTS.report(YOOKASSA, told)


def bill(item: TransactionItem) -> Bill:
    found = PAYMENTS.bill(YOOKASSA, str(item.token))
    assert found
    return found


def test_a_cart_that_nobody_has_looked_at_yet() -> None:
    item = begin_for(checkout := cart())
    # Saleor counts what a storefront asks for, when it asks.
    assert Checkout.objects.get().total_gross_amount == 0
    assert bill(item).owed == 500
    lines = [{"variantId": gid(ProductVariant.objects.get()), "quantity": 1}]
    api(_ADD, "checkoutLinesAdd", id=checkout, lines=lines)
    assert bill(item).owed == 650


@pytest.mark.parametrize(("balance", "owed"), [("150.10", "349.90"), ("1000", "0")])
def test_a_gift_card_that_is_laid_on_a_cart(balance: str, owed: str) -> None:
    card = gift_card(balance)
    item = begin_for(checkout := cart(CODE))
    expected = Bill(Decimal(owed), {str(item.token): Decimal(0)})
    assert bill(item) == expected
    complete(checkout)
    assert bill(item) == expected
    # Whatever is left on it is the buyer's.
    card.refresh_from_db()
    assert card.current_balance_amount == max(Decimal(balance) - 500, Decimal(0))


def test_a_gift_card_that_can_pay_no_more_is_owed_again() -> None:
    card, other = gift_card("100"), gift_card("70", "GIFT-67890")
    item = begin_for(cart(card.code, other.code))
    assert bill(item).owed == 330
    GiftCard.objects.filter(pk=other.pk).update(expiry_date=timezone.now() - timedelta(days=2))
    assert bill(item).owed == 400
    # Its owner has used it for something else.
    GiftCard.objects.filter(pk=card.pk).update(current_balance_amount=Decimal("0.50"))
    assert bill(item).owed == Decimal("499.50")


def test_an_order_that_staff_have_changed_and_nobody_has_looked_at_yet() -> None:
    item = begin_for(checkout := cart())
    order = complete(checkout)
    (line,) = read(order).lines
    told = {"id": global_id("OrderLine", line.id), "input": {"quantity": 2}}
    with committed():
        mutate("orderLineUpdate", "id: ID!, input: OrderLineInput!", **told)
    assert Order.objects.get(pk=order).total_gross_amount == 500
    assert bill(item).owed == 650


def test_an_order_with_a_gift_card_that_is_changed_before_it_is_confirmed() -> None:
    gift_card("150")
    item = begin_for(checkout := cart(CODE))
    order = complete(checkout)
    (line,) = read(order).lines
    with committed():
        assert STORE.change_lines(order, [LineChange(3, line.id)])
    # Saleor itself forgets then what the card has paid.
    assert bill(item).owed == 3 * 150 + 350 - 150


@pytest.mark.skipif(
    not hasattr(TransactionItem, "gift_card_last_chars"), reason="Saleor 3.23 has it first"
)
def test_a_gift_card_behind_saleor_s_own_gateway_is_a_payment() -> None:
    # Saleor charges it when the order is confirmed.
    sell_on_trust(automatically_confirm_all_new_orders=True)
    gift_card("150")
    item = begin_for(checkout := cart())
    gateway = {"id": GIFT_CARDS, "data": {"code": CODE}}
    began = api(_BY_CARD, "transactionInitialize", id=checkout, amount="150", gateway=gateway)
    assert began["transactionEvent"]["type"] == "AUTHORIZATION_SUCCESS"
    card = TransactionItem.objects.get(app_identifier=GIFT_CARDS)
    taken = {str(item.token): Decimal(0), str(card.token): Decimal(150)}
    assert bill(item) == Bill(Decimal(500), taken)
    order = complete(checkout)
    card.refresh_from_db()
    assert (card.authorized_value, card.charged_value) == (0, 150)
    assert bill(item) == Bill(Decimal(500), taken)
    charge(item, "350")
    assert sum(bill(item).taken.values()) == bill(item).owed == read(order).total_gross


def test_what_was_paid_by_a_payment_of_the_old_kind_is_owed_no_more() -> None:
    PluginConfiguration.objects.create(
        identifier=OLD,
        channel=Channel.objects.get(slug="main"),
        active=True,
        configuration=[
            {"name": "Store customers card", "value": False},
            {"name": "Automatic payment capture", "value": True},
            {"name": "Supported currencies", "value": "RUB"},
        ],
    )
    sell_on_trust(allow_unpaid_orders=False)
    checkout = cart()
    given = {"gateway": OLD, "token": "card", "amount": "500"}
    api(_PAY_AS_OF_OLD, "checkoutPaymentCreate", id=checkout, input=given)
    order = complete(checkout)
    assert read(order).paid == 500
    # The buyer pays by the order's link too.
    item = begin(order=Order.objects.get(pk=order))
    assert bill(item) == Bill(Decimal(0), {str(item.token): Decimal(0)})
    back, manager = Decimal("120.50"), get_plugins_manager(allow_replica=False)
    with committed():
        refund(Payment.objects.get(), manager, channel_slug="main", amount=back)
    assert bill(item).owed == back


def test_a_payment_of_the_old_kind_that_has_taken_nothing() -> None:
    item = begin_for(cart())
    payment = Payment.objects.create(
        checkout=item.checkout, gateway=OLD, total=500, currency="RUB", is_active=True
    )
    assert bill(item).owed == 500
    # Taken for the cart, which is no order yet.
    Payment.objects.filter(pk=payment.pk).update(captured_amount=Decimal("199.90"))
    assert bill(item).owed == Decimal("300.10")


def test_a_cart_that_has_become_an_order() -> None:
    first, second = begin_for(checkout := cart()), begin(checkout_id=pk(checkout))
    charge(first, "500")
    before = bill(second)
    assert before == Bill(
        Decimal(500), {str(first.token): Decimal(500), str(second.token): Decimal(0)}
    )
    complete(checkout)
    assert bill(second) == before
    charge(second, "500")
    assert bill(first).taken == {str(first.token): 500, str(second.token): 500}


def test_a_cart_that_becomes_an_order_while_it_is_looked_at() -> None:
    first, second = begin_for(checkout := cart()), begin(checkout_id=pk(checkout))
    charge(first, "500")
    orders: list[str] = []

    def buy(execute: Any, sql: str, *rest: Any) -> Any:
        """Just before the cart's payments of the old kind are read."""
        if 'FROM "payment_payment" WHERE "payment_payment"."checkout_id"' in sql and not orders:
            orders.append("")
            orders[0] = complete(checkout)
        return execute(sql, *rest)

    with connection.execute_wrapper(buy):
        found = bill(second)
    assert orders
    assert Order.objects.get(pk=orders[0]).payment_transactions.count() == 2
    assert found == Bill(
        Decimal(500), {str(first.token): Decimal(500), str(second.token): Decimal(0)}
    )


def test_what_is_gone_or_another_gateway_s_has_no_bill() -> None:
    item = begin_for(checkout := cart())
    assert PAYMENTS.bill("saleor1c.tbank", str(item.token)) is None
    assert PAYMENTS.bill(YOOKASSA, "no uuid") is None
    Checkout.objects.filter(pk=pk(checkout)).delete()
    assert PAYMENTS.bill(YOOKASSA, str(item.token)) is None
