"""The Instagram account as a plugin of Saleor's: its settings in the dashboard, its address."""

from collections.abc import Mapping
from typing import Any

from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse
from saleor.plugins.base_plugin import ConfigurationTypeField

from ...language import gettext_lazy as _
from ...plugin import CONNECTION, ConnectedPlugin, Settings
from ..bots.views import serve
from . import connecting
from .messenger import InstagramMessenger
from .settings import InstagramSettings

_SETTINGS: Settings = {
    "token": (
        ConfigurationTypeField.PASSWORD,
        "",
        _("Token"),
        _(
            "Of the Facebook page to which the account is linked (EA…), or of the account itself "
            "(IG…), with the right to manage messages. It is never shown again; an empty field "
            "keeps the one that is saved."
        ),
    ),
    "username": (
        ConfigurationTypeField.STRING,
        "",
        _("Name of the account"),
        _("By which buyers find it: my.shop."),
    ),
    "app_secret": (
        ConfigurationTypeField.PASSWORD,
        "",
        _("Secret of the application"),
        _(
            "Of Meta's application, by which it signs what it brings. It is never shown again; an "
            "empty field keeps the one that is saved."
        ),
    ),
    "verify_token": (
        ConfigurationTypeField.STRING,
        "",
        _("Word for Meta"),
        _(
            "Any word; write it in the settings of Meta's application, too (webhooks, Instagram), "
            "with the address https://<store>/plugins/saleor1c.instagram/. Empty: the account only "
            "speaks, and nobody can link a chat with it."
        ),
    ),
    CONNECTION: (
        ConfigurationTypeField.OUTPUT,
        "",
        _("Connection"),
        _("What Meta said when these settings were saved."),
    ),
}


class InstagramPlugin(ConnectedPlugin):
    """An account that speaks to buyers who have linked a chat with it."""

    PLUGIN_ID = "saleor1c.instagram"
    PLUGIN_NAME = _("1C: Instagram")
    PLUGIN_DESCRIPTION = _(
        "Messages to buyers on Instagram, within a day after they have written there; also tells "
        "how orders are and extends reservations. A storefront gets the link to it by POST to "
        "https://<store>/plugins/saleor1c.instagram/link."
    )
    DEFAULT_ACTIVE = False
    SETTINGS = _SETTINGS

    @classmethod
    def check(cls, values: Mapping[str, object], *, active: bool) -> None:
        InstagramSettings.from_configuration(values, complete=active)

    @classmethod
    def connect(cls, values: Mapping[str, object]) -> str:
        """What Meta says of the account."""
        return connecting.connect(values)

    def webhook(self, request: WSGIRequest, path: str, previous_value: Any) -> HttpResponse:
        """Take what Meta brings, and make links for a storefront."""
        return serve(InstagramMessenger(), request, path or "")
