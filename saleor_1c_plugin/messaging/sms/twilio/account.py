"""An account at Twilio: the calls of its API."""

import hashlib
import os
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.utils import timezone
from django.utils.translation import gettext as _

from ....outbox.calls import NoReply, Reply, exchange
from ....outbox.errors import Retry
from ...channel import Lost, Sent, Unreachable
from ..account import AccessDenied, NoMoney, Report, money, words
from ..parts import measure
from . import reading
from .settings import TwilioSettings

#: Signs of a text that the service takes.
_MOST_TEXT = 1600
#: The account is closed, suspended, or has no money left.
_SUSPENDED = (20005, 30002)
#: Codes about who calls, not about what is asked for.
_ACCESS = range(20000, 21000)
#: Messages to one number that are looked through for one whose answer was lost.
_MOST_LISTED = 100
#: For which words of a message are remembered.
_REMEMBERED = timedelta(hours=1)
#: How much two clocks may differ.
_CLOCKS = timedelta(minutes=1)


def address() -> str:
    """Where the API is.

    The host may say so (``ONEC_TWILIO_API``, for trying things out), the dashboard may not: whoever
    could change it there would have the token sent wherever he likes.
    """
    return os.environ.get("ONEC_TWILIO_API") or "https://api.twilio.com/2010-04-01"


class TwilioAccount:
    """See :class:`~saleor_1c_plugin.messaging.sms.account.Account`."""

    def __init__(self, settings: TwilioSettings) -> None:
        self._settings = settings

    def send(self, to: str, body: str, key: str) -> Sent:
        fields = self._message(to, body)
        cache.set(_place(key), (timezone.now(), _digest(body)), _REMEMBERED.total_seconds())
        try:
            reply = self._call("POST", "/Messages.json", data=fields)
        except NoReply as error:
            if error.is_unsent:
                raise Retry(str(error)) from None
            raise Lost(str(error)) from None
        if reply.status == 201 and reply.json and reply.json.get("sid"):
            return _sent(reply.json)
        _require_answer(reply, Lost)
        raise Unreachable(_reason(reply))

    def find(self, to: str, key: str) -> Sent | None:
        remembered: tuple[datetime, str] | None = cache.get(_place(key))
        if remembered is None:
            raise Lost("Nobody remembers the words by which Twilio would know the message")
        began, digest = remembered
        listed = self._get("/Messages.json", To=to, PageSize=f"{_MOST_LISTED}")
        messages: Iterable[Mapping[str, Any]] = listed.get("messages") or ()
        since = [one for one in messages if _is_ours(one, began - _CLOCKS)]
        for message in since:
            if _digest(str(message.get("body"))) == digest:
                return _sent(message)
        if since:
            # Twilio may replace some signs by others.
            raise Lost("Twilio has taken a message to this number, by other words")
        return None

    def ask(self, to: str, reference: str) -> Report | None:
        try:
            message = self._get(f"/Messages/{reference}.json")
        except Unreachable:
            return None
        report = reading.report(message)
        if report is None:
            raise Retry(f"Twilio: status {words(message.get('status'))}")
        return report

    def check_connection(self) -> str:
        account = self._get(".json")
        status = account.get("status")
        if status != "active":
            raise AccessDenied(f"Twilio: the account is {words(status)}")
        values = {"name": words(account.get("friendly_name"))}
        try:
            held = self._get("/Balance.json")
        except Unreachable:
            # Accounts that are part of another one have none.
            held = {}
        balance = money(held.get("balance"))
        if balance is None:
            return _("Connected: %(name)s.") % values
        more = {"balance": balance, "currency": words(held.get("currency"))}
        return _("Connected: %(name)s. Balance: %(balance)s %(currency)s.") % {**values, **more}

    def _message(self, to: str, body: str) -> dict[str, str]:
        settings = self._settings
        if len(body) > _MOST_TEXT:
            raise Unreachable(f"Twilio takes {_MOST_TEXT} signs, this text has {len(body)}")
        sender = "MessagingServiceSid" if settings.is_service else "From"
        fields = {"To": to, "Body": body, sender: settings.sender}
        if settings.notification_url:
            fields["StatusCallback"] = settings.notification_url
        return fields

    def _get(self, path: str, **query: str) -> Mapping[str, Any]:
        try:
            reply = self._call("GET", path, params=query)
        except NoReply as error:
            raise Retry(str(error)) from None
        if reply.status == 200 and reply.json is not None:
            return reply.json
        _require_answer(reply, Retry)
        raise Unreachable(_reason(reply))

    def _call(self, method: str, path: str, **given: Any) -> Reply:
        """Call what belongs to the account."""
        who = (self._settings.account_sid, self._settings.auth_token)
        url = f"{address()}/Accounts/{self._settings.account_sid}{path}"
        return exchange(method, url, auth=who, **given)


def _require_answer(reply: Reply, otherwise: type[Exception]) -> None:
    """Refusals that are no fault of the message; what says nothing is raised as `otherwise`."""
    if reply.status == 429:
        raise Retry(_reason(reply), after=_pause(reply))
    said = reply.json or {}
    code = said.get("code")
    if code in _SUSPENDED:
        raise NoMoney(_reason(reply))
    if reply.status in (401, 403) and isinstance(code, int) and code in _ACCESS:
        raise AccessDenied(_reason(reply))
    if reply.json is None or reply.status >= 500 or reply.status < 400:
        raise otherwise(f"HTTP {reply.status}")


def _pause(reply: Reply) -> float | None:
    given = str(reply.headers.get("Retry-After", ""))
    return float(given[:4]) if given.isascii() and given.isdigit() else None


def _is_ours(message: Mapping[str, Any], since: datetime) -> bool:
    """Whether it is one that was sent by the API since then."""
    created = reading.created(message)
    is_late_enough = created is not None and created >= since
    return is_late_enough and message.get("direction") == "outbound-api"


def _sent(message: Mapping[str, Any]) -> Sent:
    # A messaging service does not say at once in how many parts a text goes.
    given = str(message.get("num_segments") or "0")
    parts = int(given) if given.isascii() and given.isdigit() else 0
    body = str(message.get("body") or "")
    cost, currency = reading.price(message)
    parts = parts or measure(body).parts
    return Sent(str(message["sid"]), parts, cost, currency, is_told_later=True)


def _reason(reply: Reply) -> str:
    said = reply.json or {}
    return reading.reason(said.get("code"), said.get("message"))


def _place(key: str) -> str:
    return f"onec-sms:twilio:words:{key}"


def _digest(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()
