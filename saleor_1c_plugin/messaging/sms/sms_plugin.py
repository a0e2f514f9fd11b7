"""What the plugins of services that send text messages do alike."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse
from django.utils.translation import gettext as _

from ...configuration import SettingsError
from ...outbox.errors import Retry
from ...plugin import ConnectedPlugin
from . import hearing
from .account import AccessDenied
from .channel import SmsChannel


class SmsPlugin(ConnectedPlugin):
    """A service; what it tells comes to ``/plugins/<id of the plugin>/``."""

    DEFAULT_ACTIVE = False
    CHANNEL: ClassVar[SmsChannel]
    #: Where it is said that the service does not let us in.
    SECRET: ClassVar[str]

    def webhook(self, request: WSGIRequest, path: str, previous_value: Any) -> HttpResponse:
        """Take what the service tells."""
        return hearing.receive(self.CHANNEL, request)

    @classmethod
    def connect(cls, values: Mapping[str, object]) -> str:
        """What the service says of the account."""
        try:
            return cls.CHANNEL.account(values).check_connection()
        except AccessDenied as error:
            raise SettingsError(
                {cls.SECRET: _("The service does not let us in: %(why)s") % {"why": error}}
            ) from error
        except Retry as error:
            # Saved all the same: it may be back before the first message.
            return _("The service could not be asked: %(why)s") % {"why": error}
