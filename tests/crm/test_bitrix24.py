"""Bitrix24's settings, and what its API is told."""

from decimal import Decimal
from typing import Any

import pytest

from saleor_1c_plugin.configuration import SettingsError
from saleor_1c_plugin.crm.adapter import Denied, Found, Row, Why
from saleor_1c_plugin.crm.bitrix24 import back
from saleor_1c_plugin.crm.bitrix24.client import encode
from saleor_1c_plugin.crm.bitrix24.settings import Bitrix24Settings
from saleor_1c_plugin.crm.bitrix24.system import Bitrix24 as System
from saleor_1c_plugin.crm.matching import match
from saleor_1c_plugin.crm.portraits import _rows
from saleor_1c_plugin.sandbox.standins.bitrix24 import Bitrix24
from saleor_1c_plugin.store.orders import OrderLine
from tests.receipts import sales

from .conftest import FAST, settle

HOOK = "https://shop.bitrix24.ru/rest/1/abcdef0123456789/"


def faults(**values: object) -> dict[str, str]:
    with pytest.raises(SettingsError) as caught:
        Bitrix24Settings.from_configuration({"webhook": HOOK, **values}, complete=False)
    return caught.value.faults


@pytest.mark.parametrize(
    "webhook",
    [
        "http://shop.bitrix24.ru/rest/1/abc/",
        "https://shop.bitrix24.ru/",
        "https://shop.bitrix24.ru/rest/1/abc/crm.deal.list",
        "https://user@shop.bitrix24.ru/rest/1/abc/",
        "ftp://shop.bitrix24.ru/rest/1/abc/",
    ],
)
def test_only_a_webhook_is_taken(webhook: str) -> None:
    assert set(faults(webhook=webhook)) == {"webhook"}


def test_settings_that_can_t_be_used_are_named() -> None:
    assert set(faults(stages="sent = WON")) == {"stages"}
    assert set(faults(onec_field="ID; DROP")) == {"onec_field"}
    assert set(faults(per_second="51")) == {"per_second"}
    assert set(faults(tags_field="TITLE")) == {"tags_field"}
    for line in ("WON = ship", "WON", "= cancel"):
        assert set(faults(back_actions=line)) == {"back_actions"}
    assert set(faults(back_minutes="-1", contacts_back="x")) == {"back_minutes", "contacts_back"}
    settings = Bitrix24Settings.from_configuration(
        {"webhook": HOOK, "category": "3", "stages": "paid = WON"}, complete=False
    )
    assert settings.stage(settings.stages["paid"]) == "C3:WON"
    assert "abcdef" not in repr(settings)


def test_stages_are_named_as_in_the_settings() -> None:
    given = {"webhook": HOOK, "category": "3", "stages": "paid = WON\nshipped = C3:LOSE"}
    settings = Bitrix24Settings.from_configuration(given, complete=False)
    names = [back._stage(settings, one) for one in ("C3:WON", "C3:LOSE", "C3:NEW", "C5:NEW", "NEW")]
    assert names == ["WON", "C3:LOSE", "NEW", "C5:NEW", "NEW"]


def test_it_says_whether_it_lets_us_in(portal: Bitrix24) -> None:
    saved = {"webhook": portal.webhook, "per_second": f"{FAST}"}
    assert "Иван Петров" in System().check(saved)
    with pytest.raises(Denied, match="SHIPPED"):
        System().check({**saved, "stages": "shipped = SHIPPED"})
    portal.is_closed = True
    with pytest.raises(Denied) as caught:
        System().check(saved)
    assert "b24secret" not in str(caught.value)


def test_texts_do_not_stand_for_other_commands() -> None:
    text = encode({"fields": {"NAME": "$result[c0]", "EMAIL": [{"VALUE": "a&b"}]}})
    assert "%24result%5B" not in text
    assert "fields%5BEMAIL%5D%5B0%5D%5BVALUE%5D=a%26b" in text


def test_kopecks_are_kept_in_rows() -> None:
    line = OrderLine("1", "Чашка", 3, Decimal(0), Decimal("100.00"), Decimal(0))
    rows = list(_rows(line))
    assert rows == [Row("Чашка", Decimal("33.33"), 2), Row("Чашка", Decimal("33.34"), 1)]


def test_who_it_is() -> None:
    email, phone, onec = (frozenset({why}) for why in (Why.EMAIL, Why.PHONE, Why.ONEC))
    assert match(Found(), ()).id == ""
    assert match(Found(("12", "9"), {"1": onec}), ()).id == "9"
    assert match(Found((), {"1": onec, "2": email}), ()).id == "1"
    assert match(Found((), {"1": email | phone}), {"1"}).id == "1"
    assert match(Found((), {"1": phone}), ()).id == "1"
    assert set(match(Found((), {"1": phone}), {"1"}).candidates) == {"1"}
    assert set(match(Found((), {"1": email, "2": phone}), ()).candidates) == {"1", "2"}
    assert set(match(Found((), {"1": onec, "2": onec}), ()).candidates) == {"1", "2"}


def test_the_page(portal: Bitrix24, client: Any) -> None:
    for _ in range(2):
        portal.keep("contact", NAME="<b>Анна", EMAIL=["anna@shop.example"])
    sales.order()
    settle()
    page = client.get("/crm/").content.decode()
    assert "anna@shop.example" in page
    assert "/crm/contact/details/101/" in page
    form = page.split('name="form" value="')[1].split('"')[0]
    assert client.post("/crm/", {"action": "resync", "system": "bitrix24"}).status_code == 403
    proposal = page.split('name="proposal" value="')[1].split('"')[0]
    given = {"form": form, "system": "bitrix24", "action": "decide", "proposal": proposal}
    assert client.post("/crm/", {**given, "record": "101"}).status_code == 302
    client.post("/crm/", {"form": form, "system": "bitrix24", "action": "resync"})
    for nonsense in ({}, {"proposal": "x" * 99, "record": "1"}, {"system": "no"}):
        assert client.post("/crm/", {**given, **nonsense}).status_code == 302
    settle()
    assert len(portal.rows["deal"]) == 1
    assert "заказов 1 из 1" in client.get("/crm/").content.decode()
