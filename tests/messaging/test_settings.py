"""What the merchant sets about messages."""

from typing import Any

import pytest

from saleor_1c_plugin.messaging.settings import MessagesSettings, SettingsError

from .conftest import USUAL, Talk, configure


def test_defaults_can_be_used(talk: Talk) -> None:
    usual = MessagesSettings.from_configuration({"place": "https://shop.example"})
    assert {channel for rule in usual.rules for channel in rule.channels} >= {"email"}
    assert usual.quiet is not None
    assert usual.consent == {"cart.left"}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("rules", "order.placed = email\norder.placed = pigeon"),
        ("rules", "order.placed email"),
        ("language", "tlh"),
        ("place", "shop.example"),
        ("consent", "everything"),
        ("quiet", "22-9"),
        ("urgent", "sms"),
        ("a_day", "0"),
        ("fallback_minutes", "soon"),
        ("worth_hours", "1000"),
        ("time_zone", "Mars/Olympus"),
        ("manager", "boss"),
        ("days", "-1"),
    ],
)
def test_what_can_not_be_used_is_refused(talk: Talk, key: str, value: str) -> None:
    with pytest.raises(SettingsError) as told:
        MessagesSettings.from_configuration({**USUAL, key: value})
    assert told.value.faults.keys() == {key}


def test_comments_and_blank_lines(talk: Talk) -> None:
    text = "# Orders\n\norder.placed = sms  # all of them\n"
    (rule,) = MessagesSettings.from_configuration({**USUAL, "rules": text}).rules
    assert str(rule) == "order.placed = sms"


def test_rules_can_be_none(talk: Talk) -> None:
    assert MessagesSettings.from_configuration({**USUAL, "rules": "# none"}).rules == ()
    none: dict[str, Any] = {"quiet": "no", "urgent": "no", "consent": "нет"}
    settings = MessagesSettings.from_configuration({**USUAL, **none})
    assert (settings.quiet, settings.urgent, settings.consent) == (None, frozenset(), frozenset())


def test_without_a_journal_there_is_nothing_to_tell(talk: Talk) -> None:
    configure(talk.settings, history=None)
    with pytest.raises(SettingsError) as told:
        MessagesSettings.from_configuration(USUAL)
    assert told.value.faults.keys() == {"rules"}
    MessagesSettings.from_configuration(USUAL, complete=False)


def test_a_store_that_does_not_know_its_address_has_to_be_told(talk: Talk) -> None:
    with pytest.raises(SettingsError) as told:
        MessagesSettings.from_configuration({**USUAL, "place": ""})
    assert told.value.faults.keys() == {"place"}
