"""What the merchant may set, and what is said where it can't be used."""

from datetime import UTC, datetime

import pytest

from saleor_1c_plugin.configuration import SettingsError
from saleor_1c_plugin.receipts.compose.document import TaxSystem
from saleor_1c_plugin.receipts.settings import ReceiptsSettings, TaxWord, Way

_PLACE = {"place": "https://shop.example"}
_BEGAN = datetime(2026, 11, 1, tzinfo=UTC)


def test_nothing_set_means_what_most_need() -> None:
    settings = ReceiptsSettings.from_configuration(_PLACE)
    assert (settings.tax, settings.way, settings.registers) == (TaxWord.OSN, Way.TWO, ())
    assert (settings.closing_hour, settings.onec_payments) == (23, False)
    assert settings.without == {"saleor1c.invoice"}


def test_receipts_are_composed_by_what_is_set() -> None:
    saved = {
        **_PLACE,
        "tax_system": "usn_income_outcome",
        "way": "one",
        "without": "saleor1c.invoice, saleor1c.paypal",
        "onec_payments": "true",
        "credit": "true",
        "time_zone": "Asia/Vladivostok",
    }
    terms = ReceiptsSettings.from_configuration(saved).terms(_BEGAN)
    assert terms.tax_system is TaxSystem.USN_INCOME_OUTCOME
    assert terms.one_receipt
    assert terms.credit
    assert terms.onec_payments
    assert terms.without == {"saleor1c.invoice", "saleor1c.paypal"}
    assert terms.place == "https://shop.example"
    assert terms.since == _BEGAN


def test_a_day_is_one_of_the_store_s() -> None:
    saved = {**_PLACE, "since": "2026-11-26", "time_zone": "Asia/Vladivostok"}
    since = ReceiptsSettings.from_configuration(saved).terms(_BEGAN).since
    assert since == datetime(2026, 11, 25, 14, tzinfo=UTC)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("tax_system", "none"),
        ("way", "three"),
        ("closing_hour", "24"),
        ("closing_hour", "-1"),
        ("time_zone", "Mars"),
        ("since", "26.11.2026"),
        ("onec_payments", "perhaps"),
        ("place", "shop.example"),
        ("place", ""),
    ],
)
def test_what_can_not_be_used_is_named(key: str, value: str) -> None:
    with pytest.raises(SettingsError) as caught:
        ReceiptsSettings.from_configuration({**_PLACE, key: value})
    assert caught.value.faults.keys() == {key}


def test_a_plugin_that_is_off_may_be_unfinished() -> None:
    ReceiptsSettings.from_configuration({}, complete=False)
