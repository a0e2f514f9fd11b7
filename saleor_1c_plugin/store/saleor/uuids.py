"""Ids that come from outside."""

from collections.abc import Iterable
from contextlib import suppress
from uuid import UUID


def uuids(texts: Iterable[str]) -> set[UUID]:
    """Those of the texts that are UUIDs: 1C may name anything, and other texts name no row."""
    found = set()
    for text in texts:
        with suppress(ValueError):
            found.add(UUID(text))
    return found
