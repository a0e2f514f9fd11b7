"""Secrets that a room gets while it works, as they lie in the database: sealed with Django's key.

What a merchant types is kept where the shop keeps settings; this is for what nobody types, tokens
that another service hands out and takes back. A copy of the database alone opens none of them.
"""

import base64
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

_PURPOSE = b"saleor_1c_plugin.sealed"


class Unreadable(ValueError):
    """It was sealed with a key that this shop does not have any more."""


def seal(text: str) -> str:
    """For the database."""
    return _keys().encrypt(text.encode()).decode()


def opened(sealed: str) -> str:
    """The text that was sealed.

    Raises
    ------
    Unreadable
        Django's ``SECRET_KEY`` was another one, and is none of ``SECRET_KEY_FALLBACKS``.
    """
    try:
        return _keys().decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise Unreadable from None


def _keys() -> MultiFernet:
    return _made((settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))


@lru_cache(maxsize=4)
def _made(secrets: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(_derived(secret)) for secret in secrets])


def _derived(secret: str) -> bytes:
    made = HKDF(SHA256(), length=32, salt=None, info=_PURPOSE).derive(secret.encode())
    return base64.urlsafe_b64encode(made)
