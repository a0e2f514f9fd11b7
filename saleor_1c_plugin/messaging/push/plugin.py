"""Notifications as a plugin of Saleor's: its settings in the dashboard, its address."""

from collections.abc import Mapping
from typing import Any

from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse
from saleor.plugins.base_plugin import ConfigurationTypeField

from ...language import gettext_lazy as _
from ...plugin import CONNECTION, ConnectedPlugin, Settings
from . import connecting
from .graphql.view import serve
from .settings import PushSettings

_SETTINGS: Settings = {
    "service_account": (
        ConfigurationTypeField.PASSWORD,
        "",
        _("Service account"),
        _(
            "The whole JSON file of a key that Firebase makes (project settings, service "
            "accounts). It is never shown again; an empty field keeps the one that is saved."
        ),
    ),
    CONNECTION: (
        ConfigurationTypeField.OUTPUT,
        "",
        _("Connection"),
        _("What Firebase said when these settings were saved."),
    ),
}


class PushPlugin(ConnectedPlugin):
    """Notifications to customers who have signed in to the store's mobile application."""

    PLUGIN_ID = "saleor1c.push"
    PLUGIN_NAME = _("1C: push notifications")
    PLUGIN_DESCRIPTION = _(
        "Messages to buyers in the store's mobile application, by Firebase Cloud Messaging. The "
        "application registers its device by GraphQL at "
        "https://<store>/plugins/saleor1c.push/graphql/."
    )
    DEFAULT_ACTIVE = False
    SETTINGS = _SETTINGS

    @classmethod
    def check(cls, values: Mapping[str, object], *, active: bool) -> None:
        PushSettings.from_configuration(values, complete=active)

    @classmethod
    def connect(cls, values: Mapping[str, object]) -> str:
        """What Firebase says of the account."""
        return connecting.connect(values)

    def webhook(self, request: WSGIRequest, path: str, previous_value: Any) -> HttpResponse:
        """Answer the store's application."""
        return serve(request)
