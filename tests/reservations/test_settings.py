"""What the merchant may set, and what becomes of nonsense."""

from typing import Any

import pytest
from django.utils.translation import override

from saleor_1c_plugin.reservations.settings import (
    Mode,
    ReservationSettings,
    SettingsError,
    of_channel,
    of_channels,
)


def test_defaults_are_usable() -> None:
    assert ReservationSettings.from_configuration({}) == ReservationSettings()
    assert ReservationSettings().mode is Mode.ON_REQUEST


def test_values_as_a_dashboard_saves_them() -> None:
    settings = ReservationSettings.from_configuration(
        {
            "mode": "Automatic",
            "guest_minutes": "0",
            "customer_minutes": " 45 ",
            "company_minutes": 60,
            "units_per_buyer": "",
            "share_percent": "50",
            "excluded_categories": "sale, gifts\nwine",
            "excluded_price_types": "Оптовая, мелкая\n\nЗакупочная\n",
            "better_price": False,
            "remind_minutes": None,
            "notify_url": "https://example.com/hook",
            "notify_secret": " s ",
            "to_onec": True,
        }
    )
    assert (settings.is_automatic, settings.better_price, settings.to_onec) == (True, False, True)
    assert (settings.guest_minutes, settings.customer_minutes) == (0, 45)
    assert (settings.units_per_buyer, settings.share_percent) == (0, 50)
    assert settings.excluded_categories == {"sale", "gifts", "wine"}
    assert settings.excluded_price_types == {"Оптовая, мелкая", "Закупочная"}
    assert settings.remind_minutes == 5
    assert settings.notify_secret == " s "
    assert " s " not in repr(settings)


def test_nonsense_is_named() -> None:
    with override("en"), pytest.raises(SettingsError) as caught:
        ReservationSettings.from_configuration(
            {
                "mode": "always",
                "guest_minutes": "-1",
                "longest_minutes": "0",
                "share_percent": "101",
                "better_price": "maybe",
                "notify_url": "example.com",
                "units_per_buyer": "many",
            }
        )
    assert caught.value.faults == {
        "mode": "“always” is none of: automatic, on_request.",
        "guest_minutes": "Write a whole number from 0 to 525600.",
        "longest_minutes": "Write a whole number from 1 to 525600.",
        "share_percent": "Write a whole number from 1 to 100.",
        "better_price": "Write true or false.",
        "notify_url": "Write the whole address, from https:// on.",
        "notify_secret": "Set a key: the receiver knows by it that the store speaks.",
        "units_per_buyer": "Write a whole number from 0 to 1000000.",
    }


def test_each_channel_has_its_own(settings: Any) -> None:
    settings.ONEC_CONFIGURATION = {
        "reservations": {"guest_minutes": "7"},
        "reservations/usd": {"guest_minutes": "8"},
    }
    assert {slug: found.guest_minutes for slug, found in of_channels().items()} == {
        "default-channel": 7,
        "usd": 8,
    }
    settings.ONEC_CONFIGURATION |= {"reservations/usd": None}
    assert of_channel("usd") is None
    # Saved by another version of the plugin: nothing is reserved, and nothing breaks.
    settings.ONEC_CONFIGURATION |= {"reservations/usd": {"mode": "x"}}
    assert set(of_channels()) == {"default-channel"}
