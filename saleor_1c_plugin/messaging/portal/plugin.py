"""The corporate portal as a plugin of Saleor's: its settings in the dashboard."""

from collections.abc import Mapping

from saleor.plugins.base_plugin import ConfigurationTypeField

from ...language import gettext_lazy as _
from ...plugin import CONNECTION, ConnectedPlugin, Settings
from . import connecting
from .settings import PortalSettings

_SETTINGS: Settings = {
    "webhook": (
        ConfigurationTypeField.PASSWORD,
        "",
        _("Webhook"),
        _(
            "Address of an incoming webhook with the rights “Chat and notifications (im)”, “Tasks "
            "(task)” and “CRM (crm)”. Empty: the one of “1C: Bitrix24”, which needs these rights "
            "then. It is never shown again, and an empty field keeps the one that is saved."
        ),
    ),
    "manager": (
        ConfigurationTypeField.STRING,
        "",
        _("Manager"),
        _(
            "Number of the user who is told where nobody is in charge: of an order its deal's "
            "responsible person is, or else the customer's."
        ),
    ),
    CONNECTION: (
        ConfigurationTypeField.OUTPUT,
        "",
        _("Connection"),
        _("What Bitrix24 said when these settings were saved."),
    ),
}


class PortalPlugin(ConnectedPlugin):
    """Notifications and tasks for the store's own people, in Bitrix24."""

    PLUGIN_ID = "saleor1c.portal"
    PLUGIN_NAME = _("1C: corporate portal")
    PLUGIN_DESCRIPTION = _(
        "Tells whoever is in charge of an order or a customer, in Bitrix24. Of what, the rules of "
        "“1C: messages to buyers” say: order.placed = portal makes a notification, "
        "order.placed = portal_task makes a task."
    )
    DEFAULT_ACTIVE = False
    SETTINGS = _SETTINGS

    @classmethod
    def check(cls, values: Mapping[str, object], *, active: bool) -> None:
        PortalSettings.from_configuration(values, complete=active)

    @classmethod
    def connect(cls, values: Mapping[str, object]) -> str:
        """What the portal says."""
        return connecting.connect(values)
