"""What lies ready for others to use must be usable."""

import json
import re
from dataclasses import fields
from pathlib import Path

import pytest
from graphql import parse, validate

from saleor_1c_plugin.catalog.settings import CatalogSettings
from saleor_1c_plugin.exchange.limits import Limits
from saleor_1c_plugin.exchange.settings import ExchangeSettings, SettingsError
from saleor_1c_plugin.messaging.settings import RULES
from saleor_1c_plugin.orders.incoming.settings import IncomingSettings
from saleor_1c_plugin.orders.outgoing.settings import OutgoingSettings
from saleor_1c_plugin.outbox.settings import OutboxSettings
from saleor_1c_plugin.reservations.graphql.schema import schema
from saleor_1c_plugin.reservations.settings import ReservationSettings

ROOT = Path(__file__).parents[1]
#: What a profile sets: as many as Saleor lets one call change.
ROOMS = ("exchange", "catalog", "orders", "outbox")
#: Every channel has its own, and is set by a call of its own.
RESERVATIONS = "reservations"
#: Of payments; no file is ready for what is but an account and its key.
PAYMENTS = (
    "payments",
    "payments/yookassa",
    "payments/tbank",
    "payments/paypal",
    "payments/webmoney",
    "payments/qiwi",
    "payments/invoice",
    "payments/on_delivery",
)
#: Of receipts, and the ids of their plugins; as with payments no file is ready.
RECEIPTS = {
    "receipts": "receipts",
    "receipts/atol": "atol",
    "receipts/atol_local": "atol_local",
    "receipts/orangedata": "orangedata",
    "receipts/yookassa": "yookassa_receipts",
    "receipts/emulator": "emulator",
}
#: Of events, messages and CRMs, and the ids of their plugins; as with payments no file is ready.
MESSAGES = {
    "history": "history",
    "messaging": "messages",
    "messaging/email": "email",
    "messaging/sms/smsc": "smsc",
    "messaging/sms/smsru": "smsru",
    "messaging/sms/twilio": "twilio",
    "messaging/telegram": "telegram",
    "messaging/viber": "viber",
    "messaging/instagram": "instagram",
    "messaging/push": "push",
    "messaging/portal": "portal",
    "messaging/apprise": "apprise",
    "crm": "crm",
    "crm/bitrix24": "bitrix24",
    "crm/retailcrm": "retailcrm",
    "crm/amocrm": "amocrm",
    "crm/onec": "crm_onec",
}
PROFILES = sorted((ROOT / "sample_config" / "settings").glob("*.json"))
#: Processes that act as a shop or as 1C have variables of their own.
_OTHERS = {"sandbox", "onec"}
#: Besides the limits.
_VARIABLES = {
    "ONEC_ATOL_API",
    "ONEC_FCM_API",
    "ONEC_GOOGLE_OAUTH",
    "ONEC_INSTAGRAM_API",
    "ONEC_LANGUAGE",
    "ONEC_ORANGEDATA_API",
    "ONEC_ORANGEDATA_ROOTS",
    "ONEC_PAYPAL_API",
    "ONEC_PAYPAL_ROOTS",
    "ONEC_QIWI_API",
    "ONEC_SMSC_API",
    "ONEC_SMSRU_API",
    "ONEC_SPOOL_DIR",
    "ONEC_TAX_COUNTRY",
    "ONEC_TBANK_API",
    "ONEC_TELEGRAM_API",
    "ONEC_TWILIO_API",
    "ONEC_VIBER_API",
    "ONEC_WEBMONEY_API",
    "ONEC_YOOKASSA_API",
}


@pytest.mark.parametrize("path", PROFILES, ids=lambda path: path.stem)
def test_a_profile_is_whole_and_accepted(path: Path) -> None:
    variables = json.loads(path.read_text(encoding="utf-8"))["variables"]
    saved = {
        room: {item["name"]: item["value"] for item in items} for room, items in variables.items()
    }
    catalog = CatalogSettings.from_configuration(saved["catalog"])
    assert catalog.price_types
    assert catalog.warehouses
    catalog.require_existing(["default-channel"], ["default-warehouse"])
    exchange = ExchangeSettings.from_configuration(saved["exchange"])
    assert exchange.login
    # Nobody must run a store with a password that stands in a public file.
    with pytest.raises(SettingsError, match=r".+"):
        exchange.require_login()
    orders = IncomingSettings.from_configuration(saved["orders"])
    assert orders.statuses
    orders.require_existing(["default-channel"])
    outgoing = OutgoingSettings.from_configuration(saved["orders"])
    outgoing.require_existing(["default-channel"], ["default-warehouse"])
    # An address of 1C's is nobody's by default.
    assert (outgoing.push_url, outgoing.push_secret) == ("", "")
    assert OutboxSettings.from_configuration(saved["outbox"]) == OutboxSettings()


