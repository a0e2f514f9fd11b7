"""The orders as a plugin of Saleor's: its settings in the dashboard."""

from collections.abc import Mapping

from saleor.plugins.base_plugin import ConfigurationTypeField

from ..configuration import check_all
from ..language import gettext_lazy as _
from ..plugin import OnecPlugin, Settings
from ..store import current_store
from .incoming.settings import IncomingSettings
from .outgoing.settings import OutgoingSettings

_DEFAULT = IncomingSettings()
_OUTGOING = OutgoingSettings()

_SETTINGS: Settings = {
    "schema": (
        ConfigurationTypeField.STRING,
        "auto",
        _("Version of the documents for 1C"),
        _(
            "auto: the one that 1C asks for, and 2.08 where it asks for none; or 2.08, 2.09 "
            "(with the payments in the order), 3.1 (payments and shipments as documents of their "
            "own)."
        ),
    ),
    "portion": (
        ConfigurationTypeField.STRING,
        str(_OUTGOING.portion),
        _("Orders in one answer"),
        _(
            "From 1 to 100000. What does not fit comes with 1C's next question; nothing is lost. "
            "Take fewer where 1C runs out of time or memory."
        ),
    ),
    "since": (
        ConfigurationTypeField.STRING,
        "",
        _("Orders from this day on"),
        _(
            "As 2026-11-25. Empty: those that were made after this plugin was installed. An "
            "earlier day sends older orders too, once."
        ),
    ),
    "channels": (
        ConfigurationTypeField.STRING,
        "",
        _("Channels"),
        _("Slugs of the channels whose orders go to 1C, by blanks or commas. Empty: all."),
    ),
    "only_paid": (
        ConfigurationTypeField.BOOLEAN,
        _OUTGOING.only_paid,
        _("Only paid orders"),
        _("On: an order goes to 1C once something has been paid for it."),
    ),
    "time_zone": (
        ConfigurationTypeField.STRING,
        _OUTGOING.zone.key,
        _("Time zone of the documents"),
        _("As 1C's clock shows it: Europe/Moscow, Asia/Yekaterinburg, …"),
    ),
    "rates": (
        ConfigurationTypeField.MULTILINE,
        "",
        _("Rates of currencies"),
        _(
            "One a line: “USD = 92.50”, how much of the national currency one unit is. A currency "
            "that is not named has the rate 1."
        ),
    ),
    "warehouses": (
        ConfigurationTypeField.MULTILINE,
        "",
        _("Warehouses in the documents"),
        _(
            "One a line: “name or id in 1C = warehouse”, the latter by its slug. Empty: as in "
            "the settings of the catalogue."
        ),
    ),
    "push_url": (
        ConfigurationTypeField.STRING,
        "",
        _("Address of 1C's HTTP service"),
        _(
            "Where 1C publishes a service that takes orders, each one is sent there at once. "
            "Empty: 1C comes and asks."
        ),
    ),
    "push_secret": (
        ConfigurationTypeField.PASSWORD,
        "",
        _("Key of that service"),
        _(
            "What is sent is signed with it (HMAC-SHA256, header X-Signature). It is never shown "
            "again; an empty field keeps the one that is saved."
        ),
    ),
    "confirm_posted": (
        ConfigurationTypeField.BOOLEAN,
        _DEFAULT.confirm_posted,
        _("A posted document confirms its order"),
        _("Off: only a status that leads to “confirm” does."),
    ),
    "statuses": (
        ConfigurationTypeField.MULTILINE,
        "",
        _("Statuses"),
        _(
            "One a line: “status in 1C = what it does”: confirm, cancel, ship (all that is left), "
            "paid (what is still owed) or none. A line that begins with # is a comment. What the "
            "store does not allow is never forced: the journal names it, and 1C is told how "
            "the order is."
        ),
    ),
    "conflict": (
        ConfigurationTypeField.STRING,
        _DEFAULT.conflict.value,
        _("Changed in both places"),
        _(
            "Whose lines and confirmation stand when an order was changed in the store and in 1C "
            "since the last exchange: onec or shop. Payments, shipments and cancellations of 1C's "
            "are taken either way, and the journal says so."
        ),
    ),
    "deletion_mark": (
        ConfigurationTypeField.STRING,
        _DEFAULT.deletion_mark.value,
        _("Orders marked for deletion in 1C"),
        _("cancel: the order is cancelled where the store allows it; ignore: nothing happens."),
    ),
    "create_orders": (
        ConfigurationTypeField.BOOLEAN,
        _DEFAULT.create_orders,
        _("Create orders that were typed into 1C"),
        _(
            "On: a posted order of 1C's that the store does not know becomes an order here. "
            "Off: the journal names it."
        ),
    ),
    "new_order_channel": (
        ConfigurationTypeField.STRING,
        _DEFAULT.new_order_channel,
        _("Channel of orders created from 1C"),
        _("Slug of the channel."),
    ),
}


class OrdersPlugin(OnecPlugin):
    """Orders to 1C and back."""

    PLUGIN_ID = "saleor1c.orders"
    PLUGIN_NAME = _("1C: orders")
    PLUGIN_DESCRIPTION = _("Sends orders to 1C and applies what 1C does with them.")
    DEFAULT_ACTIVE = False
    SETTINGS = _SETTINGS

    @classmethod
    def check(cls, values: Mapping[str, object], *, active: bool) -> None:
        check_all(
            lambda: IncomingSettings.from_configuration(values),
            lambda: OutgoingSettings.from_configuration(values),
        )
        if active:
            incoming = IncomingSettings.from_configuration(values)
            outgoing = OutgoingSettings.from_configuration(values)
            store = current_store()
            channels = [channel.slug for channel in store.channels()]
            warehouses = [item.slug for item in store.warehouses()]
            check_all(
                lambda: incoming.require_existing(channels),
                lambda: outgoing.require_existing(channels, warehouses),
            )
