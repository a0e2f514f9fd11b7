"""An account at SMS.ru: the calls of its API."""

import os
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NoReturn

from django.utils.translation import gettext as _

from ....outbox.calls import NoReply, exchange
from ....outbox.errors import Retry
from ...channel import Lost, Sent, Unreachable
from ..account import AccessDenied, NoMoney, Report, money, words
from ..parts import measure
from . import reading
from .reading import Refusal
from .settings import SmsRuSettings

#: Parts that the service makes of a text.
_MOST_PARTS = 8
_FLOOD_SECONDS = 60.0
_LATER_SECONDS = 900.0


def address() -> str:
    """Where the API is.

    The host may say so (``ONEC_SMSRU_API``, for trying things out), the dashboard may not: whoever
    could change it there would have the key sent wherever he likes.
    """
    return os.environ.get("ONEC_SMSRU_API") or "https://sms.ru"


class SmsRuAccount:
    """See :class:`~saleor_1c_plugin.messaging.sms.account.Account`."""

    def __init__(self, settings: SmsRuSettings) -> None:
        self._settings = settings

    def send(self, to: str, body: str, key: str) -> Sent:
        fields = self._message(to, body)
        parts, cost = self._price(fields, body)
        try:
            about = _of(self._call("sms/send", fields), fields["to"])
        except NoReply as error:
            if error.is_unsent:
                raise Retry(str(error)) from None
            raise Lost(str(error)) from None
        reference = str(about.get("sms_id") or "")
        # Of a message that is only pretended to be sent nothing is told.
        told_later = bool(reference) and not self._settings.is_test
        return Sent(reference, parts, cost, reading.CURRENCY, is_told_later=told_later)

    def find(self, to: str, key: str) -> Sent | None:
        raise Lost("SMS.ru can't say what became of the message")

    def ask(self, to: str, reference: str) -> Report | None:
        try:
            about = _entry(self._call("sms/status", {"sms_id": reference}), reference)
        except NoReply as error:
            raise Retry(str(error)) from None
        status = reading.number(about.get("status_code"))
        if status == reading.NOT_FOUND:
            return None
        found = reading.outcome(status)
        if found is None:
            raise Retry(_reason(about))
        return Report(reference, *found, money(about.get("cost")), reading.CURRENCY)

    def check_connection(self) -> str:
        try:
            said = self._call("my/balance", {})
        except NoReply as error:
            raise Retry(str(error)) from None
        balance = money(said.get("balance"))
        if balance is None:
            raise Retry(_reason(said))
        values = {"balance": f"{balance:.2f}", "currency": reading.CURRENCY}
        if self._settings.is_test:
            return _(
                "Connected for a test: nothing is sent. Balance: %(balance)s %(currency)s."
            ) % (values)
        return _("Connected. Balance: %(balance)s %(currency)s.") % values

    def _price(self, fields: Mapping[str, str], body: str) -> tuple[int, Decimal | None]:
        """Parts and price of a message; what the service does not say is no reason to wait."""
        parts = measure(body).parts
        try:
            about = _of(self._call("sms/cost", fields), fields["to"])
        except (NoReply, Retry):
            return parts, None
        return reading.number(about.get("sms")) or parts, money(about.get("cost"))

    def _message(self, to: str, body: str) -> dict[str, str]:
        parts = measure(body).parts
        if parts > _MOST_PARTS:
            raise Unreachable(f"SMS.ru takes {_MOST_PARTS} parts, this text has {parts}")
        fields = {"to": to.removeprefix("+"), "msg": body}
        if self._settings.sender:
            fields["from"] = self._settings.sender
        if self._settings.is_test:
            fields["test"] = "1"
        return fields

    def _call(self, method: str, fields: Mapping[str, str]) -> Mapping[str, Any]:
        """What the service says of a call that it has understood."""
        form = {"api_id": self._settings.api_id, "json": "1", **fields}
        reply = exchange("POST", f"{address()}/{method}", data=form)
        said = reply.json
        if said is None or reply.status != 200:
            # Half of a page of a proxy's: what the service has done nobody says.
            raise NoReply(f"HTTP {reply.status}")
        if said.get("status") != "OK":
            _refuse(said)
        return said


def _entry(said: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """What is said of a number, or of a message."""
    entries = said.get("sms")
    entry = entries.get(name) if isinstance(entries, Mapping) else None
    if not isinstance(entry, Mapping):
        # The call was understood, and what became of it is not said.
        raise NoReply("The answer can't be read")
    return entry


def _of(said: Mapping[str, Any], to: str) -> Mapping[str, Any]:
    entry = _entry(said, to)
    if entry.get("status") != "OK":
        _refuse(entry)
    return entry


def _refuse(said: Mapping[str, Any]) -> NoReturn:
    reason = _reason(said)
    match reading.refusal(reading.number(said.get("status_code"))):
        case Refusal.DENIED:
            raise AccessDenied(reason)
        case Refusal.NO_MONEY:
            raise NoMoney(reason)
        case Refusal.FLOOD:
            raise Retry(reason, after=_FLOOD_SECONDS)
        case Refusal.LATER:
            raise Retry(reason, after=_LATER_SECONDS)
        case Refusal.FOR_GOOD:
            raise Unreachable(reason)


def _reason(said: Mapping[str, Any]) -> str:
    return f"SMS.ru: {words(said.get('status_text'))} ({words(said.get('status_code'))})"
