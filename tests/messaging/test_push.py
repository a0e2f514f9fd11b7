"""Notifications over HTTP: each device is told once, and what is gone is forgotten."""

import json
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import requests
from django.db import connections
from django.db.models import F
from django.http import HttpResponse
from django.utils import timezone, translation

from saleor_1c_plugin.configuration import SettingsError
from saleor_1c_plugin.history import erasing, telling
from saleor_1c_plugin.messaging.channel import Button, Lost, Text, Unreachable
from saleor_1c_plugin.messaging.models import Delivery, Link, Preference
from saleor_1c_plugin.messaging.push import access, devices, notifying
from saleor_1c_plugin.messaging.push.connecting import connect
from saleor_1c_plugin.messaging.push.models import Device as Row
from saleor_1c_plugin.messaging.push.models import Notification
from saleor_1c_plugin.messaging.push.notifying import Push
from saleor_1c_plugin.messaging.push.settings import PushSettings
from saleor_1c_plugin.outbox.errors import Refused, Retry
from saleor_1c_plugin.outbox.models import Pace
from saleor_1c_plugin.sandbox import signing_in
from saleor_1c_plugin.sandbox.models import Customer
from saleor_1c_plugin.sandbox.standins.faults import Fault
from tests import serving
from tests.schema import path_of, text_of

from .bots import MESSAGES, BotShop
from .conftest import configure, later
from .standins.firebase import KEY_ID, PROJECT, SEND, TOKENS, Device, Firebase, account, pem_of

State = Delivery.State
SAVED = {"service_account": account()}
RULE = {**MESSAGES, "rules": "order.placed = push", "place": "https://shop.example"}
REGISTER = """mutation ($token: String!, $language: String) {
  pushDeviceRegister(token: $token, language: $language) {
    device { id language created seen } errors { field message code } } }"""
UNREGISTER = """mutation ($token: String!) {
  pushDeviceUnregister(token: $token) { errors { field code } } }"""
_SECONDS = 20


@pytest.fixture
def served(transactional_db: None) -> Iterator[str]:
    """Where the mini-shop answers over HTTP."""
    with serving.served() as url:
        yield url


@pytest.fixture
def firebase(monkeypatch: pytest.MonkeyPatch) -> Iterator[Firebase]:
    access._tokens.clear()
    with Firebase() as server:
        monkeypatch.setenv("ONEC_FCM_API", server.address)
        monkeypatch.setenv("ONEC_GOOGLE_OAUTH", server.address + TOKENS)
        yield server


class PushShop(BotShop):
    """A mini-shop with an application for telephones."""

    def post(self, query: str, customer: Customer | None = None, **variables: object) -> Any:
        """The response to a query of the application's."""
        cookies = {}
        if customer is not None:
            response = HttpResponse()
            signing_in.sign_in(response, customer, for_company=False)
            cookies = {name: morsel.value for name, morsel in response.cookies.items()}
        asked = {"query": query, "variables": variables}
        url = f"{self._url}/push/graphql/"
        return requests.post(url, json=asked, cookies=cookies, timeout=_SECONDS)

    def ask(self, query: str, customer: Customer | None = None, **variables: object) -> Any:
        answer = self.post(query, customer, **variables)
        assert answer.status_code == 200, answer.text
        assert "errors" not in answer.json(), answer.text
        return answer.json()["data"]

    def register(self, customer: Customer, device: Device, language: str = "ru") -> dict[str, Any]:
        told = self.ask(REGISTER, customer, token=device.token, language=language)
        payload: dict[str, Any] = told["pushDeviceRegister"]
        assert payload["errors"] == []
        made: dict[str, Any] = payload["device"]
        return made


@pytest.fixture
def shop(settings: Any, firebase: Firebase, served: str) -> PushShop:
    made = PushShop(settings, served, "push", SAVED)
    configure(settings, messages=RULE)
    return made


