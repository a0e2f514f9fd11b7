"""An account at SMSC.ru: the calls of its API."""

import hashlib
import os
from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings as django_settings
from django.utils.translation import gettext as _

from ....outbox.calls import NoReply, exchange
from ....outbox.errors import Retry
from ...channel import Lost, Sent, Unreachable
from ..account import AccessDenied, NoMoney, Report, money, words
from ..parts import measure
from . import reading
from .settings import SmscSettings

#: Signs of a text that the service takes.
_MOST_TEXT = 1000
#: How many ids of messages there are.
_IDS = 0x7FFFFFFF
#: Seconds after which what was too often may be asked again.
_FLOOD_SECONDS = 60.0
#: Of calls: the account is wrong; our address is shut out for a while.
_DENIED, _SHUT_OUT = 2, 4
_NO_MONEY, _TOO_OFTEN = 3, 9
#: Of a question after a message: there is none.
_NO_MESSAGE = 3


def address() -> str:
    """Where the API is.

    The host may say so (``ONEC_SMSC_API``, for trying things out), the dashboard may not: whoever
    could change it there would have the password sent wherever he likes.
    """
    return os.environ.get("ONEC_SMSC_API") or "https://smsc.ru/sys"


def message_id(key: str) -> int:
    """Ours of a message, as the service takes one: from 1 to 2147483647.

    Different for different keys, which are numbers, and for shops with one account.
    """
    if not key.isdecimal():
        return _folded(key) + 1
    return (int(key) + _folded(django_settings.SECRET_KEY)) % _IDS + 1


def _folded(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]) % _IDS


class SmscAccount:
    """See :class:`~saleor_1c_plugin.messaging.sms.account.Account`."""

    def __init__(self, settings: SmscSettings) -> None:
        self._settings = settings

    def send(self, to: str, body: str, key: str) -> Sent:
        reference = f"{message_id(key)}"
        fields = {**self._message(to, body), "id": reference, "cost": "2"}
        try:
            said = self._call("send.php", fields)
        except NoReply as error:
            if error.is_unsent:
                raise Retry(str(error)) from None
            return self._after_silence(to, key, str(error))
        if reading.number(said.get("error_code")) == _TOO_OFTEN:
            # That was said already, or all too much is being said.
            found = self.find(to, key)
            if found is not None:
                return found
        _require_taken(said)
        return _sent(said, body, reference)

    def find(self, to: str, key: str) -> Sent | None:
        """What became of a message whose answer was lost; ``None``: it was never taken."""
        reference = f"{message_id(key)}"
        said = self._asked(to, reference)
        if said is None:
            return None
        parts = measure(str(said.get("message") or "")).parts
        cost = money(said.get("cost"))
        return Sent(reference, parts, cost, reading.CURRENCY, is_told_later=True)

    def ask(self, to: str, reference: str) -> Report | None:
        said = self._asked(to, reference)
        if said is None:
            return None
        found = reading.outcome(reading.number(said.get("status")))
        if found is None:
            raise Retry(f"SMSC.ru: status {words(said.get('status'))}")
        return Report(reference, *found, money(said.get("cost")), reading.CURRENCY)

    def received(self, after: str) -> Sequence[Mapping[str, Any]]:
        """What has come to the account's own numbers: after that message, or of the last hour."""
        since = {"after_id": after} if after else {"hour": "1"}
        try:
            said = self._asked_for("get.php", {"get_answers": "1", **since})
        except NoReply as error:
            raise Retry(str(error)) from None
        if isinstance(said, list):
            return [row for row in said if isinstance(row, Mapping)]
        _require_access(said)
        if reading.number(said.get("error_code")) not in (None, _NO_MESSAGE):
            raise Retry(_reason(said), after=_FLOOD_SECONDS)
        return ()

    def check_connection(self) -> str:
        try:
            said = self._call("balance.php", {"cur": "1"})
        except NoReply as error:
            raise Retry(str(error)) from None
        _require_access(said)
        balance = money(said.get("balance"))
        if balance is None:
            raise Retry(f"SMSC.ru: {words(said.get('error')) or 'no balance'}")
        return _("Connected. Balance: %(balance)s %(currency)s.") % {
            "balance": balance,
            # Roubles by their old code.
            "currency": str(said.get("currency") or "RUR").replace("RUR", reading.CURRENCY),
        }

    def _after_silence(self, to: str, key: str, why: str) -> Sent:
        try:
            found = self.find(to, key)
        except Retry:
            raise Lost(why) from None
        if found is None:
            raise Retry(f"{why}, and the message was not taken")
        return found

    def _message(self, to: str, body: str) -> dict[str, str]:
        if len(body) > _MOST_TEXT:
            raise Unreachable(f"SMSC.ru takes {_MOST_TEXT} signs, this text has {len(body)}")
        fields = {"phones": to, "mes": body}
        return {**fields, "sender": self._settings.sender} if self._settings.sender else fields

    def _asked(self, to: str, reference: str) -> Mapping[str, Any] | None:
        """What the service says of a message; ``None``: it has none."""
        try:
            said = self._call("status.php", {"phone": to, "id": reference, "all": "1"})
        except NoReply as error:
            raise Retry(str(error)) from None
        code = reading.number(said.get("error_code"))
        if code == _NO_MESSAGE or reading.number(said.get("status")) == reading.NOT_FOUND:
            return None
        _require_access(said)
        if code is not None:
            raise Retry(_reason(said), after=_FLOOD_SECONDS if code == _TOO_OFTEN else None)
        return said

    def _call(self, script: str, fields: Mapping[str, str]) -> Mapping[str, Any]:
        said = self._asked_for(script, fields)
        if isinstance(said, list):
            raise NoReply("A list")
        return said

    def _asked_for(self, script: str, fields: Mapping[str, str]) -> Mapping[str, Any] | list[Any]:
        settings = self._settings
        if settings.login:
            who = {"login": settings.login, "psw": settings.password}
        else:
            who = {"apikey": settings.api_key}
        form = {**who, "fmt": "3", "charset": "utf-8", **fields}
        reply = exchange("POST", f"{address()}/{script}", data=form)
        said = reading.parsed(reply.body)
        if said is None or reply.status != 200:
            # Half of a page of a proxy's: what the service has done nobody says.
            raise NoReply(f"HTTP {reply.status}")
        return said


def _require_access(said: Mapping[str, Any]) -> None:
    """Codes that mean the same in every answer."""
    code = reading.number(said.get("error_code"))
    if code == _DENIED:
        raise AccessDenied(_reason(said))
    if code == _SHUT_OUT:
        raise Retry(_reason(said), after=_FLOOD_SECONDS)


def _require_taken(said: Mapping[str, Any]) -> None:
    code = reading.number(said.get("error_code"))
    if code is None and not said.get("error"):
        return
    _require_access(said)
    if code == _NO_MONEY:
        raise NoMoney(_reason(said))
    if code == _TOO_OFTEN:
        raise Retry(_reason(said), after=_FLOOD_SECONDS)
    # There is no such number, or the service does not carry such a text: another channel may.
    raise Unreachable(_reason(said))


def _sent(said: Mapping[str, Any], body: str, reference: str) -> Sent:
    parts = reading.number(said.get("cnt")) or measure(body).parts
    return Sent(reference, parts, money(said.get("cost")), reading.CURRENCY, is_told_later=True)


def _reason(said: Mapping[str, Any]) -> str:
    return f"SMSC.ru: {words(said.get('error'))} ({words(said.get('error_code'))})"
