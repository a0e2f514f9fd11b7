"""The one place where fingerprints and canonical hashes are made."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from hashlib import blake2b
from typing import Any

#: Bytes; 128 bits leave no room for a chance collision among any number of goods.
SIZE = 16


def fingerprint(raw: bytes, salt: bytes) -> bytes:
    """Fingerprint of an element's bytes under `salt` (at most 64 bytes: the settings' digest)."""
    return blake2b(raw, digest_size=SIZE, key=salt).digest()


def of_amounts(amounts: Mapping[str, Decimal]) -> bytes:
    """Canonical hash of prices by channel or quantities by warehouse: there are very many."""
    text = ";".join(f"{key}={amounts[key].normalize():f}" for key in sorted(amounts))
    return blake2b(text.encode(), digest_size=SIZE).digest()


def canonical(value: object) -> bytes:
    """Hash of what a value means.

    Decimals are normalized (``1.50`` is ``1.5``), mappings and sets are sorted, dataclasses are
    taken field by field.
    """
    return blake2b(repr(_plain(value)).encode(), digest_size=SIZE).digest()


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, str | int | bool):
        return value
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, datetime):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return [_plain(getattr(value, field.name)) for field in fields(value)]
    if isinstance(value, dict):
        return sorted((str(_plain(key)), _plain(item)) for key, item in value.items())
    if isinstance(value, set | frozenset):
        return sorted(_plain(item) for item in value)
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    raise TypeError(f"no canonical form for {type(value).__name__}")