@pytest.fixture
def anna(shop: PushShop) -> Customer:
    return shop.customer()


@pytest.fixture
def phone(firebase: Firebase) -> Device:
    return firebase.device()


def send(to: Customer, text: str = "?", key: str = "1", **more: Any) -> str:
    """Send by the channel alone; what came of it."""
    try:
        Push().send(SAVED, f"{to.pk}", Text(text, **more), key)
    except (Lost, Refused, Retry, Unreachable) as error:
        return f"{type(error).__name__}: {error}"
    return "Sent"


# Connecting.


def test_settings_are_tried_out(firebase: Firebase) -> None:
    with translation.override("en"):
        assert connect(SAVED) == f"Connected to the project {PROJECT}."
        assert firebase.trials == 1
        access._tokens.clear()
        with pytest.raises(SettingsError, match="account not found"):
            connect({"service_account": account(client_email="other@shop.example")})
        firebase.may_send = False
        with pytest.raises(SettingsError, match="Firebase does not let the account send") as error:
            connect(SAVED)
        assert error.value.faults.keys() == {"service_account"}
        firebase.may_send, firebase.pause = True, 7
        assert connect(SAVED).startswith("Firebase could not be asked: Quota")
        firebase.faults.script.append(Fault.DOWN)
        assert connect(SAVED).startswith("Firebase could not be asked: HTTP 5")


@pytest.mark.parametrize(
    "given",
    [
        "",
        "no file",
        "[]",
        account(type="authorized_user"),
        account(project_id="../x"),
        account(client_email=5),
        account(private_key="-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"),
    ],
    ids=range(7),
)
def test_settings_that_cant_be_used(given: str) -> None:
    with pytest.raises(SettingsError) as error:
        PushSettings.from_configuration({"service_account": given})
    assert error.value.faults.keys() == {"service_account"}
    assert PushSettings.from_configuration({}, complete=False) == PushSettings()


def test_nobody_reads_the_key(
    firebase: Firebase, shop: PushShop, anna: Customer, phone: Device, caplog: Any
) -> None:
    caplog.set_level(logging.DEBUG)
    shop.register(anna, phone)
    settings = PushSettings.from_configuration(SAVED)
    given = access.token(settings.account)
    firebase.faults.script.append(Fault.DROPPED)
    told = send(anna)
    assert told.startswith("Lost: ")
    ours = [one for one in caplog.records if one.name.startswith("saleor_1c_plugin")]
    for text in (told, repr(settings), *(record.getMessage() for record in ours)):
        for secret in (settings.account.key, phone.token, given):
            assert secret not in text


# Devices.


def test_a_customer_is_told_on_all_his_devices(
    shop: PushShop, firebase: Firebase, anna: Customer, phone: Device
) -> None:
    tablet, other = firebase.device("tablet"), firebase.device("other")
    shop.register(anna, phone)
    shop.register(anna, tablet)
    shop.register(shop.customer("boris@example.com"), other)
    order = shop.order(anna)
    for device in (phone, tablet):
        (text,) = device.texts
        assert f"{order.pk}" in text
        # It has no place for an address that nobody can touch.
        assert "http" not in text
    assert not other.shown
    row = Delivery.objects.get()
    assert (row.channel, row.state, row.address) == ("push", State.SENT, f"{anna.pk}")
    message = phone.shown[f"{row.pk}"]
    assert message["notification"]["title"] == f"Заказ № {order.pk} принят"
    data = message["data"]
    assert (data["key"], data["about"]) == (f"{row.pk}", "order.placed")
    assert data["way_out"] == row.way_out
    page = data["way_out"].removeprefix("https://shop.example")
    assert requests.get(f"{shop._url}{page}", timeout=_SECONDS).status_code == 200


