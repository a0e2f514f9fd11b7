"""amoCRM's settings, and what an account says when they are saved."""

from typing import Any

import pytest

from saleor_1c_plugin.configuration import SettingsError
from saleor_1c_plugin.crm.adapter import Denied
from saleor_1c_plugin.crm.amocrm.settings import AmoCrmSettings
from saleor_1c_plugin.crm.amocrm.system import AmoCrm as System
from tests.crm.conftest import configure
from tests.crm.standins.amocrm import CLIENT, CODE, TOKEN, AmoCrm

ADDRESS = "https://lavka.amocrm.ru"


def read(**values: object) -> AmoCrmSettings:
    given = {"account": ADDRESS, "token": TOKEN, **values}
    return AmoCrmSettings.from_configuration(given, complete=False)


def faults(**values: object) -> set[str]:
    with pytest.raises(SettingsError) as caught:
        read(**values)
    return set(caught.value.faults)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (ADDRESS, ADDRESS),
        ("lavka.amocrm.ru", ADDRESS),
        ("https://Lavka.amocrm.ru/leads/list/", ADDRESS),
        ("https://lavka.kommo.com/", "https://lavka.kommo.com"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
    ],
)
def test_the_address_of_an_account(written: str, meant: str) -> None:
    assert read(account=written).account == meant


@pytest.mark.parametrize(
    "account",
    [
        "http://lavka.amocrm.ru",
        "https://amocrm.ru.evil.example",
        "https://user@lavka.amocrm.ru",
        "ftp://lavka.amocrm.ru",
        "https://lavka.example",
    ],
)
def test_nobody_else_gets_the_token(account: str) -> None:
    assert faults(account=account) == {"account"}


def test_settings_that_can_t_be_used_are_named(settings: Any) -> None:
    assert faults(stages="sent = 142") == {"stages"}
    assert faults(catalog="goods", per_second="0") == {"catalog", "per_second"}
    assert faults(back_actions="142 = fly") == {"back_actions"}
    assert faults(webhook_url="shop.example") == {"webhook_url"}
    configure(settings, crm={})
    with pytest.raises(SettingsError) as caught:
        AmoCrmSettings.from_configuration({"account": ADDRESS, "client_id": "1"})
    assert set(caught.value.faults) == {"client_secret", "redirect_uri", "code"}


def test_secrets_are_not_shown() -> None:
    shown = repr(read(client_secret="secret-1", code="code-1"))
    assert not [secret for secret in (TOKEN, "secret-1", "code-1") if secret in shown]


def test_it_says_whether_it_lets_us_in(account: AmoCrm) -> None:
    assert "Лавка" in System().check(account.saved)
    # What we write with records has its place from now on.
    assert {"ONEC_KEY", "ONEC_ID"} <= account.fields["contacts"].keys()
    assert {"ONEC_KEY", "ONEC_GOODS"} <= account.fields["leads"].keys()
    account.is_closed = True
    with pytest.raises(Denied) as caught:
        System().check(account.saved)
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"stages": "paid = Оплачено"}, "Оплачено"),
        ({"pipeline": "Опт"}, "Опт"),
        ({"catalog": "901"}, "list of goods"),
        ({"stages": "paid = 142\nshipped = Успешно реализовано"}, "same stage"),
        ({"back_actions": "Согласование = confirm"}, "Согласование"),
    ],
)
def test_what_the_account_does_not_have_is_named(
    account: AmoCrm, values: dict[str, object], why: str
) -> None:
    account_has = {**account.saved, **values}
    with pytest.raises(Denied, match=why):
        System().check(account_has)
    # To ask for a list that is not there is no mistake.
    account.violations.clear()


def test_its_webhook_is_told_to_it(account: AmoCrm) -> None:
    address = "https://shop.example/plugins/saleor1c.amocrm/changed"
    saved = {**account.saved, "webhook_url": address}
    System().check(saved)
    (webhook,) = account.webhooks
    secret = webhook["destination"].removeprefix(f"{address}/")
    assert len(secret) > 30
    assert System().is_genuine(saved, None, secret)  # type: ignore[arg-type]
    for forged in ("", secret[:-1], "ключ", secret.upper()):
        assert not System().is_genuine(saved, None, forged)  # type: ignore[arg-type]


def test_a_code_is_enough(account: AmoCrm) -> None:
    saved = {**account.saved, **CLIENT, "token": "", "code": CODE}
    assert "Лавка" in System().check(saved)
    # The code works once, and is not needed any more.
    assert not account.codes
    assert "Лавка" in System().check(saved)
