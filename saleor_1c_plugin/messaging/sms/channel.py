"""What the channels of text messages do alike: whom they reach, and what they say."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence

from ...history.event import Customer
from ..channel import Channel, Incoming, Sent, Text
from .account import Account, Report
from .numbers import mobile
from .parts import thrifty


class Forged(Exception):
    """Whoever sends it does not know the secret that the service shares with us."""


class SmsChannel(Channel):
    """A service that sends text messages."""

    group = "sms"
    #: What the service wants to hear when it has told us something.
    accepted = b""
    accepted_type = "text/plain"
    #: What a message costs it says only when it is asked later.
    is_priced_later = False

    @abstractmethod
    def account(self, saved: Mapping[str, object]) -> Account:
        """The account by the plugin's settings as they are saved.

        Raises
        ------
        SettingsError
            They can't be used.
        """

    @abstractmethod
    def heard(
        self, saved: Mapping[str, object], headers: Mapping[str, str], fields: Mapping[str, str]
    ) -> Sequence[Report | Incoming]:
        """What the service tells by itself.

        Parameters
        ----------
        headers
            By lower-case names.
        fields
            Of the form that it has sent.

        Raises
        ------
        Forged
            It is not the service.
        """

    def received(self, saved: Mapping[str, object], after: str) -> Sequence[Incoming]:
        """What buyers have written, oldest first, where the service has to be asked for it.

        Parameters
        ----------
        after
            Reference of the last one that was heard; empty: none was.
        """
        return ()

    def address(self, customer: Customer, links: Mapping[str, str]) -> str:
        return mobile(customer.phone)

    def send(self, saved: Mapping[str, object], to: str, text: Text, key: str) -> Sent:
        return self.account(saved).send(to, plain(text), key)

    def find(self, saved: Mapping[str, object], to: str, key: str) -> Sent | None:
        return self.account(saved).find(to, key)


def plain(text: Text) -> str:
    """A text with the addresses of its buttons; a phone shows no buttons to press."""
    pages = [f"{button.label}: {button.url}" for button in text.buttons if button.url]
    return thrifty("\n".join([text.body.strip(), *pages]))
