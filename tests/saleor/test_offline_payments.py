"""Invoices and payment on delivery on a Saleor that runs: a storefront, 1C over HTTP, staff."""

import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import graphene
import pytest
from django.db.models import F
from saleor.channel.models import Channel
from saleor.order.models import Order
from saleor.payment.models import TransactionEvent, TransactionItem
from saleor.plugins.models import PluginConfiguration

from saleor_1c_plugin.commerceml.documents import Operation
from saleor_1c_plugin.payments.models import Attempt
from saleor_1c_plugin.payments.tasks import poll
from saleor_1c_plugin.sandbox.graphql import SaleorError
from tests.payments.requisites import REQUISITES

from .live import LiveShop, OneC, journal, local
from .paying import wait
from .sales import gid, read, sell_on_trust

_SETTINGS = """mutation ($id: ID!, $channel: ID!, $values: [ConfigurationItemInput!]!) {
  pluginUpdate(id: $id, channelId: $channel, input: { active: true, configuration: $values }) {
    errors { field message } } }"""
_OFFER = """mutation ($id: ID!) { paymentGatewayInitialize(id: $id) {
  gatewayConfigs { id data errors { field message } } errors { field message } } }"""
_INITIALIZE = """mutation ($id: ID!, $gateway: PaymentGatewayToInitialize!) {
  transactionInitialize(id: $id, paymentGateway: $gateway) {
    transaction { id } transactionEvent { type message } data errors { field message } } }"""
_PROCESS = """mutation ($id: ID!) { transactionProcess(id: $id) {
  transactionEvent { type message } data errors { field message } } }"""
_ACTION = """mutation ($id: ID!, $action: TransactionActionEnum!, $amount: PositiveDecimal) {
  transactionRequestAction(id: $id, actionType: $action, amount: $amount) {
    errors { field message } } }"""
_CANCEL = "mutation ($id: ID!) { orderCancel(id: $id) { errors { field message } } }"
_TOTAL = Decimal("800.50")
_PART = Decimal("300.25")


class Shopper:
    """A buyer with a full cart, who pays past every provider."""

    def __init__(self, live: LiveShop, gateway: str) -> None:
        self.live, self.gateway = live, gateway
        self.checkout = live.guest().checkout({live.variant("door-cup"): 1}, company="ООО «Рога»")
        self.transaction = ""

    def choose(self, **given: object) -> dict[str, Any]:
        gateway = {"id": self.gateway, "data": given}
        answer: dict[str, Any] = self.live.graphql().ask(
            _INITIALIZE, {"id": self.checkout, "gateway": gateway}
        )["transactionInitialize"]
        self.transaction = answer["transaction"]["id"]
        return answer

    def look_again(self) -> dict[str, Any]:
        answer: dict[str, Any] = self.live.graphql().ask(_PROCESS, {"id": self.transaction})[
            "transactionProcess"
        ]
        return answer

    def complete(self) -> str:
        """The shop's own id of the order."""
        return local(self.live.guest().complete(self.checkout))

    def ask_staff(self, action: str, amount: object = None) -> None:
        self.live.staff.ask(_ACTION, {"id": self.transaction, "action": action, "amount": amount})

    @property
    def item(self) -> TransactionItem:
        return TransactionItem.objects.get(token=local(self.transaction))

    @property
    def attempt(self) -> Attempt:
        return Attempt.objects.get(transaction=local(self.transaction))

    def events(self) -> list[str]:
        rows = TransactionEvent.objects.filter(transaction=self.item).order_by("pk")
        return list(rows.values_list("type", flat=True))


def set_up(live: LiveShop, gateway: str, values: Mapping[str, str]) -> None:
    """Save the settings as staff do."""
    items = [{"name": name, "value": value} for name, value in values.items()]
    channel = gid(Channel.objects.get(slug="main"))
    live.staff.ask(_SETTINGS, {"id": gateway, "channel": channel, "values": items})


@pytest.fixture(scope="module")
def onec(live: LiveShop) -> OneC:
    onec = OneC(live)
    onec.export({"door-cup": 1000}, price=f"{_TOTAL - 350}")
    return onec


@pytest.fixture
def begin(live: LiveShop, onec: OneC) -> Iterator[Callable[..., Shopper]]:
    """In a channel where nothing becomes an order that is neither paid nor authorised."""
    sell_on_trust(allow_unpaid_orders=False)
    onec.fetch()

    def shopper(name: str, **values: str) -> Shopper:
        gateway = f"saleor1c.{name}"
        set_up(live, gateway, (REQUISITES if name == "invoice" else {}) | values)
        return Shopper(live, gateway)

    yield shopper
    sell_on_trust(automatically_confirm_all_new_orders=False)
    for name in ("invoice", "on_delivery"):
        PluginConfiguration.objects.filter(identifier=f"saleor1c.{name}").delete()


