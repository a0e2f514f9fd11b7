"""What the merchant sets about the orders is checked as a whole when it is saved."""

import pytest

from saleor_1c_plugin.configuration import SettingsError
from saleor_1c_plugin.orders.incoming.settings import Action, Deletion, IncomingSettings, Side


def test_defaults_are_what_an_empty_configuration_means() -> None:
    assert IncomingSettings.from_configuration({}) == IncomingSettings()


def test_all_of_them() -> None:
    settings = IncomingSettings.from_configuration(
        {
            "statuses": "# из УТ\nК отгрузке = confirm\n\nЗакрыт = ship\nНе согласован=none",
            "confirm_posted": "false",
            "conflict": "Shop",
            "deletion_mark": "ignore",
            "create_orders": True,
            "new_order_channel": " default-channel ",
        }
    )
    assert settings == IncomingSettings(
        statuses={
            "к отгрузке": Action.CONFIRM,
            "закрыт": Action.SHIP,
            "не согласован": Action.NONE,
        },
        confirm_posted=False,
        conflict=Side.SHOP,
        deletion_mark=Deletion.IGNORE,
        create_orders=True,
        new_order_channel="default-channel",
    )


@pytest.mark.parametrize(
    ("values", "keys"),
    [
        ({"statuses": "Закрыт"}, {"statuses"}),
        ({"statuses": "Закрыт = close"}, {"statuses"}),
        ({"statuses": "Закрыт = ship\nЗакрыт = paid"}, {"statuses"}),
        ({"conflict": "both", "deletion_mark": "hide"}, {"conflict", "deletion_mark"}),
        ({"confirm_posted": "yes"}, {"confirm_posted"}),
        ({"create_orders": "true"}, {"new_order_channel"}),
    ],
)
def test_what_cannot_be_used_is_named(values: dict[str, object], keys: set[str]) -> None:
    with pytest.raises(SettingsError) as error:
        IncomingSettings.from_configuration(values)
    assert error.value.faults.keys() == keys


def test_the_channel_must_be_one_of_the_shops() -> None:
    settings = IncomingSettings(create_orders=True, new_order_channel="moon")
    with pytest.raises(SettingsError, match="moon"):
        settings.require_existing({"default-channel", "usd"})
    IncomingSettings().require_existing(set())


def test_other_settings_have_other_documents_looked_at_again() -> None:
    assert IncomingSettings().digest == IncomingSettings().digest
    assert IncomingSettings().digest != IncomingSettings(confirm_posted=False).digest
