"""The plugins' settings as Saleor's dashboard reads and saves them."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils.translation import override
from saleor.account.models import User
from saleor.core.jwt import create_access_token
from saleor.plugins.manager import get_plugins_manager
from saleor.plugins.models import PluginConfiguration

from saleor_1c_plugin.exchange.settings import ExchangeSettings
from saleor_1c_plugin.reservations.settings import ReservationSettings

pytestmark = pytest.mark.usefixtures("db")

SECRET = "никому-не-показывать"
EXCHANGE, CATALOG = "saleor1c.exchange", "saleor1c.catalog"
PLUGINS = (EXCHANGE, CATALOG, "saleor1c.orders", "saleor1c.outbox")
SAMPLES = Path(__file__).parents[2] / "sample_config"
PROFILES = sorted((SAMPLES / "settings").glob("*.json"))

_FIELDS = """id name description globalConfiguration { active configuration {
  name value type label helpText } }"""
READ = f"query ($id: ID!) {{ plugin(id: $id) {{ {_FIELDS} }} }}"
FIND = f"""query ($text: String!) {{ plugins(
  first: 50, filter: {{ search: $text }}, sortBy: {{ field: NAME, direction: ASC }}
) {{ edges {{ node {{ {_FIELDS} }} }} }} }}"""
SAVE = f"""mutation ($id: ID!, $input: PluginUpdateInput!) {{
  pluginUpdate(id: $id, input: $input) {{
    plugin {{ {_FIELDS} }} errors {{ field message code }} }} }}"""


class Dashboard:
    """A member of the staff with all rights, over HTTP; keeps everything it was told."""

    def __init__(self) -> None:
        user = User.objects.create(email="staff@example.com", is_staff=True, is_superuser=True)
        self._client = Client(headers={"Authorization": f"Bearer {create_access_token(user)}"})
        self.heard = ""

    def ask(self, query: str, variables: object) -> dict[str, Any]:
        body = {"query": query, "variables": variables}
        response = self._client.post("/graphql/", json.dumps(body), content_type="application/json")
        self.heard += response.content.decode()
        answer = response.json()
        assert "errors" not in answer, answer
        data: dict[str, Any] = answer["data"]
        return data

    def read(self, plugin: str) -> dict[str, Any]:
        found: dict[str, Any] = self.ask(READ, {"id": plugin})["plugin"]
        return found

    def save(self, plugin: str, active: bool | None = None, **values: object) -> dict[str, str]:
        """What is wrong, by field."""
        given: dict[str, object] = {
            "configuration": [{"name": name, "value": value} for name, value in values.items()]
        }
        if active is not None:
            given["active"] = active
        answer = self.ask(SAVE, {"id": plugin, "input": given})["pluginUpdate"]
        assert {row["code"] for row in answer["errors"]} <= {"INVALID"}
        return {row["field"]: row["message"] for row in answer["errors"]}


@pytest.fixture
def dashboard() -> Dashboard:
    return Dashboard()


def saved(plugin: str) -> dict[str, object]:
    """Values as the database has them."""
    rows = PluginConfiguration.objects.get(identifier=plugin).configuration
    return {row["name"]: row["value"] for row in rows}


@pytest.mark.parametrize(("language", "letters"), [("en", "a"), ("ru", "а")])
@pytest.mark.parametrize("plugin", PLUGINS)
def test_every_setting_is_named_and_explained(
    dashboard: Dashboard,
    monkeypatch: pytest.MonkeyPatch,
    plugin: str,
    language: str,
    letters: str,
) -> None:
    monkeypatch.setenv("ONEC_LANGUAGE", language)
    answer = dashboard.read(plugin)
    texts = [answer["name"], answer["description"]]
    for row in answer["globalConfiguration"]["configuration"]:
        texts += [row["label"], row["helpText"]]
    assert len(texts) >= 6
    alphabet = {chr(ord(letters) + index) for index in range(26)}
    for text in texts:
        assert text
        assert alphabet & set(text.lower()), text


def test_saleor_speaks_english_unless_the_host_says_otherwise(
    dashboard: Dashboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ONEC_LANGUAGE", raising=False)
    assert dashboard.read(EXCHANGE)["name"] == "1C: exchange"
    monkeypatch.setenv("ONEC_LANGUAGE", "ru")
    assert dashboard.read(EXCHANGE)["name"] == "1С: обмен"
    assert "двоеточия" in dashboard.save(EXCHANGE, login="1c:x")["login"]


def test_a_site_with_a_language_of_its_own_is_heard(
    dashboard: Dashboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ONEC_LANGUAGE", raising=False)
    with override("ru"):
        assert dashboard.read(CATALOG)["name"] == "1С: каталог"


def test_plugins_are_found_and_sorted_by_their_translated_names(
    dashboard: Dashboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONEC_LANGUAGE", "ru")
    edges = dashboard.ask(FIND, {"text": "1с:"})["plugins"]["edges"]
    assert [edge["node"]["name"] for edge in edges] == [
        "1С: 1С как CRM",
        "1С: CRM",
        "1С: Instagram",
        "1С: OrangeData",
        "1С: PayPal",
        "1С: QIWI",
        "1С: RetailCRM",
        "1С: SMS.ru",
        "1С: SMSC.ru",
        "1С: Telegram",
        "1С: Twilio",
        "1С: Viber",
        "1С: WebMoney",
        "1С: amoCRM",
        "1С: push-уведомления",
        "1С: АТОЛ Онлайн",
        "1С: Битрикс24",
        "1С: Т-Банк",
        "1С: ЮKassa",
        "1С: заказы",
        "1С: исходящие",
        "1С: каталог",
        "1С: корпоративный портал",
        "1С: обмен",
        "1С: оплата",
        "1С: оплата при получении",
        "1С: резерв",
        "1С: свои кассы АТОЛ",
        "1С: события для других систем",
        "1С: сообщения по почте",
        "1С: сообщения покупателям",
        "1С: счёт на оплату",
        "1С: чат сотрудников",
        "1С: чеки",
        "1С: чеки ЮKassa",
        "1С: эмулятор кассы",
    ]
    assert str(get_plugins_manager(allow_replica=False).get_plugin(EXCHANGE)) == "1С: обмен"


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_first_save_writes_lazy_texts_as_plain_ones(
    dashboard: Dashboard, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.setenv("ONEC_LANGUAGE", language)
    assert dashboard.save(EXCHANGE, active=True, password=SECRET) == {}
    configuration = PluginConfiguration.objects.get(identifier=EXCHANGE)
    assert configuration.active
    assert saved(EXCHANGE)["password"] == SECRET
    assert ExchangeSettings.load() == ExchangeSettings("1c", SECRET)


def test_the_password_is_never_read_again_by_any_way(dashboard: Dashboard) -> None:
    assert dashboard.save(EXCHANGE, active=True, password=SECRET) == {}
    shown = {
        row["name"]: row["value"]
        for row in dashboard.read(EXCHANGE)["globalConfiguration"]["configuration"]
    }
    assert shown["password"] == ""
    assert shown["login"] == "1c"
    dashboard.ask(FIND, {"text": "1C"})
    assert dashboard.save(EXCHANGE, encoding="koi8-r").keys() == {"encoding"}
    assert dashboard.save(EXCHANGE, encoding="windows-1251") == {}
    # As sent (JSON escapes the letters) and as it would be read.
    assert SECRET not in dashboard.heard
    assert json.dumps(SECRET)[1:-1] not in dashboard.heard


@pytest.mark.parametrize("shown", ["", None])
def test_a_form_that_sends_back_what_it_was_shown_keeps_the_password(
    dashboard: Dashboard, shown: str | None
) -> None:
    dashboard.save(EXCHANGE, active=True, password=SECRET)
    assert dashboard.save(EXCHANGE, login="other", password=shown) == {}
    assert saved(EXCHANGE)["password"] == SECRET
    assert saved(EXCHANGE)["login"] == "other"
    assert dashboard.save(EXCHANGE, password="newer") == {}
    assert saved(EXCHANGE)["password"] == "newer"


def test_the_exchange_is_not_switched_on_without_a_password(dashboard: Dashboard) -> None:
    assert dashboard.save(EXCHANGE, active=True).keys() == {"password"}
    assert dashboard.save(EXCHANGE, active=False, login="1c") == {}
    assert dashboard.save(EXCHANGE, active=True, login="", password=SECRET).keys() == {"login"}
    assert not PluginConfiguration.objects.get(identifier=EXCHANGE).active


def test_what_is_misspelt_is_refused_and_nothing_of_it_saved(dashboard: Dashboard) -> None:
    said = dashboard.save(EXCHANGE, dry_run="yes", passwort="x", login="other")
    assert said == {
        "dryRun": "Write true or false.",
        "passwort": "There is no setting “passwort”.",
    }
    assert not PluginConfiguration.objects.filter(
        identifier=EXCHANGE, configuration__contains=[{"value": "other"}]
    ).exists()


@pytest.mark.usefixtures("shop")
def test_a_mapping_leads_to_what_the_shop_has(dashboard: Dashboard) -> None:
    said = dashboard.save(
        CATALOG,
        price_types="Розничная = main\nОптовая = whole-sale",
        warehouses="* = cellar",
        default_warehouse="main",
    )
    assert said.keys() == {"priceTypes", "warehouses"}
    assert "“whole-sale”. It has:" in said["priceTypes"]
    assert "“main”" in said["priceTypes"]
    assert "“cellar”" in said["warehouses"]
    assert dashboard.save(CATALOG, price_types="Розничная = main", warehouses="* = main") == {}


@pytest.mark.usefixtures("shop")
def test_switching_off_works_even_when_a_mapped_channel_is_gone(dashboard: Dashboard) -> None:
    from saleor.channel.models import Channel

    assert dashboard.save(CATALOG, active=True, price_types="* = main") == {}
    Channel.objects.filter(slug="main").update(is_active=False)
    assert dashboard.save(CATALOG, max_picture_mb="5").keys() == {"priceTypes"}
    assert dashboard.save(CATALOG, active=False) == {}


@pytest.mark.parametrize("path", PROFILES, ids=lambda path: path.stem)
def test_a_ready_profile_sets_every_plugin_in_one_call(dashboard: Dashboard, path: Path) -> None:
    body = json.loads(path.read_text(encoding="utf-8"))
    unset = dashboard.ask(body["query"], body["variables"])
    assert all(unset[room] == {"errors": []} for room in ("catalog", "orders", "outbox"))
    assert [row["field"] for row in unset["exchange"]["errors"]] == ["password"]
    for item in body["variables"]["exchange"]:
        if item["name"] == "password":
            item["value"] = SECRET
    done = dashboard.ask(body["query"], body["variables"])
    assert done == {room: {"errors": []} for room in body["variables"]}
    for plugin in PLUGINS:
        assert PluginConfiguration.objects.get(identifier=plugin).active
        rows = body["variables"][plugin.partition(".")[2]]
        values = {
            name: str(value).lower() if isinstance(value, bool) else value
            for name, value in saved(plugin).items()
        }
        assert values == {row["name"]: row["value"] for row in rows}


def test_reservations_are_set_channel_by_channel(dashboard: Dashboard) -> None:
    body = json.loads((SAMPLES / "reservations.json").read_text(encoding="utf-8"))
    unset = dashboard.ask(body["query"], body["variables"])["reservations"]["errors"]
    assert unset == [{"field": "id", "message": "Plugin doesn't exist."}]
    [channel] = dashboard.ask("{ channels { id slug } }", {})["channels"]
    variables = {**body["variables"], "channel": channel["id"]}
    assert dashboard.ask(body["query"], variables) == {"reservations": {"errors": []}}
    row = PluginConfiguration.objects.get(identifier="saleor1c.reservations", active=True)
    assert row.channel is not None
    assert row.channel.slug == channel["slug"] == "default-channel"
    assert (
        ReservationSettings.from_configuration(saved("saleor1c.reservations"))
        == ReservationSettings()
    )
