"""PayPal as Saleor's staff set it up, and what comes to its address."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from saleor.app.models import App
from saleor.channel.models import Channel

from tests.payments.standins.paypal import PayPal

from .sales import gid
from .shop import make_shop
from .test_settings import Dashboard

pytestmark = pytest.mark.usefixtures("db")

GATEWAY = "saleor1c.paypal"
SECRET = "sandbox-secret"
_SAVE = """mutation ($channel: ID!, $values: [ConfigurationItemInput!]!) {
  pluginUpdate(
    id: "saleor1c.paypal", channelId: $channel, input: { active: true, configuration: $values }
  ) {
    plugin { channelConfigurations { channel { slug } configuration { name value } } }
    errors { field message } } }"""


@pytest.fixture
def paypal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[PayPal]:
    make_shop()
    with PayPal() as server:
        roots = tmp_path / "roots.pem"
        roots.write_bytes(server.signer.root)
        monkeypatch.setenv("ONEC_PAYPAL_API", server.url)
        monkeypatch.setenv("ONEC_PAYPAL_ROOTS", str(roots))
        yield server


def save(dashboard: Dashboard, **values: str) -> dict[str, Any]:
    given = {
        "client_id": "sandbox-client",
        "client_secret": SECRET,
        "sandbox": "true",
        "webhook_id": "0EH40505U7160970P",
        **values,
    }
    asked = {
        "channel": gid(Channel.objects.get(slug="main")),
        "values": [{"name": name, "value": value} for name, value in given.items()],
    }
    answer: dict[str, Any] = dashboard.ask(_SAVE, asked)["pluginUpdate"]
    return answer


def test_the_app_is_tried_when_it_is_saved(paypal: PayPal) -> None:
    dashboard = Dashboard()
    refused = save(dashboard, client_secret="wrong")["errors"]
    assert [row["field"] for row in refused] == ["clientSecret"]
    assert not App.objects.filter(identifier=GATEWAY).exists()
    saved = save(dashboard)
    assert not saved["errors"]
    (rows,) = [
        row["configuration"]
        for row in saved["plugin"]["channelConfigurations"]
        if row["channel"]["slug"] == "main"
    ]
    shown = {row["name"]: row["value"] for row in rows}
    assert "sandbox" in shown["connection"]
    assert SECRET not in dashboard.heard
    assert App.objects.filter(identifier=GATEWAY).exists()


def test_what_is_not_signed_is_refused(paypal: PayPal) -> None:
    save(Dashboard())
    told = {"event_type": "CHECKOUT.ORDER.APPROVED", "resource": {"id": "5O190127TN364715T"}}
    body, url = json.dumps(told), f"/plugins/{GATEWAY}/"
    headers = paypal.signer.headers(
        body.encode(), paypal.webhook, paypal.certificate_url, "a-1", paypal.now()
    )
    for given, status in (({}, 403), (headers, 200)):
        answer = Client(headers=dict(given)).post(url, body, content_type="application/json")
        assert answer.status_code == status
