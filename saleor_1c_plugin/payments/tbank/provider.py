"""T-Bank, as the core knows it."""

import json
import re
from collections.abc import Mapping
from typing import Any

from ..provider import Subject
from .account import TBankAccount
from .settings import TBankSettings

_ID = re.compile(r"[0-9]{1,20}")
#: Characters of an order's id.
_MOST_ORDER = 36


class TBank:
    """See :class:`~saleor_1c_plugin.payments.provider.Provider`."""

    name = "tbank"
    title = "Т-Банк"
    #: Nothing runs out at the bank: a link to pay by, without which nobody can, lives for a day.
    key_seconds = 24 * 3600
    headers: tuple[str, ...] = ()
    #: To the letter: anything else, and the bank sends the notification again.
    accepted = b"OK"
    accepted_type = "text/plain"
    consent = b""

    def account(self, saved: Mapping[str, object]) -> TBankAccount:
        return TBankAccount(TBankSettings.from_configuration(saved))

    def subject(self, body: bytes, headers: Mapping[str, str]) -> Subject:
        try:
            told: Any = json.loads(body, parse_int=str, parse_float=str)
            payment_id, order = told["PaymentId"], told.get("OrderId") or ""
        except (AttributeError, KeyError, RecursionError, TypeError) as error:
            raise ValueError("No notification of T-Bank's about a payment") from error
        if not isinstance(payment_id, str) or not _ID.fullmatch(payment_id):
            raise ValueError("No id of a payment")
        is_order = isinstance(order, str) and len(order) <= _MOST_ORDER
        return Subject(payment_id, order if is_order else "")
