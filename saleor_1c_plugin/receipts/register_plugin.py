"""What the plugins of drivers do alike: settings by channel, and notifications."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse

from ..plugin import OnecPlugin
from . import notifications
from .driver import Driver


class RegisterPlugin(OnecPlugin):
    """Registers of a kind; their notifications come to ``/plugins/<id of the plugin>/``."""

    CONFIGURATION_PER_CHANNEL = True
    DEFAULT_ACTIVE = False
    DRIVER: ClassVar[Driver]

    @classmethod
    def check(cls, values: Mapping[str, object], *, active: bool) -> None:
        if active:
            cls.DRIVER.registers(values)

    def webhook(self, request: WSGIRequest, path: str, previous_value: Any) -> HttpResponse:
        """Take a notification. Those of all channels come here: the receipt knows its own."""
        return notifications.receive(self.DRIVER, request)
