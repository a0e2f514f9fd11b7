"""amoCRM as a plugin of Saleor's: its settings in the dashboard, and the address of its webhook."""

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
from .settings import STAGES, AmoCrmSettings, SettingsError
from .system import AmoCrm

_DEFAULT = AmoCrmSettings()

_SETTINGS: Settings = {
    "account": (
        ConfigurationTypeField.STRING,
        "",
        _("Address of the account"),
        _("Its address: https://<name>.amocrm.ru, or https://<name>.kommo.com."),
    ),
    "token": (
        ConfigurationTypeField.PASSWORD,
        "",
        _("Long-lived token"),
        _(
            "Of an integration of your own: “Keys and scopes”. It is never shown again; an empty "
            "field keeps the one that is saved. Where it is given, what follows up to the code is "
            "not needed."
        ),
    ),
    "client_id": (
        ConfigurationTypeField.STRING,
        "",
        _("Integration ID"),
        _("Instead of a long-lived token: what “Keys and scopes” of the integration shows."),
    ),
    "client_secret": (
        ConfigurationTypeField.PASSWORD,
        "",
        _("Secret key"),
        _("Of the integration. It is never shown again; an empty field keeps what is saved."),
    ),
    "redirect_uri": (
        ConfigurationTypeField.STRING,
        "",
        _("Redirect URI"),
        _("As the integration has it."),
    ),
    "code": (
        ConfigurationTypeField.PASSWORD,
        "",
        _("Authorisation code"),
        _(
            "It works for twenty minutes and once: save these settings as soon as you have copied "
            "it. A new one is needed only where amoCRM lets the shop in no more."
        ),
    ),
    "pipeline": (
        ConfigurationTypeField.STRING,
        "",
        _("Pipeline"),
        _("Of deals: its name or its number. Empty: the main one."),
    ),
    "stages": (
        ConfigurationTypeField.MULTILINE,
        STAGES,
        _("Stages"),
        _(
            "A line each: state of the order = name or number of the stage. States: placed, open, "
            "paid, partly_shipped, shipped, partly_returned, returned, cancelled, expired. 142 is "
            "won, 143 is lost. A state without a line leaves the stage of what was before. A deal "
            "that your people move stays where it is until the order's state changes."
        ),
    ),
    "responsible": (
        ConfigurationTypeField.STRING,
        "",
        _("Responsible person"),
        _("Number of the user who gets new records. Empty: whose the token is."),
    ),
    "tags": (
        ConfigurationTypeField.STRING,
        "",
        _("Tags"),
        _("Of new records, by commas."),
    ),
    "catalog": (
        ConfigurationTypeField.STRING,
        "",
        _("List of goods"),
        _(
            "Number of the list whose elements are linked with deals. Empty: the goods are named "
            "in a field of the deal alone."
        ),
    ),
    "per_second": (
        ConfigurationTypeField.STRING,
        str(_DEFAULT.per_second),
        _("Calls a second"),
        _("7, unless other programs on the same server call amoCRM, too."),
    ),
    **BACK,
    "webhook_url": (
        ConfigurationTypeField.STRING,
        "",
        _("Address for news"),
        _(
            "https://<store>/plugins/saleor1c.amocrm/changed, as amoCRM can reach it: it is told "
            "to amoCRM when these settings are saved, and changes come back at once. Empty: they "
            "come back when it is time."
        ),
    ),
    CONNECTION: (
        ConfigurationTypeField.OUTPUT,
        "",
        _("Connection"),
        _("What amoCRM said when these settings were saved."),
    ),
}


class AmoCrmPlugin(ConnectedPlugin):
    """Customers and orders in amoCRM."""

    PLUGIN_ID = "saleor1c.amocrm"
    PLUGIN_NAME = _("1C: amoCRM")
    PLUGIN_DESCRIPTION = _(
        "Mirrors customers, companies and orders into amoCRM (Kommo): contacts, companies, deals "
        "with their goods and stages, timelines. “1C: CRM” has to be switched on, too."
    )
    DEFAULT_ACTIVE = False
    SETTINGS = _SETTINGS

    @classmethod
    def check(cls, values: Mapping[str, object], *, active: bool) -> None:
        AmoCrmSettings.from_configuration(values, complete=active)

    @classmethod
    def connect(cls, values: Mapping[str, object]) -> str:
        """What the account says."""
        try:
            return AmoCrm().check(values)
        except Denied as error:
            raise SettingsError({"account": str(error)}) from error
        except Retry as error:
            # Saved all the same: it may be back before the first order comes.
            return _("amoCRM could not be asked: %(why)s") % {"why": error.reason}

    def webhook(self, request: WSGIRequest, path: str, previous_value: Any) -> HttpResponse:
        """Have a look at what has changed there, if it is amoCRM that says so."""
        return serve(AmoCrm(), request, path or "")