def test_what_a_registration_says(shop: PushShop, anna: Customer, phone: Device) -> None:
    made = shop.register(anna, phone, "en-GB")
    assert made["language"] == "en"
    again = shop.register(anna, phone, "en-GB")
    assert again["id"] == made["id"]
    assert again["seen"] > made["seen"]
    order = shop.order(anna)
    assert phone.texts[0].startswith(f"Order {order.pk} ")
    told = shop.ask("{ pushDevices { id language } pushPage }", anna)
    assert told["pushDevices"] == [{"id": made["id"], "language": "en"}]
    assert told["pushPage"] == Delivery.objects.get().way_out
    stranger = shop.customer("boris@example.com")
    nothing = {"pushDevices": [], "pushPage": None}
    for who in (None, stranger):
        assert shop.ask("{ pushDevices { id } pushPage }", who) == nothing


def test_a_device_is_his_who_has_signed_in_last(
    shop: PushShop, anna: Customer, phone: Device
) -> None:
    boris = shop.customer("boris@example.com")
    shop.register(anna, phone)
    shop.register(boris, phone)
    shop.order(anna)
    assert not phone.shown
    # A stranger takes nobody's device away.
    shop.ask(UNREGISTER, anna, token=phone.token)
    shop.order(boris)
    assert len(phone.shown) == 1
    told = shop.ask(UNREGISTER, boris, token=phone.token)
    assert told == {"pushDeviceUnregister": {"errors": []}}
    shop.order(boris)
    assert len(phone.shown) == 1
    assert Delivery.objects.latest("pk").reason == "push: no address"


def test_who_has_not_signed_in_registers_nothing(shop: PushShop, phone: Device) -> None:
    for query in (REGISTER, UNREGISTER):
        (payload,) = shop.ask(query, token=phone.token).values()
        assert payload["errors"][0]["code"] == "UNAUTHENTICATED"
    assert not Row.objects.exists()


@pytest.mark.parametrize("token", ["", "short", "x" * 5000, "с" * 40, "x" * 30 + "\0", " " * 30])
def test_what_is_no_token_is_refused(shop: PushShop, anna: Customer, token: str) -> None:
    payload = shop.ask(REGISTER, anna, token=token)["pushDeviceRegister"]
    assert payload["device"] is None
    (error,) = payload["errors"]
    assert (error["field"], error["code"]) == ("token", "INVALID")
    shop.ask(UNREGISTER, anna, token=token)


def test_a_customer_has_so_many_devices(shop: PushShop, firebase: Firebase, anna: Customer) -> None:
    made = [firebase.device(f"d{number}") for number in range(devices.MOST + 2)]
    for device in made:
        shop.register(anna, device)
    shop.order(anna)
    assert [bool(device.shown) for device in made] == [False] * 2 + [True] * devices.MOST


def test_devices_are_registered_at_the_same_time(
    shop: PushShop, anna: Customer, phone: Device
) -> None:
    def register(_number: int) -> str:
        try:
            return devices.register(f"{anna.pk}", phone.token).digest
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        assert len(set(pool.map(register, range(12)))) == 1
    assert Row.objects.count() == Link.objects.count() == 1


def test_the_plugin_is_off(shop: PushShop, anna: Customer, phone: Device) -> None:
    shop.register(anna, phone)
    shop.configure(None)
    assert shop.post(REGISTER, anna, token=phone.token).status_code == 404
    shop.order(anna)
    assert Delivery.objects.get().reason == "push: switched off"


def test_the_schema_is_written_down() -> None:
    room = "messaging/push"
    assert path_of(room).read_text(encoding="utf-8") == text_of(room), "make schema"


def test_a_gateway_is_told_of_the_schema(shop: PushShop) -> None:
    sdl = shop.ask("{ _service { sdl } }")["_service"]["sdl"]
    assert "pushDeviceRegister(" in sdl
    assert "_service" not in sdl
    assert shop.post("{ nothing }").status_code == 400


# Wishes.


