"""RetailCRM as a plugin of Saleor's: its settings in the dashboard."""

from collections.abc import Mapping
from typing import Any

from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse
from saleor.plugins.base_plugin import ConfigurationTypeField

from ...language import gettext_lazy as _
from ...outbox.errors import Retry
from ...plugin import CONNECTION, ConnectedPlugin, Settings
from ..adapter import Denied
from ..hearing import serve
from ..plugin import BACK
from .settings import STAGES, RetailCrmSettings, SettingsError
from .system import RetailCrm

_DEFAULT = RetailCrmSettings()

_SETTINGS: Settings = {
    "address": (
        ConfigurationTypeField.STRING,
        "",
        _("Address"),
        _("Of the account: https://<account>.retailcrm.ru"),
    ),
    "api_key": (
        ConfigurationTypeField.PASSWORD,
        "",
        _("API key"),
        _(
            "Of RetailCRM's settings, “Integration”, “API keys”; it has to be allowed to read and "
            "write orders and customers, and to read reference books and users. It is never shown "
            "again, and an empty field keeps the one that is saved."
        ),
    ),
    "site": (
        ConfigurationTypeField.STRING,
        "",
        _("Shop"),
        _("Its code in RetailCRM. Empty: the only one that the key is for."),
    ),
    "stages": (
        ConfigurationTypeField.MULTILINE,
        STAGES,
        _("Statuses"),
        _(
            "A line each: state of the order = code of the status in RetailCRM. States: placed, "
            "open, paid, partly_shipped, shipped, partly_returned, returned, cancelled, expired. "
            "A state without a line leaves the status of what was before. An order that your "
            "people move stays where it is until its state in the store changes."
        ),
    ),
    "corporate": (
        ConfigurationTypeField.BOOLEAN,
        _DEFAULT.corporate,
        _("Companies"),
        _(
            "Whoever pays with an ИНН is a corporate customer. Corporate customers have to be "
            "switched on in RetailCRM."
        ),
    ),
    "catalog": (
        ConfigurationTypeField.BOOLEAN,
        _DEFAULT.catalog,
        _("Goods of the catalogue"),
        _(
            "Goods of an order are looked for in RetailCRM's catalogue, whose external code (xmlId)"
            " is 1C's id. Whatever is not there, and all while this is off, is written by its name."
        ),
    ),
    "payment_type": (
        ConfigurationTypeField.STRING,
        "",
        _("Kind of payments"),
        _(
            "Code of the kind that an order's payment has: bank-card. Empty: what was paid is not "
            "told, except by the status."
        ),
    ),
    "payment_status": (
        ConfigurationTypeField.STRING,
        _DEFAULT.payment_status,
        _("Status of payments"),
        _("Code of the status of a payment that was made."),
    ),
    "currency": (
        ConfigurationTypeField.STRING,
        _DEFAULT.currency,
        _("Currency"),
        _("Of the shop in RetailCRM. Orders in others are not written there."),
    ),
    "manager": (
        ConfigurationTypeField.STRING,
        "",
        _("Manager"),
        _("Number of the user who gets new records. Empty: nobody."),
    ),
    "onec_field": (
        ConfigurationTypeField.STRING,
        "",
        _("Field with 1C's id"),
        _(
            "Code of a text field of customers, by which they are found and into which the id is "
            "written. Empty: there is none."
        ),
    ),
    "time_zone": (
        ConfigurationTypeField.STRING,
        _DEFAULT.zone.key,
        _("Time zone"),
        _("Of the account: Europe/Moscow."),
    ),
    "per_second": (
        ConfigurationTypeField.STRING,
        str(_DEFAULT.per_second),
        _("Calls a second"),
        _("RetailCRM lets an address make 10, whatever makes them."),
    ),
    **BACK,
    "hook_secret": (
        ConfigurationTypeField.PASSWORD,
        "",
        _("Secret of the address for triggers"),
        _(
            "At least 16 Latin letters and digits. A trigger of RetailCRM with the action “HTTP "
            "request” to https://<store>/plugins/saleor1c.retailcrm/changed/<secret> has changes "
            "come back at once. Empty: no such request is heard."
        ),
    ),
    CONNECTION: (
        ConfigurationTypeField.OUTPUT,
        "",
        _("Connection"),
        _("What RetailCRM said when these settings were saved."),
    ),
}


class RetailCrmPlugin(ConnectedPlugin):
    """Customers and orders in RetailCRM."""

    PLUGIN_ID = "saleor1c.retailcrm"
    PLUGIN_NAME = _("1C: RetailCRM")
    PLUGIN_DESCRIPTION = _(
        "Mirrors customers, companies and orders into RetailCRM: customers, corporate customers, "
        "orders with their goods, payments and statuses, notes. “1C: CRM” has to be switched on, "
        "too."
    )
    DEFAULT_ACTIVE = False
    SETTINGS = _SETTINGS

    @classmethod
    def check(cls, values: Mapping[str, object], *, active: bool) -> None:
        RetailCrmSettings.from_configuration(values, complete=active)

    @classmethod
    def connect(cls, values: Mapping[str, object]) -> str:
        """What the account says."""
        try:
            return RetailCrm().check(values)
        except Denied as error:
            raise SettingsError({"api_key": str(error)}) from error
        except Retry as error:
            # Saved all the same: it may be back before the first order comes.
            return _("RetailCRM could not be asked: %(why)s") % {"why": error.reason}

    def webhook(self, request: WSGIRequest, path: str, previous_value: Any) -> HttpResponse:
        """Have what has changed looked at."""
        return serve(RetailCrm(), request, path or "")