def test_reservations_are_as_the_plugin_has_them_by_default() -> None:
    call = json.loads((ROOT / "sample_config" / "reservations.json").read_text(encoding="utf-8"))
    items = call["variables"][RESERVATIONS]
    assert [item["name"] for item in items] == settings_of(RESERVATIONS)
    values = {item["name"]: item["value"] for item in items}
    assert ReservationSettings.from_configuration(values) == ReservationSettings()
    assert 'pluginUpdate(id: "saleor1c.reservations", channelId: $channel' in call["query"]
    # The id of somebody's channel, a file can't know.
    assert call["variables"].keys() == {"channel", RESERVATIONS}
    assert call["variables"]["channel"] == ""


@pytest.mark.parametrize("path", PROFILES, ids=lambda path: path.stem)
def test_a_profile_sets_all_that_can_be_set(path: Path) -> None:
    """Else a setting of an earlier profile would stay behind."""
    call = json.loads(path.read_text(encoding="utf-8"))
    assert call["variables"].keys() == set(ROOMS)
    for room, items in call["variables"].items():
        assert [item["name"] for item in items] == settings_of(room), room
        assert f'pluginUpdate(id: "saleor1c.{room}"' in call["query"]


def settings_of(room: str) -> list[str]:
    """Names of a plugin's settings, in the dashboard's order; its module needs Saleor to load."""
    source = (ROOT / "saleor_1c_plugin" / room / "plugin.py").read_text(encoding="utf-8")
    return re.findall(r'^    (?:    )?"(\w+)": [({]', source, re.MULTILINE)


def test_the_profiles_are_there_and_differ_in_stock() -> None:
    assert {path.stem for path in PROFILES} == {"ut11", "unf", "retail"}
    free = {path.stem: '"stock_is_free", "value": "true"' in path.read_text() for path in PROFILES}
    assert free == {"ut11": True, "unf": False, "retail": False}


def test_every_variable_of_a_host_is_in_the_sample_with_its_default() -> None:
    text = (ROOT / "sample_config" / "env.example").read_text(encoding="utf-8")
    sample = dict(re.findall(r"^#?(ONEC_\w+)=(.*)$", text, re.MULTILINE))
    limits = {f"ONEC_{item.name.upper()}": str(item.default) for item in fields(Limits)}
    package = ROOT / "saleor_1c_plugin"
    read: set[str] = set()
    for path in package.rglob("*.py"):
        if path.relative_to(package).parts[0] not in _OTHERS:
            source = path.read_text(encoding="utf-8")
            read |= set(re.findall(r'environ\.get\(\s*"(ONEC_\w+)"', source))
    assert {"ONEC_LANGUAGE", "ONEC_SPOOL_STORAGE", "ONEC_TAX_COUNTRY"} <= read
    assert sample.keys() == limits.keys() | read
    assert limits.items() <= sample.items()


@pytest.mark.parametrize("name", ["README.md", "README.ru.md"])
def test_the_readme_explains_every_setting_and_variable(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    plugins = {room: room.rpartition("/")[2] for room in (*ROOMS, RESERVATIONS, *PAYMENTS)}
    rooms = plugins | RECEIPTS | MESSAGES
    for room, plugin in rooms.items():
        assert f"(`saleor1c.{plugin}`)" in text, room
    settings = {setting for room in rooms for setting in settings_of(room)}
    limits = {f"ONEC_{item.name.upper()}" for item in fields(Limits)}
    for word in settings | limits | _VARIABLES:
        assert f"`{word}`" in text, word


@pytest.mark.parametrize("name", ["README.md", "README.ru.md"])
def test_programs_of_the_readme_are_those_that_are_tested(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    programs = sorted((ROOT / "sample_config" / "events").glob("*.py"))
    assert len(programs) == 2
    for path in programs:
        assert f"```python\n{path.read_text(encoding='utf-8')}```\n" in text, path.name


@pytest.mark.parametrize("name", ["README.md", "README.ru.md"])
def test_rules_of_the_readme_are_the_usual_ones(name: str) -> None:
    assert f"```\n{RULES}```\n" in (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["README.md", "README.ru.md"])
def test_queries_of_the_readme_can_be_asked(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    queries = re.findall(r"^```graphql\n(.+?)^```", text, re.MULTILINE | re.DOTALL)
    # The others ask Saleor's schema: through a federation's gateway, and for payments.
    others = (" checkout(", " paymentGatewayInitialize(", " transaction")
    own = [query for query in queries if not any(word in query for word in others)]
    assert (len(own), len(queries)) == (4, 8)
    for query in queries:
        assert parse(query)
    for query in own:
        assert validate(schema, parse(query)) == [], query


def test_links_of_the_documents_lead_somewhere() -> None:
    for path in [*ROOT.glob("*.md"), *(ROOT / "sample_config").glob("*.md")]:
        text = path.read_text(encoding="utf-8")
        for target in re.findall(r"\]\((?!https?:)([^)]+)\)", text):
            file, _, anchor = target.partition("#")
            document = (path.parent / file).resolve() if file else path
            assert document.exists(), (path.name, target)
            if anchor:
                assert anchor in _anchors(document.read_text(encoding="utf-8")), (path.name, target)


def _anchors(text: str) -> set[str]:
    """As GitHub makes them of headings."""
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")
        for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    }
