"""UUIDs as texts: the port's ids are opaque, and no instance is made of a million of them."""

from collections.abc import Iterable
from contextlib import suppress
from uuid import UUID

from django.db.models import TextField
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast

from ..bulk import any_of


def uuids(texts: Iterable[str]) -> set[UUID]:
    """Those of the texts that are UUIDs: 1C may name anything, and other texts name no row."""
    found = set()
    for text in texts:
        with suppress(ValueError):
            found.add(UUID(text))
    return found


def one_of(ids: Iterable[str]) -> RawSQL:
    """What follows ``__in`` to ask for the rows with these ids."""
    return any_of(ids, "uuid")


def text(column: str) -> Cast:
    """A column as a text."""
    return Cast(column, TextField())