def test_what_a_reader_has_chosen_outlives_the_next_start(
    shop: PushShop, anna: Customer, phone: Device
) -> None:
    shop.register(anna, phone)
    row = Preference.objects.get(address=f"push:{anna.pk}")
    assert row.allowed == {"push": True}
    Preference.objects.update(allowed={"push": False}, language="en")
    shop.register(anna, phone)
    shop.order(anna)
    assert not phone.shown
    row.refresh_from_db()
    assert (row.allowed, row.language) == ({"push": False}, "en")
    # Another language is chosen in the application itself.
    shop.register(anna, phone, "en")
    shop.register(anna, phone, "ru")
    row.refresh_from_db()
    assert row.language == "ru"


def test_advertising_is_told_to_who_has_agreed(
    shop: PushShop, settings: Any, anna: Customer, phone: Device
) -> None:
    configure(settings, messages={**RULE, "consent": "push"})
    shop.register(anna, phone)
    shop.order(anna)
    assert len(phone.shown) == 1


def test_a_person_is_forgotten(shop: PushShop, anna: Customer, phone: Device) -> None:
    shop.register(anna, phone)
    shop.order(anna)
    assert Notification.objects.exists()
    who = erasing.person(email=anna.email)
    (told,) = telling.told(who)["devices"]
    assert told["token"] == phone.token
    erasing.forget(who)
    assert telling.told(who)["devices"] == []
    assert not Row.objects.exists()
    assert not Notification.objects.exists()
    assert not Link.objects.exists()
    assert not Preference.objects.filter(address__startswith="push:").exists()
    assert Delivery.objects.get().address == ""
    assert devices.forget(email=anna.email) == devices.forget() == 0


# What sending comes to.


def test_a_device_that_is_gone_is_forgotten(
    shop: PushShop, firebase: Firebase, anna: Customer, phone: Device
) -> None:
    tablet = firebase.device("tablet")
    shop.register(anna, phone)
    shop.register(anna, tablet)
    firebase.uninstall(phone)
    shop.order(anna)
    assert Delivery.objects.get().state == State.SENT
    assert [row.token for row in Row.objects.all()] == [tablet.token]
    firebase.uninstall(tablet)
    shop.order(anna)
    newest = Delivery.objects.latest("pk")
    assert (newest.state, newest.reason) == (
        State.UNREACHABLE,
        "Requested entity was not found.",
    )
    assert not Row.objects.exists()
    devices.register(f"{anna.pk}", "x" * 40)
    assert send(anna).startswith("Unreachable: The registration token is not a valid")
    assert not Row.objects.exists()


def test_a_device_is_taken_away_meanwhile(
    shop: PushShop, firebase: Firebase, anna: Customer, phone: Device, monkeypatch: Any
) -> None:
    tablet = firebase.device("tablet")
    shop.register(anna, tablet)
    shop.register(anna, phone)
    known = [*devices.of(f"{anna.pk}")]
    shop.ask(UNREGISTER, anna, token=phone.token)
    monkeypatch.setattr(notifying, "_left", lambda _to, _key: known)
    assert send(anna) == "Sent"
    assert (phone.told, tablet.told) == (0, 1)


def test_another_channel_follows(
    shop: PushShop, settings: Any, firebase: Firebase, anna: Customer, phone: Device
) -> None:
    configure(settings, email={}, messages={**RULE, "rules": "order.placed = push, email"})
    shop.register(anna, phone)
    firebase.uninstall(phone)
    shop.order(anna)
    states = list(Delivery.objects.order_by("pk").values_list("channel", "state"))
    assert states == [("push", State.UNREACHABLE), ("email", State.SENT)]


