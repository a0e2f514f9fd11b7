"""The emulator as a plugin of Saleor's: its settings in the dashboard."""

from typing import Any

from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse
from saleor.permission.enums import PaymentPermissions
from saleor.plugins.base_plugin import ConfigurationTypeField

from ...language import gettext_lazy as _
from ...plugin import Settings
from ..register_plugin import RegisterPlugin
from .driver import EmulatorDriver
from .pages import emulator
from .settings import EmulatorSettings

_DEFAULT = EmulatorSettings()

_SETTINGS: Settings = {
    "drives": (
        ConfigurationTypeField.STRING,
        " ".join(_DEFAULT.drives),
        _("Registers"),
        _("Short names, by blanks: each is a register with a fiscal drive of its own."),
    ),
}


class EmulatorPlugin(RegisterPlugin):
    """A cash register that is none."""

    PLUGIN_ID = "saleor1c.emulator"
    PLUGIN_NAME = _("1C: emulated cash register")
    PLUGIN_DESCRIPTION = _(
        "For trying things out: it keeps shifts, numbers and signs receipts as a register does, "
        "but the tax service never sees them. They are no receipts. What it has printed, and what "
        "can go wrong with it, is at https://<store>/plugins/saleor1c.emulator/ for staff who may "
        "handle payments."
    )
    SETTINGS = _SETTINGS
    DRIVER = EmulatorDriver()

    def webhook(self, request: WSGIRequest, path: str, previous_value: Any) -> HttpResponse:
        """Show the page to staff; it sends no notifications."""
        return self.for_staff(request, PaymentPermissions.HANDLE_PAYMENTS, emulator)
