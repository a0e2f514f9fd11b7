"""What the merchant sets about the orders for 1C is checked as a whole when it is saved."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from saleor_1c_plugin.commerceml.documents import DocumentWarehouse
from saleor_1c_plugin.configuration import SettingsError, check_all
from saleor_1c_plugin.orders.incoming.settings import IncomingSettings
from saleor_1c_plugin.orders.outgoing.settings import OutgoingSettings

GUID = "bd72d8f9-55bc-11d9-848a-00112f43529a"


def test_defaults_are_what_an_empty_configuration_means() -> None:
    assert OutgoingSettings.from_configuration({}) == OutgoingSettings()


def test_all_of_them() -> None:
    settings = OutgoingSettings.from_configuration(
        {
            "schema": "2.09",
            "portion": "50",
            "since": "2026-11-25",
            "channels": "shop, opt",
            "only_paid": "true",
            "time_zone": "Asia/Yekaterinburg",
            "rates": "usd = 92,50",
            "warehouses": f"Главный = main\n{GUID} = cellar\n* = main",
            "push_url": "https://1c.example/hs/orders",
            "push_secret": "ключ",
        }
    )
    assert settings == OutgoingSettings(
        schema="2.09",
        portion=50,
        since=date(2026, 11, 25),
        channels=frozenset({"shop", "opt"}),
        only_paid=True,
        zone=ZoneInfo("Asia/Yekaterinburg"),
        rates={"USD": Decimal("92.50")},
        warehouses={
            "main": DocumentWarehouse("", "Главный"),
            "cellar": DocumentWarehouse(GUID, GUID),
        },
        push_url="https://1c.example/hs/orders",
        push_secret="ключ",
    )
    assert settings.since_moment == datetime(2026, 11, 24, 19, tzinfo=UTC)
    assert "ключ" not in repr(settings)


@pytest.mark.parametrize(
    "values",
    [
        {"schema": "4.0"},
        {"portion": "0"},
        {"since": "25.11.2026"},
        {"time_zone": "Moscow"},
        {"rates": "USD = много"},
        {"rates": "USD = -1"},
        {"warehouses": "Главный"},
        {"push_url": "1c.example", "push_secret": "x"},
    ],
    ids=lambda values: next(iter(values)),
)
def test_what_cannot_be_used_is_named(values: dict[str, object]) -> None:
    with pytest.raises(SettingsError) as error:
        OutgoingSettings.from_configuration(values)
    assert error.value.faults.keys() == {next(iter(values))}


def test_a_service_without_a_key_is_refused() -> None:
    with pytest.raises(SettingsError) as error:
        OutgoingSettings.from_configuration({"push_url": "https://1c.example"})
    assert error.value.faults.keys() == {"push_secret"}


def test_channels_and_warehouses_must_be_the_shops() -> None:
    settings = OutgoingSettings.from_configuration(
        {"channels": "shop moon", "warehouses": "Главный = attic"}
    )
    with pytest.raises(SettingsError) as error:
        settings.require_existing(["shop"], ["main"])
    assert error.value.faults.keys() == {"channels", "warehouses"}
    assert "“moon”" in error.value.faults["channels"]


def test_the_faults_of_both_directions_are_told_at_once() -> None:
    values = {"schema": "4.0", "conflict": "both"}
    with pytest.raises(SettingsError) as error:
        check_all(
            lambda: IncomingSettings.from_configuration(values),
            lambda: OutgoingSettings.from_configuration(values),
        )
    assert error.value.faults.keys() == {"schema", "conflict"}