@pytest.mark.parametrize("is_first", [True, False])
@pytest.mark.parametrize("fault", list(Fault))
def test_no_device_is_told_twice(
    shop: PushShop,
    firebase: Firebase,
    anna: Customer,
    phone: Device,
    fault: Fault,
    is_first: bool,
) -> None:
    tablet = firebase.device("tablet")
    shop.register(anna, tablet)
    shop.register(anna, phone)
    # The token is asked for before; the phone was seen last, and is told first.
    access.token(PushSettings.from_configuration(SAVED).account)
    firebase.faults.script.extend([fault] if is_first else [None, fault])
    shop.order(anna)
    for _ in range(3):
        later(3)
    row = Delivery.objects.get()
    assert row.state == State.SENT
    # What may have arrived is not said again; and the other device has it for sure.
    first, second = (phone, tablet) if is_first else (tablet, phone)
    assert second.told == 1
    assert first.told == (0 if fault.is_before else 1)
    assert len(firebase.exchanges) == 3
    assert Notification.objects.filter(is_taken=True).count() == 1


def test_the_only_answer_is_lost(
    shop: PushShop, firebase: Firebase, anna: Customer, phone: Device
) -> None:
    shop.register(anna, phone)
    access.token(PushSettings.from_configuration(SAVED).account)
    firebase.faults.script.append(Fault.LOST)
    shop.order(anna)
    later(3)
    assert Delivery.objects.get().state == State.UNKNOWN
    assert phone.told == 1


def test_a_worker_dies_between_two_devices(
    shop: PushShop, firebase: Firebase, anna: Customer, phone: Device
) -> None:
    tablet = firebase.device("tablet")
    shop.register(anna, phone)
    shop.register(anna, tablet)
    firebase.pause = 600
    shop.order(anna)
    firebase.pause = 0
    Pace.objects.all().delete()
    (row,) = Delivery.objects.all()
    taken = Row.objects.get(token=phone.token)
    Notification.objects.create(device=taken, key=f"{row.pk}", is_taken=True)
    Delivery.objects.update(state=State.SENDING, began=timezone.now() - timedelta(minutes=5))
    later(30)
    row.refresh_from_db()
    assert row.state == State.SENT
    assert (phone.told, tablet.told) == (0, 1)


def test_firebase_wants_to_be_left_alone(
    shop: PushShop, firebase: Firebase, anna: Customer, phone: Device
) -> None:
    shop.register(anna, phone)
    firebase.pause = 7
    with pytest.raises(Retry) as error:
        Push().send(SAVED, f"{anna.pk}", Text("?"), "1")
    assert error.value.after == 7
    calls = len(firebase.exchanges)
    assert send(anna).startswith("Retry: Its limit is reached")
    assert len(firebase.exchanges) == calls
    firebase.pause = 0
    Pace.objects.update(free=F("free") - timedelta(minutes=1))
    assert send(anna) == "Sent"


@pytest.mark.parametrize(
    ("status", "word", "code", "comes_to"),
    [
        (503, "UNAVAILABLE", "UNAVAILABLE", "Retry: Firebase wants to be left alone"),
        (500, "INTERNAL", "INTERNAL", "Retry: Firebase wants to be left alone"),
        (403, "PERMISSION_DENIED", "SENDER_ID_MISMATCH", "Unreachable: "),
        (401, "UNAUTHENTICATED", "THIRD_PARTY_AUTH_ERROR", "Unreachable: "),
        (400, "INVALID_ARGUMENT", "INVALID_ARGUMENT", "Refused: "),
        (404, "NOT_FOUND", "", "Retry: Firebase does not let the account send"),
        (403, "PERMISSION_DENIED", "", "Retry: Firebase does not let the account send"),
        (401, "UNAUTHENTICATED", "", "Retry: Firebase does not let the account send"),
    ],
)
def test_what_firebase_says(
    shop: PushShop,
    anna: Customer,
    phone: Device,
    status: int,
    word: str,
    code: str,
    comes_to: str,
) -> None:
    shop.register(anna, phone)
    phone.plan = [(status, word, code)]
    assert send(anna).startswith(comes_to)
    # No device is forgotten for what is the account's fault, and nothing counts as sent.
    assert Row.objects.count() == 1
    assert not Notification.objects.exists()
    Pace.objects.all().delete()
    assert send(anna) == "Sent"


