"""Calls of YooKassa's API for receipts, version 3."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from ...yookassa import address
from ..connecting import AccessDenied
from ..driver import OutcomeUnknown, Refused, Unavailable
from ..http import call
from .settings import YooKassaReceiptsSettings

#: Of an answer of the API, as far as people need it.
_MOST_TEXT = 300
#: By which an error says that the key was used for something else.
_KEY = "idempotence"
#: Of a payment there are 30 at most.
_ALL = "100"


class Client:
    """Of a shop."""

    def __init__(self, settings: YooKassaReceiptsSettings) -> None:
        self._settings = settings

    def create(self, body: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        """Make a receipt; for a day, the same key is the same call."""
        return self._call("POST", "/receipts", headers={"Idempotence-Key": key}, json=body)

    def receipt(self, receipt_id: str) -> Mapping[str, Any]:
        return self._call("GET", f"/receipts/{quote(receipt_id, safe='')}")

    def receipts(self, about: Mapping[str, str]) -> Mapping[str, Any]:
        """Those of a payment or of a refund."""
        return self._call("GET", "/receipts", params={**about, "limit": _ALL})

    def me(self) -> Mapping[str, Any]:
        """The shop, and which registers it has."""
        return self._call("GET", "/me")

    def _call(self, method: str, path: str, **given: Any) -> Mapping[str, Any]:
        settings = self._settings
        reply = call(
            method,
            f"{address()}{path}",
            auth=(settings.shop_id, settings.secret_key),
            **given,
        )
        said = reply.json
        if reply.status == 200 and said is not None:
            return said
        words = f"{(said or {}).get('code') or ''}: {(said or {}).get('description') or ''}"
        reason = f"HTTP {reply.status} {words.strip(': ')[:_MOST_TEXT]}".strip()
        if reply.status in (401, 403):
            raise AccessDenied(f"ЮKassa не принимает ключ: {reason}")
        if reply.status == 429:
            raise Unavailable("ЮKassa просит обращаться реже")
        is_known = _KEY in f"{(said or {}).get('parameter') or ''} {words}".lower()
        if method == "POST" and reply.status == 400 and said is not None and not is_known:
            raise Refused(f"ЮKassa не приняла чек: {reason}")
        raise OutcomeUnknown(f"ЮKassa ответила: {reason}")
