"""The outbox as a plugin of Saleor's: its settings in the dashboard, its page for people."""

from collections.abc import Mapping
from typing import Any

from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse
from saleor.permission.enums import PluginsPermissions
from saleor.plugins.base_plugin import ConfigurationTypeField

from ..language import gettext_lazy as _
from ..plugin import OnecPlugin
from .pages import outbox
from .settings import OutboxSettings

_DEFAULT = OutboxSettings()


class OutboxPlugin(OnecPlugin):
    """What waits to be delivered, at ``/plugins/saleor1c.outbox/``."""

    PLUGIN_ID = "saleor1c.outbox"
    PLUGIN_NAME = _("1C: outbox")
    PLUGIN_DESCRIPTION = _(
        "Delivers what the other plugins of this package have to send. What could not be delivered "
        "is at https://<store>/plugins/saleor1c.outbox/ for staff who may manage plugins; they log "
        "in there with the e-mail and the password of the dashboard."
    )
    DEFAULT_ACTIVE = True
    SETTINGS = {
        "max_attempts": (
            ConfigurationTypeField.STRING,
            str(_DEFAULT.max_attempts),
            _("Attempts"),
            _(
                "After so many a message is set aside until a person sends it again; those about "
                "the same object wait behind it. Ten attempts take an hour and a half, every "
                "further one up to an hour."
            ),
        ),
        "keep_days": (
            ConfigurationTypeField.STRING,
            str(_DEFAULT.keep_days),
            _("Delivered messages are kept, days"),
            _("So long they can be seen, and the same event is not sent twice."),
        ),
    }

    @classmethod
    def check(cls, values: Mapping[str, object], *, active: bool) -> None:
        OutboxSettings.from_configuration(values)

    def webhook(self, request: WSGIRequest, path: str, previous_value: Any) -> HttpResponse:
        """Show the page to staff, and to nobody else."""
        return self.for_staff(request, PluginsPermissions.MANAGE_PLUGINS, outbox)
