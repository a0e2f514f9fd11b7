"""Stand-ins of messengers: what tests of bots lean on has to be right itself."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from saleor_1c_plugin.sandbox.standins.telegram import Telegram

from .standins.viber import Viber

TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
KEY = "445da6az1s345z78-dazcczb2542zv51a-e0vc5fva17480im9"


@pytest.fixture
def telegram() -> Iterator[Telegram]:
    with Telegram(TOKEN, "lavka_bot") as server:
        yield server


@pytest.fixture
def viber() -> Iterator[Viber]:
    with Viber(KEY, "lavka") as server:
        yield server


def telegrams(server: Telegram, method: str, token: str = TOKEN, **fields: Any) -> Any:
    url = f"{server.address}/bot{token}/{method}"
    answer = requests.post(url, json=fields, timeout=20)
    told = answer.json()
    assert told["ok"] is (answer.status_code == 200)
    assert told["ok"] or told["error_code"] == answer.status_code
    return told


def vibers(server: Viber, method: str, key: str = KEY, **fields: Any) -> Any:
    headers = {"X-Viber-Auth-Token": key}
    answer = requests.post(f"{server.url}/{method}", json=fields, headers=headers, timeout=20)
    assert answer.status_code == 200
    return answer.json()


def test_telegram_knows_its_bot(telegram: Telegram) -> None:
    assert telegrams(telegram, "getMe")["result"]["username"] == "lavka_bot"
    assert telegrams(telegram, "getMe", token="1:x")["error_code"] == 401
    assert telegrams(telegram, "noSuchMethod")["error_code"] == 404


@pytest.mark.parametrize(
    ("url", "secret", "is_taken"),
    [
        ("https://shop.example/bot/", "abc_-1", True),
        ("https://shop.example:8443/bot/", "abc", True),
        ("https://shop.example:8000/bot/", "abc", False),
        ("http://shop.example/bot/", "abc", False),
        ("https://shop.example/bot/", "a b", False),
        ("https://shop.example/bot/", "a" * 257, False),
    ],
)
def test_telegram_takes_addresses_that_it_can_call(
    telegram: Telegram, url: str, secret: str, is_taken: bool
) -> None:
    assert telegrams(telegram, "setWebhook", url=url, secret_token=secret)["ok"] is is_taken
    assert telegrams(telegram, "getWebhookInfo")["result"]["url"] == (url if is_taken else "")


@pytest.mark.parametrize(
    "button",
    [
        {"text": "?"},
        {"callback_data": "x"},
        {"text": "?", "callback_data": "x" * 65},
        {"text": "?", "callback_data": "я" * 33},
        {"text": "?", "callback_data": "x", "url": "https://shop.example"},
        {"text": "?", "url": "javascript:alert(1)"},
    ],
)
def test_telegram_refuses_buttons(telegram: Telegram, button: dict[str, str]) -> None:
    telegram.person(5).has_started = True
    markup = {"inline_keyboard": [[button]]}
    told = telegrams(telegram, "sendMessage", chat_id=5, text="?", reply_markup=markup)
    assert told["error_code"] == 400
    assert not telegram.people[5].read


def test_telegram_wants_to_be_left_alone(telegram: Telegram) -> None:
    telegram.person(5).has_started = True
    telegram.person(6).has_started = True
    told = [telegrams(telegram, "sendMessage", chat_id=5, text="?") for _ in range(3)]
    assert [one["ok"] for one in told] == [True, True, False]
    assert told[2]["parameters"] == {"retry_after": 1}
    # No other chat either.
    assert telegrams(telegram, "sendMessage", chat_id=6, text="?")["error_code"] == 429


def test_what_telegram_does_not_know_is_noticed(telegram: Telegram) -> None:
    telegram.person(5).has_started = True
    telegrams(telegram, "sendMessage", chat_id=5, text="?", reply_to="7")
    assert [one.where for one in telegram.violations] == ["reply_to"]
    telegram.violations.clear()


def test_viber_numbers_its_refusals(viber: Viber) -> None:
    said = {"type": "text", "text": "?", "sender": {"name": "Лавка"}}
    anna = viber.person("a=")
    assert vibers(viber, "get_account_info", key="other")["status"] == 2
    assert vibers(viber, "set_webhook", url="http://shop.example/")["status"] == 1
    assert vibers(viber, "send_message", receiver="a=", **said)["status"] == 10
    viber.webhook = "https://shop.example/"
    assert vibers(viber, "send_message", receiver="b=", **said)["status"] == 5
    assert vibers(viber, "send_message", receiver="a=", **said)["status"] == 6
    anna.is_subscribed = True
    assert vibers(viber, "send_message", receiver="a=", **said | {"sender": {}})["status"] == 4
    assert vibers(viber, "send_message", receiver="a=", **said | {"text": ""})["status"] == 3
    told = vibers(viber, "send_message", receiver="a=", **said)
    assert (told["status"], anna.read[-1]["message_token"]) == (0, told["message_token"])


def test_what_viber_does_not_know_is_noticed(viber: Viber) -> None:
    vibers(viber, "get_account_info", auth_token=KEY)
    assert [one.where for one in viber.violations] == ["auth_token"]
    viber.violations.clear()