def test_a_token_is_asked_for_once_an_hour(
    shop: PushShop, firebase: Firebase, anna: Customer, phone: Device
) -> None:
    shop.register(anna, phone)
    for number in range(3):
        assert send(anna, key=f"{number}") == "Sent"
    assert len(firebase.given) == 1
    # It was withdrawn before its time.
    firebase.given.clear()
    assert send(anna, key="3").startswith("Retry: ")
    assert send(anna, key="3") == "Sent"
    # It is over.
    ours = PushSettings.from_configuration(SAVED).account
    token, _until = access._tokens[ours]
    access._tokens[ours] = token, 0.0
    assert send(anna, key="4") == "Sent"
    assert len(firebase.given) == 2


def test_google_does_not_know_the_account(
    shop: PushShop, firebase: Firebase, anna: Customer, phone: Device
) -> None:
    shop.register(anna, phone)
    wrong = {"service_account": account(client_email="other@shop.example")}
    with pytest.raises(Retry, match="Google does not accept the account: Invalid grant"):
        Push().send(wrong, f"{anna.pk}", Text("?"), "1")
    firebase.faults.script.append(Fault.DROPPED)
    # Google's answer was lost: the message has gone nowhere.
    assert send(anna).startswith("Retry: ")
    assert send(anna) == "Sent"


def test_a_message_is_as_long_as_it_may_be(
    shop: PushShop, firebase: Firebase, anna: Customer, phone: Device
) -> None:
    shop.register(anna, phone)
    buttons = [Button("Продлить", command="extend:7")]
    more = {"subject": "Я" * 400, "buttons": buttons, "order_id": "17"}
    assert send(anna, "😀" * 2000, **more) == "Sent"
    (message,) = phone.shown.values()
    assert message["notification"]["body"].endswith("😀…")
    assert json.loads(message["data"]["buttons"]) == [
        {"label": "Продлить", "url": "", "command": "extend:7"}
    ]
    assert message["data"]["order"] == "T3JkZXI6MTc="
    many = [Button("Я" * 50, url="https://shop.example/" + "x" * 200)] * 9
    assert send(anna, "я" * 2000, key="2", **{**more, "buttons": many}) == "Sent"
    assert "buttons" not in phone.shown["2"]["data"]


def test_what_was_sent_is_forgotten_in_time(shop: PushShop, anna: Customer, phone: Device) -> None:
    shop.register(anna, phone)
    send(anna)
    devices.prune()
    assert Notification.objects.count() == 1
    Notification.objects.update(at=F("at") - timedelta(days=31))
    devices.prune()
    assert not Notification.objects.exists()


# The stand-in itself.


def test_the_stand_in_checks_who_asks(firebase: Firebase) -> None:
    url = firebase.address + SEND
    message = {"message": {"token": "x", "notification": {"title": "?"}}}
    assert requests.post(url, json=message, timeout=_SECONDS).status_code == 401
    ours = PushSettings.from_configuration(SAVED).account
    headers = {"Authorization": f"Bearer {access.token(ours)}"}
    for wrong in (
        {"token": "x", "notifications": {}},
        {"token": "x", "topic": "y"},
        {"token": "x", "data": {"from": "y"}},
        {"token": "x", "data": {"number": 5}},
        {"token": "x", "notification": {"body": "x" * 4097}},
        {"token": "no token"},
    ):
        answer = requests.post(url, json={"message": wrong}, headers=headers, timeout=_SECONDS)
        assert answer.status_code == 400, wrong
    firebase.violations.clear()
    with pytest.raises(access.AccessDenied, match="Signature"):
        access.token(access.Account(ours.email, KEY_ID, pem_of("other")))
    firebase.later(timedelta(hours=1))
    assert requests.post(url, json=message, headers=headers, timeout=_SECONDS).status_code == 401
