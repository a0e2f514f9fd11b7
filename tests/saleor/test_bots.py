"""Bots as plugins of Saleor: settings are tried out, buyers get links, messengers are heard."""

import json
from collections.abc import Iterator
from typing import Any

import graphene
import pytest
from django.test import Client
from saleor.account.models import User
from saleor.core.jwt import create_access_token
from saleor.order.models import Order

from saleor_1c_plugin.messaging import people
from saleor_1c_plugin.messaging.models import Delivery
from saleor_1c_plugin.messaging.telegram.settings import TelegramSettings
from saleor_1c_plugin.sandbox.standins.telegram import Telegram
from saleor_1c_plugin.store import current_orders
from tests.messaging.standins.viber import Viber

from .sales import delivery, goods, place, sell_on_trust
from .shop import configure

pytestmark = pytest.mark.usefixtures("shop")

TELEGRAM, VIBER = "saleor1c.telegram", "saleor1c.viber"
URL = f"/plugins/{TELEGRAM}/"
TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
SAVED = {"token": TOKEN, "username": "lavka_bot", "webhook_url": f"https://shop.example{URL}"}
_SAVE = """mutation ($id: ID!, $values: [ConfigurationItemInput!]!) {
  pluginUpdate(id: $id, input: { active: true, configuration: $values }) {
    plugin { globalConfiguration { active configuration { name value } } }
    errors { field message } } }"""


@pytest.fixture
def telegram(monkeypatch: pytest.MonkeyPatch) -> Iterator[Telegram]:
    with Telegram(TOKEN, "lavka_bot") as server:
        monkeypatch.setenv("ONEC_TELEGRAM_API", server.address)
        yield server


def save(plugin: str, **values: str) -> tuple[dict[str, str], dict[str, str]]:
    """What is shown then, and what is wrong, by field."""
    user, _ = User.objects.get_or_create(
        email="staff@example.com", is_staff=True, is_superuser=True
    )
    given = [{"name": name, "value": value} for name, value in values.items()]
    response = Client(headers={"Authorization": f"Bearer {create_access_token(user)}"}).post(
        "/graphql/",
        json.dumps({"query": _SAVE, "variables": {"id": plugin, "values": given}}),
        content_type="application/json",
    )
    assert TOKEN not in response.content.decode()
    answer: dict[str, Any] = response.json()["data"]["pluginUpdate"]
    faults = {row["field"]: row["message"] for row in answer["errors"]}
    if answer["plugin"] is None:
        return {}, faults
    rows = answer["plugin"]["globalConfiguration"]["configuration"]
    return {row["name"]: row["value"] for row in rows}, faults


def ask_for_link(asked: object, buyer: User | None = None) -> Any:
    headers = {"Authorization": f"Bearer {create_access_token(buyer)}"} if buyer else {}
    return Client(headers=headers).post(
        f"{URL}link", json.dumps(asked), content_type="application/json"
    )


def start(chat: int, link: str) -> int:
    """Whoever has the link presses "Start" there."""
    update = {
        "update_id": chat,
        "message": {
            "message_id": 1,
            "date": 0,
            "text": f"/start {link.partition('start=')[2]}",
            "from": {"id": chat, "language_code": "ru"},
            "chat": {"id": chat, "type": "private"},
        },
    }
    secret = TelegramSettings.from_configuration(SAVED).secret
    return (
        Client(headers={"X-Telegram-Bot-Api-Secret-Token": secret})
        .post(URL, json.dumps(update), content_type="application/json")
        .status_code
    )


def test_a_bot_is_asked_when_its_settings_are_saved(telegram: Telegram) -> None:
    shown, faults = save(TELEGRAM, **SAVED)
    assert faults == {}
    assert shown["connection"] == "Connected to @lavka_bot."
    assert telegram.webhook["url"] == SAVED["webhook_url"]
    _, faults = save(TELEGRAM, username="other_bot")
    assert faults == {"username": "The token is that of @lavka_bot."}


def test_vibers_bot_is_asked_too(monkeypatch: pytest.MonkeyPatch) -> None:
    token = "445da6az1s345z78-dazcczb2542zv51a-e0vc5fva17480im9"
    with Viber(token, "lavka") as server:
        monkeypatch.setenv("ONEC_VIBER_API", server.url)
        shown, faults = save(VIBER, token=token, uri="lavka", sender="Лавка")
        assert faults == {}
        assert shown["connection"].startswith("Connected to lavka.")
        assert save(VIBER, uri="other")[1] == {"uri": "The token is that of lavka."}


def test_a_bot_that_is_off_answers_nobody() -> None:
    configure("telegram", active=False, **SAVED)
    assert ask_for_link({}).status_code == 404
    assert start(5, "") == 404


def test_a_buyer_links_a_chat(telegram: Telegram) -> None:
    configure("telegram", **SAVED)
    anna = User.objects.create(email="anna@example.com")
    assert ask_for_link({}).status_code == 401
    answer = ask_for_link({}, anna)
    assert answer.status_code == 200
    link = answer.json()["url"]
    assert link.startswith("https://t.me/lavka_bot?start=")
    assert Client().post(URL, "{}", content_type="application/json").status_code == 403
    assert start(5, link) == 200
    assert people.linked("telegram", "5").customer_id == str(anna.pk)
    assert "/stop" in Delivery.objects.get(address="5").body


def test_a_guest_links_a_chat_with_an_order(telegram: Telegram) -> None:
    sell_on_trust()
    delivery("300")
    configure("telegram", **SAVED)
    order = place({goods("a", "99.90", stock=5): 1})
    for named in (order, graphene.Node.to_global_id("Order", order)):
        answer = ask_for_link({"order": named})
        assert answer.status_code == 200, answer.content
    assert start(6, answer.json()["url"]) == 200
    assert people.linked("telegram", "6").order_ids == (order,)
    other = graphene.Node.to_global_id("Checkout", order)
    assert ask_for_link({"order": other}).status_code == 404


def test_orders_of_an_account_come_newest_first() -> None:
    sell_on_trust()
    delivery("300")
    anna = User.objects.create(email="anna@example.com")
    variant = goods("a", "99.90", stock=9)
    orders = [place({variant: 1}) for _ in range(3)]
    Order.objects.filter(pk__in=orders[:2]).update(user=anna)
    found = current_orders().orders_of(str(anna.pk), 5)
    assert found == [orders[1], orders[0]]
    assert current_orders().orders_of(str(anna.pk), 1) == [orders[1]]
    for nobody in ("", "x", "9" * 30):
        assert current_orders().orders_of(nobody, 5) == []
