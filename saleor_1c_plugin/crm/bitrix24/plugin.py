"""Bitrix24 as a plugin of Saleor's: its settings in the dashboard."""

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
from .settings import STAGES, Bitrix24Settings, SettingsError
from .system import Bitrix24

_DEFAULT = Bitrix24Settings()

_SETTINGS: Settings = {
    "webhook": (
        ConfigurationTypeField.PASSWORD,
        "",
        _("Webhook"),
        _(
            "Address of an incoming webhook with the right “CRM”: https://<portal>/rest/1/<secret>"
            "/. With the right “Users (minimum)”, too, those in charge come back by name. It is a "
            "password: it is never shown again, and an empty field keeps the one that is saved."
        ),
    ),
    "category": (
        ConfigurationTypeField.STRING,
        str(_DEFAULT.category),
        _("Pipeline"),
        _("Number of the pipeline of deals; 0: the first one."),
    ),
    "stages": (
        ConfigurationTypeField.MULTILINE,
        STAGES,
        _("Stages"),
        _(
            "A line each: state of the order = stage of the deal. States: placed, open, paid, "
            "partly_shipped, shipped, partly_returned, returned, cancelled, expired. A state "
            "without a line leaves the stage of what was before. A deal that your people move "
            "stays where it is until the order's state changes."
        ),
    ),
    "responsible": (
        ConfigurationTypeField.STRING,
        "",
        _("Responsible person"),
        _("Number of the user who gets new records. Empty: whose the webhook is."),
    ),
    "onec_field": (
        ConfigurationTypeField.STRING,
        "",
        _("Field with 1C's id"),
        _(
            "Name of a field of contacts, UF_CRM_…, by which they are found and into which the id "
            "is written. Empty: they are found by ORIGIN_ID, where 1C's own exchange has it."
        ),
    ),
    "per_second": (
        ConfigurationTypeField.STRING,
        str(_DEFAULT.per_second),
        _("Calls a second"),
        _("2; on the tariff “Enterprise” 5; on a server of your own up to 50."),
    ),
    **BACK,
    "tags_field": (
        ConfigurationTypeField.STRING,
        "",
        _("Field with tags"),
        _(
            "Name of a field of deals, UF_CRM_…, a list or lines of text: its values come back as "
            "the order's tags, for Bitrix24 has no tags of deals. Empty: there are none."
        ),
    ),
    "application_token": (
        ConfigurationTypeField.PASSWORD,
        "",
        _("Token of the outgoing webhook"),
        _(
            "Of an outgoing webhook of the portal's to https://<store>/plugins/saleor1c.bitrix24/"
            "changed, for the events that deals and contacts were changed and that a comment was "
            "added: changes come back at once then. Empty: they come at their time."
        ),
    ),
    CONNECTION: (
        ConfigurationTypeField.OUTPUT,
        "",
        _("Connection"),
        _("What Bitrix24 said when these settings were saved."),
    ),
}


class Bitrix24Plugin(ConnectedPlugin):
    """Customers and orders in Bitrix24."""

    PLUGIN_ID = "saleor1c.bitrix24"
    PLUGIN_NAME = _("1C: Bitrix24")
    PLUGIN_DESCRIPTION = _(
        "Mirrors customers, companies and orders into Bitrix24: contacts, companies, deals with "
        "their goods and stages, timelines. “1C: CRM” has to be switched on, too."
    )
    DEFAULT_ACTIVE = False
    SETTINGS = _SETTINGS

    @classmethod
    def check(cls, values: Mapping[str, object], *, active: bool) -> None:
        Bitrix24Settings.from_configuration(values, complete=active)

    @classmethod
    def connect(cls, values: Mapping[str, object]) -> str:
        """What the portal says."""
        try:
            return Bitrix24().check(values)
        except Denied as error:
            raise SettingsError({"webhook": str(error)}) from error
        except Retry as error:
            # Saved all the same: it may be back before the first order comes.
            return _("Bitrix24 could not be asked: %(why)s") % {"why": error.reason}

    def webhook(self, request: WSGIRequest, path: str, previous_value: Any) -> HttpResponse:
        """Hear that something was changed in the portal."""
        return serve(Bitrix24(), request, path or "")
