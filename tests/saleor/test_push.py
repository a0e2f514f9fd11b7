"""Push notifications and Instagram as plugins of Saleor's."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from saleor.account.models import User
from saleor.core.jwt import create_access_token

from saleor_1c_plugin.messaging.push import access
from saleor_1c_plugin.messaging.push.models import Device as Row
from tests.messaging.standins.firebase import PROJECT, TOKENS, Device, Firebase, account
from tests.messaging.standins.instagram import Instagram

from .shop import configure
from .test_bots import save

pytestmark = pytest.mark.usefixtures("shop")

PUSH, INSTAGRAM = "saleor1c.push", "saleor1c.instagram"
URL = f"/plugins/{PUSH}/graphql/"
REGISTER = """mutation ($token: String!) { pushDeviceRegister(token: $token, language: "ru") {
  device { id language } errors { field code } } }"""
TOKEN = "EAAG" + "k" * 60
APP_SECRET = "0123456789abcdef" * 2
PAGE = {"token": TOKEN, "username": "lavka.ru", "app_secret": APP_SECRET, "verify_token": "слово"}


@pytest.fixture
def firebase(monkeypatch: pytest.MonkeyPatch) -> Iterator[Firebase]:
    access._tokens.clear()
    with Firebase() as server:
        monkeypatch.setenv("ONEC_FCM_API", server.address)
        monkeypatch.setenv("ONEC_GOOGLE_OAUTH", server.address + TOKENS)
        yield server


def ask(device: Device, buyer: User | None = None) -> Any:
    headers = {"Authorization": f"Bearer {create_access_token(buyer)}"} if buyer else {}
    asked = {"query": REGISTER, "variables": {"token": device.token}}
    return Client(headers=headers).post(URL, json.dumps(asked), content_type="application/json")


def test_firebase_is_asked_when_settings_are_saved(firebase: Firebase) -> None:
    shown, faults = save(PUSH, service_account=account())
    assert faults == {}
    assert shown["connection"] == f"Connected to the project {PROJECT}."
    assert "PRIVATE KEY" not in str(shown)
    # An empty field keeps the account.
    assert save(PUSH, service_account="")[1] == {}
    assert save(PUSH, service_account="{}")[1].keys() == {"serviceAccount"}


def test_a_device_is_registered_and_told(firebase: Firebase) -> None:
    phone = firebase.device()
    anna = User.objects.create(email="anna@example.com")
    configure("push", active=False, service_account=account())
    assert ask(phone, anna).status_code == 404
    configure("push", service_account=account())
    refused = ask(phone).json()["data"]["pushDeviceRegister"]
    assert refused["errors"] == [{"field": None, "code": "UNAUTHENTICATED"}]
    told = ask(phone, anna).json()["data"]["pushDeviceRegister"]
    assert (told["device"]["language"], told["errors"]) == ("ru", [])
    assert Row.objects.get().customer_id == str(anna.pk)


def test_instagram_is_asked_when_settings_are_saved(monkeypatch: pytest.MonkeyPatch) -> None:
    with Instagram(TOKEN, "lavka.ru", APP_SECRET) as server:
        monkeypatch.setenv("ONEC_INSTAGRAM_API", server.url)
        shown, faults = save(INSTAGRAM, **PAGE)
        assert faults == {}
        assert shown["connection"] == "Connected to @lavka.ru."
        assert TOKEN not in str(shown)
        assert save(INSTAGRAM, username="other")[1] == {
            "username": "The token is that of @lavka.ru."
        }
    asked = {"hub.mode": "subscribe", "hub.verify_token": "слово", "hub.challenge": "115"}
    answer = Client().get(f"/plugins/{INSTAGRAM}/", asked)
    assert (answer.status_code, answer.content) == (200, b"115")
    forged = Client().post(f"/plugins/{INSTAGRAM}/", "{}", content_type="application/json")
    assert forged.status_code == 403
