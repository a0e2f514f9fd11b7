"""Who delivers what: each room names its receivers when the apps are loaded."""

from collections.abc import Callable, Mapping

from .models import Message

Deliver = Callable[[Message], None]

_receivers: dict[str, Deliver] = {}


def register(topic: str, deliver: Deliver) -> None:
    """Have `deliver` called with every message of `topic`; called in ``AppConfig.ready()``.

    It runs in a thread of its own outside of any transaction, at least once for a message, and for
    one message of an object at a time. It should end within a minute.

    Parameters
    ----------
    deliver
        Returns when the receiver has the message. Raises
        :class:`~saleor_1c_plugin.outbox.errors.Retry` for another attempt (as any other exception
        does) and :class:`~saleor_1c_plugin.outbox.errors.Refused` for none.
    """
    _receivers[topic] = deliver


def receivers() -> Mapping[str, Deliver]:
    """Topic → its handler. Messages of any other topic wait until somebody registers it."""
    return _receivers