def is_settled(shopper: Shopper) -> None:
    """Nothing is on its way, or has failed."""
    item = shopper.item
    assert item.charge_pending_value == item.refund_pending_value == item.cancel_pending_value == 0
    assert not [kind for kind in shopper.events() if kind.endswith("_failure")]


@pytest.mark.parametrize(
    ("name", "given", "method"),
    [
        ("invoice", {}, "Безналичный перевод по счёту"),
        ("on_delivery", {"method": "cash"}, "Наличные при получении"),
    ],
)
def test_1c_says_in_two_parts_that_an_order_is_paid(
    begin: Callable[..., Shopper], onec: OneC, name: str, given: dict[str, object], method: str
) -> None:
    shopper = begin(name)
    began = shopper.choose(**given)
    assert began["transactionEvent"]["type"] == "AUTHORIZATION_SUCCESS"
    assert began["data"]["confirmation"]["amount"] == f"{_TOTAL}"
    order = shopper.complete()
    assert set(shopper.item.available_actions) == {"charge", "cancel"}
    assert onec.fetch() == [order]
    entry = onec.books[order]
    assert not entry.told
    assert not entry.order.payments
    assert entry.order.requisite("Метод оплаты") == method
    assert not entry.order.requisite("Авторизовано")
    number = began["data"]["confirmation"].get("number", "")
    assert entry.order.requisite("Номер счёта на оплату") == number
    onec.books.post(order)
    for part, is_last in ((_PART, False), (_TOTAL - _PART, True)):
        onec.books.pay(order, part)
        onec.send(order)
        assert shopper.attempt.status == ("charged" if is_last else "authorised")
        assert onec.fetch() == []
    assert shopper.attempt.charged == _TOTAL
    item = shopper.item
    assert (item.charged_value, item.authorized_value) == (_TOTAL, 0)
    assert item.available_actions == ["refund"]
    assert TransactionItem.objects.filter(order_id=order).count() == 1
    paid = Order.objects.get(pk=order)
    assert (paid.charge_status, paid.total_charged_amount) == ("full", _TOTAL)
    assert {payment.method for payment in read(order).payments} == {method}
    is_settled(shopper)
    # Told once more, nothing happens twice.
    before = shopper.events()
    onec.send(order)
    assert shopper.events() == before
    assert onec.fetch() == []
    # A storefront that asks again, of what Saleor has as authorised, moves nothing.
    assert shopper.look_again()["transactionEvent"]["type"] == "AUTHORIZATION_SUCCESS"
    assert shopper.item.charged_value == _TOTAL


def test_staff_take_what_a_courier_brings_and_1c_hears_of_it(
    begin: Callable[..., Shopper], onec: OneC
) -> None:
    shopper = begin("on_delivery")
    shopper.choose(method="cash")
    order = shopper.complete()
    onec.fetch()
    shopper.ask_staff("CHARGE", f"{_PART}")
    wait(lambda: shopper.item.charged_value == _PART)
    assert shopper.item.authorized_value == _TOTAL - _PART
    assert set(shopper.item.available_actions) == {"charge", "cancel", "refund"}
    shopper.ask_staff("CHARGE")
    wait(lambda: shopper.attempt.status == "charged")
    wait(lambda: shopper.item.charged_value == _TOTAL)
    assert onec.fetch() == [order]
    documents = list(onec.books[order].told.values())
    assert {document.kind for document in documents} == {"Выплата наличных денег"}
    assert sum(document.amount for document in documents) == _TOTAL
    shopper.ask_staff("REFUND", "100.10")
    wait(lambda: shopper.item.refunded_value == Decimal("100.10"))
    is_settled(shopper)
    onec.fetch()
    assert onec.books[order].paid == _TOTAL - Decimal("100.10")
    # 1C has it all from us: what it sends back moves nothing.
    onec.send(order)
    assert shopper.item.charged_value == _TOTAL - Decimal("100.10")
    assert onec.fetch() == []


