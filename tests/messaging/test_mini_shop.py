"""The mini-shop's pages lead to its bots."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from saleor_1c_plugin.messaging import people
from saleor_1c_plugin.messaging.telegram.settings import TelegramSettings
from saleor_1c_plugin.sandbox import signing_in
from saleor_1c_plugin.sandbox.standins.telegram import Telegram

from .bots import BotShop
from .test_telegram import SAVED, TOKEN
from .test_viber import SAVED as VIBER


@pytest.fixture
def telegram(monkeypatch: pytest.MonkeyPatch) -> Iterator[Telegram]:
    with Telegram(TOKEN, "lavka_bot") as server:
        monkeypatch.setenv("ONEC_TELEGRAM_API", server.address)
        yield server


@pytest.fixture
def shop(transactional_db: None, settings: Any) -> BotShop:
    return BotShop(settings, "http://testserver", "telegram", SAVED)


def test_an_order_s_page_leads_to_a_chat_about_it(
    shop: BotShop, telegram: Telegram, settings: Any
) -> None:
    order = shop.order()
    client = Client()
    page = client.get(f"/orders/{order.key}/").content.decode()
    assert 'id="follow-telegram"' in page
    assert 'id="follow-viber"' not in page
    answer = client.post("/bots/telegram/follow/", {"order": f"{order.key}"})
    assert answer.status_code == 302
    code = answer["Location"].removeprefix("https://t.me/lavka_bot?start=")
    person = telegram.person()
    update = {
        "update_id": 1,
        "message": {**telegram._message(person), "text": f"/start {code}"},
    }
    secret = TelegramSettings.from_configuration(SAVED).secret
    headers = {"X-Telegram-Bot-Api-Secret-Token": secret}
    client.post("/bots/telegram/", update, "application/json", headers=headers)
    assert people.linked("telegram", f"{person.id}").order_ids == (f"{order.key}",)


def test_the_cart_leads_who_has_signed_in_to_a_chat(shop: BotShop, settings: Any) -> None:
    shop.configure(None)
    settings.ONEC_CONFIGURATION = {**settings.ONEC_CONFIGURATION, "viber": VIBER}
    client = Client()
    assert "follow-" not in client.get("/cart/").content.decode()
    assert client.post("/bots/viber/follow/").status_code == 404
    answer = HttpResponse()
    signing_in.sign_in(answer, shop.customer(), for_company=False)
    client.cookies.update(answer.cookies)
    page = client.get("/cart/").content.decode()
    assert 'id="follow-viber"' in page
    assert 'id="follow-telegram"' not in page
    found = client.post("/bots/viber/follow/")
    assert found["Location"].startswith("viber://pa?chatURI=lavka&context=")


def test_nobody_else_s_chat_is_made(shop: BotShop) -> None:
    client = Client()
    for given in ("x", "00000000-0000-0000-0000-000000000000", ""):
        assert client.post("/bots/telegram/follow/", {"order": given}).status_code == 404
    order = shop.order()
    assert client.post("/bots/pigeon/follow/", {"order": f"{order.key}"}).status_code == 404
    assert client.get("/bots/telegram/follow/").status_code == 405
    another_site = Client(enforce_csrf_checks=True)
    answer = another_site.post("/bots/telegram/follow/", {"order": f"{order.key}"})
    assert answer.status_code == 403
