"""A service that speaks QIWI's protocol, as the core knows it."""

import json
import re
from collections.abc import Mapping
from typing import Any

from ..provider import Subject
from .account import QiwiAccount
from .reading import SIGNATURE
from .settings import QiwiSettings

_ID = re.compile(r"[0-9A-Za-z-]{1,64}")


class Qiwi:
    """See :class:`~saleor_1c_plugin.payments.provider.Provider`."""

    name = "qiwi"
    title = "QIWI"
    #: A bill that could not be made for a day is of no use; our ids of it would do longer.
    key_seconds = 24 * 3600
    headers: tuple[str, ...] = (SIGNATURE,)
    accepted = b'{"error":"0"}'
    accepted_type = "application/json"
    consent = b""

    def account(self, saved: Mapping[str, object]) -> QiwiAccount:
        return QiwiAccount(QiwiSettings.from_configuration(saved))

    def subject(self, body: bytes, headers: Mapping[str, str]) -> Subject:
        try:
            told: Any = json.loads(body)
            bill_id = told["bill"]["billId"]
        except (KeyError, RecursionError, TypeError) as error:
            raise ValueError("No notification of QIWI's") from error
        if not isinstance(bill_id, str) or not _ID.fullmatch(bill_id):
            raise ValueError("No id of a bill")
        return Subject(bill_id, bill_id)
