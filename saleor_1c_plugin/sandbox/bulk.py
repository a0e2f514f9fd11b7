"""Insert-or-update of a batch, each object found by the shop's id or else by 1C's."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from django.db.models import Model, QuerySet

#: Rows a statement: PostgreSQL's 65,535 parameters and a planner that stays quick.
BATCH = 1000


class Keyed(Protocol):
    """A write of an object that 1C has an id for."""

    @property
    def key(self) -> str: ...

    @property
    def store_id(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Upserted[M: Model]:
    """Rows in the order of their writes (a repeated key has one row), and the keys of new ones."""

    rows: list[M]
    new: frozenset[str]

    @property
    def ids(self) -> list[str]:
        return [str(row.pk) for row in self.rows]

    def created_and_updated(self) -> tuple[list[str], list[str]]:
        """Ids of the new rows and of the others, each once."""
        split: tuple[dict[str, None], dict[str, None]] = ({}, {})
        for row in self.rows:
            split[row.key not in self.new][str(row.pk)] = None  # type: ignore[attr-defined]
        return list(split[0]), list(split[1])


def upsert[M: Model, W: Keyed](
    rows: QuerySet[M],
    writes: Sequence[W],
    fill: Callable[[M, W, bool], None],
    fields: Sequence[str],
) -> Upserted[M]:
    """Write a batch.

    Parameters
    ----------
    rows
        All rows of the model.
    fill
        Gives a row the write's values; its third argument is true for a new row.
    fields
        Names of what `fill` may change.
    """
    # Locked in one order, so that two exchanges at once wait and don't strangle each other.
    locked = rows.select_for_update().order_by("pk")
    ids = numbers(write.store_id for write in writes if write.store_id is not None)
    by_id = {str(row.pk): row for row in locked.filter(pk__in=ids)}
    by_key: dict[str, M] = {
        row.key: row  # type: ignore[attr-defined]
        for row in locked.filter(key__in=[write.key for write in writes])
    }
    made: dict[str, M] = {}
    known: dict[int, M] = {}
    result: list[M] = []
    for write in writes:
        row = by_id.get(write.store_id or "") or by_key.get(write.key) or made.get(write.key)
        if row is None:
            row = made[write.key] = rows.model(key=write.key)
        elif row.pk is not None:
            known[row.pk] = row
        fill(row, write, write.key in made)
        result.append(row)
    rows.bulk_create(made.values(), batch_size=BATCH)
    rows.bulk_update(known.values(), fields, batch_size=BATCH)
    return Upserted(result, frozenset(made))


def numbers(ids: Iterable[str]) -> list[int]:
    """The shop's ids as primary keys."""
    return [int(text) for text in ids]


def unique(items: Iterable[str]) -> list[str]:
    """`items` without repetition, in order."""
    return list(dict.fromkeys(items))
