"""Cash registers of services as Saleor's staff set them up."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from saleor.channel.models import Channel

from tests.payments.standins.yookassa import YooKassa
from tests.receipts.standins import orangedata_keys as keys
from tests.receipts.standins.orangedata import OrangeData

from .sales import gid
from .shop import make_shop
from .test_settings import Dashboard

pytestmark = pytest.mark.usefixtures("db")

_SAVE = """mutation ($id: ID!, $channel: ID!, $values: [ConfigurationItemInput!]!) {
  pluginUpdate(id: $id, channelId: $channel, input: { active: true, configuration: $values }) {
    plugin { channelConfigurations { channel { slug } configuration { name value } } }
    errors { field message } } }"""


@pytest.fixture
def dashboard() -> Dashboard:
    make_shop()
    return Dashboard()


@pytest.fixture
def orangedata(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[OrangeData]:
    with OrangeData() as server:
        roots = tmp_path / "roots.pem"
        roots.write_text(keys.roots())
        monkeypatch.setenv("ONEC_ORANGEDATA_API", server.url)
        monkeypatch.setenv("ONEC_ORANGEDATA_ROOTS", str(roots))
        yield server


def save(dashboard: Dashboard, plugin: str, **values: str) -> tuple[list[str], dict[str, Any]]:
    """The settings that are refused, and what is shown then."""
    asked = {
        "id": plugin,
        "channel": gid(Channel.objects.get(slug="main")),
        "values": [{"name": name, "value": value} for name, value in values.items()],
    }
    answer = dashboard.ask(_SAVE, asked)["pluginUpdate"]
    shown: dict[str, Any] = {}
    for row in (answer["plugin"] or {}).get("channelConfigurations", ()):
        if row["channel"]["slug"] == "main":
            shown = {item["name"]: item["value"] for item in row["configuration"]}
    return [row["field"] for row in answer["errors"]], shown


def test_orangedata_is_tried_when_it_is_saved(dashboard: Dashboard, orangedata: OrangeData) -> None:
    company = orangedata.company
    signing_key = keys.pem(company.signers[company.inn])
    given = {
        "inn": company.inn,
        "certificate": company.client.certificate,
        # As a field of one line has it.
        "certificate_key": company.client.key.replace("\n", ""),
        "signing_key": keys.pem(keys.make_key()),
    }
    plugin = "saleor1c.orangedata"
    assert save(dashboard, plugin, **given)[0] == ["signingKey"]
    refused, shown = save(dashboard, plugin, **{**given, "signing_key": signing_key})
    assert not refused
    assert company.inn in shown["connection"]
    assert shown["signing_key"] == shown["certificate_key"] == ""
    # What is sent back as it was shown keeps the keys.
    refused, shown = save(dashboard, plugin, **{**shown, "group": "Other"})
    assert refused == ["keyName"]
    heard = dashboard.heard
    for secret in (signing_key, company.client.key):
        line = secret.splitlines()[5]
        assert line not in heard
        assert json.dumps(line)[1:-1] not in heard


def test_yookassa_s_receipts_are_tried_when_they_are_saved(
    dashboard: Dashboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    plugin, secret = "saleor1c.yookassa_receipts", "test_secret-key"
    with YooKassa() as yookassa:
        monkeypatch.setenv("ONEC_YOOKASSA_API", yookassa.url)
        given = {"shop_id": "100500", "secret_key": "wrong"}
        assert save(dashboard, plugin, **given)[0] == ["secretKey"]
        refused, shown = save(dashboard, plugin, **{**given, "secret_key": secret})
    assert not refused
    assert "100500" in shown["connection"]
    assert secret not in dashboard.heard
