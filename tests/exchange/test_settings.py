"""What the merchant may set about the exchange, and what is said about the rest."""

import pytest
from django.utils.translation import override

from saleor_1c_plugin.exchange.settings import ExchangeSettings, SettingsError


def faults(**saved: object) -> dict[str, str]:
    with override("en"), pytest.raises(SettingsError) as caught:
        ExchangeSettings.from_configuration(saved)
    return caught.value.faults


def test_nothing_saved_means_the_defaults_and_lets_nobody_in() -> None:
    settings = ExchangeSettings.from_configuration({})
    assert settings == ExchangeSettings()
    with override("en"), pytest.raises(SettingsError) as caught:
        settings.require_login()
    assert caught.value.faults == {
        "login": "Set a login: 1C can't log in without one.",
        "password": "Set a password: 1C can't log in without one.",
    }


@pytest.mark.parametrize(
    ("written", "meant"),
    [("UTF-8", "utf-8"), ("utf8", "utf-8"), (" Windows-1251 ", "windows-1251"), ("", "utf-8")],
)
def test_encodings_go_by_several_names(written: str, meant: str) -> None:
    assert ExchangeSettings.from_configuration({"encoding": written}).encoding == meant


def test_everything_that_can_be_said() -> None:
    settings = ExchangeSettings.from_configuration(
        {
            "login": " 1c ",
            "password": " с пробелами ",
            "encoding": "cp1251",
            "use_zip": "false",
            "file_limit_mb": "8",
            "dry_run": "true",
        }
    )
    assert settings == ExchangeSettings("1c", " с пробелами ", "windows-1251", False, 8, True)
    assert settings.file_limit == 8 * 1024 * 1024
    settings.require_login()
    assert "пробелами" not in repr(settings)


def test_all_that_is_wrong_is_said_at_once() -> None:
    assert faults(login="1c:site", encoding="koi8-r", file_limit_mb="2048", dry_run="yes") == {
        "login": "The login must not contain a colon.",
        "encoding": "The encoding is utf-8 or windows-1251.",
        "file_limit_mb": "Write a whole number from 1 to 1024.",
        "dry_run": "Write true or false.",
    }
