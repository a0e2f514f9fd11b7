"""Reading and writing the register in bulk.

Plain SQL with arrays: one statement reads a batch, one writes it, whatever its size.
"""

import json
import zlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from ..commerceml.model import ItemKind
from ..store import bulk
from .models import RegisterEntry

State = RegisterEntry.State
TABLE = RegisterEntry._meta.db_table
#: Bytes of XML that are kept as they are.
_SMALL = 1000
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


class KnownOffer(NamedTuple):
    """An offer that is on sale: as much of its row as the daily prices and stock need.

    `prints` are those of its card, its prices and its stock.
    """

    pk: int
    store_id: str
    product_id: str
    prints: Mapping[str, bytes | None]
    hash_price: bytes | None
    hash_stock: bytes | None


class TradeRow(NamedTuple):
    """What is new of an offer whose card is as it was: part → (raw, print)."""

    pk: int
    last_seen: datetime
    parts: Mapping[str, tuple[bytes, bytes]]
    hash_price: bytes | None
    hash_stock: bytes | None


def lock_writers() -> None:
    """Let one batch at a time write the catalogue, until the transaction ends.

    Two exchanges (or a worker and the one thought dead) would otherwise both create an object.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_WRITERS_LOCK])


class KnownCard(NamedTuple):
    """An object that is in the shop, as much of its row as tells whether it has changed."""

    pk: int
    print: bytes | None
    store_id: str
    #: Whether it was named in this exchange before.
    met: bool


def cards(
    ids: Sequence[str], kind: ItemKind, slot: str, exchange_started: datetime
) -> dict[str, KnownCard]:
    """Those of the ids that are in the shop and active, with the fingerprint of `slot`."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT onec_id, id, print_{slot}, store_id, last_seen = %s FROM {TABLE} "  # noqa: S608
            "WHERE kind = %s AND onec_id = ANY(%s) AND state = 'active' AND store_id IS NOT NULL",
            [exchange_started, kind.value, list(ids)],
        )
        return {row[0]: KnownCard(*row[1:]) for row in cursor.fetchall()}


def offers(ids: Sequence[str]) -> dict[str, KnownOffer]:
    """The offers among `ids` that are on sale, with their products."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT o.onec_id, o.id, o.store_id, p.store_id, o.print_card, o.print_price, "  # noqa: S608
            f"o.print_stock, o.hash_price, o.hash_stock FROM {TABLE} o JOIN {TABLE} p "
            "ON p.kind = 'product' AND p.onec_id = o.parent_id AND p.state = 'active' "
            "WHERE o.kind = 'offer' AND o.onec_id = ANY(%s) AND o.state = 'active' "
            "AND o.store_id IS NOT NULL AND p.store_id IS NOT NULL",
            [list(ids)],
        )
        return {
            row[0]: KnownOffer(
                row[1],
                row[2],
                row[3],
                {"card": row[4], "price": row[5], "stock": row[6]},
                row[7],
                row[8],
            )
            for row in cursor.fetchall()
        }


def lose(kind: ItemKind, store_ids: Collection[str]) -> None:
    """Forget objects that were deleted in the shop by hand: 1C's next word makes them anew."""
    if store_ids:
        parts = ", ".join(f"{name} = NULL" for name in _PARTS)
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {TABLE} SET store_id = NULL, {parts} "  # noqa: S608
                "WHERE kind = %s AND store_id = ANY(%s)",
                [kind.value, list(store_ids)],
            )


def touch(pks: Sequence[int], seen: datetime) -> None:
    """Note that 1C still names these."""
    if pks:
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {TABLE} SET last_seen = %s "  # noqa: S608
                "WHERE id = ANY(%s) AND last_seen IS DISTINCT FROM %s",
                [seen, list(pks), seen],
            )


def touch_named(onec_id: str, seen: datetime) -> None:
    """Note that 1C still names this object and its goods, although nothing could be made of it."""
    RegisterEntry.objects.filter(
        kind__in=[ItemKind.PRODUCT, ItemKind.OFFER],
        onec_id__in={onec_id, onec_id.partition("#")[0]},
        last_seen__lt=seen,
    ).update(last_seen=seen)


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
                    data[name] = _unpack(data[name])
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
    with (
        bulk.staged(bulk.types(RegisterEntry, _WRITTEN), values) as stage,
        connection.cursor() as cursor,
    ):
        cursor.execute(
            f"INSERT INTO {TABLE} ({listed}) SELECT {listed} FROM {stage} "  # noqa: S608
            f"ON CONFLICT (kind, onec_id) DO UPDATE SET {_UPDATES}"
        )


def save_trade(rows: Sequence[TradeRow]) -> None:
    """Note new prices and stock of offers that are there."""
    for parts in {tuple(row.parts) for row in rows}:
        names = ["last_seen", "hash_price", "hash_stock"]
        names += [f"{column}_{part}" for part in parts for column in ("raw", "print")]
        bulk.update(
            RegisterEntry,
            names,
            [
                (
                    row.pk,
                    row.last_seen,
                    row.hash_price,
                    row.hash_stock,
                    *(
                        value
                        for part in parts
                        for value in (_pack(row.parts[part][0]), row.parts[part][1])
                    ),
                )
                for row in rows
                if tuple(row.parts) == parts
            ],
        )


def _column(entry: Entry, name: str) -> object:
    value: object = getattr(entry, name)
    if name in _RAWS:
        return _pack(value) if isinstance(value, bytes) else None
    if name == "pictures":
        return json.dumps(value, ensure_ascii=False)
    if name == "kind":
        return entry.kind.value
    if name == "name":
        return entry.name[:300]
    if name == "article":
        return entry.article[:255]
    return value


def _pack(raw: bytes) -> bytes:
    """XML as it is kept: compressed where that saves anything to speak of."""
    # Level 1: the XML repeats itself, so the fastest level already saves nine tenths.
    return zlib.compress(raw, 1) if len(raw) > _SMALL else raw


def _unpack(kept: bytes | None) -> bytes | None:
    if not kept:
        return None
    return kept if kept.startswith(b"<") else zlib.decompress(kept)
