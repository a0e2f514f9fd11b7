"""Reservation as a plugin of Saleor's: its settings in the dashboard, its address."""

from collections.abc import Mapping
from typing import Any

from django.core.handlers.wsgi import WSGIRequest
from django.http.response import HttpResponseBase
from saleor.plugins.base_plugin import ConfigurationTypeField

from ..language import gettext_lazy as _
from ..plugin import OnecPlugin, Settings
from .graphql.view import serve
from .settings import ReservationSettings

_DEFAULT = ReservationSettings()

_SETTINGS: Settings = {
    "mode": (
        ConfigurationTypeField.STRING,
        _DEFAULT.mode.value,
        _("What is reserved"),
        _(
            "automatic: every line of a cart, from the moment it is added; on_request: what the "
            "buyer asks for."
        ),
    ),
    "guest_minutes": (
        ConfigurationTypeField.STRING,
        str(_DEFAULT.guest_minutes),
        _("A guest reserves for, minutes"),
        _("0: guests reserve nothing."),
    ),
    "customer_minutes": (
        ConfigurationTypeField.STRING,
        str(_DEFAULT.customer_minutes),
        _("A customer with an account reserves for, minutes"),
        _("0: they reserve nothing."),
    ),
    "company_minutes": (
        ConfigurationTypeField.STRING,
        str(_DEFAULT.company_minutes),
        _("A company reserves for, minutes"),
        _("Whoever names a company in the billing address. 0: companies reserve nothing."),
    ),
    "longest_minutes": (
        ConfigurationTypeField.STRING,
        str(_DEFAULT.longest_minutes),
        _("With all extensions, minutes"),
        _("However often a buyer extends a reservation, it ends after so many minutes."),
    ),
    "units_per_buyer": (
        ConfigurationTypeField.STRING,
        str(_DEFAULT.units_per_buyer),
        _("Reserved units of one buyer"),
        _("In all carts of an account, or in a guest's cart. 0: as many as there are."),
    ),
    "share_percent": (
        ConfigurationTypeField.STRING,
        str(_DEFAULT.share_percent),
        _("Reserved share of the free stock, %"),
        _(
            "Of each kind of goods at most so much is reserved at a time: the rest is left to "
            "those who buy at once. From 1 to 100."
        ),
    ),
    "excluded_categories": (
        ConfigurationTypeField.MULTILINE,
        "",
        _("Categories that are not reserved"),
        _("Slugs, one a line or by commas; with all categories below them."),
    ),
    "excluded_price_types": (
        ConfigurationTypeField.MULTILINE,
        "",
        _("Price types that are not reserved at"),
        _(
            "1C's, one a line, named as in the settings of the catalogue. Nothing is reserved in "
            "a channel whose prices come from one of them."
        ),
    ),
    "better_price": (
        ConfigurationTypeField.BOOLEAN,
        _DEFAULT.better_price,
        _("The lower price, where it falls"),
        _(
            "On: a buyer whose goods have become cheaper pays the new price. Off: the price of "
            "the reservation, whatever happens."
        ),
    ),
    "remind_minutes": (
        ConfigurationTypeField.STRING,
        str(_DEFAULT.remind_minutes),
        _("Reminder before the end, minutes"),
        _("So early the service that is named below is told. 0: it isn't."),
    ),
    "payment_minutes": (
        ConfigurationTypeField.STRING,
        str(_DEFAULT.payment_minutes),
        _("Longer for a payment, minutes"),
        _("A reservation lasts so much longer at most while a payment is in progress."),
    ),
    "notify_url": (
        ConfigurationTypeField.STRING,
        "",
        _("Address that is told of reservations"),
        _(
            "A service of yours that hears when one begins, is about to end, and ends. Empty: "
            "nobody is told."
        ),
    ),
    "notify_secret": (
        ConfigurationTypeField.PASSWORD,
        "",
        _("Key of that service"),
        _(
            "What is sent is signed with it (HMAC-SHA256, header X-Signature). It is never shown "
            "again; an empty field keeps the one that is saved."
        ),
    ),
    "to_onec": (
        ConfigurationTypeField.BOOLEAN,
        _DEFAULT.to_onec,
        _("Reservations go to 1C"),
        _(
            "On: as orders of their own kind, which are withdrawn when a reservation ends. Where "
            "1C tells what is free to sell, let it reserve nothing for them: it would be counted "
            "twice."
        ),
    ),
}


class ReservationsPlugin(OnecPlugin):
    """Reservation; its GraphQL is at ``/plugins/saleor1c.reservations/graphql/``."""

    PLUGIN_ID = "saleor1c.reservations"
    PLUGIN_NAME = _("1C: reservation")
    PLUGIN_DESCRIPTION = _(
        "Holds stock for the lines of a cart, at the price that the cart showed, for a time. "
        "Storefronts ask for it at https://<store>/plugins/saleor1c.reservations/graphql/."
    )
    CONFIGURATION_PER_CHANNEL = True
    DEFAULT_ACTIVE = False
    SETTINGS = _SETTINGS

    @classmethod
    def check(cls, values: Mapping[str, object], *, active: bool) -> None:
        ReservationSettings.from_configuration(values)

    def webhook(self, request: WSGIRequest, path: str, previous_value: Any) -> HttpResponseBase:
        """Answer a storefront. Carts of all channels come here, so each is asked for its own."""
        return serve(request)
