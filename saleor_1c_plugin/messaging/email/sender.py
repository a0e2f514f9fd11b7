"""E-mail as a channel of messages."""

from collections.abc import Mapping
from email.headerregistry import Address
from smtplib import (
    SMTPAuthenticationError,
    SMTPException,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPServerDisconnected,
)

from django.conf import settings as django_settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.template.loader import render_to_string

from ...history.event import Customer
from ...language import gettext_lazy as _
from ...outbox.errors import Refused, Retry
from ..channel import Channel, Lost, Sent, Text, Unreachable
from .address import is_email
from .settings import PLUGIN, EmailSettings

#: From here on a mail server's "no" is for good (RFC 5321, 4.2.1).
_FOR_GOOD = 500


class Email(Channel):
    """See :class:`~..channel.Channel`."""

    name = PLUGIN
    title = _("E-mail")

    def address(self, customer: Customer, links: Mapping[str, str]) -> str:
        text = customer.email.strip()
        return text if is_email(text) else ""

    def send(self, saved: Mapping[str, object], to: str, text: Text, key: str) -> Sent:
        letter = _letter(EmailSettings.from_configuration(saved), to, text, key)
        connection = get_connection()
        try:
            connection.open()
        except (SMTPException, OSError) as error:
            raise Retry(_said("The mail server does not let us in", error)) from error
        try:
            connection.send_messages([letter])
        except SMTPRecipientsRefused as error:
            code = next(iter(error.recipients.values()))[0]
            _refused(code, error)
        except (SMTPAuthenticationError, SMTPResponseException) as error:
            _refused(error.smtp_code, error, is_address=False)
        except (SMTPServerDisconnected, OSError) as error:
            raise Lost(f"The mail server broke off: {type(error).__name__}") from error
        finally:
            connection.close()
        return Sent(reference=letter.extra_headers["Message-ID"])


def _refused(code: int, error: Exception, *, is_address: bool = True) -> None:
    if code < _FOR_GOOD:
        raise Retry(f"The mail server says: not now ({code})") from error
    if is_address:
        # The address is a buyer's: it is not repeated.
        raise Unreachable(f"The mail server does not take the address ({code})") from error
    raise Refused(f"The mail server does not take the message ({code})") from error


def _said(what: str, error: Exception) -> str:
    code = error.smtp_code if isinstance(error, SMTPResponseException) else type(error).__name__
    return f"{what}: {code}"


def _letter(settings: EmailSettings, to: str, text: Text, key: str) -> EmailMultiAlternatives:
    sender = settings.sender or django_settings.DEFAULT_FROM_EMAIL
    domain = sender.rpartition("@")[2].strip("<> ") or "localhost"
    if settings.name:
        sender = str(Address(settings.name, addr_spec=settings.sender))
    # Mail programs show one copy of what comes twice with one id.
    headers = {"Message-ID": f"<saleor1c.{key}@{domain}>"}
    if text.way_out:
        # The button beside the sender's name, RFC 2369 and RFC 8058.
        headers["List-Unsubscribe"] = f"<{text.way_out}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    letter = EmailMultiAlternatives(
        subject=text.subject,
        body=_plain(text),
        from_email=sender,
        to=[to],
        reply_to=[settings.reply_to] if settings.reply_to else None,
        headers=headers,
    )
    page = render_to_string("onec_messaging/letter.html", {"text": text})
    letter.attach_alternative(page, "text/html")
    return letter


def _plain(text: Text) -> str:
    buttons = [f"{button.label}: {button.url}" for button in text.buttons if button.url]
    return "\n\n".join([text.body, *buttons])
