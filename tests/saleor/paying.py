"""A storefront's buyers who pay by a gateway on a Saleor that runs, and the staff who see to it."""

import time
from collections.abc import Callable
from typing import Any

from saleor.channel.models import Channel
from saleor.payment.models import TransactionEvent, TransactionItem

from saleor_1c_plugin.store.orders import Payment, PaymentKind
from saleor_1c_plugin.store.saleor.carts import SaleorCartStore

from .live import LiveShop, local
from .sales import gid, read

YOOKASSA = "saleor1c.yookassa"
#: Where buyers come back to.
BACK = "https://shop.example/thanks"
_SETTINGS = """mutation ($id: ID!, $channel: ID!, $values: [ConfigurationItemInput!]!) {
  pluginUpdate(id: $id, channelId: $channel, input: { active: true, configuration: $values }) {
    plugin { channelConfigurations { channel { slug } configuration { name value } } }
    errors { field message } } }"""
_INITIALIZE = """mutation ($id: ID!, $gateway: PaymentGatewayToInitialize!, $key: String) {
  transactionInitialize(id: $id, paymentGateway: $gateway, idempotencyKey: $key) {
    transaction { id } transactionEvent { type message } data errors { field message } } }"""
_PROCESS = """mutation ($id: ID!) { transactionProcess(id: $id) {
  transaction { id } transactionEvent { type message pspReference } data
  errors { field message } } }"""
_ACTION = """mutation ($id: ID!, $action: TransactionActionEnum!, $amount: PositiveDecimal) {
  transactionRequestAction(id: $id, actionType: $action, amount: $amount) {
    errors { field message } } }"""


class Shopper:
    """A buyer with a full cart, and what the storefront does for him."""

    def __init__(self, live: LiveShop, gateway: str, key: str, checkout: str = "") -> None:
        self.live, self.gateway = live, gateway
        self.checkout = checkout or live.guest().checkout({live.variant(key): 1})
        self.transaction = ""

    def choose(self, **given: object) -> dict[str, Any]:
        """Begin to pay; what the storefront gets."""
        data = {"returnUrl": BACK, **given}
        answer: dict[str, Any] = self.live.graphql().ask(
            _INITIALIZE, {"id": self.checkout, "gateway": {"id": self.gateway, "data": data}}
        )["transactionInitialize"]
        self.transaction = answer["transaction"]["id"]
        return answer

    def come_back(self) -> dict[str, Any]:
        answer: dict[str, Any] = self.live.graphql().ask(_PROCESS, {"id": self.transaction})[
            "transactionProcess"
        ]
        return answer

    def complete(self) -> str:
        """The shop's own id of the order."""
        return local(self.live.guest().complete(self.checkout))

    def is_paying(self) -> bool:
        cart = SaleorCartStore().read_cart(local(self.checkout))
        assert cart
        return cart.is_being_paid

    @property
    def item(self) -> TransactionItem:
        return TransactionItem.objects.get(token=local(self.transaction))

    @property
    def payment_id(self) -> str:
        return str(self.item.psp_reference)

    def ask_staff(self, action: str, amount: object = None) -> None:
        self.live.staff.ask(_ACTION, {"id": self.transaction, "action": action, "amount": amount})


def wait[Found](find: Callable[[], Found]) -> Found:
    deadline = time.monotonic() + 60
    while not (found := find()):
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.1)
    return found


def set_up(live: LiveShop, gateway: str, **values: object) -> dict[str, str]:
    """Save a gateway's settings as staff do; the fields as they are shown then."""
    answer = live.staff.ask(
        _SETTINGS,
        {
            "id": gateway,
            "channel": gid(Channel.objects.get(slug="main")),
            "values": [{"name": name, "value": str(value)} for name, value in values.items()],
        },
    )["pluginUpdate"]
    (rows,) = [
        row["configuration"]
        for row in answer["plugin"]["channelConfigurations"]
        if row["channel"]["slug"] == "main"
    ]
    return {row["name"]: row["value"] for row in rows}


def set_up_yookassa(live: LiveShop, **values: object) -> dict[str, str]:
    """See :func:`set_up`."""
    mine = {"shop_id": "100500", "secret_key": "test_secret-key", "networks": "127.0.0.1"}
    return set_up(live, YOOKASSA, **{**mine, **values})


def events(shopper: Shopper) -> list[str]:
    rows = TransactionEvent.objects.filter(transaction=shopper.item).order_by("pk")
    return list(rows.values_list("type", flat=True))


def payments(order_id: str, kind: PaymentKind = PaymentKind.CHARGE) -> list[Payment]:
    """As 1C gets them."""
    return [payment for payment in read(order_id).payments if payment.kind is kind]
