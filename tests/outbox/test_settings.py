"""What the merchant may set about the outbox."""

import pytest
from django.utils.translation import override

from saleor_1c_plugin.outbox.settings import OutboxSettings, SettingsError


def test_nothing_saved_means_the_defaults() -> None:
    assert OutboxSettings.from_configuration({}) == OutboxSettings()
    assert OutboxSettings.from_configuration({"max_attempts": "", "keep_days": None}) == (
        OutboxSettings()
    )


def test_everything_that_can_be_said() -> None:
    settings = OutboxSettings.from_configuration({"max_attempts": " 5 ", "keep_days": "1"})
    assert settings == OutboxSettings(max_attempts=5, keep_days=1)


def test_all_that_is_wrong_is_said_at_once() -> None:
    with override("en"), pytest.raises(SettingsError) as caught:
        OutboxSettings.from_configuration({"max_attempts": "0", "keep_days": "forever"})
    assert caught.value.faults == {
        "max_attempts": "Write a whole number from 1 to 1000.",
        "keep_days": "Write a whole number from 1 to 365.",
    }
