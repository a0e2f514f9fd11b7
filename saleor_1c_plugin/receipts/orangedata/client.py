"""Calls of OrangeData's API: who we are says a certificate, what we ask for is signed."""

import os
import threading
from functools import lru_cache
from typing import Any
from urllib.parse import quote

import requests
from django.utils.translation import gettext as _
from requests.adapters import HTTPAdapter

from ...outbox.calls import Reply
from ...outbox.http import Session
from ..http import call
from .keys import Identity, signature
from .settings import OrangeDataSettings, SettingsError

#: Of a thread's, each with an identity of its own; the oldest gives way.
_MOST_SESSIONS = 4
_local = threading.local()


def address() -> str:
    """Where the API is.

    The host may say so (``ONEC_ORANGEDATA_API``: the test stand, or for trying things out), the
    dashboard may not: whoever could change it there would be told what every buyer has bought.
    """
    return os.environ.get("ONEC_ORANGEDATA_API") or "https://api.orangedata.ru:12003/api/v2"


class Client:
    """Of a company at OrangeData."""

    def __init__(self, settings: OrangeDataSettings) -> None:
        if settings.identity is None or settings.signing_key is None:
            raise SettingsError({"certificate": _("Set the certificate and the keys first.")})
        self._identity = settings.identity
        self._signing_key = settings.signing_key

    def get(self, *path: str) -> Reply:
        return self._call("GET", "/".join(quote(part, safe="") for part in path))

    def post(self, path: str, body: bytes) -> Reply:
        """POST a body, which is JSON, with our signature under it."""
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "X-Signature": signature(body, self._signing_key),
        }
        return self._call("POST", f"{path}/", data=body, headers=headers)

    def _call(self, method: str, path: str, **given: Any) -> Reply:
        authorities = _authorities()
        over = _session(self._identity, authorities)
        return call(method, f"{address()}/{path}", over=over, verify=authorities or True, **given)


def _authorities() -> str:
    """Whose word counts for who OrangeData is, where the host says so (a PEM file)."""
    return os.environ.get("ONEC_ORANGEDATA_ROOTS", "")


class _Adapter(HTTPAdapter):
    """Connections on which we say who we are."""

    def __init__(self, identity: Identity, authorities: str) -> None:
        self._context = _context(identity, authorities)
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs, ssl_context=self._context)


#: Common to all threads: it reads files and keys, and a context may be shared.
_context = lru_cache(maxsize=16)(Identity.context)


def _session(identity: Identity, authorities: str) -> requests.Session:
    """This thread's with that identity: connections stay open from one receipt to the next."""
    sessions: dict[tuple[Identity, str], requests.Session]
    sessions = _local.__dict__.setdefault("sessions", {})
    found = sessions.get((identity, authorities))
    if found is None:
        found = Session()
        found.mount("https://", _Adapter(identity, authorities))
        while len(sessions) >= _MOST_SESSIONS:
            sessions.pop(next(iter(sessions))).close()
        sessions[identity, authorities] = found
    return found
