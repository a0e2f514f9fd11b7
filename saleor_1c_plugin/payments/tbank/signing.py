"""T-Bank's tokens: by them each side knows that the other one has the terminal's password."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any


def token(fields: Mapping[str, object], password: str) -> str:
    """Of a message: hex SHA-256 of the values at its root, the password among them, by key.

    What lies deeper is not signed.
    """
    values = {key: _text(value) for key, value in fields.items() if key != "Token"}
    values["Password"] = password
    text = "".join(value for _, value in sorted(values.items()) if value is not None)
    return hashlib.sha256(text.encode()).hexdigest()


def is_signed(body: bytes, terminal: str, password: str) -> bool:
    """Whether a notification is about this terminal, and by somebody who knows its password."""
    try:
        # Numbers to the letter: the token is made of what is written.
        told: Any = json.loads(body, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return False
    if not isinstance(told, dict) or told.get("TerminalKey") != terminal:
        return False
    given = told.get("Token")
    if not isinstance(given, str):
        return False
    try:
        expected = token(told, password)
    except UnicodeEncodeError:
        # Half of a surrogate pair.
        return False
    return hmac.compare_digest(expected.encode(), given.lower().encode("utf-8", "replace"))


def _text(value: object) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int) else None
