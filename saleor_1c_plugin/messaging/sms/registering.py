"""Making a service known, once the apps are loaded."""

from datetime import timedelta

from ...outbox.regular import regular
from .. import channel
from .channel import SmsChannel
from .tasks import ask_all


def register(service: SmsChannel) -> None:
    """Let messages go by a service, and have it asked after them."""
    channel.register(service)
    # The same work for all of them.
    regular("text messages", ask_all, timedelta(minutes=5))
