"""A chat as a way to reach the store's own people."""

from collections.abc import Mapping

from ...history.event import Customer
from ...language import gettext_lazy as _
from ...outbox import pace
from ...outbox.errors import Retry
from ..channel import Sent, StaffChannel, Text
from . import NAME, library
from .settings import AppriseSettings

#: The one that the settings name.
_DESK = "chat"
#: Seconds between two messages; Slack lets one be written a second.
_PAUSE = 1.0
_MOST_TEXT = 3000


class Chat(StaffChannel):
    """See :class:`~saleor_1c_plugin.messaging.channel.Channel`."""

    name = NAME
    title = _("Chat of staff")

    def desk(self, customer: Customer, order_id: str) -> str:
        return _DESK

    def send(self, saved: Mapping[str, object], to: str, text: Text, key: str) -> Sent:
        settings = AppriseSettings.from_configuration(saved)
        pages = [f"{one.label}: {one.url}" for one in text.buttons if one.url]
        body = "\n".join([text.body[:_MOST_TEXT], *pages])
        pace.wait(f"messages.{NAME}", _PAUSE)
        try:
            library.say(settings.address, text.subject, body)
        except library.NotInstalled as error:
            raise Retry("Apprise is not installed") from error
        return Sent()

    def find(self, saved: Mapping[str, object], to: str, key: str) -> Sent | None:
        """Nobody knows what became of it: it is said again, see the room's own text."""
        return None
