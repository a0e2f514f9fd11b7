"""What this room asks of a channel, and the one place where channels are known.

A channel is a folder with a plugin of its own: SMS, Telegram, Viber, e-mail. It knows how to reach
somebody and how to say something; what is said, to whom and when is decided here, once for all.
Most reach buyers; some reach the store's own people (:class:`StaffChannel`).
"""

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

from ..history.event import Customer


class Unreachable(Exception):
    """This person can't be reached by this channel (any more): another one may be tried.

    No such number, the bot was blocked, the window to answer in is over. The text says why, in
    English, and names nobody.
    """


class Lost(Exception):
    """No answer came, and the service may have taken the message: it is not said a second time.

    :class:`~saleor_1c_plugin.outbox.errors.Retry`, in contrast, says that nothing was taken for
    sure. The text says why, in English, and names nobody.
    """


@dataclass(frozen=True, slots=True)
class Button:
    """Something that the reader can press; a channel without buttons writes the address."""

    label: str
    #: Of a page; or empty, and `command` is what the press says to us.
    url: str = ""
    #: Up to 64 bytes: "extend:<reservation>".
    command: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """What is said."""

    body: str
    #: For channels that have one.
    subject: str = ""
    buttons: Sequence[Button] = ()
    #: Page where the reader turns messages off. The body names it, or the channel's `stop_word`.
    way_out: str = ""
    #: Kind of the event, for an order's status with it, and the order: for a channel whose reader
    #: has something to be opened. Empty for an answer, and where there is no order.
    about: str = ""
    order_id: str = ""


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of it, as far as the channel says at once."""

    #: The service's id of it; empty: it has none.
    reference: str = ""
    #: Of an SMS.
    parts: int = 1
    #: What it costs, as the service has said, in `currency`; ``None``: it does not say.
    cost: Decimal | None = None
    currency: str = ""
    #: The service has taken it, and says later whether it has arrived: the channel tells
    #: :mod:`.outcomes` of that. ``False``: that it was taken is all that there is to know.
    is_told_later: bool = False


class Channel(Protocol):
    """A way to reach people; whoever implements it inherits from this.

    Every call may go over the network, and none is in a transaction.
    """

    name: str
    title: str
    #: A word by which rules name several channels, of which the first is used that is switched on
    #: and reaches the person: "sms".
    group: str = ""
    #: Id of its plugin without the "saleor1c." before it; empty: its name.
    plugin: str = ""
    #: What a reader can answer to hear no more: "/stop". Empty: messages name a page for that.
    stop_word: str = ""
    #: What shows a message shows its `way_out` beside it: the body does not name it.
    is_way_out_apart: bool = False

    def address(self, customer: Customer, links: Mapping[str, str]) -> str:
        """Where this person is reached; empty: nowhere. Asks nobody.

        Parameters
        ----------
        links
            Channel's name → what this person is known by there, where he has linked himself.
        """

    def send(self, saved: Mapping[str, object], to: str, text: Text, key: str) -> Sent:
        """Say it, once for this `key` where the service knows such a thing.

        Parameters
        ----------
        saved
            The channel plugin's settings, as they are saved.

        Raises
        ------
        Unreachable
            See there.
        saleor_1c_plugin.outbox.errors.Retry, saleor_1c_plugin.outbox.errors.Refused
            To be tried again later, for nothing was taken; or never, and no other channel helps.
        Lost
            See there.
        """

    def find(self, saved: Mapping[str, object], to: str, key: str) -> Sent | None:
        """What became of a message whose answer was lost; ``None``: it was never taken.

        Raises
        ------
        Lost
            The service can't say.
        saleor_1c_plugin.outbox.errors.Retry
            It can, but not now.
        """
        raise Lost("The service can't say what became of the message")


class StaffChannel(Channel):
    """A way to reach the store's own people: a corporate portal, a chat.

    What buyers want is not asked: staff are told at any hour, however much, and in texts of their
    own (:mod:`.staff`).
    """

    group = "staff"

    def address(self, customer: Customer, links: Mapping[str, str]) -> str:
        """Nobody who buys is reached by it."""
        return ""

    @abstractmethod
    def desk(self, customer: Customer, order_id: str) -> str:
        """Where whoever looks after a customer, or his order, is reached. Asks nobody.

        Of what has nothing to do with either both are empty.
        """


@dataclass(frozen=True, slots=True)
class Incoming:
    """What somebody has said to us in a channel; verified by the channel."""

    channel: str
    #: What he is known by there.
    address: str
    #: The service's id of it: the same is handled once.
    reference: str
    text: str = ""
    #: Of a button, see :class:`Button`.
    command: str = ""
    data: Mapping[str, str] = field(default_factory=dict)


_channels: dict[str, Channel] = {}


def register(channel: Channel) -> None:
    """Let messages go by a channel; called in ``AppConfig.ready()``."""
    # They import this module.
    from ..outbox import topics
    from . import outgoing, sending

    _channels[channel.name] = channel
    # A receiver of its own: a service that is down delays nobody else's messages.
    topics.register(outgoing.topic(channel.name), sending.deliver)


def channels() -> Iterator[Channel]:
    """In the order in which they were registered."""
    yield from _channels.values()


def channel(name: str) -> Channel | None:
    return _channels.get(name)
