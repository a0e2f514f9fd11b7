"""How Twilio signs what it sends. Pure."""

import base64
import hashlib
import hmac
from collections.abc import Mapping


def signature(token: str, url: str, fields: Mapping[str, str]) -> str:
    """Of a form that was sent to an address.

    Parameters
    ----------
    url
        To the letter as Twilio was told it.
    """
    text = url + "".join(f"{name}{value}" for name, value in sorted(fields.items()))
    return base64.b64encode(hmac.digest(token.encode(), text.encode(), hashlib.sha1)).decode()


def is_signed(given: str, token: str, url: str, fields: Mapping[str, str]) -> bool:
    return hmac.compare_digest(given.encode(), signature(token, url, fields).encode())