def test_what_nobody_pays_is_let_go(
    begin: Callable[..., Shopper], live: LiveShop, onec: OneC
) -> None:
    late, cancelled, refused = begin("invoice"), begin("on_delivery"), begin("on_delivery")
    late.choose()
    for shopper in (cancelled, refused):
        shopper.choose(method="card")
    orders = [shopper.complete() for shopper in (late, cancelled, refused)]
    Attempt.objects.filter(pk=late.attempt.pk).update(next_poll=F("next_poll") - timedelta(days=6))
    poll()
    live.staff.ask(_CANCEL, {"id": graphene.Node.to_global_id("Order", orders[1])})
    refused.ask_staff("CANCEL")
    for shopper in (late, cancelled, refused):
        wait(lambda shopper=shopper: shopper.item.canceled_value == _TOTAL)
        assert shopper.item.authorized_value == 0
        assert shopper.item.available_actions == []
        assert shopper.attempt.status == "cancelled"
        is_settled(shopper)
    onec.fetch()
    for order in orders:
        assert not read(order).payments
    # The bank was slow.
    onec.books.pay(orders[0])
    onec.send(orders[0])
    assert (late.item.charged_value, late.attempt.status) == (_TOTAL, "charged")
    assert TransactionItem.objects.filter(order_id=orders[0]).count() == 1
    assert onec.fetch() == []


def test_a_wary_merchant_s_cart_is_no_order_until_there_is_money(
    begin: Callable[..., Shopper], onec: OneC
) -> None:
    shopper = begin("invoice", relied_on="false")
    began = shopper.choose()
    assert began["transactionEvent"]["type"] == "CHARGE_ACTION_REQUIRED"
    with pytest.raises(SaleorError):
        shopper.complete()
    wait(lambda: set(shopper.item.available_actions) == {"charge", "cancel"})
    sell_on_trust()
    order = shopper.complete()
    onec.fetch()
    entry = onec.books[order].order
    assert entry.requisite("Метод оплаты") == "Безналичный перевод по счёту"
    assert entry.requisite("Номер счёта на оплату")
    for part in (_PART, None):
        onec.books.pay(order, part)
        onec.send(order)
    assert (shopper.item.charged_value, shopper.attempt.status) == (_TOTAL, "charged")
    assert TransactionItem.objects.filter(order_id=order).count() == 1
    assert onec.fetch() == []
    # The storefront sees how it ended, and that is no third payment.
    assert shopper.look_again()["transactionEvent"]["type"] == "CHARGE_SUCCESS"
    assert shopper.item.charged_value == _TOTAL


def test_the_invoice_s_page_is_for_who_has_its_link(
    begin: Callable[..., Shopper], live: LiveShop
) -> None:
    shopper = begin("invoice")
    url = shopper.choose()["data"]["confirmation"]["url"]
    assert url.startswith(f"{live.base}/plugins/saleor1c.invoice/")
    with urllib.request.urlopen(url, timeout=30) as response:
        text = response.read().decode()
    assert "Счёт на оплату" in text
    assert "ООО «Рога»" in text
    guessed, elsewhere = f"{url[:-6]}/", f"{live.base}/plugins/saleor1c.on_delivery/"
    for address, data in ((guessed, None), (url, b"paid"), (elsewhere, b"paid")):
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(address, data, timeout=30)
        assert caught.value.code == 404


def test_a_storefront_is_offered_them(begin: Callable[..., Shopper], live: LiveShop) -> None:
    begin("on_delivery", methods="card", most="1000")
    shopper = begin("invoice")
    found = live.graphql().ask(_OFFER, {"id": shopper.checkout})["paymentGatewayInitialize"]
    offers = {row["id"]: row["data"] for row in found["gatewayConfigs"] if not row["errors"]}
    assert offers["saleor1c.on_delivery"] == {
        "methods": ["card"],
        "most": "1000",
        "currency": "RUB",
    }
    assert offers["saleor1c.invoice"]["orderBeforePayment"] is True


def test_a_wrong_account_is_not_saved(live: LiveShop) -> None:
    with pytest.raises(SaleorError, match="account"):
        set_up(live, "saleor1c.invoice", REQUISITES | {"account": "40702810200000012346"})


def test_what_1c_gives_back_is_given_back_of_the_promise(
    begin: Callable[..., Shopper], onec: OneC
) -> None:
    shopper = begin("on_delivery")
    shopper.choose(method="card")
    order = shopper.complete()
    onec.fetch()
    onec.books.pay(order)
    onec.send(order)
    told = onec.books[order].payments[0]
    back = replace(
        told,
        id="back-1",
        number="В-1",
        onec_number="В-1",
        kind=Operation.CASHLESS_REFUND,
        amount=Decimal("50.50"),
    )
    for _ in range(2):
        onec.tell(back)
        assert "с ошибками 0" in onec.told[-1], journal()
        item = shopper.item
        assert (item.refunded_value, item.charged_value) == (Decimal("50.50"), _TOTAL - back.amount)
    assert TransactionItem.objects.filter(order_id=order).count() == 1
    assert onec.fetch() == []
    # The staff give back the rest: that is news.
    shopper.ask_staff("REFUND")
    wait(lambda: shopper.item.refunded_value == _TOTAL)
    assert onec.fetch() == [order]
    is_settled(shopper)
