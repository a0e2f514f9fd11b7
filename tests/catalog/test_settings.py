"""What the merchant may set about the catalogue, and what is said about the rest."""

from typing import Any

import pytest
from django.utils.translation import override

from saleor_1c_plugin.catalog.settings import CatalogSettings, SettingsError
from saleor_1c_plugin.store.ports import FieldGroup, Missing


def faults(**saved: object) -> dict[str, str]:
    with override("en"), pytest.raises(SettingsError) as caught:
        CatalogSettings.from_configuration(saved)
    return caught.value.faults


def test_nothing_saved_means_the_defaults() -> None:
    assert CatalogSettings.from_configuration({}) == CatalogSettings()
    assert CatalogSettings.from_configuration({"deleted": None, "owns_name": ""}) == (
        CatalogSettings()
    )


def test_everything_that_can_be_said() -> None:
    settings = CatalogSettings.from_configuration(
        {
            "price_types": "# опт\nРозничная = main\n Розничная=outlet \n\na=b = big\n*=usd",
            "warehouses": "Основной склад = main",
            "kinds": "Чай = Напитки\nКофе = Напитки",
            "default_warehouse": " main ",
            "stock_is_free": "true",
            "type_per_kind": False,
            "missing_products": "HIDE",
            "missing_offers": "zero",
            "deleted": "delete",
            "stop_at_error": True,
            "max_picture_mb": "5",
            **{f"owns_{group.value}": "false" for group in FieldGroup},
        }
    )
    assert settings == CatalogSettings(
        owned=frozenset(),
        price_types={"Розничная": ("main", "outlet"), "a=b": ("big",), "*": ("usd",)},
        warehouses={"Основной склад": ("main",)},
        kinds={"Чай": ("Напитки",), "Кофе": ("Напитки",)},
        default_warehouse="main",
        stock_is_free=True,
        type_per_kind=False,
        missing_products=Missing.HIDE,
        missing_offers=Missing.ZERO,
        deleted=Missing.DELETE,
        stop_at_error=True,
        max_picture_mb=5,
    )


def test_all_that_is_wrong_is_said_at_once_with_the_line() -> None:
    said = faults(
        price_types="\nРозничная = main\nОптовая main",
        warehouses="= main",
        kinds="Чай = Напитки\nЧай = Еда",
        missing_products="drop",
        max_picture_mb="0",
        stock_is_free="maybe",
        owns_price="2",
    )
    assert said == {
        "price_types": "Line 3: write it as “name in 1C = name in the store”.",
        "warehouses": "Line 1: write it as “name in 1C = name in the store”.",
        "kinds": "“Чай” is named twice: a card has one type.",
        "missing_products": "“drop” is none of: leave, zero, hide, delete.",
        "max_picture_mb": "Write a whole number from 1 to 9999.",
        "stock_is_free": "Write true or false.",
        "owns_price": "Write true or false.",
    }


@pytest.mark.parametrize("number", ["-1", "1.5", "10000", "много", "٣"])
def test_a_picture_is_measured_in_whole_megabytes(number: str) -> None:
    assert set(faults(max_picture_mb=number)) == {"max_picture_mb"}


def test_what_the_shop_has_not_got_is_named_beside_what_it_has() -> None:
    settings = CatalogSettings.from_configuration(
        {
            "price_types": "Розничная = main\nОптовая = whole-sale\n* = usd",
            "warehouses": "* = cellar",
            "default_warehouse": "attic",
        }
    )
    with override("en"), pytest.raises(SettingsError) as caught:
        settings.require_existing(["main", "outlet"], ["shop"])
    assert caught.value.faults == {
        "price_types": (
            "The store has no active channel with the slug “whole-sale”, “usd”. "
            "It has: “main”, “outlet”."
        ),
        "warehouses": "The store has no warehouse with the slug “cellar”. It has: “shop”.",
        "default_warehouse": "The store has no warehouse with the slug “attic”. It has: “shop”.",
    }
    settings.require_existing(["main", "whole-sale", "usd"], ["cellar", "attic"])
    CatalogSettings().require_existing([], [])


def test_1c_operator_reads_russian_whatever_the_host_speaks(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONEC_LANGUAGE", "en")
    settings.ONEC_CONFIGURATION = {"catalog": {"deleted": "drop"}}
    with override("en"), pytest.raises(SettingsError, match="не подходит, можно"):
        CatalogSettings.load()
