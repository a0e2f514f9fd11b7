"""YooKassa, as the core knows it."""

import json
import re
from collections.abc import Mapping
from typing import Any

from ..provider import Subject
from . import reading
from .account import YooKassaAccount
from .settings import YooKassaSettings

_ID = re.compile(r"[0-9A-Za-z-]{1,64}")


class YooKassa:
    """See :class:`~saleor_1c_plugin.payments.provider.Provider`."""

    name = "yookassa"
    title = "ЮKassa"
    #: A day, by its documentation.
    key_seconds = 24 * 3600
    headers: tuple[str, ...] = ()
    accepted = b""
    accepted_type = "text/plain"
    consent = b""

    def account(self, saved: Mapping[str, object]) -> YooKassaAccount:
        return YooKassaAccount(YooKassaSettings.from_configuration(saved))

    def subject(self, body: bytes, headers: Mapping[str, str]) -> Subject:
        try:
            told: Any = json.loads(body)
            is_refund = str(told["event"]).startswith("refund.")
            found = told["object"]
            payment_id = found["payment_id" if is_refund else "id"]
            metadata = found.get("metadata") or {}
            attempt = "" if is_refund else metadata.get(reading.ATTEMPT) or ""
        except (AttributeError, KeyError, RecursionError, TypeError) as error:
            raise ValueError("No notification of YooKassa's") from error
        if not isinstance(payment_id, str) or not _ID.fullmatch(payment_id):
            raise ValueError("No id of a payment")
        return Subject(payment_id, attempt if isinstance(attempt, str) else "")
