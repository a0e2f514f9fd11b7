"""Reading and writing the register in bulk.

Plain SQL with arrays: one statement reads a batch, one writes it, whatever its size.
"""

import json
import zlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from ..commerceml.model import ItemKind
from ..store import bulk
from .models import RegisterEntry

State = RegisterEntry.State
TABLE = RegisterEntry._meta.db_table
#: Any number serves that nothing else in the database locks: "1C" and the room.
_WRITERS_LOCK = 0x3143_0001

_PARTS = (
    "print_goods",
    "print_card",
    "print_price",
    "print_stock",
    "hash_card",
    "hash_pictures",
    "hash_price",
    "hash_stock",
)
_RAWS = ("raw_goods", "raw_card", "raw_price", "raw_stock")


@dataclass(slots=True)
class Entry:
    """A row of the register. A ``raw_*`` of ``None`` means: leave what is stored."""

    kind: ItemKind
    onec_id: str
    last_seen: datetime
    pk: int | None = None
    parent_id: str = ""
    catalog_id: str = ""
    store_id: str | None = None
    type_id: str = ""
    name: str = ""
    article: str = ""
    state: str = State.ACTIVE
    print_goods: bytes | None = None
    print_card: bytes | None = None
    print_price: bytes | None = None
    print_stock: bytes | None = None
    hash_card: bytes | None = None
    hash_pictures: bytes | None = None
    hash_price: bytes | None = None
    hash_stock: bytes | None = None
    raw_goods: bytes | None = None
    raw_card: bytes | None = None
    raw_price: bytes | None = None
    raw_stock: bytes | None = None
    pictures: dict[str, str] = field(default_factory=dict)

    def forget(self) -> None:
        """Make the next sight of the object apply it anew, whatever its bytes."""
        for name in _PARTS:
            setattr(self, name, None)


def lock_writers() -> None:
    """Let one batch at a time write the catalogue, until the transaction ends.

    Two exchanges (or a worker and the one thought dead) would otherwise both create an object.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_WRITERS_LOCK])


def prints(kind: ItemKind, ids: Sequence[str], slot: str) -> dict[str, tuple[int, bytes | None]]:
    """Primary key and fingerprint of `slot` of the *active* objects among `ids`."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT onec_id, id, print_{slot} FROM {TABLE} "  # noqa: S608
            "WHERE kind = %s AND onec_id = ANY(%s) AND state = 'active'",
            [kind.value, list(ids)],
        )
        return {row[0]: (row[1], row[2]) for row in cursor.fetchall()}


def touch(pks: Sequence[int], seen: datetime) -> None:
    """Note that 1C still names these."""
    if pks:
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {TABLE} SET last_seen = %s "  # noqa: S608
                "WHERE id = ANY(%s) AND last_seen IS DISTINCT FROM %s",
                [seen, list(pks), seen],
            )


_COLUMNS = (
    "id",
    "kind",
    "onec_id",
    "last_seen",
    "parent_id",
    "catalog_id",
    "store_id",
    "type_id",
    "name",
    "article",
    "state",
    *_PARTS,
    "pictures",
)


def load(kind: ItemKind, ids: Collection[str] | None = None) -> dict[str, Entry]:
    """Entries by 1C's id, without their raw data; all of the kind where `ids` is ``None``."""
    where = "kind = %s"
    values: list[Any] = [kind.value]
    if ids is not None:
        if not ids:
            return {}
        where += " AND onec_id = ANY(%s)"
        values.append(list(ids))
    return {entry.onec_id: entry for entry in _select(where, values)}


def pending(product_ids: Collection[str]) -> list[Entry]:
    """Offers that wait for one of these products, with their raw data."""
    if not product_ids:
        return []
    return list(
        _select(
            "kind = %s AND state = 'pending' AND parent_id = ANY(%s)",
            [ItemKind.OFFER.value, list(product_ids)],
            with_raw=True,
        )
    )


def pictured(product_ids: Collection[str]) -> list[Entry]:
    """Offers of these products that show pictures of their own, with raw data."""
    if not product_ids:
        return []
    return list(
        _select(
            "kind = 'offer' AND pictures <> '{}' AND state = 'active' AND store_id IS NOT NULL "
            "AND parent_id = ANY(%s) ORDER BY id",
            [list(product_ids)],
            with_raw=True,
        )
    )


def load_with_raw(kind: ItemKind, ids: Collection[str]) -> dict[str, Entry]:
    """Entries by 1C's id, with raw data (decompressed)."""
    if not ids:
        return {}
    rows = _select("kind = %s AND onec_id = ANY(%s)", [kind.value, list(ids)], with_raw=True)
    return {entry.onec_id: entry for entry in rows}


def load_all_with_raw(kind: ItemKind) -> dict[str, Entry]:
    """Every entry of a kind with its raw data: for the classifier, never for goods."""
    rows = _select("kind = %s ORDER BY id", [kind.value], with_raw=True)
    return {entry.onec_id: entry for entry in rows}


def missing(kind: ItemKind, catalog_id: str, since: datetime, limit: int) -> list[Entry]:
    """Up to `limit` active or pending objects of a catalogue that 1C has not named since."""
    return list(
        _select(
            "kind = %s AND catalog_id = %s AND last_seen < %s AND state <> 'retired' "
            "ORDER BY id LIMIT %s",
            [kind.value, catalog_id, since, limit],
        )
    )


def _select(where: str, values: list[Any], *, with_raw: bool = False) -> Iterable[Entry]:
    columns = (*_COLUMNS, *_RAWS) if with_raw else _COLUMNS
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(columns)} FROM {TABLE} WHERE {where}", values)  # noqa: S608
        for row in cursor.fetchall():
            data = dict(zip(columns, row, strict=True))
            data["pk"] = data.pop("id")
            data["kind"] = ItemKind(data["kind"])
            data["pictures"] = json.loads(data["pictures"])
            if with_raw:
                for name in _RAWS:
                    data[name] = zlib.decompress(data[name]) if data[name] else None
            yield Entry(**data)


_WRITTEN = (*_COLUMNS[1:], *_RAWS)
_UPDATES = ", ".join(
    f"{name} = COALESCE(EXCLUDED.{name}, {TABLE}.{name})"
    if name in _RAWS
    else f"{name} = EXCLUDED.{name}"
    for name in _WRITTEN
    if name not in {"kind", "onec_id"}
)


def save(entries: Sequence[Entry]) -> None:
    """Insert or update; the last entry of an object wins."""
    rows = {(entry.kind, entry.onec_id): entry for entry in entries}.values()
    if not rows:
        return
    listed = ", ".join(_WRITTEN)
    values = (tuple(_column(entry, name) for name in _WRITTEN) for entry in rows)
    with bulk.staged(RegisterEntry, _WRITTEN, values) as stage, connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {TABLE} ({listed}) SELECT {listed} FROM {stage} "  # noqa: S608
            f"ON CONFLICT (kind, onec_id) DO UPDATE SET {_UPDATES}"
        )


def _column(entry: Entry, name: str) -> object:
    value: object = getattr(entry, name)
    if name in _RAWS:
        # Level 1: the XML repeats itself, so the fastest level already saves nine tenths.
        return zlib.compress(value, 1) if isinstance(value, bytes) else None
    if name == "pictures":
        return json.dumps(value, ensure_ascii=False)
    if name == "kind":
        return entry.kind.value
    if name == "name":
        return entry.name[:300]
    if name == "article":
        return entry.article[:255]
    return value
