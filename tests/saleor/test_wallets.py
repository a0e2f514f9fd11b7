"""The gateways of wallets in Saleor: their settings, and a storefront's way to their pages."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlencode

import graphene
import pytest
from django.test import Client
from saleor.account.models import Address, User
from saleor.app.models import App
from saleor.channel.models import Channel
from saleor.checkout.models import Checkout
from saleor.core.jwt import create_access_token
from saleor.plugins.models import PluginConfiguration

from tests.payments.standins.qiwi import Qiwi
from tests.payments.standins.webmoney import WebMoney

pytestmark = pytest.mark.usefixtures("shop")

WEBMONEY, QIWI = "saleor1c.webmoney", "saleor1c.qiwi"
PURSE = "P123456789012"
_SAVE = """mutation ($id: ID!, $channel: ID!, $values: [ConfigurationItemInput!]!) {
  pluginUpdate(id: $id, channelId: $channel, input: { active: true, configuration: $values }) {
    errors { field message } } }"""
_INITIALIZE = """mutation ($id: ID!, $gateway: PaymentGatewayToInitialize!) {
  transactionInitialize(id: $id, amount: 1500.50, paymentGateway: $gateway) {
    transaction { id } transactionEvent { type message } data errors { field message } } }"""
_AMOUNT = Decimal("1500.50")


@pytest.fixture
def webmoney(monkeypatch: pytest.MonkeyPatch) -> Iterator[WebMoney]:
    with WebMoney() as server:
        monkeypatch.setenv("ONEC_WEBMONEY_API", server.address)
        yield server


@pytest.fixture
def qiwi(monkeypatch: pytest.MonkeyPatch) -> Iterator[Qiwi]:
    with Qiwi() as server:
        monkeypatch.setenv("ONEC_QIWI_API", server.url)
        yield server


def ask(query: str, variables: object, *, is_staff: bool = False) -> dict[str, Any]:
    headers = {}
    if is_staff:
        user = User.objects.create(email="staff@example.com", is_staff=True, is_superuser=True)
        headers["Authorization"] = f"Bearer {create_access_token(user)}"
    body = {"query": query, "variables": variables}
    response = Client(headers=headers).post(
        "/graphql/", json.dumps(body), content_type="application/json"
    )
    answer: dict[str, Any] = response.json()
    assert "errors" not in answer, answer
    return next(iter(answer["data"].values()))  # type: ignore[no-any-return]


def save(plugin: str, **values: object) -> dict[str, str]:
    """Switch a gateway on; what is wrong, by field."""
    channel = graphene.Node.to_global_id("Channel", Channel.objects.get(slug="main").pk)
    given = [{"name": name, "value": str(value)} for name, value in values.items()]
    variables = {"id": plugin, "channel": channel, "values": given}
    answer = ask(_SAVE, variables, is_staff=True)
    return {row["field"]: row["message"] for row in answer["errors"]}


def begin(gateway: str) -> dict[str, Any]:
    """A storefront's call."""
    channel = Channel.objects.get(slug="main")
    checkout = Checkout.objects.create(
        channel=channel,
        currency="RUB",
        email="buyer@example.com",
        billing_address=Address.objects.create(city="Москва", country="RU"),
    )
    data = {"returnUrl": "https://shop.example/thanks"}
    variables = {
        "id": graphene.Node.to_global_id("Checkout", checkout.pk),
        "gateway": {"id": gateway, "data": data},
    }
    answer = ask(_INITIALIZE, variables)
    assert not answer["errors"]
    return answer


def values_of(plugin: str) -> dict[str, str]:
    row = PluginConfiguration.objects.get(identifier=plugin, channel__slug="main", active=True)
    return {item["name"]: item["value"] for item in row.configuration}


def test_webmoney_shows_a_form_and_is_answered(webmoney: WebMoney) -> None:
    given = {"purse": PURSE, "wmid": "123456789012", "secret_key": "webmoney-secret-key"}
    assert save(WEBMONEY, **given) == {}
    assert PURSE in values_of(WEBMONEY)["connection"]
    assert App.objects.get(identifier=WEBMONEY).is_active
    began = begin(WEBMONEY)
    assert began["transactionEvent"]["type"] == "CHARGE_ACTION_REQUIRED"
    confirmation = began["data"]["confirmation"]
    assert confirmation["type"] == "form"
    payment = webmoney.open(confirmation["fields"])
    assert (payment.amount, payment.currency) == (_AMOUNT, "RUB")
    question = dict(parse_qsl(webmoney.question(payment).decode()))
    for altered, answer in (({}, b"YES"), ({"LMI_PAYMENT_AMOUNT": "1"}, b"It is another amount")):
        said = Client().post(
            f"/plugins/{WEBMONEY}/",
            urlencode({**question, **altered}),
            content_type="application/x-www-form-urlencoded",
        )
        assert (said.status_code, said.content) == (200, answer)


@pytest.mark.usefixtures("webmoney")
def test_webmoney_does_not_take_a_wrong_key() -> None:
    given = {"purse": PURSE, "wmid": "123456789012", "secret_key": "wrong"}
    assert "SHA256" in save(WEBMONEY, **given)["secretKey"]


def test_qiwi_leads_to_its_page(qiwi: Qiwi) -> None:
    assert save(QIWI, secret_key="qiwi-secret-key") == {}
    assert qiwi.url in values_of(QIWI)["connection"]
    began = begin(QIWI)
    (bill,) = qiwi.bills.values()
    assert bill.amount == _AMOUNT
    assert began["data"]["confirmation"]["url"].startswith(bill.pay_url)
    qiwi.pay(bill.id)
    body, headers = qiwi.notification(bill.id)
    said = Client().post(
        f"/plugins/{QIWI}/", body, content_type="application/json", headers=headers
    )
    assert json.loads(said.content) == {"error": "0"}
    assert said["Content-Type"] == "application/json"


def test_qiwi_without_a_service_is_not_switched_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ONEC_QIWI_API", raising=False)
    assert "ONEC_QIWI_API" in save(QIWI, secret_key="key")["connection"]
    assert not PluginConfiguration.objects.filter(identifier=QIWI, active=True).exists()
