"""ATOL's registers as plugins of Saleor: their settings are tried when they are saved."""

import json
from collections.abc import Iterator
from typing import Any

import graphene
import pytest
from django.test import Client
from saleor.account.models import User
from saleor.channel.models import Channel
from saleor.core.jwt import create_access_token
from saleor.plugins.models import PluginConfiguration

from saleor_1c_plugin.receipts import registers
from tests.receipts.standins.atol import Atol
from tests.receipts.standins.atol_local import AtolLocal

pytestmark = pytest.mark.usefixtures("shop")

ATOL, LOCAL = "saleor1c.atol", "saleor1c.atol_local"
PASSWORD = "tajna-parol"
CLOUD = {
    "login": "shop",
    "password": PASSWORD,
    "group_code": "shop-ru_1",
    "inn": "7707083893",
    "email": "check@shop.example",
    "payment_address": "https://shop.example",
}
_SAVE = """mutation ($id: ID!, $channel: ID!, $values: [ConfigurationItemInput!]!) {
  pluginUpdate(id: $id, channelId: $channel, input: { active: true, configuration: $values }) {
    plugin { channelConfigurations { channel { slug } active configuration { name value } } }
    errors { field message } } }"""


@pytest.fixture
def atol(monkeypatch: pytest.MonkeyPatch) -> Iterator[Atol]:
    with Atol() as server:
        monkeypatch.setenv("ONEC_ATOL_API", server.url)
        yield server


class Staff:
    def __init__(self) -> None:
        user = User.objects.create(email="staff@example.com", is_staff=True, is_superuser=True)
        self._client = Client(headers={"Authorization": f"Bearer {create_access_token(user)}"})
        self.heard = ""

    def save(self, plugin: str, **values: str) -> tuple[dict[str, str], dict[str, str]]:
        """What is shown then, and what is wrong, by field."""
        channel = Channel.objects.get(slug="main")
        variables = {
            "id": plugin,
            "channel": graphene.Node.to_global_id("Channel", channel.pk),
            "values": [{"name": name, "value": value} for name, value in values.items()],
        }
        body = {"query": _SAVE, "variables": variables}
        response = self._client.post("/graphql/", json.dumps(body), content_type="application/json")
        self.heard += response.content.decode()
        answer: dict[str, Any] = response.json()["data"]["pluginUpdate"]
        faults = {row["field"]: row["message"] for row in answer["errors"]}
        if answer["plugin"] is None:
            return {}, faults
        (rows,) = [
            row["configuration"]
            for row in answer["plugin"]["channelConfigurations"]
            if row["channel"]["slug"] == "main"
        ]
        return {row["name"]: row["value"] for row in rows}, faults


def test_the_cloud_is_asked_when_its_settings_are_saved(atol: Atol) -> None:
    staff = Staff()
    shown, faults = staff.save(ATOL, **CLOUD)
    assert not faults
    assert "shop-ru_1" in shown["connection"]
    assert not shown["password"]
    assert list(registers.park().tills) == ["atol:shop-ru_1"]
    _, faults = staff.save(ATOL, password="drugoj")
    assert "Неверный логин или пароль" in faults["password"]
    _, faults = staff.save(ATOL, inn="7707083894", group_code="две группы")
    assert faults.keys() == {"inn", "groupCode"}
    row = PluginConfiguration.objects.get(identifier=ATOL)
    assert {item["name"]: item["value"] for item in row.configuration}["password"] == PASSWORD
    for secret in (PASSWORD, "drugoj"):
        assert secret not in staff.heard


def test_a_cloud_that_is_away_is_set_up_all_the_same(atol: Atol) -> None:
    atol.faults.share = 1.0
    shown, faults = Staff().save(ATOL, **CLOUD)
    assert not faults
    assert shown["connection"]


def test_notifications_of_the_cloud_are_taken_in(atol: Atol) -> None:
    Staff().save(ATOL, **CLOUD)
    told = json.dumps({"group_code": "shop-ru_1", "external_id": "nobody", "status": "done"})
    response = Client().post(f"/plugins/{ATOL}/", told, content_type="application/json")
    assert response.status_code == 200
    assert Client().post(f"/plugins/{ATOL}/", b"{", content_type="text/plain").status_code == 200


def test_registers_of_ones_own_are_asked_when_their_settings_are_saved() -> None:
    staff = Staff()
    with AtolLocal(login="kassa", password=PASSWORD) as server:
        values = {"registers": f"till1 = {server.address}", "login": "kassa", "password": PASSWORD}
        shown, faults = staff.save(LOCAL, **values)
        assert not faults
        assert shown["connection"].startswith("till1: ")
        assert list(registers.park().tills) == ["atol_local:till1"]
        _, faults = staff.save(LOCAL, password="drugoj")
        assert faults.keys() == {"password"}
        _, faults = staff.save(LOCAL, registers="till1")
        assert faults.keys() == {"registers"}
    # Nobody listens there.
    shown, faults = staff.save(LOCAL, registers="till1 = http://127.0.0.1:1")
    assert not faults
    assert "недоступна" in shown["connection"]
    assert PASSWORD not in staff.heard
